"""For how many we say that we read."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from feedsvc import readership
from feedsvc.fetch import Client, user_agent
from feedsvc.model import FetchLimits
from feedsvc.store import Store
from tests.servers.upstream import Upstream, answer
from tests.site import Site, source

TODAY, DAY = date(2026, 11, 22), timedelta(days=1)


def test_the_most_of_today_and_yesterday_counts(store: Store) -> None:
    def noted(day: date, count: int) -> int:
        with store.write() as tx:
            readership.note(tx, day, count)
            return readership.subscribers(tx, day)

    with store.read() as tx:
        assert readership.subscribers(tx, TODAY) == 0
    assert noted(TODAY, 42) == 42
    assert noted(TODAY, 5) == 42, "a process that was started anew, or another one beside it"
    assert noted(TODAY + DAY, 1) == 42
    assert noted(TODAY + 2 * DAY, 3) == 3
    with store.read() as tx:
        assert readership.subscribers(tx, TODAY + 9 * DAY) == 0


def test_publishers_hear_of_it(tmp_path: Path, upstream: Upstream) -> None:
    url = upstream.on("/feed", answer(404))
    with Site(tmp_path) as site:
        site.configure([source("paper", url)])
        site.poll()
        assert site.service is not None
        with site.service.store.write() as tx:
            readership.note(tx, datetime.now(UTC).date(), 42)
        site.poll()
    before, after = (request.header("User-Agent") or "" for request in upstream.requests)
    assert before.endswith("0 subscribers)")
    assert after.endswith("42 subscribers)")


def test_a_client_can_be_introduced_anew(upstream: Upstream) -> None:
    upstream.on("/hub", answer(202))

    async def run() -> None:
        async with Client(FetchLimits(allow_private=("127.0.0.0/8",)), user_agent("1.0", None, 1)) as client:
            client.introduce(user_agent("1.0", None, 2))
            await client.post_form(upstream.url("/hub"), {}, datetime(2026, 11, 22, tzinfo=UTC))

    asyncio.run(run())
    assert upstream.requests[0].header("User-Agent") == "feedsvc/1.0 (2 subscribers)"
