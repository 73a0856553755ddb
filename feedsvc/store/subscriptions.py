"""Subscriptions at upstream hubs, and what these pushed until it is read."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update

from feedsvc.model import Push, Subscription
from feedsvc.store.schema import names, pushes, subscriptions
from feedsvc.store.work import AnyRow, Work

#: unread pushes of one source, in number and bytes, and the bytes of all; a poll brings what is not taken in
MOST_UNREAD, MOST_BYTES, MOST_BYTES_IN_ALL = 32, 32_000_000, 256_000_000

_KEPT = (
    "token",
    "topic",
    "hub",
    "secret",
    "callback",
    "state",
    "next_request_at",
    "requested_at",
    "verified_at",
    "lease_until",
    "last_push_at",
    "failures",
    "given_up",
    "error",
    "pushed",
    "missed",
    "doubted_at",
    "rejected",
    "recent",
)
_ALL = select(subscriptions, names.c.id.label("source_id")).join(names, names.c.number == subscriptions.c.source)
_BY_TOKEN = _ALL.where(subscriptions.c.token == bindparam("by"))
_OF_SOURCE = _ALL.where(names.c.kind == "source", names.c.id == bindparam("of"), subscriptions.c.state != "leaving")
_DUE = _ALL.where(subscriptions.c.next_request_at <= bindparam("now")).order_by(subscriptions.c.next_request_at)
_UPDATE = update(subscriptions).where(subscriptions.c.token == bindparam("by"))
_DELETE = delete(subscriptions).where(subscriptions.c.token == bindparam("by"))

_UNREAD = select(func.count(), func.coalesce(func.sum(pushes.c.size), 0)).select_from(pushes)
_UNREAD_OF = _UNREAD.where(pushes.c.source == bindparam("of"))
_WAITING = select(names.c.id).join(pushes, pushes.c.source == names.c.number).group_by(names.c.id)
_NEXT = (
    select(pushes)
    .join(names, names.c.number == pushes.c.source)
    .where(names.c.kind == "source", names.c.id == bindparam("of"))
    .order_by(pushes.c.number)
    .limit(1)
)
_TAKE = delete(pushes).where(pushes.c.number == bindparam("which"))


class Subscriptions:
    """Each by its token, which nobody but its hub knows."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def all(self) -> tuple[Subscription, ...]:
        """Return all, also those that are leaving, in the order of their sources."""
        rows = self._work.connection.execute(_ALL.order_by(subscriptions.c.source, subscriptions.c.token))
        return tuple(_subscription(row) for row in rows)

    def of(self, source_id: str) -> Subscription | None:
        """Return a source's subscription that is not leaving."""
        row = self._work.connection.execute(_OF_SOURCE, {"of": source_id}).first()
        return _subscription(row) if row is not None else None

    def by_token(self, token: str) -> Subscription | None:
        row = self._work.connection.execute(_BY_TOKEN, {"by": token}).one_or_none()
        return _subscription(row) if row is not None else None

    def due(self, now: datetime, limit: int, *, only_leaving: bool = False) -> tuple[Subscription, ...]:
        """Return those whose hubs are to be asked now, the longest due first."""
        query = _DUE.where(subscriptions.c.state == "leaving") if only_leaving else _DUE
        return tuple(_subscription(row) for row in self._work.connection.execute(query.limit(limit), {"now": now}))

    def save(self, subscription: Subscription) -> None:
        """Store one, new or changed."""
        row: dict[str, Any] = {name: getattr(subscription, name) for name in _KEPT}
        row |= {"hubs": "\n".join(subscription.hubs)}
        if self._work.connection.execute(_UPDATE, row | {"by": subscription.token}).rowcount == 0:
            source = self._work.names.given("source", subscription.source_id)
            self._work.insert(subscriptions, [row | {"source": source}])

    def drop(self, token: str) -> None:
        self._work.connection.execute(_DELETE, {"by": token})


class Pushes:
    """What hubs sent, in order, until it is read."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, push: Push) -> bool:
        """Store what is to be read; say no where too much is waiting already."""
        run = self._work.connection.execute
        source = self._work.names.given("source", push.source_id)
        number, size = run(_UNREAD_OF, {"of": source}).one()
        _, in_all = run(_UNREAD).one()
        more = len(push.body)
        if number >= MOST_UNREAD or size + more > MOST_BYTES or in_all + more > MOST_BYTES_IN_ALL:
            return False
        row = {"number": self._work.take("push"), "source": source, "size": more}
        row |= {name: getattr(push, name) for name in ("topic", "at", "content_type", "body")}
        self._work.insert(pushes, [row])
        return True

    def waiting(self) -> frozenset[str]:
        """Return the sources of which something is to be read."""
        return frozenset(self._work.connection.execute(_WAITING).scalars())

    def next(self, source_id: str) -> tuple[int, Push] | None:
        """Return a source's first push, with its number."""
        row = self._work.connection.execute(_NEXT, {"of": source_id}).one_or_none()
        if row is None:
            return None
        push = Push(source_id=source_id, topic=row.topic, at=row.at, content_type=row.content_type, body=row.body)
        return row.number, push

    def take(self, number: int) -> bool:
        """Take a push out; say no where somebody has."""
        return self._work.connection.execute(_TAKE, {"which": number}).rowcount > 0

    def forget(self, source_ids: Iterable[str]) -> None:
        """Drop what is to be read of these sources."""
        for id in source_ids:
            if (source := self._work.names.number("source", id)) is not None:
                self._work.connection.execute(delete(pushes).where(pushes.c.source == source))


def _subscription(row: AnyRow) -> Subscription:
    kept = {name: row._mapping[name] for name in _KEPT}  # noqa: SLF001
    return Subscription(source_id=row.source_id, hubs=tuple(row.hubs.split("\n")), **kept)
