"""Writes what a poll came to: all of it or nothing."""

import asyncio
import time
from dataclasses import replace
from datetime import datetime

from feedsvc.model import Attempt, SourceUpdate
from feedsvc.outcome import Gathered
from feedsvc.store import Store
from feedsvc.update.deciding import Decision, decide, standing
from feedsvc.update.deps import Deps
from feedsvc.update.hubs import note_hub


async def recorded(gathered: Gathered, deps: Deps, now: datetime, started: float) -> SourceUpdate:
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
        decision = decide(gathered, stand, tx, deps, now)
        # What is not believed names no hub either.
        if decision.state.held is None and (gathered.offer is not None or gathered.state.subscribed):
            decision = replace(decision, state=note_hub(gathered, decision, tx, now))
        update = as_update(gathered, decision, now, started)
        tx.attempts.add(update.attempt)
        if gathered.contact is not None:
            tx.hosts.note(gathered.source.id, gathered.contact, now)
        for event in (*gathered.events, *decision.events):
            tx.events.add(event)
        return update


def _dropped(gathered: Gathered, why: str, now: datetime, started: float) -> SourceUpdate:
    dropped = replace(gathered, outcome="skipped", error=f"{why}; nothing is recorded")
    return as_update(dropped, Decision(state=gathered.state), now, started)


def as_update(gathered: Gathered, decision: Decision, now: datetime, started: float) -> SourceUpdate:
    kinds = [change.verdict.kind for change in decision.changes]
    nothing_new = gathered.outcome == "changed" and set(kinds) <= {"unchanged"} and not decision.withdrawn
    held = gathered.outcome == "changed" and decision.state.held is not None
    attempt = Attempt(
        source_id=gathered.source.id,
        at=now,
        outcome="held" if held else "unchanged" if nothing_new else gathered.outcome,
        status=gathered.status,
        entries=len(kinds),
        new=kinds.count("new"),
        changed=kinds.count("changed"),
        copies=kinds.count("copy"),
        withdrawn=decision.withdrawn,
        seconds=round(time.monotonic() - started, 3),
        error=gathered.error or decision.doubt,
        pushed=gathered.pushed,
    )
    return SourceUpdate(attempt=attempt, state=decision.state, changes=decision.changes)
