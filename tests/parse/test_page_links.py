"""What a page links to that may be a feed, whatever the page is made of."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.model import Document, Link
from feedsvc.parse import Page, looks_like_feed, read_page
from feedsvc.parse.page_links import MAX_LINKS
from tests.parse.given import FETCHED_AT


def pages(body: bytes | str, *, type: str | None = "text/html", links: tuple[Link, ...] = ()) -> Page:
    content = body.encode() if isinstance(body, str) else body
    url = "https://paper.example/a/b.html"
    return read_page(Document(url=url, status=200, body=content, content_type=type, links=links, fetched_at=FETCHED_AT))


def found(page: Page) -> list[tuple[str, str]]:
    return [(link.href.removeprefix("https://paper.example"), link.grade) for link in page.links]


def test_links_are_resolved_and_graded() -> None:
    page = pages(
        "<html lang=vi-VN><head><title> Báo \n Thử </title><base href='/c/'>"
        "<link rel='alternate' type='application/rss+xml; charset=utf-8' href='x.rss#top' title='Tin mới'>"
        "<link rel='ALTERNATE' type='application/json' href='/wp-json/wp/v2/posts/1'>"
        "<link rel='alternate' type='application/json+oembed' href='/oembed'>"
        "<link rel='alternate' hreflang='en' href='/en/'><link rel=feed href='//feeds.example/1'>"
        "<link rel='stylesheet' href='/rss.css'></head>"
        "<body><a href='/rss/kinhte-1185.rss'>Kinh  tế</a><a href='?feed=rss2'>x</a><a href='/rss.html'>RSS</a>"
        "<a href='/help'>About our RSS</a><a href='/data.xml'>x</a><a href='/sitemap.xml'>x</a>"
        "<a href='/x.rss'>abs</a><a href='javascript:rss()'>RSS</a><a href='http://['>RSS</a><a href='/rss.pdf'>RSS</a>"
    )
    assert (page.title, page.language) == ("Báo Thử", "vi-VN")
    assert found(page) == [
        ("/c/x.rss", "announced"),
        ("https://feeds.example/1", "announced"),
        ("/rss/kinhte-1185.rss", "likely"),
        ("/c/?feed=rss2", "likely"),
        ("/rss.html", "likely"),
        ("/x.rss", "likely"),
        ("/help", "possible"),
        ("/data.xml", "possible"),
    ]
    assert page.links[0].text == "Tin mới"
    assert page.links[2].text == "Kinh tế"


def test_the_link_header_counts_as_the_page_does() -> None:
    link = Link(href="https://paper.example/f", rel="alternate", type="application/atom+xml")
    other = Link(href="https://paper.example/wp-json/", rel="https://api.w.org/")
    assert found(pages("", links=(link, other))) == [("/f", "announced")]


@pytest.mark.parametrize(
    ("body", "type"),
    [
        ("<title>Điện tử</title>".encode(), "text/html; charset=iso-8859-1"),
        ("<meta charset='windows-1258'><title>Điện tử</title>".encode(), None),
        ("<title>Điện tử</title>".encode("utf-16"), "text/html"),
        (
            "<meta http-equiv=Content-Type content='text/html; charset=shift_jis'><title>日本</title>".encode(
                "shift_jis"
            ),
            None,
        ),
    ],
)
def test_the_charset_is_the_bytes_own(body: bytes, type: str | None) -> None:
    assert pages(body, type=type).title in {"Điện tử", "日本"}


@pytest.mark.parametrize(
    ("href", "grade"),
    [
        ("https://x.example/feed/", "likely"),
        ("https://x.example/rss/the-gioi", "likely"),
        ("https://x.example/trang/rss.htm", "likely"),
        ("https://feeds.feedburner.com/x", "likely"),
        ("https://x.example/kenh-rss.htm", "possible"),
        ("https://x.example/news-sitemap.xml", None),
        ("https://x.example/2026/feeding-the-world.html", None),
        ("https://x.example/transport/", None),
    ],
)
def test_addresses_that_look_like_feeds(href: str, grade: str | None) -> None:
    assert looks_like_feed(href) == grade


def test_hostile_pages_cost_little_and_keep_what_can_be_kept() -> None:
    link = "<a href='/x.rss'>x</a>"
    assert found(pages(link + "<div>" * 200_000)) == [("/x.rss", "likely")]
    assert found(pages("<font><b>" * 500 + link)) == [("/x.rss", "likely")]
    many = pages("".join(f"<a href='/rss/{n}.rss'>x</a>" for n in range(20_000)) + "<link rel=feed href=/best>")
    assert len(many.links) == MAX_LINKS
    assert found(many)[0] == ("/best", "announced")
    assert pages("<a href='/" + "a" * 1_000_000 + ".rss'>x</a>").links == ()
    assert len(pages("<a href=/rss>" + "word " * 200_000).links[0].text or "") <= 120


def test_tags_of_nothing_but_attributes_are_read_without_them() -> None:
    flood = " ".join(f"a{n:x}" for n in range(100_000))  # lxml alone takes 14 s for each
    script = "<script>if (a<b && '" + "x " * 20_000 + "</script>"
    for tag in (f"<a {flood} href=/x.rss>x</a>", f"<a b='>' {flood.replace(' ', '/')}>", f"<a {flood}"):
        start = time.process_time()
        assert found(pages(f"<!-- <a {flood} -->{script}<a href='/y.rss'>y</a>{tag}")) == [("/y.rss", "likely")]
        assert time.process_time() - start < 3


@given(
    st.binary(max_size=300) | st.text(max_size=300).map(str.encode),
    st.sampled_from([None, "text/html", "x; charset=utf-16"]),
)
def test_any_bytes_are_a_page(body: bytes, type: str | None) -> None:
    pages(body, type=type)
    pages(b"<a href='" + body + b"'><link rel=feed href=\"" + body + b'">', type=type)
