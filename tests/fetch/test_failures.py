"""Servers that refuse, are slow, or break HTTP."""

from datetime import timedelta
from email.utils import format_datetime

import pytest

from feedsvc.model import Freshness
from tests.fetch.asking import BODY, IMPATIENT, NOW, failure, fetch, read
from tests.servers.upstream import Reply, Upstream, answer, drip, hang_up, message, raw, redirect, silent


@pytest.mark.parametrize(
    ("status", "problem"),
    [
        (404, "the server answered 404 Not Found"),
        (204, "the server answered 204 No Content"),
        (206, "the server answered 206 Partial Content"),
        (299, "the server answered 299"),
        (500, "the server answered 500 Internal Server Error"),
    ],
)
def test_what_is_no_document(upstream: Upstream, status: int, problem: str) -> None:
    error = failure(upstream.on("/feed", answer(status, b"")))
    assert (error.problem, error.status, error.retryable) == (problem, status, True)


def test_gone_is_for_good(upstream: Upstream) -> None:
    error = failure(upstream.on("/feed", answer(410)))
    assert (error.status, error.retryable) == (410, False)


@pytest.mark.parametrize("status", [429, 503, 403])
@pytest.mark.parametrize("value", ["259200", format_datetime(NOW + timedelta(days=3), usegmt=True)])
def test_retry_after(upstream: Upstream, status: int, value: str) -> None:
    error = failure(upstream.on("/feed", answer(status, headers={"Retry-After": value})))
    assert error.freshness == Freshness(retry_at=NOW + timedelta(days=3))


def test_interim_answers_are_passed_over(upstream: Upstream) -> None:
    hint = message(103, [("Link", "</style.css>; rel=preload")], b"")
    assert read(upstream.on("/feed", raw(hint + message(200, [("Content-Length", "2")], b"ok")))).body == b"ok"


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (silent(), "timed out after 0.25 s"),
        (drip(OK, b"X: y\r\n", pause_s=0.01), "timed out after 0.25 s"),
        (drip(OK + b"\r\n", b"<", pause_s=0.01), "timed out after 0.25 s"),
        (drip(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n", pause_s=0.01), "timed out after 0.25 s"),
    ],
)
def test_a_slow_server_has_one_limit_for_everything(upstream: Upstream, reply: Reply, problem: str) -> None:
    upstream.on("/feed", redirect("/slow"))
    upstream.on("/slow", reply)
    error = failure(upstream.url("/feed"), IMPATIENT)
    assert (error.problem, error.retryable) == (problem, True)


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (hang_up(), "the server closed the connection without an answer"),
        (raw(OK + b"Content-Length: 9\r\n\r\nshort"), "the answer was cut short"),
        (raw(OK + b"Transfer-Encoding: chunked\r\n\r\n9\r\nshort"), "the answer was cut short"),
        (raw(b"SSH-2.0-OpenSSH_9.2\r\n"), "the answer is not proper HTTP: "),
        (raw(OK + b"Content-Length: -1\r\n\r\n"), "the answer is not proper HTTP: "),
        (raw(OK + b"X: " + b"y" * 100_000 + b"\r\n\r\n"), "the answer is not proper HTTP: "),
        (raw(OK + b"X: y\r\n" * 1_000 + b"\r\n"), "the answer is not proper HTTP: "),
        (answer(200, b"y" * 100_001), "more than 0.1 MB"),
        (raw(OK + b"Content-Length: 10000000000\r\n\r\n"), "more than 0.1 MB"),
        (drip(OK + b"\r\n", b"y" * 10_000, pause_s=0), "more than 0.1 MB"),
        (
            drip(OK + b"Content-Length: 90\r\nContent-Length: 91\r\n\r\n", b"y", pause_s=1),
            "the answer is not proper HTTP",
        ),
    ],
)
def test_a_server_that_misbehaves(upstream: Upstream, reply: Reply, problem: str) -> None:
    error = failure(upstream.on("/feed", reply))
    assert error.problem.startswith(problem)
    assert len(error.problem) < 300
    # A server in trouble is not asked twice.
    assert len(upstream.requests) == 1


def test_an_idle_connection_that_was_closed_is_no_failure(upstream: Upstream) -> None:
    url = upstream.on("/feed", answer(200, BODY), hang_up(), answer(200, BODY))
    fetch(url, times=2)
    assert [request.connection for request in upstream.requests] == [0, 0, 1]


def test_hosts_that_cannot_be_reached(upstream: Upstream) -> None:
    assert failure("http://no-such-host.invalid/").problem.startswith("cannot find the host no-such-host.invalid: ")
    assert failure("http://" + "a" * 70 + ".example/").problem.endswith("not a host name")
    assert failure("http://127.0.0.1:1/").problem == "cannot connect to 127.0.0.1 port 1: connection refused"
    assert "TLS failed: " in failure(upstream.url("/").replace("http", "https")).problem
    for url in ("ftp://127.0.0.1/", "http://", "feed", "http://127.0.0.1:99999/", "http://a b/"):
        error = failure(url)
        assert error.problem.startswith("cannot request the address: ")
        assert not error.retryable
