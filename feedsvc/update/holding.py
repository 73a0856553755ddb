"""Documents of a known source most of whose entries look new although they cannot be.

A publisher that changes its guids, or a domain that somebody else bought, would else publish a whole feed anew. What
was published before stays; the source is held back until somebody looks at it. Better to miss that than to lose a
story: whatever may be new is taken for new.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from feedsvc import dedup
from feedsvc.model import Entry, KnownEntry, StoredEntry, Usual
from feedsvc.outcome import LATE, Gathered, is_a_day
from feedsvc.rhythm import Outlook
from feedsvc.store import Transaction

#: fewer are published again at worst
FEW = 5
#: what was released so often lately is how the source is; see Usual.releases
ACCUSTOMED = 1.5
#: a cache on the way may have shown an old document for so long
STUCK = timedelta(days=3)
#: documents after which it is known how many entries a source without dates brings
KNOWN = 5.0
#: so many times as many as were to be expected are no rush
RUSH = 5.0
#: stored entries looked at, for each of the document
LOOKED_AT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """`known`: stored entries by key, with those that came under other guids and links; `held`: why not believed."""

    known: Mapping[str, KnownEntry]
    held: str | None = None


def examine(gathered: Gathered, known: Mapping[str, KnownEntry], tx: Transaction, now: datetime) -> Examined:
    """Say what the unknown entries of a document are; nothing is written."""
    # What comes of an archive is expected to be old; it is not announced.
    arrivals = tuple(each for each in gathered.reading.arrivals if not each.is_backlog) if gathered.reading else ()
    # By their first key most are known, as a rule: then nothing else is looked at.
    is_usual = 2 * sum(each.keys[0] not in known for each in arrivals) <= len(arrivals)
    if is_usual or gathered.seen_at is None or gathered.pushed:
        return Examined(known=known)
    matches = dedup.matched(arrivals, known)
    if 2 * len(matches) >= len(arrivals):
        return Examined(known=known)
    here = {entry.id for _, entry in matches.values()}
    apart = here | _taken_back(gathered, known)
    stored = tx.entries.newest(gathered.source.id, LOOKED_AT * len(arrivals))
    before = stored[: len(arrivals)]
    if 2 * sum(each.known.id in here for each in before) >= len(before):
        # What stood there still does: the document only holds more than it did.
        return Examined(known=known)
    unknown = {at: each for at, each in enumerate(arrivals) if at not in matches}
    explained = dedup.reissued(
        unknown, [each for each in stored if each.known.id not in apart and not each.known.withdrawn]
    )
    known = {**known, **{key: each.known for key, each in explained.values()}}
    left = [each.entry for at, each in unknown.items() if at not in explained]
    is_all_gone = not here and not explained
    doubtful = _too_old(left, stored, gathered) + (_too_many(left, stored, gathered, now) if is_all_gone else [])
    is_most = len(doubtful) >= FEW and 2 * len(doubtful) > len(arrivals)
    if not is_most or _is_accustomed(gathered.state.usual):
        return Examined(known=known)
    return Examined(known=known, held=_in_words(doubtful, len(arrivals)))


def _taken_back(gathered: Gathered, known: Mapping[str, KnownEntry]) -> set[int]:
    """Return the entries that tombstones of the document name: what comes in their place is another one."""
    keys = (dedup.guid_key(tombstone.guid) for tombstone in (gathered.reading.deleted if gathered.reading else ()))
    return {known[key].id for key in keys if key in known}


def _is_accustomed(usual: Usual | None) -> bool:
    return usual is not None and (usual.released or usual.releases > ACCUSTOMED)


def _too_old(entries: Sequence[Entry], stored: Sequence[StoredEntry], gathered: Gathered) -> list[Entry]:
    """Return the entries that would have been there when the source was read last."""
    seen_at, source = gathered.seen_at, gathered.source
    if seen_at is None:
        return []
    dates = [each.entry.published for each in stored if each.entry.published is not None]
    newest = max((date for date in dates if date <= seen_at), default=None)

    def is_too_old(entry: Entry) -> bool:
        at = entry.published or entry.updated
        if at is None:
            return False
        end = at + timedelta(days=1) if is_a_day(at, source) else at
        return end < seen_at - LATE and not (newest is not None and newest < at <= newest + STUCK)

    return [entry for entry in entries if is_too_old(entry)]


def _too_many(
    entries: Sequence[Entry], stored: Sequence[StoredEntry], gathered: Gathered, now: datetime
) -> list[Entry]:
    """Return entries without dates where far fewer were to be expected, and they are another site's, or known by name.

    A batch of new ones on the same site is none: that happens.
    """
    undated = [entry for entry in entries if entry.published is None and entry.updated is None]
    state, seen_at = gathered.state, gathered.seen_at
    if not undated or seen_at is None or state.rhythm is None:
        return []
    if state.usual is None or state.usual.entries.weight < KNOWN:
        return []
    expected = Outlook(state.rhythm).rate(state.rhythm.last.timestamp()) * (now - seen_at).total_seconds()
    if len(undated) <= FEW + RUSH * expected:
        return []
    before = [each.entry for each in stored]
    titles = {entry.title for entry in before if entry.title}
    is_elsewhere = dedup.hosts_of(undated).isdisjoint(dedup.hosts_of(before))
    is_known_by_name = 2 * sum(entry.title in titles for entry in undated) > len(undated)
    return undated if is_elsewhere or is_known_by_name else []


def _in_words(doubtful: Sequence[Entry], total: int) -> str:
    dated = sum(entry.published is not None or entry.updated is not None for entry in doubtful)
    why = "older than what was read last" if dated == len(doubtful) else "more than could be new at once"
    return f"{len(doubtful)} of {total} entries are unknown, and {why}"
