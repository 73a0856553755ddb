"""The client against a real server on loopback."""

import asyncio
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from feedsvc.errors import FetchError
from feedsvc.fetch import Client, user_agent
from feedsvc.model import Auth, Document, FetchLimits, FetchState, Freshness, Link, LocalText, NotModified, Source
from tests.servers.upstream import (
    Coding,
    Reply,
    Upstream,
    answer,
    compressed,
    document,
    drip,
    hang_up,
    message,
    raw,
    redirect,
    silent,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LIMITS = FetchLimits(allow_private=("127.0.0.0/8",), timeout=timedelta(seconds=5), max_body_bytes=100_000)
IMPATIENT = FetchLimits(allow_private=("127.0.0.0/8",), timeout=timedelta(seconds=0.25))
EMPTY = FetchState(source_id="one")
BODY = "<rss>Tiếng Việt</rss>".encode()


@pytest.fixture(autouse=True, scope="module")
def no_authorities() -> Iterator[None]:
    """Every client reads the certificates of all authorities, 50 ms; nothing here needs one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", os.devnull)
        yield


def a_source(url: str, auth: Auth | None = None) -> Source:
    return Source(id="one", title=LocalText(by_language=(("", "One"),)), url=url, auth=auth)


def fetch(
    of: Source | str, state: FetchState = EMPTY, limits: FetchLimits = LIMITS, times: int = 1
) -> Document | NotModified:
    """Ask with a client of its own, so many times on end; return the last answer."""
    source = a_source(of) if isinstance(of, str) else of

    async def run() -> Document | NotModified:
        async with Client(limits, user_agent("1.0", "ops@example.org")) as client:
            for _ in range(times - 1):
                await client.get(source, state, NOW)
            return await client.get(source, state, NOW)

    return asyncio.run(run())


def read(of: Source | str, state: FetchState = EMPTY, limits: FetchLimits = LIMITS) -> Document:
    found = fetch(of, state, limits)
    assert isinstance(found, Document)
    return found


def failure(of: Source | str, limits: FetchLimits = LIMITS, state: FetchState = EMPTY) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetch(of, state, limits)
    return caught.value


# What is asked and what is read


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


def test_a_validator_that_cannot_be_repeated_is_not_kept(upstream: Upstream) -> None:
    head = b'HTTP/1.1 200 OK\r\nETag: "\xe9"\r\nContent-Length: 2\r\n\r\nok'
    assert read(upstream.on("/feed", raw(head))).etag is None


def test_a_304_may_bring_new_validators_or_none(upstream: Upstream) -> None:
    nine, hour = timedelta(seconds=9), timedelta(hours=1)
    state = FetchState(source_id="one", etag='"1"', fresh_for=hour)
    url = upstream.on("/feed", answer(304, headers={"ETag": '"2"', "Cache-Control": "max-age=9"}), answer(304))
    first, second = fetch(url, state), fetch(url, state)
    assert first == NotModified(url=url, etag='"2"', freshness=Freshness(fresh_for=nine, max_age=nine), fetched_at=NOW)
    assert second == NotModified(url=url, freshness=Freshness(fresh_for=hour, max_age=hour), fetched_at=NOW)


def test_a_304_that_nobody_asked_for(upstream: Upstream) -> None:
    error = failure(upstream.on("/feed", answer(304)))
    assert (error.problem, error.retryable) == ("the server answered 304 Not Modified", True)


# Redirects


@pytest.mark.parametrize(
    ("statuses", "is_permanent"), [((301, 308), True), ((301, 302), False), ((307, 308), False), ((303,), False)]
)
def test_only_a_chain_of_permanent_redirects_moves_a_source(
    upstream: Upstream, statuses: tuple[int, ...], is_permanent: bool
) -> None:
    for number, status in enumerate(statuses):
        upstream.on(f"/{number}", redirect(f"{number + 1}", status))
    url = upstream.serve(f"/{len(statuses)}", BODY, etag='"1"')
    state = FetchState(source_id="one", etag='"1"')
    moved_to = url if is_permanent else None
    assert (read(upstream.url("/0")).url, read(upstream.url("/0")).moved_to) == (url, moved_to)
    unchanged = fetch(upstream.url("/0"), state)
    assert isinstance(unchanged, NotModified)
    assert unchanged.moved_to == moved_to


def test_where_a_source_has_moved_is_asked_first(upstream: Upstream) -> None:
    url = upstream.serve("/new", BODY)
    found = read(upstream.url("/old"), FetchState(source_id="one", effective_url=url))
    assert (found.url, found.moved_to) == (url, None)
    assert not upstream.asked("/old")


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (redirect("/loop"), "more than 5 redirects"),
        (answer(302), "answered 302 without saying where to"),
        (redirect("file:///etc/passwd"), "target that cannot be requested: file: is not read, only http: and https:"),
        (redirect("http://[/"), "target that cannot be requested: not a valid address"),
        (redirect("http://10.0.0.1:1/"), "refused to contact 10.0.0.1: 10.0.0.1 is private"),
        (redirect("http://169.254.169.254/latest/meta-data"), "169.254.169.254 is link-local"),
        (redirect("http://[::1]/"), "::1 is loopback"),
        (redirect("//0/"), "0"),
    ],
)
def test_redirects_that_lead_nowhere(upstream: Upstream, reply: Reply, problem: str) -> None:
    assert problem in failure(upstream.on("/loop", reply)).problem
    assert len(upstream.requests) <= 6


def test_a_redirect_that_asks_to_wait_a_moment_is_followed_after_it(upstream: Upstream) -> None:
    soon = {"Location": "/new", "Retry-After": format_datetime(NOW + timedelta(seconds=1), usegmt=True)}
    upstream.on("/old", answer(302, headers=soon))
    upstream.serve("/new", BODY)

    async def run() -> Document | NotModified:
        async with Client(LIMITS, user_agent("1.0")) as client:
            return await client.get(a_source(upstream.url("/old")), EMPTY, NOW + timedelta(seconds=0.8))

    assert asyncio.run(run()).url == upstream.url("/new")
    old, new = upstream.requests
    assert new.at - old.at >= 0.2


@pytest.mark.parametrize(("wish", "limits"), [("60", LIMITS), ("1", IMPATIENT)])
def test_a_redirect_that_asks_to_wait_for_longer_is_asked_for_anew_then(
    upstream: Upstream, wish: str, limits: FetchLimits
) -> None:
    error = failure(upstream.on("/old", answer(301, headers={"Location": "/new", "Retry-After": wish})), limits)
    at = NOW + timedelta(seconds=int(wish))
    assert error.problem == f"answered 301 and asked to wait until {at:%Y-%m-%d %H:%M:%S} UTC before it is followed"
    assert (error.retryable, error.freshness) == (True, Freshness(retry_at=at))
    assert len(upstream.requests) == 1


# Credentials


def test_credentials_go_to_the_own_origin_only(upstream: Upstream, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("pâss\n")
    auth = Auth(user="me", password_file=secret)
    upstream.on("/feed", redirect("/there", 302))
    with Upstream() as other:
        upstream.on("/there", redirect(other.serve("/feed", BODY), 302))
        read(a_source(upstream.url("/feed"), auth))
        assert [request.header("Authorization") for request in upstream.requests] == ["Basic bWU6cMOic3M="] * 2
        assert other.requests[0].header("Authorization") is None


def test_a_header_of_the_sources_own(upstream: Upstream, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("s3cret")
    source = a_source(upstream.on("/feed", answer(403)), Auth(header="X-Token", value_file=token))
    assert "s3cret" not in str(failure(source))
    assert upstream.requests[0].header("X-Token") == "s3cret"


def test_a_user_in_the_address_stays_out_of_what_is_said(upstream: Upstream) -> None:
    url = upstream.serve("/feed", BODY).replace("http://", "http://me:p%40ss@")
    assert read(url).url == upstream.url("/feed")
    assert upstream.requests[0].header("Authorization") == "Basic bWU6cEBzcw=="


@pytest.mark.parametrize(
    ("content", "problem"), [(None, "No such file"), (b"\xff", "not UTF-8"), (b"a\nb", "one line")]
)
def test_a_secret_that_cannot_be_read(upstream: Upstream, tmp_path: Path, content: bytes | None, problem: str) -> None:
    if content is not None:
        (tmp_path / "secret").write_bytes(content)
    error = failure(a_source(upstream.url("/feed"), Auth(user="me", password_file=tmp_path / "secret")))
    assert problem in error.problem
    assert not error.retryable
    assert not upstream.requests


# Refusals and failures


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


def picture(href: str, limits: FetchLimits = LIMITS) -> Document:
    async def run() -> Document:
        async with Client(limits, user_agent("1.0")) as client:
            return await client.get_picture(href, NOW)

    return asyncio.run(run())


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
