"""What a poll says of the hub that its source is pushed by."""

from datetime import datetime

from feedsvc import outcome, subscribing
from feedsvc.model import FetchState, Subscription
from feedsvc.outcome import Gathered
from feedsvc.store import Transaction
from feedsvc.subscribing import Unpushed
from feedsvc.update.deciding import Decision


def note_hub(gathered: Gathered, decision: Decision, tx: Transaction, now: datetime) -> FetchState:
    """Follow what a document offers, note what its hub did not push, and let polls be rare where nothing is missed.

    Return the state that the poll leaves.
    """
    source, state = gathered.source, decision.state
    known = before = tx.subscriptions.of(source.id)
    if known is not None and gathered.outcome in {"changed", "unchanged", "not-modified"}:
        known = _polled(gathered, decision, known, tx, now)
        pause = subscribing.backup(known, source, now)
        if pause is not None:
            state = outcome.backed_up(source, state, pause, now)
            tx.schedule.move_to(source.id, state.next_fetch_at or now)
    changes = {each.token: each for each in (known,) if each is not None and each != before}
    if gathered.reading is not None and gathered.reading.is_whole:
        # What a hub sends of a page or a sitemap is not what is new there.
        offer = gathered.offer if source.kind == "feed" else None
        followed = subscribing.following(known, source.id, offer, now)
        changes |= {each.token: each for each in followed}
    elif known is not None and state.disabled is not None:
        changes[known.token] = subscribing.left(known, now)
    for each in changes.values():
        tx.subscriptions.save(each)
    return state


def _polled(
    gathered: Gathered, decision: Decision, known: Subscription, tx: Transaction, now: datetime
) -> Subscription:
    if known.source_id in tx.pushes.waiting():
        # What was found may be in there.
        return known
    new = [change.arrival.entry for change in decision.changes if change.verdict.entry_id is None]
    found = subscribing.unpushed(new, known, gathered.seen_at, now) if new else Unpushed()
    return subscribing.polled(known, found, gathered.seen_at, now)
