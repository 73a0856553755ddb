"""Asks hubs: to subscribe, to renew, to end."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Protocol

import structlog

from feedsvc import subscribing
from feedsvc.addresses import callback_path
from feedsvc.errors import FetchError
from feedsvc.model import FormAnswer, Subscription
from feedsvc.store import Store, Transaction

log = structlog.get_logger()

#: under way at once, over all hubs
AT_ONCE = 8


class Http(Protocol):
    """The part of `fetch.Client` that is used."""

    async def post_form(self, url: str, fields: tuple[tuple[str, str], ...], now: datetime) -> FormAnswer: ...


@dataclass(slots=True, kw_only=True)
class Asking:
    """Asks on the running loop what is due, a few at a time."""

    store: Store
    client: Http
    #: our public address; None: hubs do not know where to find us, so none is asked
    base_url: str | None
    #: what may be pushed; of others the hub is told to end it
    sources: Collection[str]
    now: Callable[[], datetime]
    _tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _is_reconciled: bool = False
    _closing: bool = False

    async def start(self) -> None:
        """Begin to ask what is due; never wait for a hub."""
        if not self._is_reconciled:
            await asyncio.to_thread(self._reconcile)
            self._is_reconciled = True
        room = AT_ONCE - len(self._tasks)
        due = await asyncio.to_thread(self._due, AT_ONCE) if room else ()
        for token in [each.token for each in due if each.token not in self._tasks][:room]:
            task = asyncio.create_task(self._ask(token), name="hub")
            self._tasks[token] = task
            task.add_done_callback(partial(self._done, token))

    async def idle(self) -> None:
        """Wait until nothing is under way."""
        while self._tasks:
            await asyncio.wait(tuple(self._tasks.values()))

    async def close(self) -> None:
        """Give up what is under way: a hub that was reached asks back all the same, others are asked again."""
        self._closing = True
        for task in self._tasks.values():
            task.cancel()
        await self.idle()

    def _done(self, token: str, task: asyncio.Task[None]) -> None:
        del self._tasks[token]
        if not task.cancelled() and (error := task.exception()) is not None:
            # The database refused: it is due again after a pause.
            log.error("subscription not recorded", error=str(error))

    def _due(self, limit: int) -> tuple[Subscription, ...]:
        with self.store.read() as tx:
            return tx.subscriptions.due(self.now(), limit, only_leaving=self.base_url is None)

    def _reconcile(self) -> None:
        """Let go what the configuration does not want any more, and have hubs told another public address."""
        now = self.now()
        with self.store.read() as tx:
            known = tx.subscriptions.all()
        changes = list(chain.from_iterable(self._reconciled(each, now) for each in known))
        live = [each for each in known if each.state != "leaving"]
        # Sources that were made one may have brought one each.
        doubled = [each for n, each in enumerate(live) if each.source_id in {other.source_id for other in live[:n]}]
        changes += [subscribing.left(each, now) for each in doubled]
        if changes:
            with self.store.write() as tx:
                for each in changes:
                    tx.subscriptions.save(each)
                tx.pushes.forget({each.source_id for each in changes} - set(self.sources))

    def _reconciled(self, known: Subscription, now: datetime) -> list[Subscription]:
        if known.state == "leaving":
            return []
        if known.source_id not in self.sources:
            return [subscribing.left(known, now)]
        if self.base_url and known.callback not in {None, self._callback(known)}:
            return subscribing.elsewhere(known, now)
        return []

    def _callback(self, known: Subscription) -> str:
        return f"{(self.base_url or '').rstrip('/')}{callback_path(known.token)}"

    async def _ask(self, token: str) -> None:
        asked = await asyncio.to_thread(self._begun, token)
        if asked is None:
            return
        problem, retry_at = await self._posted(asked)
        if problem is not None:
            log.info("hub refused", hub=asked.hub, source=asked.source_id, error=problem)
            await asyncio.to_thread(self._refused, asked, problem, retry_at)

    def _begun(self, token: str) -> Subscription | None:
        """Note that a hub is asked before it is: some ask back before they answer. None: it is not."""
        now = self.now()
        with self.store.write() as tx:
            known = tx.subscriptions.by_token(token)
            if known is None or known.next_request_at > now:
                return None
            if known.state == "leaving":
                return self._ended(known, tx, now)
            if moved := subscribing.succeeded(known, now):
                for each in moved:
                    tx.subscriptions.save(each)
                return None
            asked = subscribing.asked(known, self._callback(known), now)
            tx.subscriptions.save(asked)
            return asked

    def _ended(self, known: Subscription, tx: Transaction, now: datetime) -> Subscription | None:
        """Ask a hub to end what it would else push until the lease is over; it need not confirm."""
        if known.callback is None or not subscribing.is_leased(known, now) or known.failures >= subscribing.TRIES:
            tx.subscriptions.drop(known.token)
            return None
        asked = subscribing.asked(known, known.callback, now)
        tx.subscriptions.save(asked)
        return asked

    async def _posted(self, asked: Subscription) -> tuple[str | None, datetime | None]:
        """Return what was wrong, None if nothing was, and when the hub wants to be asked again."""
        try:
            answer = await self.client.post_form(asked.hub, _fields(asked), self.now())
        except FetchError as error:
            return f"the hub cannot be asked: {error.problem}", None
        if 200 <= answer.status < 300:
            return None, None
        said = f": {answer.text[:300]}" if answer.text else ""
        return f"the hub answered {answer.status}{said}", answer.retry_at

    def _refused(self, asked: Subscription, problem: str, retry_at: datetime | None) -> None:
        with self.store.write() as tx:
            known = tx.subscriptions.by_token(asked.token)
            # Some verify, and then fail.
            if known is not None and known.requested_at == asked.requested_at and known.failures:
                tx.subscriptions.save(subscribing.refused(known, problem, retry_at))


def _fields(asked: Subscription) -> tuple[tuple[str, str], ...]:
    """Source: WebSub, section 5.1. `hub.verify` is for hubs that still follow PubSubHubbub 0.3; others ignore it."""
    is_wanted = asked.state != "leaving"
    common = (
        ("hub.callback", asked.callback or ""),
        ("hub.mode", "subscribe" if is_wanted else "unsubscribe"),
        ("hub.topic", asked.topic),
        ("hub.verify", "async"),
    )
    lease_s = int(subscribing.LEASE.total_seconds())
    return (*common, ("hub.lease_seconds", str(lease_s)), ("hub.secret", asked.secret)) if is_wanted else common
