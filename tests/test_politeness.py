"""What a publisher's server sees of us over hours and weeks: which requests, when, and how many.

Time is an argument: each round of polls is claimed from the store at a moment of the test's choice, by a runner of its
own, as after a restart. Nothing is forced, so that what is not due is not asked.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from feedsvc.cli.main import main
from feedsvc.model import SourceUpdate
from feedsvc.schedule import Scheduling, polling
from tests.servers.upstream import Upstream, answer, document, hang_up
from tests.site import FEEDSVC, Site, source
from tests.test_pipeline import item, rss

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BODY = rss(item(1, "News"))
ONE_AT_A_TIME = {**FEEDSVC["fetch"], "per_host": 1}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path) as made:
        yield made


def polled(site: Site, at: datetime) -> dict[str, SourceUpdate]:
    """Poll what is due at that moment; return what was."""
    service = site.service
    assert service is not None

    async def run() -> list[SourceUpdate | None]:
        current = service.in_force()
        async with polling(service.store, current) as runner:
            runner.now = lambda: at
            return await asyncio.gather(*(runner.submit(each) for each in current.settings.sources))

    return {update.attempt.source_id: update for update in asyncio.run(run()) if update is not None}


def next_fetches(site: Site) -> list[datetime]:
    assert site.service is not None
    with site.service.store.read() as tx:
        return [state.next_fetch_at for state in tx.schedule.states().values() if state.next_fetch_at]


def many(upstream: Upstream, count: int) -> list[dict[str, Any]]:
    """Return so many sources of one host, at `/0`, `/1`, …"""
    return [source(f"s{n}", upstream.url(f"/{n}")) for n in range(count)]


def command(site: Site, *words: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(site.folder), *words])


# Conditional requests


def test_validators_go_back_as_they_came_and_each_new_one_takes_the_place_of_the_old(
    site: Site, upstream: Upstream
) -> None:
    monday, tuesday = "Mon, 23 Nov 2026 10:00:00 GMT", "Tuesday,  not a date"
    url = upstream.on(
        "/feed",
        answer(200, BODY, headers={"ETag": 'W/"ă b"', "Last-Modified": monday}),
        answer(200, rss(item(2, "More")), headers={"ETag": "no quotes", "Last-Modified": monday}),
        answer(304, headers={"Last-Modified": tuesday}),
        answer(304),
        answer(200, BODY, headers={"ETag": '"2"'}),
        answer(304),
    )
    site.configure([source("paper", url)])
    for _ in range(6):
        site.poll()
    sent = [(r.header("If-None-Match"), r.header("If-Modified-Since")) for r in upstream.requests]
    assert sent == [
        (None, None),
        ('W/"ă b"', monday),
        ("no quotes", monday),
        ("no quotes", tuesday),
        ("no quotes", tuesday),
        ('"2"', None),
    ]


# When a source is asked again


def test_a_document_that_is_fresh_for_a_day_is_asked_for_again_after_a_day(site: Site, upstream: Upstream) -> None:
    fresh = {"Cache-Control": "public, immutable, s-maxage=60, max-age=90000", "Age": "3600"}
    url = upstream.on("/feed", document(BODY, etag='"1"', headers=fresh))
    site.configure([source("paper", url, every="15m")])
    assert set(polled(site, NOW)) == {"paper"}
    for hours in (1, 6, 12, 23.99):
        assert not polled(site, NOW + hours * HOUR)
    assert polled(site, NOW + 27 * HOUR)["paper"].attempt.outcome == "not-modified"
    assert not polled(site, NOW + 50.99 * HOUR)
    assert len(upstream.requests) == 2


def test_a_304_that_says_nothing_leaves_a_document_as_fresh_as_it_was_said_to_be(
    site: Site, upstream: Upstream
) -> None:
    day = {"ETag": '"1"', "Cache-Control": "max-age=86400"}
    replies = (answer(200, BODY, headers=day), answer(304), hang_up(), answer(304), answer(304, headers={"Age": "0"}))
    url = upstream.on("/feed", *replies, answer(200, BODY, headers={"ETag": '"2"'}), answer(304))
    site.configure([source("paper", url, every="1h")])
    at, waits = NOW, []
    for _ in range(7):
        state = polled(site, at)["paper"].state
        assert state.next_fetch_at is not None
        waits.append((state.next_fetch_at - at) // HOUR)
        at = state.next_fetch_at
    # A failure is tried again sooner, and a whole answer says all anew.
    assert [wait >= 24 for wait in waits] == [True, True, False, True, True, False, False]


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("form", ["seconds", "date"])
def test_who_asks_for_three_days_has_them(site: Site, upstream: Upstream, status: int, form: str) -> None:
    at = NOW + 3 * DAY
    wish = "259200" if form == "seconds" else format_datetime(at, usegmt=True)
    url = upstream.on("/feed", answer(status, headers={"Retry-After": wish}), hang_up(), document(BODY))
    site.configure([source("paper", url)])
    assert polled(site, NOW)["paper"].state.not_before == at
    for hours in (1, 24, 48, 71.99):
        assert not polled(site, NOW + hours * HOUR)
    assert polled(site, at + HOUR)["paper"].attempt.outcome == "failed"
    assert polled(site, at + 6 * HOUR)["paper"].attempt.outcome == "changed"


def test_nobody_sends_us_away_for_more_than_a_month(site: Site, upstream: Upstream) -> None:
    url = upstream.on("/feed", answer(503, headers={"Retry-After": "99999999"}), document(BODY))
    site.configure([source("paper", url)])
    polled(site, NOW)
    assert not polled(site, NOW + 30.9 * DAY)
    assert polled(site, NOW + 31.1 * DAY)


def test_insisting_sets_a_servers_wish_aside_only_for_a_source_that_is_named(site: Site, upstream: Upstream) -> None:
    url = upstream.on("/feed", answer(429, headers={"Retry-After": "259200"}), document(BODY))
    site.configure([source("paper", url)])
    assert command(site, "poll").exit_code == 1
    for words in (("poll", "--json"), ("poll", "--force", "--json")):
        said = json.loads(command(site, *words).stdout)
        assert said["outcome"] == "refused"
        assert "the server asked to wait until" in said["error"]
    assert len(upstream.requests) == 1
    assert json.loads(command(site, "poll", "--force", "paper", "--json").stdout)["outcome"] == "changed"


def test_a_restart_asks_nobody_early(site: Site, upstream: Upstream) -> None:
    url = upstream.on("/feed", document(BODY))
    site.configure([source("paper", url, every="1h")])
    service = site.service
    assert service is not None

    async def started(until_asked: bool) -> None:
        stop = asyncio.Event()
        running = asyncio.create_task(Scheduling(store=service.store, in_force=service.in_force).run(stop))
        async with asyncio.timeout(30):
            while until_asked and not next_fetches(site):  # noqa: ASYNC110 - the store has no events
                await asyncio.sleep(0.02)
        stop.set()
        await running

    asyncio.run(started(until_asked=True))
    asyncio.run(started(until_asked=False))
    site.close()
    site.open()
    assert not polled(site, datetime.now(UTC) + 59 * MINUTE)
    assert len(upstream.requests) == 1


def test_a_configured_proxy_is_all_that_we_contact_and_its_failures_are_nobody_elses(
    site: Site, upstream: Upstream
) -> None:
    upstream.on("http://paper.example/feed", document(BODY))
    papers = [source(f"s{n}", "http://paper.example/feed") for n in range(6)]
    site.configure(papers, fetch={"proxy": upstream.url("")})
    assert {update.attempt.outcome for update in polled(site, NOW).values()} == {"changed"}
    assert {request.header("Host") for request in upstream.requests} == {"paper.example"}
    site.configure(papers, fetch={"proxy": "http://127.0.0.1:1"})
    later = polled(site, NOW + 2 * DAY)
    assert {update.attempt.error for update in later.values()} == {
        "cannot connect to the proxy 127.0.0.1 port 1: connection refused"
    }
    assert len(later) == 6, "no host is left alone for it"


# Many sources of one host


def test_sources_of_one_host_are_asked_one_by_one_and_then_spread(site: Site, upstream: Upstream) -> None:
    sources = many(upstream, 100)
    for n in range(100):
        upstream.on(f"/{n}", document(rss(item(n, f"News {n}"))))
    site.configure([{**each, "every": "1h"} for each in sources], fetch=ONE_AT_A_TIME)
    assert len(polled(site, NOW)) == len(upstream.requests) == 100
    # One connection: the next request begins when the answer before it has come.
    assert {request.connection for request in upstream.requests} == {0}
    assert_spread(next_fetches(site))
    assert not polled(site, NOW + 59 * MINUTE)


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "600"}])
def test_a_failure_that_many_share_does_not_make_them_line_up(
    site: Site, upstream: Upstream, headers: dict[str, str]
) -> None:
    for n in range(100):
        upstream.on(f"/{n}", answer(500, headers=headers))
    site.configure([{**each, "every": "1h"} for each in many(upstream, 100)])
    polled(site, NOW)
    assert_spread(next_fetches(site))
    # After a long stop all are due at once; then they go apart again.
    for n in range(100):
        upstream.serve(f"/{n}", rss())
    assert len(polled(site, NOW + 10 * HOUR)) == 100
    assert_spread(next_fetches(site))


def assert_spread(moments: list[datetime]) -> None:
    """At most three in a minute is what chance alone brings to a hundred in an hour, and a bit."""
    minutes = Counter(moment.replace(second=0, microsecond=0) for moment in moments)
    assert len(moments) == 100
    assert max(moments) - min(moments) > 50 * MINUTE
    assert max(minutes.values()) <= 7


def test_pages_come_one_in_a_crawl_delay_and_nobody_waits_for_it_with_a_slot(site: Site, upstream: Upstream) -> None:
    upstream.on("/robots.txt", answer(200, b"User-agent: *\nCrawl-delay: 30"))
    items = [item(n, f"News {n}").replace("https://paper.example", upstream.url("")) for n in range(3)]
    for n in range(3):
        upstream.on(f"/news/{n}.html", answer(200, b"<p>text", headers={"Content-Type": "text/html"}))
    url = upstream.on("/feed", document(rss(*items)))
    site.configure([source("paper", url, full_text=True)], fetch=ONE_AT_A_TIME)
    site.poll()
    for minutes, asked in ((0, 1), (0.2, 1), (0.7, 2), (1.4, 3)):
        site.fetch_pages(minutes * MINUTE)
        assert sum(request.path.startswith("/news/") for request in upstream.requests) == asked


# A host in trouble


@pytest.mark.parametrize("reply", [hang_up(), answer(429), answer(503)])
def test_a_host_in_trouble_is_left_alone_tried_by_one_and_then_asked_by_all(
    site: Site, upstream: Upstream, reply: Any
) -> None:
    site.configure(many(upstream, 20), fetch=ONE_AT_A_TIME)
    for n in range(20):
        upstream.on(f"/{n}", reply)
    assert len(polled(site, NOW)) == len(upstream.requests) == 5
    assert not polled(site, NOW + MINUTE / 2)
    for minutes in (1.1, 3.2, 7.3):
        assert len(polled(site, NOW + minutes * MINUTE)) == 1
        assert not polled(site, NOW + (minutes + 0.5) * MINUTE)
    for n in range(20):
        upstream.serve(f"/{n}", BODY)
    before = len(upstream.requests)
    assert len(polled(site, NOW + 10 * HOUR)) >= 1
    polled(site, NOW + 10 * HOUR)
    assert len(upstream.requests) - before == 20


def test_whose_host_is_left_alone_is_told_so_and_polled_for_who_insists(site: Site, upstream: Upstream) -> None:
    site.configure(many(upstream, 6), fetch=ONE_AT_A_TIME)
    for n in range(6):
        upstream.on(f"/{n}", answer(503))
    polled(site, datetime.now(UTC))
    *_, last = (json.loads(line) for line in command(site, "poll", "--json").stdout.splitlines())
    said = f"127.0.0.1:{upstream.port} is left alone until "
    others = [json.loads(line) for line in command(site, "poll", "--json").stdout.splitlines()]
    assert last["outcome"] == "skipped"
    assert [each["source"] for each in others if said in each["error"]] == ["s5"]
    assert len(upstream.requests) == 5
    command(site, "poll", "--force")
    assert len(upstream.requests) == 11


def test_a_host_that_answers_some_is_asked_by_all(site: Site, upstream: Upstream) -> None:
    for n in range(20):
        upstream.on(f"/{n}", hang_up() if n % 4 else answer(404))
    site.configure(many(upstream, 20), fetch=ONE_AT_A_TIME)
    assert len(polled(site, NOW)) == 20


def test_a_host_of_few_sources_is_left_to_each_of_them(site: Site, upstream: Upstream) -> None:
    site.configure(many(upstream, 4), fetch=ONE_AT_A_TIME)
    for n in range(4):
        upstream.on(f"/{n}", hang_up())
    assert len(polled(site, NOW)) == 4
    assert len(polled(site, NOW + 2.2 * HOUR)) == 4


# Gone


def test_what_is_gone_is_not_asked_until_somebody_insists(site: Site, upstream: Upstream) -> None:
    url = upstream.on("/feed", document(BODY), answer(410), document(BODY))
    site.configure([source("paper", url)])
    polled(site, NOW)
    assert polled(site, NOW + DAY + HOUR)["paper"].attempt.outcome == "gone"
    for days in (2, 40, 400):
        assert not polled(site, NOW + days * DAY)
    said = json.loads(command(site, "poll", "--force", "--json").stdout)
    assert (said["outcome"], said["error"]) == ("refused", "the publisher answered 410 Gone")
    assert len(upstream.requests) == 2
    assert command(site, "poll", "--force", "paper").exit_code == 0
    assert site.service is not None
    with site.service.store.read() as tx:
        assert tx.schedule.state("paper").disabled is None
        assert [event.kind for event in tx.events.latest(9)] == ["returned", "gone"]
