"""One push of a hub, from its bytes to its record: read and decided as a poll's document is, which it is not."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from feedsvc import subscribing
from feedsvc.errors import IsolationError, SourceError, StoreError
from feedsvc.model import Document, FetchState, Outcome, Push, Source, SourceUpdate
from feedsvc.outcome import Gathered
from feedsvc.store import Store, Transaction
from feedsvc.update.deciding import decide
from feedsvc.update.deps import Begun, Deps
from feedsvc.update.gathering import with_skips
from feedsvc.update.recording import noted, tell, weight

log = structlog.get_logger()

#: a push without content asks us to poll; no sooner after the poll before it
PING_PAUSE = timedelta(minutes=5)


async def receive(source: Source, number: int, push: Push, deps: Deps, now: datetime) -> SourceUpdate | None:
    """Read a push and record it, whatever it is; None: others did, or it stays for those with today's configuration.

    It may hold nothing but what is new: so it takes back only what it names, and polls go on as if it had not come.
    Raises StoreError only.
    """
    begun = Begun(at=now)
    state = await asyncio.to_thread(_state, deps.store, source.id)
    try:
        gathered = await _gathered(source, state, push, deps, now)
        update = await _recorded(gathered, number, deps, begun)
    except StoreError:
        raise
    except Exception as error:
        # As in `poll`: an error of ours costs one push.
        log.exception("internal error", source=source.id)
        gathered = _without(source, state, "failed", f"internal error: {type(error).__name__}: {error}")
        update = await _recorded(gathered, number, deps, begun)
    if update is not None:
        tell(update.attempt)
    return update


def _state(store: Store, source_id: str) -> FetchState:
    with store.read() as tx:
        return tx.schedule.state(source_id)


async def _gathered(source: Source, state: FetchState, push: Push, deps: Deps, now: datetime) -> Gathered:
    if state.held is not None:
        return _without(source, state, "held", state.held)
    if state.disabled is not None:
        return _without(source, state, "refused", state.disabled)
    if not push.body:
        return _without(source, state, "unchanged")
    document = Document(url=push.topic, status=200, body=push.body, content_type=push.content_type, fetched_at=push.at)
    try:
        reading = await deps.reader(document, source)
    except (SourceError, IsolationError) as error:
        return replace(_without(source, state, "failed", error.problem), unread=document)
    reading = await asyncio.to_thread(with_skips, source, reading, deps.rules)
    problem = f"malformed, read as far as possible: {reading.problem}" if reading.problem else None
    return Gathered(source=source, outcome="changed", state=state, reading=reading, error=problem, pushed=True)


def _without(source: Source, state: FetchState, outcome: Outcome, why: str | None = None) -> Gathered:
    return Gathered(source=source, outcome=outcome, state=state, error=why, pushed=True)


async def _recorded(gathered: Gathered, number: int, deps: Deps, begun: Begun) -> SourceUpdate | None:
    record = partial(_record, gathered, number, deps, begun)
    return await deps.writes.write(record, weight(gathered))


def _record(gathered: Gathered, number: int, deps: Deps, begun: Begun, tx: Transaction) -> SourceUpdate | None:
    source_id = gathered.source.id
    if tx.revisions.latest_number() != deps.revision or not tx.pushes.take(number):
        return None
    update = noted(gathered, decide(gathered, frozenset(), tx, deps, begun.at), begun, tx)
    known = tx.subscriptions.of(source_id)
    # Entries that others have, too, were brought all the same.
    if known is not None and (new := update.attempt.new + update.attempt.copies):
        tx.subscriptions.save(subscribing.pushed(known, new))
    if gathered.outcome == "unchanged":
        # The hub says that there is news, and not what.
        _ask_soon(gathered.state, tx, begun.at)
    return update


def _ask_soon(state: FetchState, tx: Transaction, now: datetime) -> None:
    earliest = [now, state.not_before or now, (state.last_fetch_at or now) + PING_PAUSE]
    at = max(earliest)
    if state.next_fetch_at is not None and at < state.next_fetch_at:
        tx.schedule.move_to(state.source_id, at)
