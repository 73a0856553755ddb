"""What became of an article: each outcome with its reason, as facts and in words."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner, Result

from feedsvc.addresses import feed_path
from feedsvc.cli.why import why
from feedsvc.engine.local import utc_now
from feedsvc.model import ListKind
from tests.servers.upstream import Upstream, answer
from tests.site import Site, source
from tests.test_pipeline import item, rss

CATEGORIES = [
    {"id": "quality", "title": "Quality", "match": 'title:"chất lượng"'},
    {"id": "trade", "title": "Trade", "match": "title:export"},
]
TEXT = " ".join(f"the new standard for fish sauce {index}" for index in range(60))
COMPLETE = b"<channel><fh:complete xmlns:fh='http://purl.org/syndication/history/1.0'/>"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path) as made:
        yield made


@pytest.fixture
def any_site(tmp_path: Path, store_url: str) -> Iterator[Site]:
    """On both databases."""
    with Site(tmp_path, store_url) as made:
        yield made


def run(site: Site, *words: str) -> Result:
    result = CliRunner().invoke(why, list(words), obj=site.folder)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def facts(site: Site, article: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(site, article, "--json").stdout)
    return found


def words(site: Site, article: str) -> str:
    """Return what people read, on one line."""
    return " ".join(run(site, article).stdout.split())


def test_every_outcome_of_an_article(any_site: Site, upstream: Upstream) -> None:
    site = any_site
    first = upstream.serve("/first.rss", rss(item(1, "Fish sauce", text=TEXT), item(2, "Old"), item(3, "Advert now")))
    copy = item(7, "Sauce elsewhere", text=TEXT).replace("paper.example", "copy.example")
    second = upstream.serve("/second.rss", rss(copy, *(item(n, f"Export {n}") for n in range(20, 25))))
    sources = [
        source("first", first, skip="title:advert", backfill=1, policy={}),
        source("second", second, rank=-1),
    ]
    site.configure(sources, CATEGORIES)
    upstream.serve("/first.rss", rss(item(1, "Fish sauce", text=TEXT, date="30 Mar 2026 08:00:00 +0700")))
    site.poll("first")
    site.poll("second")

    found = facts(site, "http://www.copy.example/news/7.html?utm_source=x")
    (story,) = found["stories"]
    assert (found["outcome"], story["title"]) == ("announced", "Fish sauce")
    assert [(entry["source"], entry["leads"], entry["is_asked"]) for entry in story["entries"]] == [
        ("first", True, False),
        ("second", False, True),
    ]
    assert story["entries"][1]["evidence"]["kind"] == "text"
    assert story["announced"] == 1
    assert (story["categories"], story["other_categories"]) == ([], ["quality", "trade"])
    assert (story["shows"]["source"], story["shows"]["republish"]) == ("first", "excerpt")
    said = words(site, "https://copy.example/news/7.html")
    assert "merged into this story, which first leads" in said
    assert "100% of the" in said
    assert "more is not licensed by first" in said
    for asked in (story["id"], f"urn:uuid:{story['id']}", f"https://news.example.org/story/{story['id']}"):
        assert [each["id"] for each in facts(site, asked)["stories"]] == [story["id"]]

    upstream.serve("/first.rss", rss(item(3, "Advert now"), item(1, "Fish sauce", text=TEXT)))
    site.poll("first")
    assert facts(site, "https://paper.example/news/3.html")["outcome"] == "skipped"
    assert "seen, but not published: skip matched title: “Advert”" in words(site, "https://paper.example/news/3.html")

    upstream.serve("/second.rss", rss(*(item(n, f"Export {n}") for n in range(20, 25))).replace(b"<channel>", COMPLETE))
    site.poll("second")
    upstream.serve("/second.rss", rss(*(item(n, f"Export {n}") for n in range(21, 25))).replace(b"<channel>", COMPLETE))
    site.poll("second")
    gone = facts(site, "https://paper.example/news/20.html")
    assert gone["outcome"] == "retracted"
    assert gone["stories"][0]["retracted_at"] is not None
    assert gone["stories"][0]["documents"] == []
    assert "missing from the publisher's complete feed" in words(site, "https://paper.example/news/20.html")
    left = words(site, "https://copy.example/news/7.html")
    assert "withdrawn by second" in left


def test_stored_but_not_announced(site: Site, upstream: Upstream) -> None:
    url = upstream.serve("/paper.rss", rss(item(1, "Hàng chất lượng"), item(2, "Second")))
    site.configure([source("paper", url, backfill=1)], CATEGORIES).poll()
    found = facts(site, "https://paper.example/news/1.html")
    assert found["outcome"] == "stored"
    assert found["stories"][0]["categories"] == [{"id": "quality", "reason": "rule matched title: “chất lượng”"}]
    assert "never announced" in words(site, "https://paper.example/news/1.html")


def test_what_no_source_brought_says_where_it_would_come_from(site: Site, upstream: Upstream) -> None:
    good = upstream.serve("/paper.rss", rss(item(1, "First")))
    bad = upstream.on("/bad.rss", answer(500))
    site.configure([source("paper", good), source("bad", bad), source("far", "https://feeds.far.example/rss")])
    site.poll("paper", "bad")
    result = run(site, "https://paper.example/other", "--json")
    found = json.loads(result.stdout)
    assert (result.exit_code, found["outcome"]) == (1, "not seen")
    assert [(each["id"], each["entries"]) for each in found["sources"]] == [("paper", 1)]
    failing = facts(site, upstream.url("/x.html"))["sources"]
    assert [each["id"] for each in failing] == ["paper", "bad"]
    assert failing[1]["error"] == "the server answered 500 Internal Server Error"
    assert "far, never read yet" in words(site, "https://www.far.example/a.html")
    assert "no source of the configuration is on its host" in words(site, "https://nowhere.example/")
    assert "no story" in words(site, str(uuid4()))
    assert run(site, str(uuid4())).exit_code == 1
    assert run(site, "what").exit_code == 2
    for odd in ("https://[", "https://x:y/z", "http://" + "a" * 5000, "https://paper.example/\x1b[31m"):
        result = run(site, odd)
        assert result.exit_code == 1
        assert "\x1b" not in result.stdout


def test_the_position_in_documents_is_that_of_the_documents(any_site: Site, upstream: Upstream) -> None:
    site = any_site
    limits = {"entries": 2, "window": "1s", "max_entries": 4}
    items = [item(number, f"Export {number}") for number in range(1, 7)]
    url = upstream.serve("/paper.rss", rss(*items[:3]))
    site.configure([source("paper", url, language="en")], CATEGORIES, publish=limits).poll()
    upstream.serve("/paper.rss", rss(*items))
    site.poll()
    assert site.service is not None
    stories = sorted({change.story_id for change in site.changes()})
    assert len(stories) == 6
    edition = site.service.in_force().edition
    names: tuple[tuple[ListKind, str], ...] = (("all", "all"), ("category", "trade"), ("source", "paper"))
    places = [(kind, id, language) for kind, id in names for language in (None, "en", "vi")]
    far = {"entries": edition.limits.entries, "max_entries": edition.limits.max_entries}
    with site.service.store.read() as tx:
        held = {
            feed_path(kind, id, "rss", language).removesuffix(".rss"): {
                each.id for each in tx.stories.latest(kind, id, language=language, window=edition.limits.window, **far)
            }
            for kind, id, language in places
        }
    inside = {path: set[UUID]() for path in held}
    for story in stories:
        for each in facts(site, str(story))["stories"][0]["documents"]:
            if each["is_inside"]:
                inside[each["path"]].add(story)
    assert inside == held
    assert 2 <= len(held["/feeds/all"]) <= 4


def test_what_was_merged_forgotten_or_lost_its_source(any_site: Site, upstream: Upstream) -> None:
    site = any_site
    url = upstream.serve("/paper.rss", rss(*(item(number, f"Export {number}") for number in range(1, 5))))
    site.configure([source("paper", url)], CATEGORIES).poll()
    assert site.service is not None
    first, second, third, _ = (change.story_id for change in site.changes())
    with site.service.store.write() as tx:
        merged = replace(tx.stories.get([second])[second], retracted="merged")
        change = tx.changes.append("retracted", second, utc_now(), reason="merged", replaced_by=third)
        tx.stories.put([(merged, change)])
    assert facts(site, str(second))["outcome"] == "merged"
    assert f"merged into {third}: merged" in words(site, str(second))

    later = utc_now() + timedelta(days=1)
    with site.service.store.write() as tx:
        tx.retention.prune(entries_before=later, changes_before=utc_now(), attempts_before=utc_now(), keep=2)
    found = facts(site, "https://paper.example/news/1.html")
    assert (found["outcome"], found["stories"][0]["id"]) == ("forgotten", str(first))
    assert "retention has taken its text since" in words(site, str(first))

    site.configure([], CATEGORIES)
    said = words(site, str(third))
    assert "the headline only, since source paper left the configuration" in said
    assert "/feeds/category/trade" in said
    assert "/feeds/source/paper" not in said
