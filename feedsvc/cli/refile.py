"""`feedsvc refile`"""

from pathlib import Path
from zoneinfo import ZoneInfo

import click

from feedsvc import editorial, filing, publish
from feedsvc.cli.opening import Service, opened
from feedsvc.cli.previewed import refiling_document, tell_refiling
from feedsvc.cli.printing import Printer, many, print_json, progress
from feedsvc.engine.local import utc_now
from feedsvc.preview import Labels, Refiling, refiled
from feedsvc.revisions import InForce
from feedsvc.settle import House


@click.command()
@click.option("--dry-run", is_flag=True, help="Show what would enter or leave each category and tag; store nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def refile(folder: Path, dry_run: bool, as_json: bool) -> None:
    """File what is stored by the rules in force, and publish what that changes.

    Polls file what is new or changed by themselves; this is for the rest, after a rule, a rank or a source's categories
    changed. Nothing is announced again.

    \b
    Examples:
      feedsvc refile --dry-run
      feedsvc refile
    """
    with opened(folder) as service:
        current = service.in_force()
        if dry_run:
            _tell(_rehearsed(service, current), current, as_json)
            return
        with progress(_stories(service)) as done:
            changed = editorial.refile(service.store, _house(current), current.number, done)
        publish.refresh(service.store, current.edition, utc_now())
        publish.index(service.store)
        if as_json:
            print_json({"stories": _stories(service), "changed": changed})
        else:
            click.echo(f"{many(changed, 'story', 'stories')} of {_stories(service):,} changed")


def _tell(found: Refiling, current: InForce, as_json: bool) -> None:
    if as_json:
        print_json(refiling_document(found))
    else:
        tell_refiling(Printer(ZoneInfo(current.settings.site.timezone)), found)


def _rehearsed(service: Service, current: InForce) -> Refiling:
    labels = Labels(categories=current.settings.categories, tags=current.settings.tags)
    with progress(_stories(service)) as done:
        return refiled(service.store, _rules(current), labels, labels, done)


def _house(current: InForce) -> House:
    return House(
        rules=_rules(current),
        ranks={source.id: source.rank for source in current.settings.sources},
        languages=current.settings.site.languages,
        now=utc_now(),
    )


def _rules(current: InForce) -> filing.Rules:
    settings = current.settings
    return filing.compile_rules(settings.sources, settings.categories, settings.tags, settings.site.timezone)


def _stories(service: Service) -> int:
    with service.store.read() as tx:
        return tx.tracing.count_stories()
