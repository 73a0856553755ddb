"""From upstream's bytes to published documents, over HTTP, on both databases."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from feedsvc.model import Attempt
from tests.servers.upstream import Received, Upstream, answer, document, hang_up
from tests.site import FEEDSVC, Site, source


def item(number: int, title: str, *, text: str = "", date: str = "") -> str:
    """One RSS item; its text differs from every other item's unless given."""
    described = text or " ".join(f"{title} word{number}x{index}" for index in range(60))
    day = date or f"{number + 1:02d} Mar 2026 08:00:00 +0700"
    return (
        f"<item><guid isPermaLink='false'>id-{number}</guid><title>{title}</title><pubDate>{day}</pubDate>"
        f"<link>https://paper.example/news/{number}.html</link><description>{described}</description></item>"
    )


def rss(*items: str) -> bytes:
    head = "<?xml version='1.0'?><rss version='2.0'><channel><title>Paper</title><link>https://paper.example/</link>"
    return (head + "".join(items) + "</channel></rss>").encode()


@pytest.fixture
def site(tmp_path: Path, store_url: str) -> Iterator[Site]:
    with Site(tmp_path, store_url) as made:
        yield made


def kinds(site: Site) -> list[str]:
    return [change.kind for change in site.changes()]


def titles(site: Site, path: str) -> list[str]:
    return [entry.title for entry in site.feed(path).entries]


def test_an_entry_travels_from_its_source_to_every_document_it_belongs_to(site: Site, upstream: Upstream) -> None:
    url = upstream.serve("/paper.rss", rss(item(1, "Standards for exports", text="The new standard is out. " * 20)))
    categories: list[dict[str, Any]] = [
        {"id": "quality", "title": {"vi": "Chất lượng", "en": "Quality"}, "match": "title:standards"},
        {"id": "trade", "title": "Trade", "match": "text:tariffs"},
    ]
    tags = [{"id": "norms", "title": "Norms", "match": '"new standard"'}]
    site.configure([source("paper", url, language="en")], categories, tags)
    update = site.poll()["paper"]
    assert (update.attempt.outcome, update.attempt.new) == ("changed", 1)
    assert [filed.reason for filed in update.changes[0].filing.categories] != [""]  # type: ignore[union-attr]

    holding = [
        "all",
        "all/en",
        "category/quality",
        "category/quality/en",
        "tag/norms",
        "source/paper",
        "source/paper/en",
    ]
    for place in holding:
        for format in ("rss", "atom"):
            entry = site.feed(f"/feeds/{place}.{format}").entries[0]
            assert (entry.title, entry.link) == ("Standards for exports", "https://paper.example/news/1.html")
            assert entry.published_parsed[:5] == (2026, 3, 2, 1, 0)
        found = json.loads(site.body(f"/feeds/{place}.json"))["items"][0]
        assert (found["title"], found["url"]) == ("Standards for exports", "https://paper.example/news/1.html")
        assert found["id"] == entry.id == update.changes[0].story_id.urn  # type: ignore[union-attr]
    for place in ("all/vi", "category/trade", "category/quality/vi"):
        assert titles(site, f"/feeds/{place}.atom") == []


def test_polling_what_has_not_changed_changes_no_byte(site: Site, upstream: Upstream) -> None:
    body = rss(item(1, "First"), item(2, "Second"))
    url = upstream.serve("/paper.rss", body, etag='"v1"')
    site.configure([source("paper", url)]).poll()
    before, log = site.bodies(), site.changes()

    assert site.poll()["paper"].attempt.outcome == "not-modified"
    upstream.serve("/paper.rss", body)
    assert site.poll()["paper"].attempt.outcome == "unchanged"
    upstream.serve("/paper.rss", body.replace(b"<channel>", b"<channel><ttl>30</ttl>"))
    assert site.poll()["paper"].attempt.outcome == "unchanged"
    site.close()
    site.open().publish()
    assert site.bodies() == before
    assert site.changes() == log


def test_an_edit_is_an_update_and_moves_the_date_only_when_words_changed(site: Site, upstream: Upstream) -> None:
    url = upstream.serve("/paper.rss", rss(item(1, "First"), item(2, "Second")))
    site.configure([source("paper", url)]).poll()
    first = site.feed("/feeds/all.atom").entries

    upstream.serve(
        "/paper.rss", rss(item(1, "First").replace("<guid", "<category>News</category><guid"), item(2, "Second"))
    )
    assert site.poll()["paper"].attempt.changed == 1
    relabelled = site.feed("/feeds/all.atom").entries
    assert [entry.updated for entry in relabelled] == [entry.updated for entry in first]

    upstream.serve("/paper.rss", rss(item(1, "First, corrected"), item(2, "Second")))
    site.poll()
    corrected = site.feed("/feeds/all.atom").entries
    assert kinds(site) == ["new", "new", "updated", "updated"]
    assert [entry.id for entry in corrected] == [entry.id for entry in first]
    assert {entry.title for entry in corrected} == {"First, corrected", "Second"}
    moved = [after.id for before, after in zip(first, corrected, strict=True) if before.updated != after.updated]
    assert moved == [entry.id for entry in corrected if entry.title == "First, corrected"]


def test_the_same_article_in_twenty_sources_polled_at_once_is_one_story(site: Site, upstream: Upstream) -> None:
    text = " ".join(f"tiêu chuẩn chất lượng {index}" for index in range(120))
    sources = []
    for number in range(20):
        copy = item(7, f"Hàng Việt Nam đạt chuẩn {number}", text=text).replace(
            "paper.example", f"paper{number}.example"
        )
        sources.append(source(f"paper-{number}", upstream.serve(f"/{number}.rss", rss(copy))))
    site.configure(sources)
    updates = site.poll()
    assert len(updates) == 20
    assert kinds(site).count("new") == 1
    assert len(site.feed("/feeds/all.rss").entries) == 1
    also = json.loads(site.body("/feeds/all.json"))["items"][0]["_feedsvc"]["sources"]
    assert len(also) == 20
    for number in range(20):
        assert len(site.feed(f"/feeds/source/paper-{number}.rss").entries) == 1


def test_one_broken_source_never_stops_the_others_and_keeps_its_stories(site: Site, upstream: Upstream) -> None:
    good = upstream.serve("/good.rss", rss(item(1, "Good")))
    bad = upstream.serve("/bad.rss", rss(item(2, "Was here")))
    site.configure(
        [source("good", good), source("bad", bad), source("page", upstream.serve("/page", b"<html></html>"))]
    )
    site.poll()
    upstream.on("/bad.rss", hang_up())
    updates = site.poll("bad", "page")
    assert updates["bad"].attempt.outcome == updates["page"].attempt.outcome == "failed"
    assert updates["bad"].state.failures == 1
    assert "HTML" in (updates["page"].attempt.error or "")
    assert set(titles(site, "/feeds/all.rss")) == {"Good", "Was here"}
    upstream.on("/bad.rss", answer(410))
    gone = site.poll("bad")["bad"]
    assert (gone.attempt.outcome, gone.attempt.status) == ("gone", 410)
    assert gone.state.disabled


def test_a_malformed_document_adds_but_never_overwrites(site: Site, upstream: Upstream) -> None:
    url = upstream.serve("/paper.rss", rss(item(1, "Whole title")))
    site.configure([source("paper", url)]).poll()
    cut = rss(item(2, "Fresh"), item(1, "Cut"))[:-60]
    upstream.serve("/paper.rss", cut)
    attempt = site.poll()["paper"].attempt
    assert (attempt.new, attempt.changed) == (1, 0)
    assert "malformed" in (attempt.error or "")
    assert set(titles(site, "/feeds/all.rss")) == {"Whole title", "Fresh"}


def test_the_first_poll_announces_the_newest_and_files_the_rest(site: Site, upstream: Upstream) -> None:
    url = upstream.serve("/paper.rss", rss(*(item(n, f"Number {n}") for n in range(5))))
    site.configure([source("paper", url, backfill=2)]).poll()
    assert titles(site, "/feeds/all.rss") == ["Number 4", "Number 3"]
    upstream.serve("/paper.rss", rss(*(item(n, f"Number {n}") for n in range(6))))
    assert site.poll()["paper"].attempt.new == 1
    assert titles(site, "/feeds/all.rss") == ["Number 5", "Number 4", "Number 3"]


def test_what_a_source_skips_is_recorded_and_not_published(site: Site, upstream: Upstream) -> None:
    url = upstream.serve("/paper.rss", rss(item(1, "Lottery results"), item(2, "News")))
    site.configure([source("paper", url, skip="title:lottery")]).poll()
    assert titles(site, "/feeds/source/paper.rss") == ["News"]
    assert site.poll()["paper"].attempt.new == 0


def test_an_empty_category_is_a_valid_empty_document_and_a_closed_one_leaves(site: Site, upstream: Upstream) -> None:
    url = upstream.serve("/paper.rss", rss(item(1, "News")))
    categories = [{"id": "empty", "title": "Empty"}, {"id": "full", "title": "Full", "match": "news"}]
    site.configure([source("paper", url)], categories).poll()
    for format in ("rss", "atom"):
        parsed = site.feed(f"/feeds/category/empty.{format}")
        assert (parsed.bozo, parsed.entries) == (0, [])
    assert json.loads(site.body("/feeds/category/empty.json"))["items"] == []
    before = site.feed("/feeds/category/full.atom")

    renamed: list[dict[str, Any]] = [{"id": "all-news", "title": "Full", "match": "news", "was": ["full"]}]
    site.configure([source("paper", url)], renamed).publish()
    assert not any("/category/empty" in path or "/category/full" in path for path in site.bodies())
    after = site.feed("/feeds/category/all-news.atom")
    assert (after.feed.id, [e.id for e in after.entries]) == (before.feed.id, [e.id for e in before.entries])


def test_a_renamed_source_carries_its_entries_over(site: Site, upstream: Upstream) -> None:
    url = upstream.serve("/paper.rss", rss(item(1, "News")))
    site.configure([source("paper", url)]).poll()
    site.configure([source("daily", url, was=["paper"])])
    assert site.poll()["daily"].attempt.new == 0
    assert titles(site, "/feeds/source/daily.rss") == ["News"]
    assert kinds(site).count("new") == 1


def test_a_regional_language_is_in_the_feeds_of_its_language(site: Site, upstream: Upstream) -> None:
    body = rss(item(1, "News")).replace(b"<channel>", b"<channel><language>en-gb</language>")
    site.configure([source("paper", upstream.serve("/paper.rss", body))]).poll()
    assert titles(site, "/feeds/all/en.rss") == ["News"]
    assert titles(site, "/feeds/all/vi.rss") == []


def test_another_guid_is_kept_so_that_a_later_link_is_known_too(site: Site, upstream: Upstream) -> None:
    first = item(1, "News")
    again = first.replace("id-1", "https://paper.example/?p=1")
    moved = again.replace("news/1.html", "archive/1.html")
    url = upstream.serve("/paper.rss", rss(first))
    site.configure([source("paper", url)]).poll()
    for body in (rss(again), rss(moved)):
        upstream.serve("/paper.rss", body)
        assert site.poll()["paper"].attempt.new == 0
    assert kinds(site) == ["new", "updated"]


def test_another_address_of_a_source_is_asked_anew(site: Site, upstream: Upstream) -> None:
    old = upstream.serve("/old.rss", rss(item(1, "Old")), etag='"same"')
    new = upstream.serve("/new.rss", rss(item(2, "New")), etag='"same"')
    site.configure([source("paper", old)]).poll()
    upstream.on("/old.rss", answer(410))
    assert site.poll()["paper"].state.disabled
    site.configure([source("paper", new)])
    assert site.poll()["paper"].attempt.outcome == "changed"
    assert upstream.asked("/new.rss")[0].header("If-None-Match") is None
    assert set(titles(site, "/feeds/all.rss")) == {"Old", "New"}


def test_a_source_that_left_is_shown_by_its_headlines(site: Site, upstream: Upstream) -> None:
    url = upstream.serve("/paper.rss", rss(item(1, "News", text="Every word of it.")))
    site.configure([source("paper", url)]).poll()
    assert b"Every word of it." in site.body("/feeds/all.atom")
    site.configure([]).publish()
    assert titles(site, "/feeds/all.atom") == ["News"]
    assert b"Every word of it." not in b"".join(site.bodies().values())


def test_how_often_a_source_is_read_is_in_no_document(site: Site, upstream: Upstream) -> None:
    url = upstream.serve("/paper.rss", rss(item(1, "News")))
    site.configure([source("paper", url)]).poll()
    before = site.bodies()
    assert site.configure([source("paper", url, every="2h")]).publish() == ()
    assert site.bodies() == before


def test_a_language_that_left_the_site_leaves_no_documents(site: Site, upstream: Upstream) -> None:
    url = upstream.serve("/paper.rss", rss(item(1, "News")))
    site.configure([source("paper", url, language="en")]).poll()
    assert "/feeds/all/en.rss" in site.bodies()
    site.configure([source("paper", url)], site={**FEEDSVC["site"], "languages": ["vi"]}).publish()
    assert [path for path in site.bodies() if "/en." in path] == []
    assert titles(site, "/feeds/all.rss") == ["News"]


@pytest.fixture
def other(tmp_path: Path, store_url: str) -> Iterator[Site]:
    """Another process on the same store."""
    with Site(tmp_path, store_url) as made:
        yield made


#: takes the document that is to come; what it returns lets it come, and waits for the end of the poll
PolledLate = Callable[[bytes], Callable[[], Attempt]]


@pytest.fixture
def polled_late(site: Site, upstream: Upstream) -> PolledLate:
    """Begins a poll of the only source, `paper`."""

    def begin(body: bytes) -> Callable[[], Attempt]:
        go_on, late = threading.Event(), document(body)

        async def wait(request: Received, writer: asyncio.StreamWriter) -> bool:
            await asyncio.to_thread(go_on.wait, 30)
            return await late(request, writer)

        before = len(upstream.asked("/paper.rss"))
        upstream.on("/paper.rss", wait)
        polling = ThreadPoolExecutor(1).submit(site.poll)
        while len(upstream.asked("/paper.rss")) == before and not polling.done():
            time.sleep(0.01)
        upstream.on("/paper.rss", late)

        def end() -> Attempt:
            go_on.set()
            return polling.result()["paper"].attempt

        return end

    return begin


def test_a_source_renamed_while_it_is_polled_is_not_stored_under_its_old_name(
    site: Site, other: Site, upstream: Upstream, polled_late: PolledLate
) -> None:
    url = upstream.serve("/paper.rss", rss(item(1, "News")))
    site.configure([source("paper", url)]).poll()
    ended = polled_late(rss(item(1, "News"), item(2, "More")))
    other.configure([source("daily", url, was=["paper"])])
    assert ended().outcome == "skipped"
    assert other.poll()["daily"].attempt.new == 1
    assert titles(other, "/feeds/source/daily.rss") == ["More", "News"]
    assert kinds(other) == ["new", "new"]


@pytest.mark.parametrize("was", [["old"], []], ids=["renamed", "removed"])
def test_what_is_polled_while_a_category_and_a_tag_leave_is_filed_by_their_new_names(
    site: Site, other: Site, upstream: Upstream, polled_late: PolledLate, was: list[str]
) -> None:
    def labels(id: str, was: list[str]) -> list[dict[str, Any]]:
        return [{"id": id, "title": id, "match": "word1x1 OR word2x1", "was": was}]

    def named(id: str, was: list[str]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        by_tag: dict[str, Any] = {"id": f"of-{id}", "title": id, "match": f"tag:{id}", "was": [f"of-{w}" for w in was]}
        return [*labels(id, was), by_tag], labels(id, was)

    url = upstream.serve("/paper.rss", rss(item(1, "News")))
    site.configure([source("paper", url)], *named("old", [])).poll()
    ended = polled_late(rss(item(1, "News"), item(2, "More")))
    other.configure([source("paper", url)], *named("new", was))
    attempt = ended()
    assert (attempt.outcome, attempt.new) == ("skipped", 0)
    assert other.service is not None
    with other.service.store.read() as tx:
        assert tx.schedule.holders() == set()
        listed = {(each.kind, each.id) for each in tx.listings.all()}
        assert {kind for kind, id in listed if id == "old"} == (set() if was else {"category", "tag"})
    assert other.poll()["paper"].attempt.new == 1
    stays = ["News"] if was else []
    for place in ("category/new", "category/of-new", "tag/new"):
        assert titles(other, f"/feeds/{place}.rss") == ["More", *stays]
    assert titles(other, "/feeds/all.rss") == ["More", "News"]
    with other.service.store.read() as tx:
        assert {(each.kind, each.id) for each in tx.listings.all()} == listed
        assert tx.stories.counts("category") == {
            **({} if was else {"old": 1, "of-old": 1}),
            "new": 1 + len(was),
            "of-new": 1 + len(was),
        }


def test_a_first_document_without_entries_is_no_first_poll(site: Site, upstream: Upstream) -> None:
    url = upstream.serve("/paper.rss", rss())
    site.configure([source("paper", url, backfill=1)]).poll()
    upstream.serve("/paper.rss", rss(*(item(number, f"Number {number}") for number in range(4))))
    site.poll()
    assert titles(site, "/feeds/all.rss") == ["Number 3"]
