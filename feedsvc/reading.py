"""From a document's bytes to comparable entries: what runs in worker processes, and so imports little."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from feedsvc import dedup, extract, parse
from feedsvc.model import Arrival, DeletedEntry, Document, Entry, FeedInfo, Source

#: what turned bytes into entries; when any part of it changes, the next request is unconditional once
READER_VERSION = f"{parse.PARSER_VERSION} {extract.SANITISER_VERSION} {dedup.FINGERPRINT_VERSION}"

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What came of a document. An entry of it is in `arrivals`, or its tombstone is in `deleted`, never both."""

    info: FeedInfo
    arrivals: tuple[Arrival, ...]
    problem: str | None
    skipped: int
    deleted: tuple[DeletedEntry, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Say whether all of the document was read: only then does it mean something that an entry is not there."""
        return self.problem is None and self.skipped == 0


def read(document: Document, source: Source) -> Reading:
    """Parse, make safe and fingerprint. Raises ParseError."""
    feed = extract.clean(parse.parse(document, source), source)
    arrivals, deleted = _without_deleted(dedup.arrivals(feed.entries), feed.deleted)
    return Reading(info=feed.info, arrivals=arrivals, problem=feed.problem, skipped=feed.skipped, deleted=deleted)


def outlives(entry: Entry, tombstone: DeletedEntry) -> bool:
    """Say whether an entry was published or updated after its tombstone was set up; False where nobody says when."""
    said = max((at for at in (entry.published, entry.updated) if at is not None), default=None)
    return said is not None and tombstone.when is not None and said > tombstone.when


def _without_deleted(
    arrivals: Sequence[Arrival], deleted: Iterable[DeletedEntry]
) -> tuple[tuple[Arrival, ...], tuple[DeletedEntry, ...]]:
    """Let the later word count where a document holds both an entry and its tombstone, or two tombstones of it."""
    tombstones = {dedup.guid_key(each.guid): each for each in sorted(deleted, key=lambda each: each.when or _LONG_AGO)}
    kept = []
    for arrival in arrivals:
        key = dedup.guid_key(arrival.entry.guid or "")
        tombstone = tombstones.get(key)
        if tombstone is None:
            kept.append(arrival)
        elif tombstone.when is None or outlives(arrival.entry, tombstone):
            kept.append(arrival)
            del tombstones[key]
    return tuple(kept), tuple(tombstones.values())
