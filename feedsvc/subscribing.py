"""What becomes of a subscription: each function returns it as it is after something happened.

Nothing here asks anybody: `websub` asks hubs, `web` hears them, polls and pushes say what came of it.

Source: the W3C recommendation WebSub (2018); what it leaves open is decided here.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from feedsvc.model import Entry, HubOffer, Source, Subscription, SubscriptionState

#: what we ask for, and how far what the hub says is believed
LEASE = timedelta(days=10)
LONGEST_LEASE = timedelta(days=30)
#: hubs are not asked more often to renew, however short their leases
SHORTEST_TERM = timedelta(minutes=5)

#: after a request: hubs may ask back only once they have seen to others; a request that is older is nobody's
ANSWERED_WITHIN = timedelta(days=1)
#: so long a hub has to verify before it is asked again; each further time twice as long
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=10), timedelta(days=7)
#: after a hub was given up; each further time twice as long
FIRST_REST = timedelta(days=1)
#: requests to one hub before the next one is tried, where there are several, and before an end needs no confirmation
TRIES = 3

#: polls in a row that found what the hub had not pushed
MISSES = 3
#: a hub that looks at its topics now and then, or tries again, pushes so much later
LATE = timedelta(minutes=10)
#: how much rarer a source is polled whose hub has shown that it pushes, and the longest pause because of it
BACKUP_FACTOR, BACKUP_LIMIT = 8, timedelta(hours=6)

#: pushes that are known again, and the bytes by which each is
_REMEMBERED, _MARK = 64, 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpushed:
    """How many entries a poll found that should have been pushed; the fresh ones may be on their way."""

    late: int = 0
    fresh: int = 0


def following(known: Subscription | None, source_id: str, offer: HubOffer | None, now: datetime) -> list[Subscription]:
    """Return what changes when a document offers this, or nothing, to be followed by; `known`: what was until now."""
    if known is None:
        return [_wanted(source_id, offer, offer.hubs[0], now)] if offer else []
    if offer is None:
        return [left(known, now)]
    if offer.topic == known.topic and known.hub in offer.hubs:
        return [] if offer.hubs == known.hubs else [replace(known, hubs=offer.hubs)]
    # A document that names another topic each time gets no hub to answer: the pauses grow beyond the polls'.
    failures = 0 if known.pushed else known.failures + 1
    new = replace(_wanted(source_id, offer, offer.hubs[0], now), failures=failures)
    return [left(known, now), replace(new, next_request_at=now + _pause(failures) if failures else now)]


def _wanted(source_id: str, offer: HubOffer, hub: str, now: datetime) -> Subscription:
    # Nobody can guess where we are pushed to, and what a hub knows helps it nowhere else.
    return Subscription(
        source_id=source_id,
        token=secrets.token_urlsafe(32),
        topic=offer.topic,
        hub=hub,
        hubs=offer.hubs,
        secret=secrets.token_urlsafe(32),
        next_request_at=now,
    )


def left(known: Subscription, now: datetime) -> Subscription:
    """The source moved, or is no longer to be pushed."""
    return replace(known, state="leaving", next_request_at=now, failures=0)


def elsewhere(known: Subscription, now: datetime) -> list[Subscription]:
    """Return what changes when the hub has our address wrong by now: it is told the new one as if by somebody else."""
    offer = HubOffer(topic=known.topic, hubs=known.hubs)
    return [left(known, now), _wanted(known.source_id, offer, known.hub, now)]


def succeeded(known: Subscription, now: datetime) -> list[Subscription]:
    """Return what changes when the publisher's next hub is to be tried; nothing while this one is.

    A hub has `TRIES` tries, fewer when it denied or did not push.
    """
    is_given_up = known.state in {"denied", "dead"}
    has_failed = known.requested_at is not None and known.failures > 0 and not is_leased(known, now)
    is_tired = has_failed and known.failures % TRIES == 0
    if len(known.hubs) < 2 or not (is_given_up or is_tired):
        return []
    offer = HubOffer(topic=known.topic, hubs=known.hubs)
    next_hub = known.hubs[(known.hubs.index(known.hub) + 1) % len(known.hubs)]
    new = _wanted(known.source_id, offer, next_hub, now)
    return [left(known, now), replace(new, failures=known.failures, given_up=known.given_up, error=known.error)]


def asked(known: Subscription, callback: str, now: datetime) -> Subscription:
    """The hub is about to be asked. Until it verifies that counts as a failure, whatever dies meanwhile."""
    failures, lapsed = known.failures + 1, known.state == "active" and not is_leased(known, now)
    is_new_fault = known.state == "wanted" or (known.state == "active" and failures > 1)
    return replace(
        known,
        callback=callback,
        state="wanted" if lapsed else known.state,
        requested_at=now,
        next_request_at=now + _pause(failures),
        failures=failures,
        error="the hub has not verified it yet" if is_new_fault else known.error,
    )


def refused(known: Subscription, problem: str, retry_at: datetime | None) -> Subscription:
    """The hub could not be asked, or did not want to be."""
    return replace(known, next_request_at=max(known.next_request_at, retry_at or known.next_request_at), error=problem)


def is_awaited(known: Subscription, now: datetime) -> bool:
    """Say whether the hub was asked lately, so that it may ask back; perhaps again, when it did not hear our answer."""
    return known.requested_at is not None and now - known.requested_at < ANSWERED_WITHIN


def verified(known: Subscription, lease: timedelta | None, now: datetime) -> Subscription:
    """The hub asked back; it may have said for how long."""
    lease = min(lease or LEASE, LONGEST_LEASE)
    renewed = known.state == "active"
    return replace(
        known,
        state="active",
        verified_at=now,
        lease_until=now + lease,
        next_request_at=now + max(lease / 2, SHORTEST_TERM),
        failures=0,
        error=None,
        pushed=known.pushed if renewed else 0,
        missed=known.missed if renewed else 0,
        doubted_at=known.doubted_at if renewed else None,
    )


def denied(known: Subscription, reason: str | None, now: datetime) -> Subscription:
    return _given_up(known, "denied", f"the hub denied it{f': {reason}' if reason else ''}", now)


def received(known: Subscription, body: bytes, now: datetime) -> Subscription | None:
    """A push with a valid signature came; None: one of the last ones came again."""
    mark = sha256(body).digest()[:_MARK]
    marks = [known.recent[at : at + _MARK] for at in range(0, len(known.recent), _MARK)]
    if body and mark in marks:
        return None
    recent = b"".join([*marks, mark][-_REMEMBERED:]) if body else known.recent
    return replace(known, last_push_at=now, doubted_at=None, recent=recent)


def rejected(known: Subscription, problem: str) -> Subscription:
    """A push came that nobody can tell the sender of."""
    return replace(known, rejected=known.rejected + 1, error=f"a push was dropped: {problem}")


def pushed(known: Subscription, new: int) -> Subscription:
    """A push was read; so many entries were new."""
    if not new:
        return known
    return replace(known, pushed=known.pushed + new, given_up=0, error=None if is_sound(known) else known.error)


def polled(known: Subscription, found: Unpushed, seen_at: datetime | None, now: datetime) -> Subscription:
    """A poll was read, which found this; `seen_at`: the poll before it."""
    if known.state != "active":
        return known
    doubt = known.doubted_at
    is_missed = found.late > 0 or (doubt is not None and now - doubt >= LATE)
    if is_missed or doubt is None:
        doubt = now if found.fresh else None
    known = replace(known, doubted_at=doubt)
    if not is_missed:
        # Only a push since then shows that one would have come.
        has_pushed = known.last_push_at is not None and (seen_at is None or known.last_push_at > seen_at)
        return replace(known, missed=0) if has_pushed else known
    known = replace(known, missed=known.missed + 1)
    if known.missed < MISSES:
        return known
    return _given_up(known, "dead", f"{known.missed} polls in a row found entries that the hub had not pushed", now)


def unpushed(entries: Iterable[Entry], known: Subscription, seen_at: datetime | None, now: datetime) -> Unpushed:
    """Count which new entries of a poll should have been pushed: those published since the hub was to push.

    An undated one was published since the poll before, at `seen_at`.
    """
    since = known.verified_at
    if since is None or not is_leased(known, now):
        return Unpushed()
    times = [at for entry in entries if (at := entry.updated or entry.published or seen_at) and at >= since]
    late = sum(at < now - LATE for at in times)
    return Unpushed(late=late, fresh=len(times) - late)


def is_leased(known: Subscription, now: datetime) -> bool:
    return known.lease_until is not None and now < known.lease_until


def is_sound(known: Subscription) -> bool:
    """Say whether nothing is wrong with what the hub does."""
    return known.state == "active" and known.failures < 2


def is_proven(known: Subscription, now: datetime) -> bool:
    """Say whether the hub has shown that it pushes what polls would find."""
    return known.state == "active" and is_leased(known, now) and known.pushed > 0 and known.missed == 0


def backup(known: Subscription, source: Source, now: datetime) -> timedelta | None:
    """Return how long to leave a source alone that is pushed; None: as if it were not."""
    if not is_proven(known, now):
        return None
    return max(source.every, min(source.every * BACKUP_FACTOR, BACKUP_LIMIT))


def _given_up(known: Subscription, state: SubscriptionState, problem: str, now: datetime) -> Subscription:
    given_up = known.given_up + 1
    rounds, others = divmod(given_up, len(known.hubs))
    # The next hub is tried at once; when all were, they have a rest.
    rest = timedelta() if others else min(FIRST_REST * (1 << min(rounds - 1, 10)), LONGEST_PAUSE)
    return replace(
        known,
        state=state,
        next_request_at=now + rest,
        failures=0,
        given_up=given_up,
        error=problem,
        pushed=0,
        doubted_at=None,
    )


def _pause(failures: int) -> timedelta:
    return min(FIRST_PAUSE * (1 << min(failures - 1, 20)), LONGEST_PAUSE)
