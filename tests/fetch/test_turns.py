"""Who may ask a host next."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from feedsvc.fetch.rate import BURST, Rate
from feedsvc.fetch.turns import AT_ONCE, Turn, Turns


class Clock:
    """A time that goes on only when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


async def limited(host: str) -> bool:
    return host == "ours"


def turns(per_host: int = 1, rate: float = 1e-9, clock: Callable[[], float] | None = None) -> Turns:
    return Turns(Rate(rate, clock or Clock()), per_host, limited)


async def is_waiting(waiting: Awaitable[object]) -> bool:
    task = asyncio.ensure_future(waiting)
    for _ in range(50):
        await asyncio.sleep(0)
    return not task.done()


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        try:
            async with asyncio.timeout(20):
                await test()
        finally:
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

    asyncio.run(main())


def test_a_host_is_asked_by_so_many_at_once() -> None:
    async def test() -> None:
        all = turns(per_host=2)
        async with Turn(all) as one, Turn(all) as two:
            await one.wait("a.example")
            await two.wait("a.example")
            third = Turn(all)
            waiting = asyncio.ensure_future(third.wait("a.example"))
            assert await is_waiting(waiting)
            other = Turn(all)
            assert not await is_waiting(other.wait("b.example"))
            await one.__aexit__(None, None, None)
            await waiting

    run(test)


def test_those_who_wait_for_a_domain_take_no_room_from_others() -> None:
    async def test() -> None:
        all = turns(per_host=1000)
        each = [Turn(all) for _ in range(1000)]
        tasks = [asyncio.ensure_future(turn.wait(f"{n}.slow.example")) for n, turn in enumerate(each)]
        while sum(task.done() for task in tasks) < BURST:  # noqa: ASYNC110 - a turn has no events
            await asyncio.sleep(0)
        assert await is_waiting(tasks[int(BURST)])
        other = Turn(all)
        assert BURST < AT_ONCE
        assert not await is_waiting(other.wait("fast.example"))

    run(test)


def test_a_token_that_nobody_used_is_there_for_the_next() -> None:
    async def test() -> None:
        all = turns(per_host=1000)
        for _ in range(int(BURST) * 2):
            async with Turn(all) as turn:
                await turn.wait("a.example")
        async with Turn(all) as turn:
            for _ in range(int(BURST)):
                await turn.begin("a.example")
        late = Turn(all)
        assert await is_waiting(late.wait("a.example"))

    run(test)


def test_a_chain_of_redirects_asks_each_host_in_its_turn_and_leaves_the_one_before() -> None:
    async def test() -> None:
        all, told = turns(), []

        async def slot(host: str | None) -> None:
            told.append(host)

        async with Turn(all, slot) as chain, Turn(all) as holder:
            await holder.begin("b.example")
            await chain.begin("a.example")
            going = asyncio.ensure_future(chain.begin("b.example"))
            assert await is_waiting(going)
            # Nobody waits for a host that nobody asks.
            async with Turn(all) as next:
                await next.begin("a.example")
            await holder.begin("c.example")
            await going
            assert told == [None, "b.example"]
            await chain.begin("b.example")
            assert told == [None, "b.example"]

    run(test)


def test_a_redirect_inside_a_host_comes_before_its_other_sources() -> None:
    async def test() -> None:
        clock = Clock()
        all = turns(per_host=2, rate=1000.0, clock=clock)
        async with Turn(all) as chain, Turn(all) as other:
            for _ in range(int(BURST)):
                await chain.begin("a.example")
            first = asyncio.ensure_future(other.wait("a.example"))
            assert await is_waiting(first)
            # The chain takes the next token, for which it waits by its own clock.
            await chain.begin("a.example")
            clock.now += 0.0015
            await asyncio.sleep(0.01)
            assert not first.done()
            clock.now += 0.001
            await first

    run(test)


def test_hosts_of_our_own_have_no_rate() -> None:
    async def test() -> None:
        all = turns()
        for _ in range(int(BURST) * 2):
            async with Turn(all) as turn:
                await turn.begin("ours")

    run(test)


def test_who_gives_up_leaves_nothing_behind() -> None:
    async def test() -> None:
        all = turns()

        async def once(host: str) -> None:
            async with Turn(all) as turn:
                await turn.wait(host)
                await asyncio.Event().wait()

        tasks = [asyncio.create_task(once(f"{n % 3}.example")) for n in range(9)]
        await asyncio.sleep(0.01)
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        assert not all.hosts._lines
        assert not all.domains._lines
        assert all.room._value == AT_ONCE

    run(test)
