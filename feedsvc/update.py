"""The aggregator: one poll of one source, from request to change log.

Gather needs the network and the processor and opens no transaction; decide says in one short write transaction what it
means against what is known. Killing the process between or in them loses nothing: the source is simply still due.
"""

import asyncio
import time
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Protocol
from uuid import UUID, uuid4

import structlog

from feedsvc import dedup, filing, outcome, withdrawal
from feedsvc.errors import FetchError, IsolationError, SourceError, StoreError
from feedsvc.model import (
    Appearance,
    Arrival,
    Attempt,
    Candidate,
    Change,
    Document,
    EntryChange,
    FetchState,
    KnownEntry,
    NotModified,
    Source,
    SourceUpdate,
    Story,
    Verdict,
    VerdictKind,
)
from feedsvc.outcome import Gathered
from feedsvc.reading import READER_VERSION, Reading
from feedsvc.settle import House, Settled, retract, settle
from feedsvc.store import Addition, Store, Transaction
from feedsvc.withdrawal import Withdrawals

log = structlog.get_logger()

#: entries first seen longer ago than this are not taken for the original of a new one
COPY_WINDOW = timedelta(days=30)


class Http(Protocol):
    """The part of `fetch.Client` that a poll uses."""

    async def get(self, source: Source, state: FetchState, now: datetime) -> Document | NotModified: ...


class Reader(Protocol):
    """Runs `read` where it can be killed. Raises IsolationError, or what `read` raises."""

    def __call__(self, document: Document, source: Source) -> Awaitable[Reading]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Deps:
    """What a poll works with, built once by the command."""

    http: Http
    reader: Reader
    store: Store
    #: of the configuration that rules, ranks and languages are of
    revision: int
    rules: filing.Rules
    ranks: Mapping[str, int]
    languages: tuple[str, ...]
    #: this process's name in claims
    holder: str
    #: how many revisions of an entry are kept
    keep_revisions: int
    #: one writer of this process at a time: threads would only queue up inside the database
    writer: asyncio.Lock


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a poll comes to. `doubt`: what was not believed, in words."""

    state: FetchState
    changes: tuple[EntryChange, ...] = ()
    withdrawn: int = 0
    doubt: str | None = None


async def poll(source: Source, deps: Deps, now: datetime) -> SourceUpdate:
    """Poll one source, whose claim the caller holds, and record the attempt whatever its outcome.

    Raises StoreError only; every fault of the source is in the result.
    """
    started = time.monotonic()
    state = await asyncio.to_thread(_state, deps.store, source.id)
    try:
        update = await _recorded(await gather(source, state, deps, now), deps, now, started)
    except StoreError:
        raise
    except Exception as error:
        # The one place that catches everything: an error of ours costs one poll of one source, never the batch.
        log.exception("internal error", source=source.id)
        failed = outcome.failed(source, state, f"internal error: {type(error).__name__}: {error}", now)
        update = await _recorded(failed, deps, now, started)
    attempt = update.attempt
    log.info(
        "polled",
        source=source.id,
        outcome=attempt.outcome,
        status=attempt.status,
        entries=attempt.entries,
        new=attempt.new,
        changed=attempt.changed,
        copies=attempt.copies,
        withdrawn=attempt.withdrawn,
        seconds=attempt.seconds,
        error=attempt.error,
    )
    if attempt.outcome == "gone":
        log.warning("gone for good", source=source.id, undo=f"feedsvc poll --force {source.id}, or another url")
    return update


async def gather(source: Source, state: FetchState, deps: Deps, now: datetime) -> Gathered:
    """Everything that needs the network or the processor; no transaction is open, nothing is stored."""
    if source.kind != "feed":
        return outcome.failed(source, state, f"kind {source.kind} is not read by this version, only kind feed", now)
    known = state if state.parser_version == READER_VERSION else outcome.without_validators(state)
    try:
        fetched = await deps.http.get(source, known, now)
    except FetchError as error:
        return outcome.answered(outcome.failed(source, state, error.problem, now, error), state, error, now)
    if isinstance(fetched, NotModified) or sha256(fetched.body).digest() == known.body_hash:
        return outcome.answered(outcome.unchanged(source, known, fetched, now), state, fetched, now)
    return outcome.answered(await _read(source, state, fetched, deps, now), state, fetched, now)


async def _read(source: Source, state: FetchState, fetched: Document, deps: Deps, now: datetime) -> Gathered:
    try:
        reading = await deps.reader(fetched, source)
    except (SourceError, IsolationError) as error:
        return outcome.failed(source, state, error.problem, now)
    # Rules read every word: not on the loop, where all the other requests are.
    reading = await asyncio.to_thread(_with_skips, source, reading, deps.rules)
    return outcome.new_document(source, state, fetched, reading, now)


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


def _state(store: Store, source_id: str) -> FetchState:
    with store.read() as tx:
        return tx.schedule.state(source_id)


async def _recorded(gathered: Gathered, deps: Deps, now: datetime, started: float) -> SourceUpdate:
    # Read before it is this poll's turn to write: others would wait for it.
    stand = await asyncio.to_thread(_standing, gathered, deps.store) if gathered.reading is not None else frozenset()
    async with deps.writer:
        return await asyncio.to_thread(_record, gathered, stand, deps, now, started)


def _standing(gathered: Gathered, store: Store) -> frozenset[int]:
    with store.read() as tx:
        return standing(gathered, tx)


def _record(gathered: Gathered, stand: frozenset[int], deps: Deps, now: datetime, started: float) -> SourceUpdate:
    with deps.store.write() as tx:
        if not tx.schedule.holds(gathered.source.id, deps.holder):
            # Renamed, removed, or its lease ran out and another process has it: what was brought is no longer wanted.
            why = "the source was renamed, removed or taken over while it was polled"
            return _dropped(gathered, why, now, started)
        if gathered.reading is not None and tx.revisions.latest_number() != deps.revision:
            # Its rules may file under names that are no more. Nothing is lost: it is due again, under today's.
            tx.schedule.give_back(gathered.source.id)
            return _dropped(gathered, "the configuration changed while it was polled", now, started)
        update = _update(gathered, decide(gathered, stand, tx, deps, now), now, started)
        tx.attempts.add(update.attempt)
        if gathered.contact is not None:
            tx.hosts.note(gathered.source.id, gathered.contact, now)
        for event in gathered.events:
            tx.events.add(event)
        return update


def _dropped(gathered: Gathered, why: str, now: datetime, started: float) -> SourceUpdate:
    dropped = replace(gathered, outcome="skipped", error=f"{why}; nothing is recorded")
    return _update(dropped, Decision(state=gathered.state), now, started)


def _update(gathered: Gathered, decision: Decision, now: datetime, started: float) -> SourceUpdate:
    kinds = [change.verdict.kind for change in decision.changes]
    nothing_new = gathered.outcome == "changed" and set(kinds) <= {"unchanged"} and not decision.withdrawn
    attempt = Attempt(
        source_id=gathered.source.id,
        at=now,
        outcome="unchanged" if nothing_new else gathered.outcome,
        status=gathered.status,
        entries=len(kinds),
        new=kinds.count("new"),
        changed=kinds.count("changed"),
        copies=kinds.count("copy"),
        withdrawn=decision.withdrawn,
        seconds=round(time.monotonic() - started, 3),
        error=gathered.error or decision.doubt,
    )
    return SourceUpdate(attempt=attempt, state=decision.state, changes=decision.changes)


def _with_skips(source: Source, reading: Reading, rules: filing.Rules) -> Reading:
    if source.skip is None:
        return reading
    arrivals = tuple(replace(a, skipped=rules.skip_reason(source, a.entry)) for a in reading.arrivals)
    return replace(reading, arrivals=arrivals)
