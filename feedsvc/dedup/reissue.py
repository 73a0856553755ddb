"""Entries that a source gave another guid and another link at once: it moved to another domain or system.

Only for documents in which most entries are unknown and what stood there before is gone. Inside a source texts are
else no evidence: its templates (weather, prices) are alike, and yet different articles.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, time

from feedsvc.dedup.fingerprint import MIN_WORDS
from feedsvc.dedup.identity import KINDS, kind_of
from feedsvc.dedup.links import is_specific, normal_link
from feedsvc.dedup.words import words
from feedsvc.model import Arrival, Entry, Fingerprint, StoredEntry

_GUIDS = frozenset({"guid", "guid+link", "guid+title"})


def reissued(arrivals: Mapping[int, Arrival], stored: Sequence[StoredEntry]) -> Mapping[int, tuple[str, StoredEntry]]:
    """Return which stored entry each of these is, by its place, and the key under which that is to be known.

    The same is what has the same text of some length and title; the same title and path on another host; or the same
    title, or a shared band, at the same second. Each stored entry is one arrival's, the newest first.
    """
    by_mark: dict[object, list[StoredEntry]] = {}
    for each in stored:
        for mark in _marks(each.entry, each.known.fingerprint):
            by_mark.setdefault(mark, []).append(each)
    found: dict[int, tuple[str, StoredEntry]] = {}
    used: set[int] = set()
    for at, arrival in arrivals.items():
        marks = _marks(arrival.entry, arrival.fingerprint)
        same = next((each for mark in marks for each in by_mark.get(mark, ()) if each.known.id not in used), None)
        if same is not None:
            used.add(same.known.id)
            found[at] = (_key(arrival), same)
    return found


def hosts_of(entries: Iterable[Entry]) -> frozenset[str]:
    """Return the hosts that entries link to."""
    links = (normal_link(entry.link) for entry in entries)
    return frozenset(link.partition("/")[0] for link in links if link)


def _marks(entry: Entry, fingerprint: Fingerprint) -> Iterator[object]:
    """Yield what only the same entry has in common, strongest first."""
    if fingerprint.words >= MIN_WORDS:
        yield fingerprint.version, fingerprint.text_hash
    title, link, at = " ".join(words(entry.title)), normal_link(entry.link), entry.published
    if title and is_specific(link):
        yield title, (link or "").partition("/")[2]
    if title and at:
        yield title, at
    # Of days many entries have the same one.
    if at and at.astimezone(UTC).time() != time():
        yield from ((fingerprint.version, band, at) for band in fingerprint.bands)


def _key(arrival: Arrival) -> str:
    """Return the key of an arrival by which nothing else is meant."""
    return min(arrival.keys, key=lambda key: (kind_of(key) not in _GUIDS, KINDS.index(kind_of(key))))
