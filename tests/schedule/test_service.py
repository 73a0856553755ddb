"""The scheduler beside a real upstream."""

import asyncio
import threading
from pathlib import Path

import pytest

from feedsvc import publish
from feedsvc.schedule import Scheduling
from tests.servers.upstream import Received, Upstream, answer, silent
from tests.site import Site, source
from tests.test_pictures import PICTURE, here, rss


def test_pictures_are_fetched_beside_polls_and_hold_nothing_up_at_the_end(tmp_path: Path, upstream: Upstream) -> None:
    slow_asked = threading.Event()

    async def slow(request: Received, writer: asyncio.StreamWriter) -> bool:
        slow_asked.set()
        return await silent()(request, writer)

    good, bad = upstream.on("/good.png", answer(200, PICTURE)), upstream.on("/slow.png", slow)
    upstream.serve("/rss", rss(("one", f'<img src="{good}"/><img src="{bad}"/>')))
    with Site(tmp_path) as site:
        site.configure([source("paper", upstream.url("/rss"))])
        assert site.service is not None
        scheduling = Scheduling(store=site.service.store, in_force=site.service.in_force)

        async def run() -> None:
            stop = asyncio.Event()
            running = asyncio.create_task(scheduling.run(stop))
            await asyncio.to_thread(slow_asked.wait, 30)
            async with asyncio.timeout(30):
                while not await asyncio.to_thread(here, site, good):  # noqa: ASYNC110 - the database has no events
                    await asyncio.sleep(0.05)
            stop.set()
            # The request that never ends would take 20 s.
            async with asyncio.timeout(10):
                await running

        asyncio.run(run())
        assert set(here(site, good, bad)) == {good}
        with site.service.store.read() as tx:
            assert tx.schedule.holders() == set()


def test_publishing_does_not_wait_for_search(
    tmp_path: Path, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    published, indexed = threading.Event(), threading.Event()

    def index(*_: object) -> None:
        assert published.wait(30)
        indexed.set()

    monkeypatch.setattr(publish, "index", index)
    upstream.serve("/rss", rss(("one", "")))
    with Site(tmp_path) as site:
        site.configure([source("paper", upstream.url("/rss"))])
        assert site.service is not None
        scheduling = Scheduling(store=site.service.store, in_force=site.service.in_force)

        async def run() -> None:
            stop = asyncio.Event()
            running = asyncio.create_task(scheduling.run(stop))
            async with asyncio.timeout(20):
                while b"one says" not in b"".join(site.bodies().values()):  # noqa: ASYNC110 - nor has what is published
                    await asyncio.sleep(0.05)
            published.set()
            stop.set()
            await running

        asyncio.run(run())
    assert indexed.is_set()
