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
from feedsvc.update import pages
from feedsvc.update.deps import Deps
from feedsvc.update.holding import examine
from feedsvc.withdrawal import Withdrawals

#: entries first seen longer ago than this are not taken for the original of a new one
COPY_WINDOW = timedelta(days=30)
#: what a state keeps of the last document that was believed
READ = ("etag", "last_modified", "body_hash", "parser_version", "parts", "info", "last_success_at", "usual", "degraded")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a poll comes to. `doubt`: what was not believed, in words; `events`: for the record."""

    state: FetchState
    changes: tuple[EntryChange, ...] = ()
    withdrawn: int = 0
    doubt: str | None = None
    events: tuple[SourceEvent, ...] = ()
    #: nothing was decided and nothing written: the document has to be read in full
    is_open: bool = False
    #: stories that are announced as soon as the pages of their articles are in
    waiting: frozenset[UUID] = frozenset()


def standing(gathered: Gathered, tx: Transaction, now: datetime) -> frozenset[int]:
    """What `decide` compares a document with that claims to be all; it may be read before, with the same `now`."""
    if gathered.reading is None or gathered.pushed:
        return frozenset()  # a push leaves out what was published before, whatever it calls itself
    return withdrawal.standing(gathered.source.id, gathered.reading, tx, now)


def decide(gathered: Gathered, stand: frozenset[int], tx: Transaction, deps: Deps, now: datetime) -> Decision:
    """What it means, against what is known; recorded once, whatever the outcome. `stand`: what `standing` returned."""
    reading = gathered.reading
    if reading is None:
        return Decision(state=_kept(gathered, (), tx, now))
    # The first document with entries, that is: one without any is no first poll.
    first = not tx.entries.any_of(gathered.source.id)
    released = gathered.state.usual is not None and gathered.state.usual.released
    asked = [key for arrival in reading.arrivals for key in arrival.keys] + withdrawal.keys(reading)
    known = tx.entries.known(gathered.source.id, asked)
    if not dedup.are_settled(reading.arrivals, known):
        return Decision(state=gathered.state, is_open=True)
    examined = examine(gathered, known, tx, now)
    if examined.held is not None:
        return _held(gathered, examined.held, tx, now)
    known = examined.known
    withdrawals = withdrawal.find(reading, known, stand, tx)
    # Before anything is recognised: what the publisher took back is no original for what it publishes instead.
    tx.entries.withdraw({**withdrawals.taken, **dict.fromkeys(withdrawals.returned_ids)})
    changes = _recognised(gathered.source, reading, known, tx, now)
    state = _kept(gathered, changes, tx, now)
    touched = {c.verdict.story_id for c in changes if c.verdict.story_id and _matters(c)}
    before = {**tx.stories.get(touched - withdrawals.stories.keys()), **withdrawals.stories}
    returned = withdrawals.returned_ids
    gone = {entry.id for entry in known.values() if entry.withdrawn is not None} - returned
    changes = tuple(
        _as(c, "unchanged") if c.verdict.entry_id in gone or _is_forgotten(c, before) else c for c in changes
    )
    if gathered.pushed:
        changes = tuple(_as(c, "unchanged") if _is_late(c, before) else c for c in changes)
    stored = _stored(changes, gathered, tx, deps, now)
    pages.ask_again(gathered.source, changes, known, tx, now)
    appearances = _appearing(before, stored, withdrawals)
    newest = _newest(changes, gathered.source.backfill) if first or released else _without_backlog(changes)
    announced = _announced(newest)
    leads = {id: dedup.leading(found, deps.ranks).entry_id for id in announced if (found := appearances[id])}
    told = {id for id, story in before.items() if story.announced_at is not None}
    wishes = pages.wishes(gathered.source, _leading(stored, leads), told, deps.hold, now)
    waiting = pages.want(wishes, leads, before, tx, now)
    house = House(rules=deps.rules, ranks=deps.ranks, languages=deps.languages, now=now)
    settled = [
        settle(id, found, before.get(id), house, announce=id in announced - waiting)
        if found
        else retract(before[id], withdrawals.taken[before[id].lead.entry_id])
        for id, found in appearances.items()
    ]
    log_changes(settled, before, tx, now)
    filings = {each.story.id: each.story.filing for each in settled}
    changes = tuple(replace(c, filing=filings.get(c.story_id)) if c.story_id else c for c in changes)
    return Decision(
        state=state,
        changes=tuple(_as(c, "changed") if c.verdict.entry_id in returned else c for c in changes),
        withdrawn=len(withdrawals.taken),
        doubt=withdrawals.doubt,
        waiting=waiting,
        events=drift.events(gathered.state, state, now),
    )


def _kept(gathered: Gathered, changes: Sequence[EntryChange], tx: Transaction, now: datetime) -> FetchState:
    """Store what a poll leaves for the next; a push leaves nothing but what it says of the source's habits."""
    if gathered.pushed:
        state = outcome.heard(gathered, changes, now)
        if state != gathered.state:
            tx.schedule.learn(state)
        return state
    state = gathered.state
    if gathered.reading is not None:
        state = replace(outcome.learned(gathered, changes, now), held=None)
    tx.schedule.save(state)
    return state


def _held(gathered: Gathered, why: str, tx: Transaction, now: datetime) -> Decision:
    """Record that a document is not believed, and nothing of what it says: who releases it has it read again."""
    before = tx.schedule.state(gathered.source.id)
    state = replace(gathered.state, held=why, **{name: getattr(before, name) for name in READ})
    tx.schedule.save(state)
    return Decision(state=state, doubt=why, events=drift.events(before, state, now))


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


def _is_late(change: EntryChange, before: Mapping[UUID, Story]) -> bool:
    """Say whether an entry is older than what is stored of it: hubs try again, when something newer came meanwhile."""
    story = before.get(change.story_id) if change.story_id and change.verdict.kind == "changed" else None
    stored = (each.entry for each in story.appearances if each.entry_id == change.verdict.entry_id) if story else ()
    entry = change.arrival.entry
    return any(entry.updated and known.updated and entry.updated < known.updated for known in stored)


def _as(change: EntryChange, kind: VerdictKind) -> EntryChange:
    return replace(change, verdict=replace(change.verdict, kind=kind))


def _matters(change: EntryChange) -> bool:
    return change.verdict.kind != "unchanged"


def _stored(
    changes: Sequence[EntryChange], gathered: Gathered, tx: Transaction, deps: Deps, now: datetime
) -> list[tuple[EntryChange, Appearance]]:
    """Store what came; return what is new or revised, and the appearances that it makes."""
    assert gathered.reading is not None
    source, info = gathered.source, gathered.reading.info
    added = [change for change in changes if change.verdict.entry_id is None]
    additions = [Addition(arrival=c.arrival, story_id=c.story_id, evidence=c.verdict.evidence) for c in added]
    ids = tx.entries.add(source.id, additions, info, now)
    revised = [c for c in changes if c.verdict.kind == "changed" and c.verdict.entry_id is not None]
    edits = [(c.verdict.entry_id, c.arrival) for c in revised if c.verdict.entry_id is not None]
    merged = pages.revise(edits, info, tx, now, deps.keep_revisions)
    pairs = [*zip(added, ids, strict=True), *((c, c.verdict.entry_id) for c in revised)]
    return [
        (
            change,
            Appearance(
                entry_id=entry_id,
                source_id=source.id,
                entry=merged.get(entry_id, change.arrival.entry),
                feed=info,
                first_seen_at=now,
            ),
        )
        for change, entry_id in pairs
        if change.story_id is not None and entry_id is not None
    ]


def _leading(
    stored: Iterable[tuple[EntryChange, Appearance]], leads: Mapping[UUID, int]
) -> list[tuple[EntryChange, Appearance]]:
    """Return what is new and leads its story."""
    return [
        (change, appearance)
        for change, appearance in stored
        if change.story_id is not None
        and leads.get(change.story_id) == appearance.entry_id
        and _is_to_announce(change.verdict)
    ]


def _appearing(
    before: Mapping[UUID, Story], stored: Iterable[tuple[EntryChange, Appearance]], withdrawals: Withdrawals
) -> dict[UUID, list[Appearance]]:
    """Return all appearances of each touched story, as they are now; none where all were withdrawn."""
    by_story: dict[UUID, list[Appearance]] = {}
    for change, appearance in stored:
        if change.story_id is not None:
            by_story.setdefault(change.story_id, []).append(appearance)
    found: dict[UUID, list[Appearance]] = {}
    for story_id in {**by_story, **withdrawals.stories}:
        known = withdrawals.standing(before[story_id]) if story_id in before else {}
        for appearance in by_story.get(story_id, ()):
            old = known.get(appearance.entry_id)
            first = old.first_seen_at if old else appearance.first_seen_at
            known[appearance.entry_id] = replace(appearance, first_seen_at=first)
        found[story_id] = list(known.values())
    return found


def _announced(changes: Iterable[EntryChange]) -> set[UUID]:
    return {c.story_id for c in changes if c.story_id is not None and _is_to_announce(c.verdict)}


def _without_backlog(changes: Iterable[EntryChange]) -> list[EntryChange]:
    return [change for change in changes if not change.arrival.is_backlog]


def _newest(changes: Sequence[EntryChange], limit: int | None) -> list[EntryChange]:
    """Return the `limit` newest by date; undated ones keep their place in the document and come after dated ones."""

    def date(change: EntryChange) -> datetime:
        entry = change.arrival.entry
        return entry.published or entry.updated or datetime.min.replace(tzinfo=UTC)

    published = [change for change in changes if change.story_id is not None]
    return sorted(published, key=date, reverse=True)[:limit]


def log_changes(settled: Iterable[Settled], before: Mapping[UUID, Story], tx: Transaction, now: datetime) -> None:
    """Append to the change log, oldest story first, and store the stories as they are now."""
    ordered = sorted(settled, key=lambda each: (each.story.sort_at, each.story.id))
    tx.stories.put(
        [(each.story, _change(each, tx, now)) for each in ordered if each.story != before.get(each.story.id)]
    )


def _change(settled: Settled, tx: Transaction, now: datetime) -> Change | None:
    if settled.kind is None:
        return None
    return tx.changes.append(settled.kind, settled.story.id, now, reason=settled.story.retracted)
