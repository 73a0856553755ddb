"""From a document's bytes to comparable entries: what runs in worker processes, and so imports little."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b

from feedsvc import dedup, extract, parse
from feedsvc.model import Arrival, DeletedEntry, Document, Entry, FeedInfo, ParsedFeed, Part, Source

#: what turned bytes into entries; when any part of it changes, the next request is unconditional once
READER_VERSION = f"{parse.PARSER_VERSION} {extract.SANITISER_VERSION} {dedup.FINGERPRINT_VERSION}"

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


#: a mark names an entry as it stood in a document; behind it stands the hash of what it came to
_MARK, _HASH = 16, 32
#: entries of one document that are marked
MAX_MARKS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What came of a document. An entry of it is in `arrivals`, or its tombstone is in `deleted`, never both."""

    info: FeedInfo
    arrivals: tuple[Arrival, ...]
    problem: str | None
    skipped: int
    deleted: tuple[DeletedEntry, ...] = ()
    #: for the reading of the source's next document; None: those that were given
    marks: bytes | None = None
    #: where further entries are, the best first
    parts: tuple[Part, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Say whether all of the document was read: only then does it mean something that an entry is not there."""
        return self.problem is None and self.skipped == 0


def read(document: Document, source: Source, marks: bytes = b"") -> Reading:
    """Parse, make safe and fingerprint. Raises ParseError.

    `marks`: what the reading of an earlier document of the source gave as such. An entry that stood there just so is
    not read again: it arrives brief. The order of arrivals, their keys and what decides on them are the same.
    """
    feed = parse.parse(document, source)
    found = _marks(feed, source)
    known = {
        marks[at : at + _MARK]: marks[at + _MARK : at + _MARK + _HASH] for at in range(0, len(marks), _MARK + _HASH)
    }
    hashes = [known.get(mark) for mark in found]
    cleaned, arrivals = _cleaned(feed, source, hashes)
    by_entry = {id(entry): mark for entry, mark in zip(cleaned.entries, found, strict=True)}
    left = b"".join(
        by_entry[id(each.entry)] + each.fingerprint.content_hash
        for each in arrivals[:MAX_MARKS]
        if dedup.is_named(each)
    )
    arrivals, deleted = _without_deleted(arrivals, cleaned.deleted)
    return Reading(
        info=cleaned.info,
        arrivals=arrivals,
        problem=feed.problem,
        skipped=feed.skipped,
        deleted=deleted,
        marks=None if left == marks else left,
        parts=feed.parts,
    )


def _marks(feed: ParsedFeed, source: Source) -> list[bytes]:
    """Return what differs between entries of which anything differs that reading depends on."""
    around = repr((READER_VERSION, extract.surroundings(feed.info, source)))
    # Every field is in there, in one spelling: text, numbers, times in UTC, tuples of these.
    return [blake2b(f"{around}{entry!r}".encode(), digest_size=_MARK).digest() for entry in feed.entries]


def _cleaned(
    feed: ParsedFeed, source: Source, hashes: Sequence[bytes | None]
) -> tuple[ParsedFeed, tuple[Arrival, ...]]:
    """Return what entries come to; those with a hash are not read but where their names do not suffice."""
    brief = extract.clean(feed, source, {at for at, hash in enumerate(hashes) if hash})
    arrivals = dedup.arrivals_again(zip(brief.entries, hashes, strict=True))
    if arrivals is not None:
        return brief, arrivals
    whole = extract.clean(feed, source)
    return whole, dedup.arrivals(whole.entries)


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
