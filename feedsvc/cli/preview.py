"""`feedsvc preview`"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import click
import uvloop

from feedsvc import filing, revisions, settings
from feedsvc.cli.poll import kept_back
from feedsvc.cli.previewed import document, refiling_document, tell, tell_refiling
from feedsvc.cli.printing import Printer, print_json, progress
from feedsvc.engine.local import utc_now
from feedsvc.errors import ConfigError, InvalidConfigError, SourceError, StartError, StoreError
from feedsvc.model import FetchState, LocalText, Source
from feedsvc.preview import Labels, Preview, Refiling, Visit, refiled
from feedsvc.preview import preview as previewed
from feedsvc.revisions import InForce
from feedsvc.schedule import client_of, runner_with
from feedsvc.settings import Files, Settings
from feedsvc.settings.files import read_file
from feedsvc.settings.kinds import read_address
from feedsvc.store import Store, open_store

RULES_FILE = "categories.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a dry run looks at: a store that it only reads, and what the next command would put in force."""

    store: Store
    files: Files
    #: what is in force until then; None: nothing yet
    before: Settings | None
    current: InForce


@click.command()
@click.argument("what", required=False, metavar="[SOURCE|URL]")
@click.option(
    "--rules",
    type=click.Path(path_type=Path, exists=True),
    metavar="FILE",
    help="A changed categories.yaml, or a folder with one: what would enter or leave each category and tag.",
)
@click.option("--limit", type=click.IntRange(min=0), default=20, show_default=True, help="Entries shown.")
@click.option("--force", is_flag=True, help="Ask also where a pause, Retry-After or 410 would keep a poll from it.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as one JSON document.")
@click.pass_obj
def preview(  # noqa: PLR0913, PLR0917 - the words of the command
    folder: Path, what: str | None, rules: Path | None, limit: int, force: bool, as_json: bool
) -> None:
    """Show what a poll, or a changed rule, would do, and why. Nothing is stored.

    SOURCE is a source of the configuration, URL any feed; it is asked once, and what it says goes through the stages of
    a poll: read, recognised, filed; so do the pages of the first articles that would be announced. With --rules the
    stories in the store are filed anew.

    \b
    Examples:
      feedsvc preview nhandan-en
      feedsvc preview https://en.nhandan.vn/rss/home.rss --limit 5
      feedsvc preview --rules new-categories.yaml --json
    """
    if (what is None) == (rules is None):
        raise click.UsageError("name a source or an address, or give --rules FILE")
    with _looking(folder) as desk:
        if rules is not None:
            _show_rules(desk, rules, as_json)
        else:
            _show_poll(desk, what or "", limit=limit, force=force, as_json=as_json)


def _show_poll(desk: Desk, what: str, *, limit: int, force: bool, as_json: bool) -> None:
    source, is_configured = _source(desk, what)
    found = _previewed(desk, source, force)
    if as_json:
        print_json({"configured": is_configured, **document(found)})
    else:
        out = Printer(ZoneInfo(desk.current.settings.site.timezone))
        tell(out, found, source, is_configured=is_configured, limit=limit)


def _show_rules(desk: Desk, file: Path, as_json: bool) -> None:
    found = _refiled(desk, file)
    if as_json:
        print_json(refiling_document(found))
    else:
        tell_refiling(Printer(ZoneInfo(desk.current.settings.site.timezone)), found)


@contextmanager
def _looking(folder: Path) -> Iterator[Desk]:
    """Open what there is without changing it; where there is no store yet, an empty one stands in."""
    with TemporaryDirectory(prefix="feedsvc-preview-") as temporary, _store(folder, Path(temporary)) as store:
        with store.read() as tx:
            number = tx.revisions.latest_number()
        before = revisions.in_force(store, folder, os.environ) if number else None
        try:
            files, parsed = settings.load(folder, os.environ)
        except InvalidConfigError as error:
            if before is None:
                raise
            click.secho(f"{error}\nfeedsvc: {folder} is broken; this is by revision {number}", fg="red", err=True)
            yield Desk(store=store, files=_files(store, folder), before=before.settings, current=before)
            return
        current = revisions.as_in_force(number, parsed)
        if before is not None and _files(store, folder).texts != files.texts:
            click.echo(f"feedsvc: {folder} differs from revision {number}; this is by the folder", err=True)
        yield Desk(store=store, files=files, before=before.settings if before else None, current=current)


@contextmanager
def _store(folder: Path, temporary: Path) -> Iterator[Store]:
    with open_store(settings.storage_url(folder, os.environ)) as store:
        if store.is_current():
            yield store
            return
        if not store.is_blank():
            raise StoreError("the store is of another version of feedsvc; `feedsvc migrate` brings it up to date")
    with open_store(f"sqlite:///{temporary / 'empty.db'}") as empty:
        empty.migrate()
        yield empty


def _files(store: Store, folder: Path) -> Files:
    with store.read() as tx:
        revision = tx.revisions.latest()
    return Files(folder=folder, texts=revision.files if revision else ())


def _source(desk: Desk, what: str) -> tuple[Source, bool]:
    """Return the source that is meant, and whether it is one of the configuration."""
    sources = desk.current.settings.sources
    if "://" not in what:
        if (found := desk.current.settings.source(what)) is not None:
            return found, True
        known = ", ".join(sorted(source.id for source in sources)) or "none"
        raise StartError(f"no source {what}, and no address with http:// or https://; sources: {known}")
    try:
        url = read_address(what)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="URL") from error
    if found := next((source for source in sources if source.url == url), None):
        return found, True
    host = urlsplit(url).hostname or url
    # No id of the configuration has parentheses.
    named = LocalText(by_language=(("", host),))
    return Source(id=f"({host})", title=named, url=url, timezone=desk.current.settings.site.timezone), False


def _previewed(desk: Desk, source: Source, force: bool) -> Preview:
    now = utc_now()
    state = _state(desk, source)
    if not force and (kept := kept_back(source, state, now)) is not None:
        raise SourceError(source.id, f"not asked: {kept.error}; --force asks all the same")
    sources = {each.id: each for each in desk.current.settings.sources}

    async def asked() -> Preview:
        client = await client_of(desk.store, desk.current)
        async with client, runner_with(client, desk.store, desk.current) as runner:
            visit = Visit(deps=runner.deps, client=client, reader=runner.readers.read_page, sources=sources)
            return await previewed(source, state, visit, now)

    return uvloop.run(asked())


def _state(desk: Desk, source: Source) -> FetchState:
    """Return what is kept of the source; of another address it would be forgotten."""
    known = desk.before.source(source.id) if desk.before else None
    if known is None and desk.before and (former := next(filter(desk.before.source, source.was), None)):
        raise StartError(
            f"{source.id} was {former} until now, which the store does not know yet: "
            "any start of feedsvc, such as `feedsvc poll`, puts that in force"
        )
    if known is not None and (known.url, known.kind) != (source.url, source.kind):
        return FetchState(source_id=source.id)
    with desk.store.read() as tx:
        return tx.schedule.state(source.id)


def _refiled(desk: Desk, file: Path) -> Refiling:
    changed = _changed(desk.files, file)
    now = desk.before or desk.current.settings
    rules = filing.compile_rules(
        desk.current.settings.sources, changed.categories, changed.tags, desk.current.settings.site.timezone
    )
    before = Labels(categories=now.categories, tags=now.tags)
    after = Labels(categories=changed.categories, tags=changed.tags)
    with desk.store.read() as tx:
        total = tx.tracing.count_stories()
    with progress(total) as done:
        return refiled(desk.store, rules, before, after, done)


def _changed(files: Files, file: Path) -> Settings:
    """Read the folder as it would be with the changed file, whose faults are told by its own name."""
    given = file / RULES_FILE if file.is_dir() else file
    text = read_file(given)
    if isinstance(text, ConfigError):
        raise InvalidConfigError([text])
    changed = replace(files, texts=tuple({**dict(files.texts), RULES_FILE: text}.items()))
    try:
        return settings.parse(changed, os.environ)
    except InvalidConfigError as error:
        raise InvalidConfigError(_named(each, changed.path(RULES_FILE), str(given)) for each in error.errors) from error


def _named(error: ConfigError, inside: str, given: str) -> ConfigError:
    if error.file != inside:
        return error
    return ConfigError(error.problem, file=given, key=error.key, line=error.line, column=error.column)
