"""A poll that reads only what is not as it stood in the last document decides as one that reads everything."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, Self
from unittest.mock import patch
from uuid import UUID

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from feedsvc.model import Document, LocalText, Source, SourceUpdate
from feedsvc.reading import Reading, read
from feedsvc.schedule import polling
from tests.servers.upstream import Upstream
from tests.site import Site, source

START = datetime(2026, 11, 22, 6, tzinfo=UTC)
HERE = Source(id="a", title=LocalText(by_language=()), url="https://example.org/feed.xml")
WORDS = ("lò", "nung", "gốm", "bên", "sông", "chạy", "điện", "thay", "cho", "than", "đá", "đã", "đỏ", "lửa", "suốt")


@dataclass(frozen=True)
class Item:
    """Small numbers, so that guids, links and titles are shared, swapped and changed."""

    guid: int | None
    link: int | None
    title: int | None
    text: int
    day: int | None = None

    def __str__(self) -> str:
        words = " ".join(WORDS[(self.text * 7 + n * (1 + self.text)) % len(WORDS)] for n in range(40))
        parts = [
            f"<guid isPermaLink='false'>g{self.guid}</guid>" if self.guid is not None else "",
            f"<link>https://example.org/{self.link or ''}</link>" if self.link is not None else "",
            f"<title>Tin {self.title}</title>" if self.title is not None else "",
            f"<pubDate>{self.day:02} Nov 2026 05:00:00 GMT</pubDate>" if self.day is not None else "",
        ]
        return f"<item>{''.join(parts)}<description>&lt;p>{words} {self.text}&lt;/p></description></item>"


def rss(items: Sequence[Item], *, more: str = "", end: str = "</channel></rss>") -> bytes:
    head = f"<?xml version='1.0'?><rss version='2.0'><channel><title>A</title><link>https://example.org/</link>{more}"
    return (head + "".join(map(str, items)) + end).encode()


def document(body: bytes) -> Document:
    return Document(url=HERE.url, status=200, body=body, content_type=None, fetched_at=START)


def numbered(many: int, text: int = 0) -> list[Item]:
    return [Item(guid=n, link=n + 1, title=n, text=text + n, day=1 + n) for n in range(many)]


class TestRead:
    def test_only_what_is_new_or_other_is_read(self) -> None:
        before = read(document(rss(numbered(5))), HERE)
        edited = [replace(numbered(5)[0], text=9), *numbered(6)[1:]]
        after = read(document(rss(edited)), HERE, before.marks or b"")
        assert [each.is_brief for each in after.arrivals] == [False, True, True, True, True, False]
        assert [each.entry.content or each.entry.summary for each in after.arrivals][1:5] == [None] * 4

    def test_the_same_document_leaves_the_same_marks(self) -> None:
        before = read(document(rss(numbered(5))), HERE)
        assert before.marks
        assert read(document(rss(numbered(5))), HERE, before.marks).marks is None

    @pytest.mark.parametrize("other", [replace(HERE, language="en"), replace(HERE, url="https://example.net/x")])
    def test_what_a_source_is_read_by_counts(self, other: Source) -> None:
        plain = rss(numbered(2)).replace(b"<link>https://example.org/</link>", b"")
        marks = read(document(plain), HERE).marks or b""
        assert not any(each.is_brief for each in read(document(plain), other, marks).arrivals)

    def test_the_language_and_home_of_the_feed_count(self) -> None:
        marks = read(document(rss(numbered(2))), HERE).marks or b""
        french = read(document(rss(numbered(2), more="<language>fr</language>")), HERE, marks)
        moved = read(document(rss(numbered(2)).replace(b"example.org/</link>", b"other.org/</link>", 1)), HERE, marks)
        assert not any(each.is_brief for each in (*french.arrivals, *moved.arrivals))

    def test_entries_without_names_of_their_own_are_read(self) -> None:
        items = [Item(None, 1, 1, 1), Item(1, None, 2, 2), Item(2, 2, None, 3), Item(3, 0, 3, 4)]
        marks = read(document(rss(items)), HERE).marks or b""
        assert not any(each.is_brief for each in read(document(rss(items)), HERE, marks).arrivals)

    def test_marks_that_are_cut_or_foreign_do_no_harm(self) -> None:
        body = rss(numbered(3))
        whole = read(document(body), HERE)
        for marks in (b"x", b"\0" * 48, (whole.marks or b"")[:50]):
            assert [each.keys for each in read(document(body), HERE, marks).arrivals] == [
                a.keys for a in whole.arrivals
            ]


numbers = st.one_of(st.none(), st.integers(0, 3))
items = st.builds(
    Item, guid=numbers, link=numbers, title=numbers, text=st.integers(0, 3), day=numbers.map(lambda n: n and n + 1)
)


@given(st.lists(st.lists(items, max_size=6), min_size=2, max_size=4))
def test_arrivals_have_the_same_names_in_the_same_order(documents: list[list[Item]]) -> None:
    marks = b""
    for each in documents:
        body = document(rss(each))
        briefly, whole = read(body, HERE, marks), read(body, HERE)
        assert [(a.keys, a.link_keys) for a in briefly.arrivals] == [(a.keys, a.link_keys) for a in whole.arrivals]
        hashes = [[a.fingerprint.content_hash for a in reading.arrivals] for reading in (briefly, whole)]
        assert hashes[0] == hashes[1]
        marks = briefly.marks if briefly.marks is not None else marks


class Paper:
    """A source on loopback, polled at times of our choice."""

    def __init__(self, folder: Path, upstream: Upstream, *, brief: bool) -> None:
        self.site, self._upstream, self._brief = Site(folder), upstream, brief
        self.site.configure([source("paper", upstream.url("/feed"), full_text=False)])
        self.now, self.read, self._ids = START, 0, count(1)
        self._loop, self._open = asyncio.Runner(), AsyncExitStack()

    def __enter__(self) -> Self:
        assert self.site.service is not None
        service = self.site.service
        self._source = service.in_force().settings.sources[0]
        self._runner = self._loop.run(self._open.enter_async_context(polling(service.store, service.in_force())))
        self._runner.now = lambda: self.now
        self._runner.deps = replace(self._runner.deps, reader=self._read_here)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.run(self._open.aclose())
        self._loop.close()
        self.site.close()

    async def _read_here(self, document: Document, source: Source, marks: bytes = b"") -> Reading:
        reading = read(document, source, marks if self._brief else b"")
        self.read += sum(not each.is_brief for each in reading.arrivals)
        return reading

    def brings(self, body: bytes) -> SourceUpdate:
        self._upstream.serve("/feed", body)
        self.now += timedelta(hours=1)

        async def poll() -> SourceUpdate | None:
            return await self._runner.submit(self._source, force=True)

        # Among stories of one moment the id decides, and so what two polls come to.
        with patch("feedsvc.update.deciding.uuid4", lambda: UUID(int=next(self._ids))):
            update = self._loop.run(poll())
        assert update is not None
        return update

    def said(self) -> list[str]:
        """Return the change log with its stories, but for their ids, and for their order, which follows from these."""
        assert self.site.service is not None
        with self.site.service.store.read() as tx:
            changes = tx.changes.since(0, 100_000)
            stories = tx.stories.get({change.story_id for change in changes})
        shown = [(c, stories[c.story_id]) for c in changes if c.story_id in stories]
        return sorted(
            repr((c.kind, c.reason, c.at, [replace(a, entry_id=0) for a in story.appearances])) for c, story in shown
        )


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream() as made:
        yield made


def outcome(update: SourceUpdate) -> Any:
    kept = replace(update.attempt, seconds=0.0)
    return kept, [(c.verdict.kind, c.arrival.keys) for c in update.changes], replace(update.state, etag=None)


complete = "<fh:complete xmlns:fh='http://purl.org/syndication/history/1.0'/>"
documents = st.builds(
    rss,
    st.lists(items, min_size=1, max_size=6),
    more=st.sampled_from(["", complete]),
    end=st.sampled_from(["</channel></rss>", ""]),
)


@settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.lists(documents, min_size=2, max_size=5))
@example([rss(numbered(5)), rss(numbered(5)[1:], more=complete), rss(numbered(5), more=complete), rss(numbered(6))])
@example([rss(numbered(5)), rss(numbered(5, text=1)[:4], end=""), rss(numbered(5, text=1)), rss(numbered(5, text=1))])
def test_a_poll_decides_the_same(
    tmp_path_factory: pytest.TempPathFactory, upstream: Upstream, bodies: list[bytes]
) -> None:
    folder = tmp_path_factory.mktemp("papers")
    with (
        Paper(folder / "brief", upstream, brief=True) as brief,
        Paper(folder / "whole", upstream, brief=False) as whole,
    ):
        for body in bodies:
            assert outcome(brief.brings(body)) == outcome(whole.brings(body))
            assert brief.said() == whole.said()


def test_a_poll_reads_what_is_new(tmp_path: Path, upstream: Upstream) -> None:
    with Paper(tmp_path, upstream, brief=True) as paper:
        paper.brings(rss(numbered(8)))
        assert paper.read == 8
        update = paper.brings(rss([Item(90, 91, 92, 3), *numbered(7)]))
        assert paper.read == 9
        assert (update.attempt.entries, update.attempt.new, update.attempt.changed) == (8, 1, 0)
        assert paper.brings(rss(numbered(7))).attempt.outcome == "unchanged"


def test_what_another_poll_or_push_stored_since_has_the_document_read_in_full(
    tmp_path: Path, upstream: Upstream
) -> None:
    with Paper(tmp_path, upstream, brief=True) as paper:
        paper.brings(rss(numbered(5)))
        assert paper.site.service is not None
        with paper.site.service.store.write() as tx:
            marks = tx.last_documents.marks("paper")
        paper.brings(rss(numbered(5, text=1)))
        with paper.site.service.store.write() as tx:
            tx.last_documents.keep("paper", marks)
        update = paper.brings(rss(numbered(5)))
        assert update.attempt.changed == 5
