"""What is asked of a real server on loopback, and what is read."""

import asyncio
from datetime import timedelta

import pytest

from feedsvc.errors import FetchError
from feedsvc.model import Document, FetchLimits, FetchState, Freshness, Link, NotModified
from tests.fetch.asking import BODY, NOW, documents, failure, fetch, picture, read
from tests.servers.upstream import (
    Coding,
    Received,
    Upstream,
    answer,
    compressed,
    document,
    raw,
    redirect,
)


def test_a_document(upstream: Upstream) -> None:
    url = upstream.on(
        "/feed",
        answer(
            200,
            BODY,
            headers=[
                ("Content-Type", "text/xml; charset=windows-1258"),
                ("Content-Language", "vi"),
                ("Content-Location", "/feed.vi"),
                ("ETag", 'W/"ă b"'),
                ("Last-Modified", "yesterday, about noon"),
                ("Link", '</hub>; rel="hub"; type="x", <https://e.org/a,b>;rel="self alternate"'),
                ("Link", '<javascript:alert(1)>; rel=hub, <//other/x>; title="a, <b>; c"; REL=next'),
                ("Cache-Control", "max-age=60"),
            ],
        ),
    )
    assert read(url + "?a=%2F%28b%29&c#part") == Document(
        url=url + "?a=%2F%28b%29&c",
        status=200,
        body=BODY,
        content_type="text/xml; charset=windows-1258",
        content_language="vi",
        content_location="/feed.vi",
        etag='W/"ă b"',
        last_modified="yesterday, about noon",
        links=(
            Link(href=upstream.url("/hub"), rel="hub", type="x"),
            Link(href="https://e.org/a,b", rel="self"),
            Link(href="https://e.org/a,b", rel="alternate"),
            Link(href="http://other/x", rel="next", title="a, <b>; c"),
        ),
        freshness=Freshness(fresh_for=timedelta(minutes=1), max_age=timedelta(minutes=1)),
        fetched_at=NOW,
    )
    assert upstream.requests[0].target == "/feed?a=%2F%28b%29&c"


def test_nothing_is_sent_that_is_not_needed(upstream: Upstream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    upstream.on("/feed", redirect("/other", 302))
    upstream.on("/other", answer(200, BODY, headers={"Set-Cookie": "id=1; Path=/"}))
    fetch(upstream.url("/feed"), times=2)
    for request in upstream.requests:
        assert {name for name, _ in request.headers} == {"Host", "User-Agent", "Accept", "Accept-Encoding"}
        assert request.header("User-Agent") == "feedsvc/1.0 (+ops@example.org)"


@pytest.mark.parametrize(
    ("etag", "last_modified"),
    [
        ('"abc"', "Sat, 21 Nov 2026 10:00:00 GMT"),
        ('W/"ă\tb"', None),
        ("unquoted", "2026-11-21T10:00:00+0700"),
        (None, "Sat, 21 Nov 2026 10:00:00 GMT"),
    ],
)
def test_both_validators_go_back_byte_for_byte(upstream: Upstream, etag: str | None, last_modified: str | None) -> None:
    url = upstream.serve("/feed", BODY, etag=etag, last_modified=last_modified)
    first = read(url)
    second = fetch(url, FetchState(source_id="one", etag=first.etag, last_modified=first.last_modified))
    assert isinstance(second, NotModified)
    assert (second.etag, second.last_modified) == (etag, last_modified)
    assert upstream.requests[1].header("If-None-Match") == etag
    assert upstream.requests[1].header("If-Modified-Since") == last_modified


@pytest.mark.parametrize("value", [b'"\xe9"', b'"\x01"', b'"\x7f"'])
def test_a_validator_that_cannot_be_repeated_is_not_kept(upstream: Upstream, value: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\nETag: " + value + b"\r\nContent-Length: 2\r\n\r\nok"
    assert read(upstream.on("/feed", raw(head))).etag is None


def test_a_304_may_bring_new_validators_or_none(upstream: Upstream) -> None:
    nine, hour = timedelta(seconds=9), timedelta(hours=1)
    state = FetchState(source_id="one", etag='"1"', fresh_for=hour)
    url = upstream.on("/feed", answer(304, headers={"ETag": '"2"', "Cache-Control": "max-age=9"}), answer(304))
    first, second = fetch(url, state), fetch(url, state)
    assert first == NotModified(url=url, etag='"2"', freshness=Freshness(fresh_for=nine, max_age=nine), fetched_at=NOW)
    assert second == NotModified(url=url, freshness=Freshness(fresh_for=hour, max_age=hour), fetched_at=NOW)


@pytest.mark.parametrize(
    "surplus",
    [
        b"Content-Length: 3\r\n\r\nabc",
        b"Content-Length: 300\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"Content-Encoding: gzip\r\n\r\n" + compressed(b"", "gzip"),
        b"Connection: close\r\n\r\nabc",
        b"\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
    ],
)
def test_a_304_has_no_body_whatever_it_brings(upstream: Upstream, surplus: bytes) -> None:
    url = upstream.on("/feed", raw(b"HTTP/1.1 304 Not Modified\r\n" + surplus))
    assert isinstance(fetch(url, FetchState(source_id="one", etag='"1"')), NotModified)


def test_more_than_the_length_that_was_said_is_not_read_nor_taken_for_the_next_answer(upstream: Upstream) -> None:
    more = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
    for surplus in (b"more", b"\r\n", more):

        async def overlong(request: Received, writer: asyncio.StreamWriter, surplus: bytes = surplus) -> bool:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" + surplus)
            return True

        assert [found.body for found in documents(upstream.on("/feed", overlong), times=2)] == [b"ok", b"ok"]


def test_a_304_that_nobody_asked_for(upstream: Upstream) -> None:
    error = failure(upstream.on("/feed", answer(304)))
    assert (error.problem, error.retryable) == ("the server answered 304 Not Modified", True)


# Content codings

CODINGS: tuple[Coding, ...] = ("gzip", "br", "zstd", "deflate", "raw-deflate")


@pytest.mark.parametrize("coding", CODINGS)
def test_codings(upstream: Upstream, coding: Coding) -> None:
    assert read(upstream.on("/feed", document(BODY, coding=coding))).body == BODY


@pytest.mark.parametrize("coding", CODINGS)
def test_bombs_stop_at_the_limit(upstream: Upstream, coding: Coding) -> None:
    bomb = b"\0" * 20_000_000
    assert failure(upstream.on("/feed", document(bomb, coding=coding))).problem == "more than 0.1 MB"


@pytest.mark.parametrize("coding", CODINGS)
def test_a_compressed_body_that_was_cut_short(upstream: Upstream, coding: Coding) -> None:
    body = compressed(BODY * 100, coding)[:-5]
    headers = {"Content-Encoding": coding.removeprefix("raw-")}
    error = failure(upstream.on("/feed", answer(200, body, headers=headers)))
    assert error.problem.startswith("the compressed answer is corrupt: ")
    assert error.retryable


def test_a_coding_that_was_not_offered(upstream: Upstream) -> None:
    error = failure(upstream.on("/feed", answer(200, BODY, headers={"Content-Encoding": "compress"})))
    assert error.problem == "the answer is encoded as compress, which we did not offer"


def test_a_picture_is_asked_for_as_one_and_without_the_credentials_in_its_address(upstream: Upstream) -> None:
    upstream.on("/a.png", answer(200, b"picture"))
    assert picture(upstream.url("/a.png").replace("http://", "http://user:secret@")).body == b"picture"
    (request,) = upstream.requests
    assert request.header("Authorization") is None
    assert (request.header("Accept") or "").startswith("image/avif")


def test_a_picture_has_a_limit_of_its_own_that_no_setting_lifts(upstream: Upstream) -> None:
    upstream.on("/a.png", answer(200, bytes(5_000_001)))
    generous = FetchLimits(allow_private=("127.0.0.0/8",))
    with pytest.raises(FetchError, match="more than 5 MB"):
        picture(upstream.url("/a.png"), generous)
    with pytest.raises(FetchError, match=r"more than 0\.1 MB"):
        picture(upstream.url("/a.png"))
