"""Documents that look new although they cannot be: held back, and what was published before stays."""

import asyncio
import contextlib
import json
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
from click.testing import CliRunner

from feedsvc import dedup
from feedsvc.cli.main import main
from feedsvc.errors import ParseError
from feedsvc.model import (
    Arrival,
    Document,
    FetchState,
    KnownEntry,
    LocalText,
    Source,
    SourceEvent,
    SourceUpdate,
    StoredEntry,
)
from feedsvc.reading import Reading, read
from feedsvc.schedule import polling
from tests.servers.upstream import Upstream, document
from tests.site import Site, source

START = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item as a publisher's system would write it."""

    guid: str | None
    link: str | None
    title: str
    text: str
    at: datetime | None

    def __str__(self) -> str:
        parts = {"guid": self.guid, "link": self.link, "title": self.title, "description": self.text}
        said = "".join(f"<{name}>{value}</{name}>" for name, value in parts.items() if value is not None)
        date = f"<pubDate>{format_datetime(self.at)}</pubDate>" if self.at else ""
        return f"<item>{said}{date}</item>"


def written(number: int, words: int = 40) -> str:
    """Return a text unlike every other one."""
    chosen = random.Random(number)
    return " ".join(f"w{chosen.randrange(5000)}" for _ in range(words))


def made(number: int, at: datetime | None) -> Item:
    link = f"https://paper.example/news/{number}.html"
    return Item(guid=f"id-{number}", link=link, title=f"Title of number {number}", text=written(number), at=at)


def archive(
    count: int = 20, first: int = 0, newest: datetime = START - HOUR, every: timedelta = 5 * HOUR
) -> list[Item]:
    """Return the newest so many items of a source, newest first; numbers grow with time."""
    return [made(first + n, newest - every * (count - 1 - n)) for n in reversed(range(count))]


def rss(items: Sequence[Item]) -> bytes:
    head = "<?xml version='1.0'?><rss version='2.0'><channel><title>Paper</title><link>https://paper.example/</link>"
    return (head + "".join(map(str, items)) + "</channel></rss>").encode()


async def _read_here(document: Document, source: Source, marks: bytes = b"") -> Reading:
    return read(document, source, marks)


class Paper:
    """A source on loopback, polled at times of our choice."""

    def __init__(self, site: Site, upstream: Upstream, **more: Any) -> None:
        self.site, self._upstream = site, upstream
        site.configure([source("paper", upstream.url("/feed"), full_text=False, **more)])
        self.now = START
        self._loop, self._open = asyncio.Runner(), AsyncExitStack()

    def __enter__(self) -> Self:
        assert self.site.service is not None
        service = self.site.service
        self._source = service.in_force().settings.sources[0]
        self._runner = self._loop.run(self._open.enter_async_context(polling(service.store, service.in_force())))
        self._runner.now = lambda: self.now
        # Workers that outlive a loop that stands still between polls are another test's.
        self._runner.deps = replace(self._runner.deps, reader=_read_here)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._loop.run(self._open.aclose())
        self._loop.close()

    def brings(self, items: Sequence[Item], *, after: timedelta = HOUR) -> SourceUpdate:
        self._upstream.on("/feed", document(rss(items)))
        self.now += after
        return self.polled()

    def polled(self) -> SourceUpdate:
        async def poll() -> SourceUpdate | None:
            return await self._runner.submit(self._source, force=True)

        update = self._loop.run(poll())
        assert update is not None
        return update

    def release(self) -> str:
        done = CliRunner().invoke(main, ["--config", str(self.site.folder), "release", "paper"], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    @property
    def state(self) -> FetchState:
        assert self.site.service is not None
        with self.site.service.store.read() as tx:
            return tx.schedule.state("paper")

    @property
    def events(self) -> tuple[SourceEvent, ...]:
        assert self.site.service is not None
        with self.site.service.store.read() as tx:
            return tx.events.latest(100)

    def titles(self) -> set[str]:
        self.site.publish()
        return {entry.title for entry in self.site.feed("/feeds/all.rss").entries}

    def ids(self) -> set[str]:
        return {entry.id for entry in self.site.feed("/feeds/all.rss").entries}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path) as made:
        yield made


@pytest.fixture
def paper(site: Site, upstream: Upstream) -> Iterator[Paper]:
    with Paper(site, upstream) as made:
        yield made


def flipped(items: Sequence[Item]) -> list[Item]:
    return [replace(each, guid=f"tag:paper.example,2026:{each.guid}") for each in items]


def moved(items: Sequence[Item]) -> list[Item]:
    return [replace(each, link=(each.link or "").replace("paper.example", "new-paper.example")) for each in items]


def migrated(items: Sequence[Item]) -> list[Item]:
    """Another system: other guids, other addresses, markup and texts written anew; titles and times stay."""
    return [
        replace(
            each,
            guid=f"https://paper.example/?p={n}",
            link=f"https://paper.example/{n}/a-slug",
            text=f"{each.text} Read on",
        )
        for n, each in enumerate(items, start=5000)
    ]


def redated(items: Sequence[Item]) -> list[Item]:
    """The migration ran just now, and says that everything was published just now."""
    return [replace(each, at=START + HOUR) for each in moved(flipped(items))]


def one_guid(items: Sequence[Item]) -> list[Item]:
    return [replace(each, guid="the-guid") for each in items]


@pytest.mark.parametrize(
    "change",
    [flipped, moved, lambda items: moved(flipped(items)), migrated, redated, one_guid, lambda i: moved(one_guid(i))],
)
def test_what_links_times_and_texts_explain_is_the_same_entry(
    paper: Paper, change: Callable[[Sequence[Item]], list[Item]]
) -> None:
    items = archive()
    paper.brings(items)
    paper.site.publish()
    before, known = paper.ids(), paper.titles()
    assert len(before) == len(known) == 20
    update = paper.brings(change(items), after=2 * HOUR)
    assert (update.attempt.new, update.state.held) == (0, None)
    assert (paper.titles(), paper.ids()) == (known, before)
    # They are known by both names from now on, and what is new comes as always.
    fresh = made(900, paper.now)
    update = paper.brings([*change([fresh]), *change(items)])
    assert (update.attempt.new, update.attempt.changed) == (1, 0)


def test_another_sites_content_is_held_and_published_only_when_released(paper: Paper) -> None:
    items = archive()
    paper.brings(items)
    known = paper.titles()
    other = [
        replace(each, link=f"https://casino.example/{n}", title=f"Win {n}")
        for n, each in enumerate(archive(first=700, newest=START - DAY))
    ]
    held = paper.brings(other)
    assert (held.attempt.outcome, held.attempt.new) == ("held", 0)
    assert held.attempt.error is not None
    assert held.attempt.error.startswith("20 of 20 entries are unknown, and older than what was read last")
    assert paper.titles() == known
    assert [event.kind for event in paper.events] == ["held"]
    assert paper.state.last_success_at == START + HOUR
    # Nobody asks it again by himself; who insists sees the same.
    service = paper.site.service
    assert service is not None
    with service.store.read() as tx:
        assert tx.schedule.due(["paper"], paper.now + 40 * DAY, 5) == ()
    assert paper.brings(other).attempt.outcome == "held"

    looked = CliRunner().invoke(main, ["--config", str(paper.site.folder), "preview", "--force", "--json", "paper"])
    assert [entry["fate"] for entry in json.loads(looked.stdout)["entries"]] == ["announced"] * 20
    paper.release()
    again = paper.brings(other)
    assert (again.attempt.outcome, again.attempt.new, again.state.held) == ("changed", 20, None)
    assert len(paper.titles()) == 40
    assert [event.kind for event in paper.events] == ["released", "held"]
    assert paper.brings(other).attempt.outcome == "unchanged"


def test_what_is_released_is_announced_no_further_than_a_first_poll(site: Site, upstream: Upstream) -> None:
    with Paper(site, upstream, backfill=3) as paper:
        paper.brings(archive())
        other = archive(first=700, newest=START - DAY)
        assert paper.brings(other).state.held
        assert "at most 3 will be announced" in paper.release()
        assert paper.brings(other).attempt.new == 20
        assert len(paper.titles()) == 6
        assert [change.kind for change in site.changes()] == ["new"] * 6


def test_a_publisher_that_comes_to_itself_is_read_again_when_somebody_insists(paper: Paper) -> None:
    items = archive()
    paper.brings(items)
    assert paper.brings(archive(first=700, newest=START - DAY)).state.held
    assert paper.brings(items).state.held is None
    assert [event.kind for event in paper.events] == ["released", "held"]


def test_who_releases_twice_is_asked_no_third_time(paper: Paper) -> None:
    """A feed of entries drawn from an archive looks like that at every poll."""
    paper.brings(archive())
    held = 0
    for drawn in range(1, 6):
        if paper.brings(archive(first=1000 * drawn, newest=START - 400 * DAY)).state.held:
            held += 1
            paper.release()
            paper.polled()
    assert held == 2


@pytest.mark.parametrize("gap", [HOUR, 14 * DAY])
def test_a_feed_that_rolled_over_is_read(paper: Paper, gap: timedelta) -> None:
    for day in range(6):
        at = paper.now + gap
        update = paper.brings(archive(first=100 * day, newest=at, every=gap / 40), after=gap)
        assert (update.attempt.outcome, update.attempt.new) == ("changed", 20)


def test_a_feed_that_a_cache_kept_back_for_a_day_is_read(paper: Paper) -> None:
    items = archive(every=HOUR / 2)
    paper.brings(items)
    paper.brings(items, after=DAY)
    late = archive(first=100, newest=paper.now - 2 * HOUR, every=HOUR / 2)
    assert paper.brings(late).attempt.new == 20


def test_days_without_hours_are_over_when_they_end(paper: Paper) -> None:
    today = datetime(2026, 11, 2, tzinfo=UTC)
    for poll in range(5):
        update = paper.brings([replace(each, at=today) for each in archive(first=100 * poll)])
        assert update.attempt.new == 20


def test_a_document_that_holds_more_than_before_is_read(paper: Paper) -> None:
    everything = archive(60)
    paper.brings(everything[:10])
    assert paper.brings(everything).attempt.new == 50


def test_few_entries_are_never_held(paper: Paper) -> None:
    paper.brings(archive(4))
    assert paper.brings(archive(4, first=700, newest=START - DAY)).attempt.new == 4


def undated(items: Sequence[Item]) -> list[Item]:
    return [replace(each, at=None) for each in items]


def test_undated_feeds_are_held_only_when_all_is_strange(paper: Paper) -> None:
    stock = undated(archive(60))
    for n in range(12):
        assert paper.brings(stock[40 - n : 60 - n], after=12 * HOUR).attempt.outcome == "changed"
    # All at once, as after a long pause of ours.
    batch = undated(archive(20, first=300))
    assert paper.brings(batch).attempt.new == 20
    assert paper.brings(moved(flipped(batch))).attempt.new == 0, "the texts say what they are"
    strangers = [
        replace(each, link=f"https://casino.example/{n}") for n, each in enumerate(undated(archive(first=800)))
    ]
    assert paper.brings(strangers).attempt.outcome == "held"


def test_a_fast_feed_without_dates_is_read(paper: Paper) -> None:
    for poll in range(10):
        items = [replace(each, link=None, guid=None) for each in undated(archive(first=100 * poll))]
        assert paper.brings(items).attempt.outcome == "changed"


def test_templates_are_not_taken_for_each_other(paper: Paper) -> None:
    """Each morning ten short reports under yesterday's titles and addresses of the day: all are new."""
    for day in range(4):
        at = START + DAY * day
        reports = [
            Item(
                guid=f"{day}-{n}",
                link=f"https://paper.example/{at:%Y/%m/%d}/{n}",
                title=f"Thời tiết tỉnh {n}",
                text=f"Nhiệt độ {20 + (day * 7 + n) % 12} độ, trời có mây",
                at=at,
            )
            for n in range(10)
        ]
        assert paper.brings(reports, after=DAY).attempt.new == 10


def stored(arrivals: Sequence[Arrival]) -> list[StoredEntry]:
    return [
        StoredEntry(
            known=KnownEntry(id=at, keys=each.keys, story_id=None, fingerprint=each.fingerprint), entry=each.entry
        )
        for at, each in enumerate(arrivals)
    ]


@pytest.mark.shared
def test_real_feeds_are_known_after_a_move_and_never_taken_for_others(shared: Path) -> None:
    """Every guid, host and path is another: of 4,397 entries 98 % are recognised, none as another one.

    The others have neither text nor date.
    """
    place = Source(id="a", title=LocalText(by_language=(("", "A"),)), url="https://a.example/feed")
    feeds = []
    for path in sorted((shared / "feeds").iterdir()):
        came = Document(url=place.url, status=200, body=path.read_bytes(), content_type=None, fetched_at=START)
        with contextlib.suppress(ParseError):
            feeds.append(read(came, place).arrivals)
    total = known = 0
    for feed, other in zip(feeds, [*feeds[1:], feeds[0]], strict=True):
        moved_away = [
            replace(each.entry, guid=f"new-{at}", link=f"https://moved.example/p/{at}/x", canonical_link=None)
            for at, each in enumerate(feed)
        ]
        found = dedup.reissued(dict(enumerate(dedup.arrivals(moved_away))), stored(feed))
        assert all(each.known.id == at for at, (_, each) in found.items())
        total, known = total + len(feed), known + len(found)
        half = len(feed) // 2
        assert not dedup.reissued(dict(enumerate(feed[:half])), stored(feed[half:]))
        assert not dedup.reissued(dict(enumerate(other)), stored(feed))
    assert total > 4000
    assert known > 0.97 * total
