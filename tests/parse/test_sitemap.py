"""Sitemaps, plain and packed, and where robots.txt names them."""

import contextlib
import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.errors import ParseError
from feedsvc.model import Document, LocalText, Source
from feedsvc.parse import Sitemap, SitemapUrl, named_sitemaps, read_sitemap
from tests.parse.given import FETCHED_AT

URL = "https://paper.example/sitemap.xml"


def document(body: bytes | str) -> Document:
    content = body.encode() if isinstance(body, str) else body
    return Document(url=URL, status=200, body=content, content_type="application/xml", fetched_at=FETCHED_AT)


def sitemap(body: bytes | str) -> Sitemap:
    source = Source(id="s", title=LocalText(by_language=()), url=URL, timezone="Asia/Ho_Chi_Minh")
    return read_sitemap(document(body), source)


NEWS = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="https://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc> https://paper.example/a&amp;b.html </loc><lastmod>2026-11-20</lastmod>
<n:news><n:publication><n:name>Báo Thử</n:name><n:language>vi</n:language></n:publication>
<n:publication_date>2026-11-22T08:00:00+07:00</n:publication_date><n:title>Tin &lt;mới&gt;</n:title></n:news>
<image:image><image:loc>https://cdn.example/1.jpg</image:loc><image:title>Ảnh</image:title></image:image></url>
<url><loc>javascript:1</loc></url></urlset>"""


@pytest.mark.parametrize(
    "body", [NEWS.encode(), gzip.compress(NEWS.encode()), NEWS.replace("UTF-8", "utf-16").encode("utf-16")]
)
def test_a_news_sitemap(body: bytes) -> None:
    read = sitemap(body)
    (url,) = read.urls
    assert read.kind == "news"
    assert (url.href, url.title, url.name, url.language) == (
        "https://paper.example/a&b.html",
        "Tin <mới>",
        "Báo Thử",
        "vi",
    )
    assert str(url.published) == "2026-11-22 01:00:00+00:00"
    assert str(url.updated) == "2026-11-19 17:00:00+00:00", "a day without a zone begins where the source is"


def test_an_index_and_a_cut_off_sitemap() -> None:
    index = sitemap("<sitemapindex><sitemap><loc>/1.xml.gz</loc></sitemap><sitemap/></sitemapindex>")
    assert index == Sitemap(kind="index", urls=(SitemapUrl(href="https://paper.example/1.xml.gz"),))
    cut = sitemap("<urlset><url><loc>/a</loc></url><url><loc>/b")
    assert cut.urls[0].href == "https://paper.example/a"


@pytest.mark.parametrize(
    "body", ["", "<html><body><url><loc>/a</loc></url>", "{}", "<rss/>", b"\x1f\x8b\x08broken", "<!DOCTYPE urlset []>"]
)
def test_what_is_no_sitemap_is_said(body: str | bytes) -> None:
    with pytest.raises(ParseError, match="not a sitemap"):
        sitemap(body)


def test_entities_and_bombs_stay_small() -> None:
    laughs = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10 if n else 'ha'}'>" for n in range(9))
    outside = "<!ENTITY file SYSTEM 'file:///etc/passwd'>"
    body = f"<!DOCTYPE urlset [{laughs}{outside}]><urlset><url><loc>/a</loc><title>&l8;&file;</title></url></urlset>"
    assert all(url.title is None for url in sitemap(body).urls)
    bomb = sitemap(gzip.compress(b"<urlset><url><loc>/a</loc></url>" + b" " * 55_000_000))
    assert len(bomb.urls) == 1
    assert "larger than 50 MB" in (bomb.problem or "")


def test_what_is_cut_short_says_so() -> None:
    many = "".join(f"<url><loc>/{n}</loc><lastmod>2026-11-{n % 28 + 1:02}</lastmod></url>" for n in range(5_000))
    packed = gzip.compress(f"<urlset>{many}</urlset>".encode())
    assert sitemap(packed).problem is None
    cut = sitemap(packed[: len(packed) // 2])
    assert cut.problem == "its gzip ends too early"
    assert 0 < len(cut.urls) < 5_000


@given(st.binary(max_size=200))
def test_any_bytes_are_a_sitemap_or_refused(body: bytes) -> None:
    for each in (body, b"<urlset><url><loc>" + body + b"</loc><lastmod>" + body, gzip.compress(b"<urlset>" + body)):
        with contextlib.suppress(ParseError):
            sitemap(each)


def test_robots_txt_names_sitemaps() -> None:
    body = "\ufeffUser-agent: *\r\nsitemap :/one.xml # here\r\n Sitemap: https://cdn.example/2.xml\nSitemap: /one.xml\n"
    assert named_sitemaps(document(body)) == ("https://paper.example/one.xml", "https://cdn.example/2.xml")
