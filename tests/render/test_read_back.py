"""What others read in our documents is what the stories say."""

import json
import locale
import re
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from time import struct_time
from typing import Any

import feedparser
import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings

from feedsvc import render
from feedsvc.model import Label, OutputFeed, PublishedStory
from tests.render import rules
from tests.render.golden import FOLDER
from tests.render.samples import BASE, EMPTY, EXCERPT, FULL, HEADLINE, RICH
from tests.render.strategies import feeds

XML = {"rss": render.rss, "atom": render.atom}
SCHEMA = jsonschema.Draft202012Validator(
    json.loads((FOLDER / "json-feed-1.1.schema.json").read_text(encoding="utf-8")),
)


def read(document: bytes) -> Any:
    parsed = feedparser.parse(document, sanitize_html=False, resolve_relative_uris=False)
    assert not parsed.bozo, parsed.get("bozo_exception")
    return parsed


def entry(format: str, story: PublishedStory) -> Any:
    parsed = read(XML[format](RICH))
    return next(entry for entry in parsed.entries if entry.id == story.id.urn)


def item(story: PublishedStory) -> Any:
    items = json.loads(render.json_feed(RICH))["items"]
    return next(item for item in items if item["id"] == story.id.urn)


def moment(parsed: struct_time) -> datetime:
    return datetime(*parsed[:6], tzinfo=UTC)


def text(html: str) -> str:
    return " ".join(unescape(re.sub("<[^>]*>", " ", html)).split())


@pytest.mark.parametrize("format", XML)
def test_everything_a_story_has_is_read_back(format: str) -> None:
    seen = entry(format, FULL)
    assert seen.title == FULL.title
    assert seen.link == FULL.link
    assert moment(seen.published_parsed) == FULL.published
    assert [author.get("name", author.get("email")) for author in seen.authors] == [
        "Nguyễn Văn An",
        "ban.khoahoc@nhandan.vn",
    ]
    assert [contributor.name for contributor in seen.contributors] == ["Trần Thị Bình"]
    assert text(seen.summary) == "Doanh nghiệp đầu tư cho R&D. Giá < 5 USD."
    assert seen.content[0].value.startswith(FULL.content)
    assert seen.content[0].value.endswith(
        '<p><a href="https://nhandan.vn/hang-viet-post869001.html?a=1&amp;b=2">Nguồn: nhandan.vn</a></p>'
    )
    ours = ["Chất lượng sản phẩm", "Hàng Việt Nam"]
    assert [tag.label or tag.term for tag in seen.tags][:2] == ours
    assert [(tag.term, tag.scheme) for tag in seen.tags][2:] == [
        ("kinh tế", "https://nhandan.vn/chu-de"),
        ("R&D", None),
    ]
    enclosure = seen.enclosures[0]
    assert (enclosure.href, enclosure.type, enclosure.length) == (
        "https://nhandan.vn/audio/869001.mp3",
        "audio/mpeg",
        "1234567",
    )
    assert seen.media_content[0]["url"] == FULL.pictures[0].href
    assert seen.media_credit[0]["content"] == "Ảnh: Minh Hà"
    assert seen.rights == FULL.rights
    assert seen.source.title in {FULL.credit.title, FULL.feed.title}
    assert any(link.rel == "license" and link.href == FULL.licence for link in seen.links)


def test_atom_carries_what_rss_cannot() -> None:
    seen = entry("atom", FULL)
    assert moment(seen.updated_parsed) == FULL.updated.replace(microsecond=0)
    hrefs = {link.rel: link.href for link in reversed(seen.links)}
    assert hrefs["alternate"] == FULL.link
    assert hrefs["related"] == f"{BASE}/story/{FULL.id}"
    assert hrefs["via"] == FULL.credit.url
    assert hrefs["replies"] == FULL.comments
    assert seen.source.id == "https://nhandan.vn/rss/khoahoc-congnghe-1292.rss"
    assert seen.source.author_detail.name == "Báo Nhân Dân"
    assert seen.source.rights == FULL.feed.rights
    assert moment(seen.source.updated_parsed) == FULL.feed.updated


def test_json_carries_the_terms_with_the_text() -> None:
    seen = item(FULL)
    assert seen["title"] == FULL.title
    assert seen["url"] == FULL.link
    assert seen["content_html"].startswith(FULL.content)
    assert seen["date_published"] == "2026-03-02T01:30:00+00:00"
    assert seen["tags"] == ["Chất lượng sản phẩm", "Hàng Việt Nam", "Kinh tế", "R&D"]
    ours = seen["_feedsvc"]
    assert ours["page"] == f"{BASE}/story/{FULL.id}"
    assert [source["id"] for source in ours["sources"]] == ["nhandan-khoahoc", "lab"]
    assert (ours["rights"], ours["licence"], ours["attribution"]) == (FULL.rights, FULL.licence, FULL.attribution)


@pytest.mark.parametrize("format", XML)
def test_an_excerpt_ends_with_the_credit_line(format: str) -> None:
    seen = entry(format, EXCERPT)
    href = "https://lab.example.org/rd/ghi%20ch%C3%BA"
    html = f'<p>An excerpt that ends here…</p><p><a href="{href}">Source: lab.example.org</a></p>'
    assert re.sub(r">\s+<", "><", seen.summary) == html
    assert "content" not in seen
    assert "published" not in seen
    assert seen.link == href
    assert item(EXCERPT)["content_html"] == html
    assert item(EXCERPT)["summary"] == EXCERPT.summary


def test_the_language_of_a_story_is_read_back() -> None:
    assert entry("rss", EXCERPT).language == entry("atom", EXCERPT).title_detail.language == "en"
    assert item(EXCERPT)["language"] == "en"


def test_a_category_and_a_tag_may_have_one_id() -> None:
    labels = (*EMPTY.labels, Label(id="innovation", title="Sáng kiến", scheme=f"{BASE}/tag/"))
    story = replace(FULL, categories=("innovation",), tags=("innovation",), terms=())
    document = json.loads(render.json_feed(replace(EMPTY, labels=labels, stories=(story,))))
    assert document["items"][0]["tags"] == ["Đổi mới sáng tạo", "Sáng kiến"]


def test_a_story_without_an_address_has_none_but_a_related_page() -> None:
    page = f"{BASE}/story/{HEADLINE.id}"
    assert "link" not in entry("rss", HEADLINE)
    assert "url" not in item(HEADLINE)
    assert [(link.rel, link.href) for link in entry("atom", HEADLINE).links][:1] == [("related", page)]
    assert item(HEADLINE)["_feedsvc"]["page"] == page
    assert text(entry("rss", HEADLINE).summary) == text(entry("atom", HEADLINE).content[0].value) == "Lab notes"


@pytest.mark.parametrize("format", XML)
def test_the_feed_describes_itself(format: str) -> None:
    feed = read(XML[format](RICH)).feed
    assert feed.title == RICH.title
    assert feed.subtitle == RICH.description
    assert feed.link == RICH.home_url
    assert feed.language == "vi"
    assert feed.rights == RICH.rights
    assert feed.generator == "feedsvc"
    assert moment(feed.updated_parsed) == RICH.updated
    selves = [(link.href, link.type) for link in feed.links if link.rel == "self"]
    assert selves == [(RICH.self_url("rss" if format == "rss" else "atom"), f"application/{format}+xml")]


def test_a_feed_without_stories_is_a_document() -> None:
    rules.check_rss(render.rss(EMPTY))
    rules.check_atom(render.atom(EMPTY))
    assert read(render.rss(EMPTY)).entries == read(render.atom(EMPTY)).entries == []
    document = json.loads(render.json_feed(EMPTY))
    SCHEMA.validate(document)
    assert document["items"] == []


def test_the_locale_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> str:
        raise AssertionError("other threads would see the locale change")

    monkeypatch.setattr(locale, "setlocale", refuse)
    render.rss(RICH)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(feeds)
def test_any_story_makes_valid_documents(feed: OutputFeed) -> None:
    rss, atom, json_feed = render.rss(feed), render.atom(feed), render.json_feed(feed)
    assert (rss, atom, json_feed) == (render.rss(feed), render.atom(feed), render.json_feed(feed))
    rules.check_rss(rss)
    rules.check_atom(atom)
    document = json.loads(json_feed)
    SCHEMA.validate(document)
    ids = [story.id.urn for story in feed.stories]
    in_json = [(item["id"], item.get("url")) for item in document["items"]]
    assert [id for id, _ in in_json] == ids
    for xml in (rss, atom):
        found = read(xml).entries
        assert [entry.id for entry in found] == ids
        # Where there is no alternate link feedparser takes another one.
        assert [entry.link for entry, (_, url) in zip(found, in_json, strict=True) if url] == [
            u for _, u in in_json if u
        ]
