"""Shared feeds over HTTP semantics: conditional requests, codings, methods, renamed and closed addresses."""

import gzip
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client, TestResponse

from feedsvc.model import Snapshot
from feedsvc.web.shared import Served, SharedFeeds, coding, opaque, prepare

BASE = "https://news.example.org"
PATH = "/feeds/category/trade.rss"
BODY = b"<rss/>"
CHANGED = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
SNAPSHOT = Snapshot(
    path=PATH,
    media_type="application/rss+xml; charset=utf-8",
    body=BODY,
    gzip=gzip.compress(BODY, mtime=0),
    br=b"br of it",
    etag='W/"abc"',
    last_modified=CHANGED,
    max_age=timedelta(minutes=5),
)
SERVED = Served(
    documents={PATH: prepare(SNAPSHOT, BASE)},
    closed=frozenset({("source", "old-paper")}),
    renamed={("category", "commerce"): "trade"},
    opened=frozenset({("category", "trade"), ("category", "green")}),
    base_url=BASE,
)


def inner(environ: Any, start_response: Any) -> list[bytes]:
    start_response("200 OK", [("X-Inner", "yes")])
    return [b"flask"]


CLIENT = Client(SharedFeeds(lambda: SERVED, inner, lambda *_: None))


def get(path: str = PATH, method: str = "GET", **headers: str) -> TestResponse:
    return CLIENT.open(path, method=method, headers={name.replace("_", "-"): value for name, value in headers.items()})


def test_a_document_comes_whole_with_all_that_caches_need() -> None:
    answer = get()
    assert (answer.status_code, answer.data) == (200, BODY)
    expected: Mapping[str, str] = {
        "Content-Type": "application/rss+xml; charset=utf-8",
        "Content-Length": str(len(BODY)),
        "ETag": 'W/"abc"',
        "Last-Modified": "Sun, 01 Mar 2026 08:30:00 GMT",
        "Cache-Control": "public, max-age=300, stale-while-revalidate=60, stale-if-error=86400",
        "Vary": "Accept-Encoding, Sec-Fetch-Dest",
        "Link": f'<{BASE}{PATH}>; rel="self"',
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": "ETag, Last-Modified, Link",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
    assert dict(answer.headers) == dict(expected)


def test_a_browser_that_opens_a_feed_as_a_page_gets_xml_that_it_shows_with_the_stylesheet_alone() -> None:
    page = get(Sec_Fetch_Dest="document")
    assert (page.data, page.headers["Content-Type"]) == (BODY, "application/xml; charset=utf-8")
    assert f"default-src 'none'; style-src {BASE}/static/feed.css;" in page.headers["Content-Security-Policy"]
    script = get(Sec_Fetch_Dest="empty")
    assert dict(script.headers) == dict(get().headers)


def test_head_has_the_headers_of_get_and_no_body() -> None:
    head = get(method="HEAD", Accept_Encoding="gzip")
    assert head.data == b""
    assert dict(head.headers) == dict(get(Accept_Encoding="gzip").headers)


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ("", "identity"),
        ("gzip", "gzip"),
        ("gzip, deflate, br", "br"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0.5, gzip;q=0.8", "gzip"),
        ("*", "br"),
        ("*;q=0", "identity"),
        ("identity, gzip;q=0.5", "identity"),
        ("GZIP", "gzip"),
        ("gzip;q=high", "identity"),
        ("zstd", "identity"),
    ],
)
def test_the_coding_follows_accept_encoding(accepted: str, expected: str) -> None:
    answer = get(Accept_Encoding=accepted)
    assert answer.headers.get("Content-Encoding", "identity") == expected == coding(accepted)
    assert answer.headers["ETag"] == 'W/"abc"'


@pytest.mark.parametrize(
    "tags", ['W/"abc"', '"abc"', '"x", W/"abc"', "*", '"abc-gzip"', 'W/"abc-br"', ' W/"abc" ', "abc"]
)
def test_a_client_that_has_it_gets_304_however_its_cache_spells_the_tag(tags: str) -> None:
    answer = get(If_None_Match=tags, If_Modified_Since="Sat, 01 Jan 2000 00:00:00 GMT")
    assert (answer.status_code, answer.data) == (304, b"")
    assert {"ETag", "Cache-Control", "Vary", "Last-Modified", "Link"} <= set(answer.headers.keys())
    assert "Content-Length" not in answer.headers


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-None-Match": '"other"', "If-Modified-Since": "Sun, 01 Mar 2026 08:30:00 GMT"}, 200),
        ({"If-Modified-Since": "Sun, 01 Mar 2026 08:30:00 GMT"}, 304),
        ({"If-Modified-Since": "Sun, 01 Mar 2026 08:30:00 -0000"}, 304),
        ({"If-Modified-Since": "Sun, 01 Mar 2026 08:29:59 GMT"}, 200),
        ({"If-Modified-Since": "yesterday"}, 200),
    ],
)
def test_if_none_match_wins_over_if_modified_since(headers: dict[str, str], status: int) -> None:
    assert CLIENT.get(PATH, headers=headers).status_code == status


def test_renamed_closed_and_unknown_addresses() -> None:
    moved = get("/feeds/category/commerce/vi.atom")
    assert (moved.status_code, moved.headers["Location"]) == (308, f"{BASE}/feeds/category/trade/vi.atom")
    assert moved.headers["Cache-Control"] == "public, max-age=3600"
    closed = get("/feeds/source/old-paper.json")
    assert (closed.status_code, closed.headers["Cache-Control"]) == (410, "public, max-age=3600")
    unknown = get("/feeds/category/none.rss")
    assert (unknown.status_code, unknown.headers["Cache-Control"]) == (404, "public, max-age=60")
    assert get("/feeds/category/trade/xx.rss").status_code == 404
    waiting = get("/feeds/category/green.rss")
    assert (waiting.status_code, waiting.headers["Retry-After"]) == (503, "1")
    assert waiting.headers["Cache-Control"] == "no-store"
    assert get("/feeds/category/none.rss", method="HEAD").data == b""


def test_other_methods_and_other_addresses() -> None:
    assert get(method="POST").headers["Allow"] == "GET, HEAD, OPTIONS"
    preflight = get(method="OPTIONS")
    assert preflight.status_code == 204
    assert "If-None-Match" in preflight.headers["Access-Control-Allow-Headers"]
    for page in ("/category/trade", "/category/commerce", "/source/old-paper"):
        assert get(page).headers["X-Inner"] == "yes"


@given(st.text(max_size=40))
def test_no_header_value_breaks_negotiation(text: str) -> None:
    assert coding(text) in {"br", "gzip", "identity"}
    assert isinstance(opaque(text), str)
