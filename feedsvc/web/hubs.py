"""Where upstream hubs ask back, and push (WebSub). What they bring is stored, and read elsewhere.

Only the hub knows the address; the recommendation wants answers that give nothing away to others (sections 5.3 and 7).
"""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, request

from feedsvc import subscribing
from feedsvc.model import Push, Subscription
from feedsvc.store import Store
from feedsvc.web.following import Following
from feedsvc.web.receiving import Bodies, BusyError, TooLargeError

#: of what a hub wants to hear again
LONGEST_CHALLENGE = 1024
#: of what a hub says why it denies
LONGEST_REASON = 300
#: those that signatures may be made by; sha1 is broken
DIGESTS = frozenset({"sha256", "sha384", "sha512"})


def hubs(store: Store, following: Following) -> Blueprint:
    """Return the routes below `/websub/`."""
    blueprint, bodies = Blueprint("hubs", __name__), Bodies()

    @blueprint.get("/websub/<token>")
    def verify(token: str) -> Response:
        if request.method == "HEAD":
            return _text(405, "a hub asks with GET")
        # Whoever guesses does not make others wait for the database.
        known = _known(store, token)
        return _verified(store, known, datetime.now(UTC)) if known is not None else _nothing()

    @blueprint.post("/websub/<token>")
    def push(token: str) -> Response:
        known = _known(store, token)
        if known is None or known.state == "leaving":
            # The hub may end it (section 7).
            return _text(410, "there is no subscription here")
        limit = following.view.in_force.settings.fetch.max_body_bytes
        try:
            body = bodies.read(token, request.stream, request.content_length, limit)
        except TooLargeError:
            return _text(413, f"no more than {limit} bytes are taken")
        except (BusyError, OSError):
            return _later()
        problem = fault(request.headers.get("X-Hub-Signature"), known.secret, body)
        _store(store, known, body, problem, datetime.now(UTC))
        # Also where it is dropped: a stranger learns nothing, and the hub does not try again.
        return _text(202, "")

    return blueprint


def fault(signature: str | None, secret: str, body: bytes) -> str | None:
    """Say what is wrong with a signature (section 8); None: nothing."""
    if signature is None:
        return "it is not signed"
    method, _, digest = signature.strip().partition("=")
    method = method.strip().lower()
    if method not in DIGESTS:
        named = method if method == "sha1" else "a method that is not known"
        return f"it is signed with {named}, which is not accepted"
    expected = hmac.new(secret.encode(), body, getattr(hashlib, method)).hexdigest()
    given = digest.strip().lower()
    if not given.isascii() or not hmac.compare_digest(given, expected):
        return "its signature is wrong"
    return None


def _known(store: Store, token: str) -> Subscription | None:
    with store.read() as tx:
        return tx.subscriptions.by_token(token)


def _verified(store: Store, known: Subscription, now: datetime) -> Response:
    mode, challenge = request.args.get("hub.mode"), request.args.get("hub.challenge", "")
    with store.write() as tx:
        found = tx.subscriptions.by_token(known.token)
        if found is None or request.args.get("hub.topic") != found.topic:
            return _nothing()
        if mode == "denied" and found.state != "leaving":
            reason = " ".join(request.args.get("hub.reason", "").split())[:LONGEST_REASON]
            tx.subscriptions.save(subscribing.denied(found, reason or None, now))
            return _text(200, "")
        is_ours = mode == ("unsubscribe" if found.state == "leaving" else "subscribe")
        if not is_ours or not 0 < len(challenge) <= LONGEST_CHALLENGE or not subscribing.is_awaited(found, now):
            return _nothing()
        if found.state == "leaving":
            tx.subscriptions.drop(found.token)
        else:
            tx.subscriptions.save(subscribing.verified(found, _lease(), now))
    return _text(200, challenge)


def _lease() -> timedelta | None:
    said = request.args.get("hub.lease_seconds", "")
    return timedelta(seconds=min(int(said), 2**31)) if said.isdecimal() and len(said) <= 20 else None


def _store(store: Store, known: Subscription, body: bytes, problem: str | None, now: datetime) -> None:
    with store.write() as tx:
        found = tx.subscriptions.by_token(known.token)
        if found is None:
            return
        if problem is not None:
            tx.subscriptions.save(subscribing.rejected(found, problem))
            return
        received = subscribing.received(found, body, now)
        if received is None:
            return
        content_type = request.headers.get("Content-Type")
        one = Push(source_id=found.source_id, topic=found.topic, at=now, content_type=content_type, body=body)
        # Where too much is waiting the next poll brings it, and the same push may come again.
        if tx.pushes.add(one):
            tx.subscriptions.save(received)


def _nothing() -> Response:
    return _text(404, "nothing that was asked for")


def _later() -> Response:
    response = _text(503, "others are sending")
    response.headers["Retry-After"] = "60"
    return response


def _text(status: int, text: str) -> Response:
    response = Response(text, status, content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response
