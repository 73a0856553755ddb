"""The configuration in force: numbered revisions in the store. Processes follow them, never files."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from feedsvc import settings
from feedsvc.errors import InvalidConfigError, StoreError
from feedsvc.publish import Edition
from feedsvc.settings import Files, Settings
from feedsvc.store import Store, Transaction, Wanted

#: notes in the store: where `web` listens, and why the folder is not in force
SERVED_AT = "served_at"
REFUSED = "configuration_refused"

#: the public address until a web process has said where it listens
FIRST_BASE_URL = "http://127.0.0.1:8000"


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """A revision and what it says. `base_url` is the effective one, without a slash at its end."""

    number: int
    settings: Settings
    base_url: str

    @property
    def edition(self) -> Edition:
        return Edition(
            site=replace(self.settings.site, base_url=self.base_url),
            limits=self.settings.publish,
            sources=self.settings.sources,
            categories=self.settings.categories,
            tags=self.settings.tags,
        )


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
    base_url = parsed.site.base_url or served_at or FIRST_BASE_URL
    return InForce(number=revision.number, settings=parsed, base_url=base_url.rstrip("/"))


def record(store: Store, files: Files, parsed: Settings, *, who: str, now: datetime) -> int | None:
    """Append a valid folder as a revision and open, close and rename what it lists; None: it is in force already."""
    with store.write() as tx:
        tx.notes.clear(REFUSED)
        latest = tx.revisions.latest()
        if latest is not None and latest.files == files.texts:
            return None
        old = Files(folder=files.folder, texts=latest.files) if latest else None
        number = tx.revisions.append(files.texts, who=who, at=now, diff=settings.diff(old, files))
        tx.listings.apply(tuple(_wanted(parsed)), now)
        return number


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
