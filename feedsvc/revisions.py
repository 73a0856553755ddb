"""The configuration in force: numbered revisions in the store. Processes follow them, never files."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from feedsvc import settings, subscribing
from feedsvc.edition import Edition, edition_of
from feedsvc.errors import FolderChangedError, InvalidConfigError, StoreError
from feedsvc.model import FetchState, Source
from feedsvc.settings import Files, Settings
from feedsvc.store import Store, Transaction, Wanted

#: notes in the store: where `web` listens, and why the folder is not in force
SERVED_AT = "served_at"
REFUSED = "configuration_refused"

#: the public address until a web process has said where it listens
FIRST_BASE_URL = "http://127.0.0.1:8000"


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """A revision and what it says."""

    number: int
    settings: Settings
    edition: Edition

    @property
    def base_url(self) -> str:
        """Return the effective public address, without a slash at its end."""
        return self.edition.site.base_url or ""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells cheaply whether the configuration in force is still the one that was read."""

    number: int
    served_at: str | None


def stamp(tx: Transaction) -> Stamp:
    """Return the stamp of what is in force now; its number is 0 when there is no revision."""
    return Stamp(tx.revisions.latest_number(), tx.notes.get(SERVED_AT))


def in_force(store: Store, folder: Path, environ: Mapping[str, str]) -> InForce:
    """Return what is in force. Raises StoreError when the store has no revision yet."""
    with store.read() as tx:
        revision = tx.revisions.latest()
        served_at = tx.notes.get(SERVED_AT)
    if revision is None:
        raise StoreError("the store holds no configuration yet; start with a valid folder")
    parsed = settings.parse(Files(folder=folder, texts=revision.files), environ)
    return as_in_force(revision.number, parsed, served_at)


def as_in_force(number: int, parsed: Settings, served_at: str | None = None) -> InForce:
    """Return what a revision of this number and content comes to, where `web` listens at `served_at`."""
    base_url = (parsed.site.base_url or served_at or FIRST_BASE_URL).rstrip("/")
    site = replace(parsed.site, base_url=base_url)
    edition = edition_of(site, parsed.publish, parsed.sources, parsed.categories, parsed.tags)
    return InForce(number=number, settings=parsed, edition=edition)


def record(store: Store, files: Files, parsed: Settings, *, who: str, now: datetime) -> int | None:
    """Append a valid folder as a revision and open, close and rename what it lists; None: it is in force already.

    Raises FolderChangedError when the folder holds something else by now: an older reading must not undo an edit.
    """
    with store.write() as tx:
        if not _is_still_there(files):
            raise FolderChangedError(f"{files.folder} changed while it was read")
        tx.notes.clear(REFUSED)
        latest = tx.revisions.latest()
        if latest is not None and latest.files == files.texts:
            return None
        old = Files(folder=files.folder, texts=latest.files) if latest else None
        number = tx.revisions.append(files.texts, who=who, at=now, diff=settings.diff(old, files))
        tx.listings.apply(tuple(_wanted(parsed)), now)
        former = tuple(_former(old, parsed))
        for source_id in _moved(former):
            # Validators, 410 and Retry-After were another address's.
            tx.schedule.save(FetchState(source_id=source_id))
            _leave_hub(source_id, tx, now)
        for source_id in _read_anew(former):
            state = tx.schedule.state(source_id)
            tx.schedule.save(replace(state, etag=None, last_modified=None, body_hash=None))
        return number


def _leave_hub(source_id: str, tx: Transaction, now: datetime) -> None:
    """What is pushed for another address is not the source's any more."""
    tx.pushes.forget([source_id])
    if (known := tx.subscriptions.of(source_id)) is not None:
        tx.subscriptions.save(subscribing.left(known, now))


def _is_still_there(files: Files) -> bool:
    try:
        return settings.read_folder(files.folder).texts == files.texts
    except InvalidConfigError:
        return False


def _former(old: Files | None, parsed: Settings) -> Iterator[tuple[Source, Source | None]]:
    """Yield each source with what it was in the former revision; nothing where there is none."""
    try:
        before = settings.parse(old, {}).sources if old else ()
    except InvalidConfigError:
        # Valid when it was recorded, by the rules of an earlier version.
        before = ()
    known = {source.id: source for source in before}
    for source in parsed.sources if old is not None else ():
        yield source, next((known[id] for id in (source.id, *source.was) if id in known), None)


def _moved(former: Iterable[tuple[Source, Source | None]]) -> Iterator[str]:
    """Yield the sources that have another address than before, or were not there."""
    for source, before in former:
        if before is None or (before.url, before.kind) != (source.url, source.kind):
            yield source.id


def _read_anew(former: Iterable[tuple[Source, Source | None]]) -> Iterator[str]:
    """Yield the lists that are read by other selectors than before: the same page now says something else."""
    for source, before in former:
        known = (before.kind, before.url, before.select) if before else None
        if source.kind == "page" and known not in {None, (source.kind, source.url, source.select)}:
            yield source.id


def refuse(store: Store, error: InvalidConfigError) -> None:
    """Note that the folder is broken, so that every process can say so; the last good revision stays in force."""
    with store.write() as tx:
        tx.notes.set(REFUSED, str(error))


def served_at(tx: Transaction, address: str) -> None:
    """Note where the site is reached; documents name it when no public address is configured."""
    tx.notes.set(SERVED_AT, address)


def _wanted(parsed: Settings) -> Iterator[Wanted]:
    yield Wanted(kind="all", id="all")
    for category in parsed.categories:
        yield Wanted(kind="category", id=category.id, was=category.was)
    for tag in parsed.tags:
        yield Wanted(kind="tag", id=tag.id, was=tag.was)
    for source in parsed.sources:
        yield Wanted(kind="source", id=source.id, was=source.was)
