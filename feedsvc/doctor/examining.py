"""The order of the checks: what cannot be opened is not looked into."""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from feedsvc import revisions, settings
from feedsvc.doctor import configured, machine, served, sourced, stored
from feedsvc.doctor.finding import Finding, error, fine, many, warning
from feedsvc.errors import FeedsvcError, InvalidConfigError, StoreError
from feedsvc.settings import Files, Settings
from feedsvc.store import Store, open_store


@dataclass(frozen=True, slots=True, kw_only=True)
class _Folder:
    """The configuration folder; `files` and `parsed` are None where it is broken."""

    path: Path
    environ: Mapping[str, str]
    files: Files | None = None
    parsed: Settings | None = None


def examine(folder: Path, environ: Mapping[str, str], now: datetime) -> tuple[Finding, ...]:
    """Look at everything. Nothing is written, created or asked of anybody."""
    return tuple(_all(folder, environ, now))


def document(folder: Path, environ: Mapping[str, str], number: int) -> bytes | None:
    """Return what is kept of a document that could not be read; None: it is not kept."""
    with open_store(settings.storage_url(folder, environ)) as store:
        if not store.is_current():
            return None
        with store.read() as tx:
            return tx.kept_documents.body(number)


def _all(path: Path, environ: Mapping[str, str], now: datetime) -> Iterator[Finding]:
    yield from configured.environment(environ)
    folder = _Folder(path=path, environ=environ)
    try:
        files, parsed = settings.load(path, environ)
        folder = _Folder(path=path, environ=environ, files=files, parsed=parsed)
    except InvalidConfigError as invalid:
        for fault in invalid.errors:
            yield error("configuration", str(fault), "mend it; `feedsvc check` says whether that is all")
    try:
        url = settings.storage_url(path, environ)
        yield from stored.file(url)
        with open_store(url) as store:
            current = yield from _opened(store, folder)
            if current is not None:
                yield from configured.settings(current)
                yield from machine.clock(store, now)
                yield from sourced.sources(store, current, now)
                yield from sourced.hubs(store, current)
                yield from sourced.pages(store, current, now)
                yield from stored.kept(store)
                yield from served.documents(store, current)
            elif folder.parsed is not None:
                yield from configured.settings(folder.parsed)
    except InvalidConfigError:
        pass  # which was said above
    except StoreError as fault:
        yield error("store", str(fault), "nothing is read or published before that is mended")
    yield from machine.versions()


def _opened(store: Store, folder: _Folder) -> Generator[Finding, None, Settings | None]:
    """Say how it stands with the store; return the settings in force, None where there are none."""
    if store.is_blank():
        yield warning("store", "the database is not there yet", "`feedsvc run` creates it, as does `feedsvc migrate`")
        return None
    if not store.is_current():
        yield error("store", "the database has the tables of another version", "`feedsvc migrate` brings it up to date")
        return None
    yield from stored.contents(store)
    with store.read() as tx:
        revision = tx.revisions.latest()
    if revision is None:
        yield warning(
            "configuration", "no configuration is in force yet", "`feedsvc run` or `feedsvc poll` takes it up"
        )
        return None
    try:
        current = revisions.in_force(store, folder.path, folder.environ)
    except FeedsvcError as fault:
        yield error("configuration", f"revision {revision.number} cannot be read: {fault}", "record a valid folder")
        return None
    if folder.files is not None and revision.files != folder.files.texts:
        yield warning(
            "configuration",
            f"{folder.path} differs from revision {revision.number}, which is in force",
            "`feedsvc run` takes it up within a second, any other command when it starts",
        )
    else:
        yield fine("configuration", f"revision {revision.number} is in force: {_counted(current.settings)}")
    return current.settings


def _counted(parsed: Settings) -> str:
    categories = many(len(parsed.categories), "category", "categories")
    return f"{many(len(parsed.sources), 'source')}, {categories}, {many(len(parsed.tags), 'tag')}"
