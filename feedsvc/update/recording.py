"""Writes what a poll came to: all of it or nothing."""

import asyncio
import time
from dataclasses import replace
from datetime import datetime
from functools import partial

import structlog

from feedsvc.model import Attempt, SourceUpdate
from feedsvc.outcome import Gathered
from feedsvc.store import Store, Transaction
from feedsvc.update.deciding import Decision, decide, standing
from feedsvc.update.deps import Begun, Deps
from feedsvc.update.hubs import note_hub

log = structlog.get_logger()


async def recorded(gathered: Gathered, deps: Deps, begun: Begun) -> SourceUpdate | None:
    """Write it; None: nothing was written, since `gathered.document` has to be read in full."""
    # Read before it is this poll's turn to write: others would wait for it.
    stand: frozenset[int] = frozenset()
    if gathered.reading is not None:
        stand = await asyncio.to_thread(_standing, gathered, deps.store, begun.at)
    record = partial(_record, gathered, stand, deps, begun)
    return await deps.writes.write(record, weight(gathered))


def weight(gathered: Gathered) -> int:
    """Return how much an attempt has to write, as `Writes` counts it."""
    return 1 + (len(gathered.reading.arrivals) if gathered.reading else 0)


def _standing(gathered: Gathered, store: Store, now: datetime) -> frozenset[int]:
    with store.read() as tx:
        return standing(gathered, tx, now)


def _record(
    gathered: Gathered, stand: frozenset[int], deps: Deps, begun: Begun, tx: Transaction
) -> SourceUpdate | None:
    now = begun.at
    if not tx.schedule.holds(gathered.source.id, deps.holder):
        # Renamed, removed, or its lease ran out and another process has it: what was brought is no longer wanted.
        why = "the source was renamed, removed or taken over while it was polled"
        return _dropped(gathered, why, begun)
    if gathered.reading is not None and tx.revisions.latest_number() != deps.revision:
        # Its rules may file under names that are no more. Nothing is lost: it is due again, under today's.
        tx.schedule.give_back(gathered.source.id)
        return _dropped(gathered, "the configuration changed while it was polled", begun)
    decision = decide(gathered, stand, tx, deps, now)
    if decision.is_open:
        return None
    if gathered.reading is not None and gathered.reading.marks is not None and decision.state.held is None:
        tx.last_documents.keep(gathered.source.id, gathered.reading.marks)
    # What is not believed names no hub either.
    if decision.state.held is None and (gathered.offer is not None or gathered.state.subscribed):
        decision = replace(decision, state=note_hub(gathered, decision, tx, now))
    update = noted(gathered, decision, begun, tx)
    if gathered.contact is not None:
        tx.hosts.note(gathered.source.id, gathered.contact, now)
    for event in (*gathered.events, *decision.events):
        tx.events.add(event)
    return update


def _dropped(gathered: Gathered, why: str, begun: Begun) -> SourceUpdate:
    dropped = replace(gathered, outcome="skipped", error=f"{why}; nothing is recorded")
    return _as_update(dropped, Decision(state=gathered.state), begun)


def noted(gathered: Gathered, decision: Decision, begun: Begun, tx: Transaction) -> SourceUpdate:
    """Add an attempt to those that are kept, with the document that it could not read."""
    update = _as_update(gathered, decision, begun)
    tx.attempts.add(update.attempt)
    if gathered.unread is not None and gathered.error is not None:
        tx.kept_documents.keep(gathered.source.id, gathered.unread, gathered.error, begun.at)
    return update


def _as_update(gathered: Gathered, decision: Decision, begun: Begun) -> SourceUpdate:
    kinds = [change.verdict.kind for change in decision.changes]
    nothing_new = gathered.outcome == "changed" and set(kinds) <= {"unchanged"} and not decision.withdrawn
    held = gathered.outcome == "changed" and decision.state.held is not None
    attempt = Attempt(
        source_id=gathered.source.id,
        at=begun.at,
        outcome="held" if held else "unchanged" if nothing_new else gathered.outcome,
        status=gathered.status,
        entries=len(kinds),
        new=kinds.count("new"),
        changed=kinds.count("changed"),
        copies=kinds.count("copy"),
        withdrawn=decision.withdrawn,
        seconds=round(time.monotonic() - begun.clock_s, 3),
        error=gathered.error or decision.doubt,
        pushed=gathered.pushed,
    )
    return SourceUpdate(attempt=attempt, state=decision.state, changes=decision.changes)


def tell(attempt: Attempt) -> None:
    """Write the one line that each attempt has in the log."""
    log.info(
        "pushed" if attempt.pushed else "polled",
        source=attempt.source_id,
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
