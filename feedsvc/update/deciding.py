"""What a document means against what is known, in one short write transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from feedsvc import dedup, drift, outcome, withdrawal
from feedsvc.model import (
    Appearance,
    Arrival,
    Candidate,
    Change,
    EntryChange,
    FetchState,
    KnownEntry,
    Source,
    SourceEvent,
    Story,
    Verdict,
    VerdictKind,
)
from feedsvc.outcome import Gathered
from feedsvc.reading import Reading
from feedsvc.settle import House, Settled, retract, settle
from feedsvc.store import Addition, Transaction
from feedsvc.update.deps import Deps
from feedsvc.withdrawal import Withdrawals

#: entries first seen longer ago than this are not taken for the original of a new one
COPY_WINDOW = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a poll comes to. `doubt`: what was not believed, in words; `events`: for the record."""

    state: FetchState
    changes: tuple[EntryChange, ...] = ()
    withdrawn: int = 0
    doubt: str | None = None
    events: tuple[SourceEvent, ...] = ()


def standing(gathered: Gathered, tx: Transaction) -> frozenset[int]:
    """What `decide` compares a document with that claims to be all; it may be read before."""
    return withdrawal.standing(gathered.source.id, gathered.reading, tx) if gathered.reading else frozenset()


def decide(gathered: Gathered, stand: frozenset[int], tx: Transaction, deps: Deps, now: datetime) -> Decision:
    """What it means, against what is known; recorded once, whatever the outcome. `stand`: what `standing` returned."""
    reading = gathered.reading
    if reading is None:
        tx.schedule.save(gathered.state)
        return Decision(state=gathered.state)
    # The first document with entries, that is: one without any is no first poll.
    first = not tx.entries.any_of(gathered.source.id)
    asked = [key for arrival in reading.arrivals for key in arrival.keys] + withdrawal.keys(reading)
    known = tx.entries.known(gathered.source.id, asked)
    withdrawals = withdrawal.find(reading, known, stand, tx)
    # Before anything is recognised: what the publisher took back is no original for what it publishes instead.
    tx.entries.withdraw({**withdrawals.taken, **dict.fromkeys(withdrawals.returned_ids)})
    changes = _recognised(gathered.source, reading, known, tx, now)
    state = outcome.learned(gathered, changes, now)
    tx.schedule.save(state)
    touched = {c.verdict.story_id for c in changes if c.verdict.story_id and _matters(c)}
    before = {**tx.stories.get(touched - withdrawals.stories.keys()), **withdrawals.stories}
    returned = withdrawals.returned_ids
    gone = {entry.id for entry in known.values() if entry.withdrawn is not None} - returned
    changes = tuple(
        _as(c, "unchanged") if c.verdict.entry_id in gone or _is_forgotten(c, before) else c for c in changes
    )
    appearances = _appearing(before, _stored(changes, gathered, tx, deps, now), withdrawals)
    announced = _announced(_newest(changes, gathered.source.backfill) if first else changes)
    house = House(rules=deps.rules, ranks=deps.ranks, languages=deps.languages, now=now)
    settled = [
        settle(id, found, before.get(id), house, announce=id in announced)
        if found
        else retract(before[id], withdrawals.taken[before[id].lead.entry_id])
        for id, found in appearances.items()
    ]
    _log_changes(settled, before, tx, now)
    filings = {each.story.id: each.story.filing for each in settled}
    changes = tuple(replace(c, filing=filings.get(c.story_id)) if c.story_id else c for c in changes)
    return Decision(
        state=state,
        changes=tuple(_as(c, "changed") if c.verdict.entry_id in returned else c for c in changes),
        withdrawn=len(withdrawals.taken),
        doubt=withdrawals.doubt,
        events=drift.events(gathered.state, state, now),
    )


def _recognised(
    source: Source, reading: Reading, known: Mapping[str, KnownEntry], tx: Transaction, now: datetime
) -> tuple[EntryChange, ...]:
    since = now - COPY_WINDOW

    def candidates(arrival: Arrival) -> tuple[Candidate, ...]:
        return tx.entries.candidates(arrival, source_id=source.id, since=since)

    unknown = [arrival for arrival in reading.arrivals if not (arrival.skipped or known.keys() & set(arrival.keys))]
    tx.entries.expect(unknown, source_id=source.id, since=since)
    verdicts = dedup.recognise(reading.arrivals, known, candidates, source_id=source.id)
    _alias(reading.arrivals, verdicts, known, tx)
    if reading.problem is not None:
        # A malformed document may be cut short inside an entry: it adds, it never overwrites.
        verdicts = tuple(replace(each, kind="unchanged") if each.kind == "changed" else each for each in verdicts)
    return tuple(
        EntryChange(arrival=arrival, verdict=verdict, story_id=_story_id(arrival, verdict))
        for arrival, verdict in zip(reading.arrivals, verdicts, strict=True)
    )


def _alias(
    arrivals: Sequence[Arrival], verdicts: Sequence[Verdict], known: Mapping[str, KnownEntry], tx: Transaction
) -> None:
    """Keep further keys of entries that did not change, such as another guid: the next change may be of the link."""
    keys = {entry.id: set(entry.keys) for entry in known.values()}
    for arrival, verdict in zip(arrivals, verdicts, strict=True):
        if verdict.kind == "unchanged" and verdict.entry_id in keys:
            further = [key for key in arrival.keys if key not in keys[verdict.entry_id]]
            if further:
                tx.entries.alias(verdict.entry_id, further)


def _story_id(arrival: Arrival, verdict: Verdict) -> UUID | None:
    """Return the story that an arrival belongs to; a new one is minted here and never again.

    A changed entry without a story was skipped until now.
    """
    if verdict.story_id is None and _is_to_announce(verdict) and arrival.skipped is None:
        return uuid4()
    return verdict.story_id


def _is_to_announce(verdict: Verdict) -> bool:
    return verdict.kind in {"new", "copy"} or (verdict.kind == "changed" and verdict.story_id is None)


def _is_forgotten(change: EntryChange, before: Mapping[UUID, Story]) -> bool:
    """Say whether an entry changed whose text was pruned long ago: it is never taken for new again."""
    return change.verdict.kind == "changed" and change.verdict.story_id not in {None, *before}


def _as(change: EntryChange, kind: VerdictKind) -> EntryChange:
    return replace(change, verdict=replace(change.verdict, kind=kind))


def _matters(change: EntryChange) -> bool:
    return change.verdict.kind != "unchanged"


def _stored(
    changes: Sequence[EntryChange], gathered: Gathered, tx: Transaction, deps: Deps, now: datetime
) -> Mapping[UUID, list[Appearance]]:
    """Store what came; return the appearances that are new or revised, by story."""
    assert gathered.reading is not None
    source_id, info = gathered.source.id, gathered.reading.info
    added = [change for change in changes if change.verdict.entry_id is None]
    additions = [Addition(arrival=c.arrival, story_id=c.story_id, evidence=c.verdict.evidence) for c in added]
    ids = tx.entries.add(source_id, additions, info, now)
    revised = [c for c in changes if c.verdict.kind == "changed" and c.verdict.entry_id is not None]
    edits = [(c.verdict.entry_id, c.arrival) for c in revised if c.verdict.entry_id is not None]
    tx.entries.revise_all(edits, info, now, keep=deps.keep_revisions)
    stored: dict[UUID, list[Appearance]] = {}
    pairs = [*zip(added, ids, strict=True), *((c, c.verdict.entry_id) for c in revised)]
    for change, entry_id in pairs:
        if change.story_id is not None and entry_id is not None:
            appearance = Appearance(
                entry_id=entry_id, source_id=source_id, entry=change.arrival.entry, feed=info, first_seen_at=now
            )
            stored.setdefault(change.story_id, []).append(appearance)
    return stored


def _appearing(
    before: Mapping[UUID, Story], stored: Mapping[UUID, list[Appearance]], withdrawals: Withdrawals
) -> dict[UUID, list[Appearance]]:
    """Return all appearances of each touched story, as they are now; none where all were withdrawn."""
    found: dict[UUID, list[Appearance]] = {}
    for story_id in {**stored, **withdrawals.stories}:
        known = withdrawals.standing(before[story_id]) if story_id in before else {}
        for appearance in stored.get(story_id, ()):
            old = known.get(appearance.entry_id)
            first = old.first_seen_at if old else appearance.first_seen_at
            known[appearance.entry_id] = replace(appearance, first_seen_at=first)
        found[story_id] = list(known.values())
    return found


def _announced(changes: Iterable[EntryChange]) -> set[UUID]:
    return {c.story_id for c in changes if c.story_id is not None and _is_to_announce(c.verdict)}


def _newest(changes: Sequence[EntryChange], limit: int | None) -> list[EntryChange]:
    """Return the `limit` newest by date; undated ones keep their place in the document and come after dated ones."""

    def date(change: EntryChange) -> datetime:
        entry = change.arrival.entry
        return entry.published or entry.updated or datetime.min.replace(tzinfo=UTC)

    published = [change for change in changes if change.story_id is not None]
    return sorted(published, key=date, reverse=True)[:limit]


def _log_changes(settled: Iterable[Settled], before: Mapping[UUID, Story], tx: Transaction, now: datetime) -> None:
    """Append to the change log, oldest story first, and store the stories as they are now."""
    ordered = sorted(settled, key=lambda each: (each.story.sort_at, each.story.id))
    tx.stories.put(
        [(each.story, _change(each, tx, now)) for each in ordered if each.story != before.get(each.story.id)]
    )


def _change(settled: Settled, tx: Transaction, now: datetime) -> Change | None:
    if settled.kind is None:
        return None
    return tx.changes.append(settled.kind, settled.story.id, now, reason=settled.story.retracted)
