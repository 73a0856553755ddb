"""How polls of many sources share hosts and what bounds them all."""

import asyncio
import socket
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from feedsvc.engine.local import DOUBTFUL_AT_ONCE, LocalRunner
from feedsvc.fetch.rate import BURST
from feedsvc.fetch.turns import AT_ONCE
from feedsvc.model import Attempt
from feedsvc.schedule import polling
from tests.servers.upstream import Received, Reply, Upstream, answer, redirect
from tests.site import FEEDSVC, Site, source
from tests.test_pipeline import item, rss

FEED = answer(200, rss(item(1, "News")))


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every name leads to loopback."""

    def name_server(*_: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", name_server)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path) as made:
        yield made


class Counting:
    """Answers slowly enough that requests at the same time meet; remembers how many met at each host."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self._now: Counter[str] = Counter()
        self.most: Counter[str] = Counter()

    async def __call__(self, request: Received, writer: asyncio.StreamWriter) -> bool:
        host = (request.header("Host") or "").partition(":")[0]
        self._now[host] += 1
        self.most[host] = max(self.most[host], self._now[host])
        await asyncio.sleep(0.01)
        # Whoever has the answer may let the next one ask before we go on here.
        self._now[host] -= 1
        return await self._reply(request, writer)


@pytest.mark.usefixtures("names")
def test_a_host_that_redirects_lead_to_is_asked_by_as_few_as_any(site: Site, upstream: Upstream) -> None:
    target, others = Counting(FEED), Counting(redirect(upstream.url("/feed", "busy.example"), 302))
    upstream.on("/feed", target)
    upstream.on("/from", others)
    site.configure(
        [source(f"s{n}", upstream.url("/from", f"{n % 7}.example")) for n in range(21)],
        fetch={**FEEDSVC["fetch"], "per_host": 1},
    )
    updates = site.poll()
    assert {update.attempt.outcome for update in updates.values()} == {"changed"}
    assert target.most == {"busy.example": 1}
    assert set(others.most.values()) == {1}
    assert len(others.most) == 7
    assert site.service is not None
    with site.service.store.read() as tx:
        assert tx.schedule.holders() == set()


def test_sources_that_wait_for_their_domains_rate_hold_neither_room_nor_claims(site: Site) -> None:
    """Nothing is allowed here, so that a rate is kept; each request is refused when its turn has come."""
    slow = [source(f"s{n}", f"http://127.0.0.1:9/{n}") for n in range(200)]
    limits = {"per_host": 100, "rate": "0.001/m"}
    site.configure([*slow, source("other", "http://127.0.0.2:9/")], fetch=limits)
    service = site.service
    assert service is not None

    async def run() -> set[str]:
        current = service.in_force()
        sources = {each.id: each for each in current.settings.sources}
        async with polling(service.store, current) as runner:
            polls = [runner.submit(sources[f"s{n}"]) for n in range(200)]
            async with asyncio.timeout(30):
                while sum(poll.done() for poll in polls) < BURST:  # noqa: ASYNC110 - polls have no event for this
                    await asyncio.sleep(0.01)
                update = await runner.submit(sources["other"])
            assert update is not None
            assert "refused to contact 127.0.0.2" in (update.attempt.error or "")
            with service.store.read() as tx:
                assert tx.schedule.holders() == set()
            await _gives_up_what_waits(runner, polls)
            return {"done" if poll.done() and not poll.cancelled() else "given up" for poll in polls}

    assert asyncio.run(run()) == {"done", "given up"}


def test_sources_that_failed_leave_room_for_the_others(site: Site, upstream: Upstream) -> None:
    async def run() -> Attempt:
        released, meeting = threading.Event(), Counter[str]()

        async def hang(request: Received, writer: asyncio.StreamWriter) -> bool:
            meeting["now"] += 1
            meeting["most"] = max(meeting["most"], meeting["now"])
            while not released.is_set():  # noqa: ASYNC110 - the server has a loop of its own
                await asyncio.sleep(0.01)
            meeting["now"] -= 1
            return await FEED(request, writer)

        service = site.service
        assert service is not None
        current = service.in_force()
        *failing, sound = current.settings.sources
        async with polling(service.store, current) as runner:
            await asyncio.gather(*(runner.submit(each, force=True) for each in failing))
            upstream.on("/hangs", hang)
            late = [runner.submit(each, force=True) for each in failing]
            update = await runner.submit(sound, force=True)
            assert update is not None
            released.set()
            outcomes = [update and update.attempt.outcome for update in await asyncio.gather(*late)]
            assert set(outcomes) == {"changed"}
        assert 0 < meeting["most"] <= DOUBTFUL_AT_ONCE
        return update.attempt

    upstream.on("/hangs", answer(500))
    upstream.on("/feed", FEED)
    hanging = [source(f"h{n}", f"{upstream.url('/hangs')}?{n}") for n in range(AT_ONCE + 1)]
    fetch = {**FEEDSVC["fetch"], "per_host": 100}
    site.configure([*hanging, source("sound", upstream.url("/feed"))], fetch=fetch)
    assert asyncio.run(run()).outcome == "changed"


async def _gives_up_what_waits(runner: LocalRunner, polls: Sequence[asyncio.Task[Any]]) -> None:
    async with asyncio.timeout(10):
        await runner.drain()
    assert sum(poll.cancelled() for poll in polls) == len(polls) - BURST


def test_rules_of_a_former_revision_ask_nobody(site: Site, upstream: Upstream) -> None:
    url = upstream.on("/feed", FEED)
    site.configure([source("paper", url)])
    assert site.service is not None
    former = site.service.in_force()
    site.configure([source("paper", url)], [{"id": "news", "title": "News"}])
    store = site.service.store

    async def run() -> object:
        async with polling(store, former) as runner:
            return await runner.submit(former.settings.sources[0], force=True)

    assert asyncio.run(run()) is None
    assert upstream.asked("/feed") == []
    with store.read() as tx:
        assert tx.schedule.holders() == set()
