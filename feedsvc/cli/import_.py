"""`feedsvc import`"""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from feedsvc import settings
from feedsvc.cli.init import check_begun
from feedsvc.cli.printing import Printer, many, print_json
from feedsvc.errors import ParseError
from feedsvc.model import ListedFeed
from feedsvc.parse.opml import MAX_BYTES, FeedList, Unusable, read_opml
from feedsvc.settings import Choice, Settings

STDIN = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """What becomes of a list."""

    file: str
    dry_run: bool
    listed: FeedList
    choice: Choice
    refused: tuple[Unusable, ...]


@click.command("import")
@click.argument("file", metavar="FILE.opml")
@click.option(
    "--category", metavar="ID", help="File all of them in this category, whatever the folders of the list say."
)
@click.option("--dry-run", is_flag=True, help="Show what would be added, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def import_(folder: Path, file: str, category: str | None, dry_run: bool, as_json: bool) -> None:
    """Add the feeds of an OPML list, as feed readers export it, to sources.yaml; - reads it from standard input.

    A feed whose address is configured already is passed over. A folder of the list that is called like one of our
    categories files its feeds there. What may be republished of a new source is the default: an excerpt. All that
    stands in sources.yaml stays as it is.

    \b
    Examples:
      feedsvc import subscriptions.opml --dry-run
      feedsvc import subscriptions.opml --category innovation
      curl https://example.org/list.opml | feedsvc import -
    """
    check_begun(folder)
    files, current = settings.load_to_add(folder, os.environ)
    _check_category(current, category)
    name = "standard input" if file == STDIN else file
    listed = read_opml(_body(file, name), name)
    choice = settings.choose(current, listed.feeds, category)
    added = settings.with_sources(files, choice.new, os.environ)
    if choice.new and not dry_run:
        settings.save(files, added)
    refused = tuple(Unusable(title=_called(feed), reason=reason) for feed, reason in choice.refused)
    done = Import(
        file=files.path("sources.yaml"),
        dry_run=dry_run,
        listed=listed,
        choice=choice,
        refused=(*listed.unusable, *refused),
    )
    if as_json:
        print_json(_as_json(done))
    else:
        _tell(done, Printer(ZoneInfo(current.site.timezone)))


def _check_category(current: Settings, category: str | None) -> None:
    if category is None or current.category(category):
        return
    ids = [each.id for each in current.categories]
    near = settings.nearest(category, ids)
    hint = f", did you mean {near}?" if near else ""
    raise click.UsageError(f"no category has the id {category}{hint}; there are: {', '.join(ids) or 'none'}")


def _body(file: str, name: str) -> bytes:
    try:
        if file == STDIN:
            return sys.stdin.buffer.read(MAX_BYTES + 1)
        with Path(file).open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise ParseError(name, f"cannot be read: {error.strerror}") from error


def _called(feed: ListedFeed) -> str:
    """Return a name for a feed that is refused; its address may hold a password."""
    return feed.title or ("a feed without a title" if "@" in feed.url else feed.url)


def _tell(done: Import, out: Printer) -> None:
    new = done.choice.new
    if done.listed.problem:
        click.echo(
            f"feedsvc: the list is not quite right, and was read as far as it can be: {done.listed.problem}", err=True
        )
    for source in new:
        filed = f" → {', '.join(source.categories)}" if source.categories else ""
        out.line(f"+ {source.id}{filed}", style="green")
        out.line(f"{source.title}  {source.url}", indent=2)
    for each in done.refused:
        out.line(f"! {each.title}: {each.reason}", style="yellow")
    would = "would be " if done.dry_run else ""
    parts = (
        f"{many(len(new), 'source')} {would}added to {done.file}",
        f"{len(done.choice.known)} there already",
        f"{len(done.refused)} refused",
    )
    out.line(", ".join(parts))
    if new and not done.dry_run:
        out.line("A running service reads them by itself; otherwise `feedsvc run` does.", style="dim")


def _as_json(done: Import) -> dict[str, object]:
    return {
        "file": done.file,
        "dry_run": done.dry_run,
        "added": done.choice.new,
        "known": [{"title": feed.title, "url": feed.url, "source": id} for feed, id in done.choice.known],
        "refused": done.refused,
        "problem": done.listed.problem,
    }
