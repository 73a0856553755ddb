"""Requests that go through a proxy: a server on loopback that is asked for whole addresses."""

from datetime import timedelta

import pytest

from feedsvc.model import FetchLimits
from tests.fetch.asking import BODY, failure, picture, read
from tests.fetch.test_forms import post
from tests.servers.upstream import Upstream, answer, document, hang_up, raw, redirect

FEED = "http://news.example/feed"


@pytest.fixture
def limits(upstream: Upstream) -> FetchLimits:
    """The proxy stands at a private address, which is not allowed otherwise."""
    return FetchLimits(proxy=upstream.url(""), timeout=timedelta(seconds=5))


def test_every_request_goes_through_the_proxy(upstream: Upstream, limits: FetchLimits) -> None:
    upstream.on(FEED, redirect("http://other.example/feed", 302))
    upstream.on("http://other.example/feed", document(BODY))
    upstream.on("http://other.example/a.png", answer(200, b"picture"))
    upstream.on("http://hub.example/", answer(202))
    assert read(FEED, limits=limits).body == BODY
    assert picture("http://other.example/a.png", limits).body == b"picture"
    assert post("http://hub.example/", limits=limits).status == 202
    asked = [(request.method, request.target, request.header("Host")) for request in upstream.requests]
    assert asked == [
        ("GET", FEED, "news.example"),
        ("GET", "http://other.example/feed", "other.example"),
        ("GET", "http://other.example/a.png", "other.example"),
        ("POST", "http://hub.example/", "hub.example"),
    ]


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.1", "0x7f.1", "2130706433", "localhost", "a.localhost.", "[::1]", "[::ffff:7f00:1]"),
        *("169.254.169.254", "10.0.0.1", "[64:ff9b::10.0.0.1]", "１０.0.0.1", "[fe80::1]"),
    ],
)
def test_private_addresses_are_not_asked_for_through_it_either(
    upstream: Upstream, limits: FetchLimits, host: str
) -> None:
    upstream.on(FEED, redirect(f"http://{host}/", 302))
    for url in (FEED, f"http://{host}/", f"https://{host}/"):
        error = failure(url, limits)
        assert error.problem.startswith("refused to contact ")
        assert not error.retryable
    assert {request.target for request in upstream.requests} == {FEED}


def test_an_allowed_network_is_asked_through_it(upstream: Upstream) -> None:
    limits = FetchLimits(proxy=upstream.url(""), allow_private=("10.0.0.0/8",))
    upstream.on("http://10.0.0.1/", document(BODY))
    assert read("http://10.0.0.1/", limits=limits).body == BODY


def test_a_proxy_that_cannot_be_reached_is_named_and_no_host_blamed(limits: FetchLimits) -> None:
    nobody = FetchLimits(proxy="http://127.0.0.1:1")
    nowhere = FetchLimits(proxy="http://no-such-proxy.invalid:3128")
    for url in (FEED, FEED.replace("http", "https")):
        error = failure(url, nobody)
        assert error.problem == "cannot connect to the proxy 127.0.0.1 port 1: connection refused"
        assert (error.retryable, error.authority, error.is_unreachable) == (True, None, False)
        assert failure(url, nowhere).problem.startswith("cannot find the proxy no-such-proxy.invalid: ")


def test_what_the_proxy_says_itself(upstream: Upstream, limits: FetchLimits) -> None:
    upstream.on(FEED, answer(407), hang_up(), answer(502), answer(404))
    assert failure(FEED, limits).problem == "the proxy answered 407 Proxy Authentication Required"
    asked_nothing = "the server, or the proxy before it, closed the connection without an answer"
    assert failure(FEED, limits).problem == asked_nothing
    assert failure(FEED, limits).problem == "the server, or the proxy before it, answered 502 Bad Gateway"
    assert failure(FEED, limits).problem == "the server answered 404 Not Found"
    upstream.on("news.example:443", answer(403), raw(b"HTTP/1.1 200 Connected\r\n\r\nno TLS"))
    tls = FEED.replace("http", "https")
    assert failure(tls, limits).problem == "the proxy did not connect us: it answered 403 Forbidden"
    assert failure(tls, limits).problem.startswith("cannot connect to news.example port 443: ")
    assert {request.method for request in upstream.requests} == {"GET", "CONNECT"}
