"""A source's habits, learned by polling it, decide when it is polled; no wish of the server's is forgotten."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from feedsvc.fetch import next_fetch_at
from feedsvc.model import Attempt, FetchState, Freshness, LocalText, Source
from feedsvc.rhythm import Publication, learned
from feedsvc.schedule import polling
from tests.servers.upstream import Upstream, document
from tests.site import Site, source
from tests.test_pipeline import item, rss

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
START = datetime(2026, 11, 2, 1, tzinfo=UTC)  # a Monday
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Newspaper:
    """A feed of the newest 30 entries, one each morning at 9:20 in Hanoi."""

    def __init__(self, upstream: Upstream, *, is_dated: bool = True, wish: str | None = None) -> None:
        self._upstream, self._is_dated, self._wish = upstream, is_dated, wish
        self.mornings = [datetime(2026, 10, 1, 9, 20, tzinfo=HANOI) + DAY * n for n in range(60)]

    def publish(self, now: datetime, beside: tuple[str, ...] = ()) -> None:
        out = [n for n, at in enumerate(self.mornings) if at <= now][-30:]
        dates = {n: format_datetime(self.mornings[n].astimezone(UTC)) for n in out}
        body = rss(*(item(n, f"morning {n}", date=dates[n]) for n in reversed(out)), *beside)
        if not self._is_dated:
            for date in dates.values():
                body = body.replace(f"<pubDate>{date}</pubDate>".encode(), b"")
        headers = {"Cache-Control": self._wish} if self._wish else {}
        self._upstream.on("/feed", document(body, headers=headers))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path) as made:
        yield made


def state(site: Site) -> FetchState:
    assert site.service is not None
    with site.service.store.read() as tx:
        return tx.schedule.state("paper")


def polled(site: Site, at: datetime) -> Attempt | None:
    """Poll as the scheduler does at this time; None: it is not due."""
    service = site.service
    assert service is not None

    async def poll() -> Attempt | None:
        async with polling(service.store, service.in_force()) as runner:
            runner.now = lambda: at
            update = await runner.submit(service.in_force().settings.sources[0])
        return update.attempt if update else None

    return asyncio.run(poll())


def follow(site: Site, paper: Newspaper, until: datetime) -> list[Attempt]:
    """Poll whenever it is due, from the start on."""
    attempts, at = [], START
    while at < until:
        paper.publish(at)
        attempt = polled(site, at)
        assert attempt is not None
        attempts.append(attempt)
        due = state(site).next_fetch_at
        assert due is not None
        assert at + HOUR <= due <= at + DAY
        at = due
    return attempts


def configured(site: Site, upstream: Upstream) -> None:
    site.configure([source("paper", upstream.url("/feed"), every="1h", timezone="Asia/Ho_Chi_Minh")])


def test_a_morning_paper_is_read_soon_after_it_comes_out_and_seldom_else(site: Site, upstream: Upstream) -> None:
    configured(site, upstream)
    paper = Newspaper(upstream)
    attempts = follow(site, paper, START + 6 * DAY)
    assert len(attempts) < 6 * 6, "a fourth of what `every` would allow"
    found = [each.at for each in attempts[1:] if each.new]
    assert len(found) >= 5
    waits = sorted(min(at - morning for morning in paper.mornings if morning <= at) for at in found)
    assert waits[len(waits) // 2] < 2 * HOUR


def test_entries_without_dates_say_how_often(site: Site, upstream: Upstream) -> None:
    configured(site, upstream)
    attempts = follow(site, Newspaper(upstream, is_dated=False), START + 4 * DAY)
    rhythm = state(site).rhythm
    assert rhythm is not None
    assert sum(rhythm.hours) == 0
    assert 4 * 3 < len(attempts) < 4 * 16
    assert max(rhythm.counts) > 3


def test_nothing_is_polled_before_it_is_due_also_after_a_restart(site: Site, upstream: Upstream) -> None:
    configured(site, upstream)
    paper = Newspaper(upstream)
    paper.publish(START)
    assert polled(site, START) is not None
    before = state(site)
    assert before.next_fetch_at is not None
    site.close()
    site.open()
    assert polled(site, before.next_fetch_at - MINUTE) is None
    assert state(site) == before
    assert len(upstream.requests) == 1


def test_the_wish_of_the_server_is_above_the_rhythm(site: Site, upstream: Upstream) -> None:
    configured(site, upstream)
    Newspaper(upstream, wish="max-age=200000").publish(START)
    assert polled(site, START) is not None
    due = state(site).next_fetch_at
    assert due is not None
    assert due >= START + timedelta(seconds=200000)


def test_old_entries_that_turn_up_later_are_no_news(site: Site, upstream: Upstream) -> None:
    configured(site, upstream)
    paper = Newspaper(upstream)
    paper.publish(START)
    polled(site, START)
    before = state(site)
    assert before.next_fetch_at is not None
    archive = (item(1000 + n, f"archive {n}", date=f"{n + 1:02d} Mar 2020 08:00:00 +0700") for n in range(25))
    # Beside what was there: in its place they would be held back.
    paper.publish(START, beside=tuple(archive))
    attempt = polled(site, before.next_fetch_at)
    assert attempt is not None
    assert attempt.new == 25
    after = state(site)
    assert after.rhythm == before.rhythm


@pytest.mark.parametrize(
    ("every", "least", "most"),
    [(timedelta(seconds=2), timedelta(seconds=2), timedelta(seconds=3)), (MINUTE, 5 * MINUTE, 3 * HOUR)],
)
def test_seconds_are_taken_at_their_word(every: timedelta, least: timedelta, most: timedelta) -> None:
    """A demonstration reads its own server so often; nobody means a publisher's."""
    own = Source(id="own", title=LocalText(by_language=()), url="http://127.0.0.1/", every=every)
    rhythm = learned(None, [Publication(at=START - DAY * n) for n in range(1, 30)], "UTC", START)
    due = next_fetch_at(own, FetchState(source_id="own", rhythm=rhythm), Freshness(), START)
    assert least <= due - START <= most
