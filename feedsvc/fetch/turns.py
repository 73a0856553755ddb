"""Whose turn it is to ask a host: so many at once of one host, a rate for its domain, a number over all hosts."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from feedsvc.fetch.rate import Rate

#: requests, and readings of what they brought, under way at once over all hosts
AT_ONCE = 64


class Slot(Protocol):
    """Hears where a turn goes on after it has begun; `None`: it has left its host and waits for the next one."""

    def __call__(self, host: str | None) -> Awaitable[None]: ...


@dataclass(slots=True)
class _Line:
    places: asyncio.Semaphore
    users: int = 0


class Lines:
    """Lines by name, first come, first served; each exists while somebody is in it."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lines: dict[str, _Line] = {}

    @asynccontextmanager
    async def place(self, name: str) -> AsyncIterator[None]:
        line = self._lines.setdefault(name, _Line(asyncio.Semaphore(self._size)))
        line.users += 1
        try:
            async with line.places:
                yield
        finally:
            line.users -= 1
            if not line.users:
                del self._lines[name]


class Turns:
    """What all requests of one process and loop wait in. Who waits holds nothing that others need."""

    def __init__(self, rate: Rate, per_host: int, is_unlimited: Callable[[str], Awaitable[bool]]) -> None:
        """`is_unlimited` says whether a host is one of our own, for which no rate is kept."""
        self.rate, self.is_unlimited = rate, is_unlimited
        self.hosts = Lines(per_host)
        #: who is next to get a token of a domain: only that one looks for room, the others do not take it meanwhile
        self.domains = Lines(1)
        self.room = asyncio.Semaphore(AT_ONCE)


class Turn:
    """The requests of one chain of redirects, one after the other; used as `async with`."""

    def __init__(self, turns: Turns, slot: Slot | None = None) -> None:
        self._turns, self._slot = turns, slot
        self._host: str | None = None
        self._place, self._room = AsyncExitStack(), AsyncExitStack()
        #: waited for, and no request made yet
        self._is_ready = False
        #: whose token is taken for a request that is not made yet
        self._token: str | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._token is not None:
            self._turns.rate.give_back(self._token)
        await self._room.aclose()
        await self._place.aclose()

    async def begin(self, host: str) -> None:
        """Wait until a request to `host` may be made, unless that was waited for already; it is made now."""
        if not self._is_ready or host != self._host:
            await self.wait(host)
        self._is_ready, self._token = False, None

    async def wait(self, host: str) -> None:
        """Wait until a request to `host` may be made; meanwhile the room and another host before it are given up.

        The place at the same host is kept: a redirect inside a site does not queue up behind its other sources.
        """
        is_first = self._host is None
        await self._room.aclose()
        if host != self._host:
            await self._go_to(host, is_first)
        if await self._turns.is_unlimited(host):
            await self._room.enter_async_context(self._turns.room)
        elif is_first:
            async with self._turns.domains.place(self._turns.rate.domain(host)):
                while wait_s := self._turns.rate.wait_s(host):  # noqa: ASYNC110 - time has no events
                    await asyncio.sleep(wait_s)
                await self._room.enter_async_context(self._turns.room)
                await self._take(host)
        else:
            # Somebody has asked already, and comes before those who have not.
            await self._take(host)
            await self._room.enter_async_context(self._turns.room)
        self._is_ready = True

    async def rest(self, seconds: float) -> None:
        """Wait as its host wants before the next request; others have the room meanwhile."""
        if seconds > 0:
            await self._room.aclose()
            await asyncio.sleep(seconds)

    async def leave(self) -> None:
        """Give up everything; who waits again begins anew."""
        await self._room.aclose()
        await self._place.aclose()
        self._host = None

    async def _go_to(self, host: str, is_first: bool) -> None:
        await self._place.aclose()
        if self._slot is not None and not is_first:
            await self._slot(None)
        self._host = host
        await self._place.enter_async_context(self._turns.hosts.place(host))
        if self._slot is not None and not is_first:
            await self._slot(host)

    async def _take(self, host: str) -> None:
        wait_s, self._token = self._turns.rate.reserve(host), host
        await asyncio.sleep(wait_s)
