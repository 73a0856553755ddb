"""Forms sent to a real server on loopback, as to a hub."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from feedsvc.errors import FetchError
from feedsvc.fetch import Client, user_agent
from feedsvc.model import FetchLimits, FormAnswer
from tests.servers.upstream import Coding, Reply, Upstream, answer, compressed, drip, hang_up, raw, redirect

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LIMITS = FetchLimits(allow_private=("127.0.0.0/8",), timeout=timedelta(seconds=5), max_body_bytes=100_000)
FIELDS = (("hub.mode", "subscribe"), ("hub.topic", "https://báo.example/?a=1&b"), ("hub.topic", "2"))


def post(url: str, fields: Sequence[tuple[str, str]] = FIELDS, limits: FetchLimits = LIMITS) -> FormAnswer:
    async def run() -> FormAnswer:
        async with Client(limits, user_agent("1.0")) as client:
            return await client.post_form(url, fields, NOW)

    return asyncio.run(run())


def failure(url: str, limits: FetchLimits = LIMITS) -> FetchError:
    with pytest.raises(FetchError) as caught:
        post(url, limits=limits)
    return caught.value


def test_a_form_and_nothing_that_is_not_needed(upstream: Upstream) -> None:
    url = upstream.on("/hub", answer(202, b"not read", headers={"Set-Cookie": "id=1"}))
    assert post(url.replace("http://", "http://me:secret@")) == FormAnswer(url=url, status=202)
    (request,) = upstream.requests
    assert request.method == "POST"
    assert request.body == (b"hub.mode=subscribe&hub.topic=https%3A%2F%2Fb%C3%A1o.example%2F%3Fa%3D1%26b&hub.topic=2")
    assert request.header("Content-Type") == "application/x-www-form-urlencoded"
    names = {name for name, _ in request.headers}
    assert names == {"Host", "User-Agent", "Accept", "Accept-Encoding", "Content-Type", "Content-Length"}


@pytest.mark.parametrize("status", [307, 308])
def test_a_form_goes_where_the_hub_has_gone(upstream: Upstream, status: int) -> None:
    upstream.on("/hub", redirect("/new", status))
    url = upstream.on("/new", answer(204))
    assert post(upstream.url("/hub")) == FormAnswer(url=url, status=204)
    old, new = upstream.requests
    assert (new.method, new.body) == ("POST", old.body)


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        *((redirect("/new", status), f"answered {status} to a form, which is only sent on") for status in (301, 303)),
        (redirect("/hub", 307), "more than 5 redirects"),
        (redirect("http://10.0.0.1/", 308), "refused to contact 10.0.0.1: 10.0.0.1 is private"),
        (hang_up(), "the server closed the connection without an answer"),
    ],
)
def test_forms_that_arrive_nowhere(upstream: Upstream, reply: Reply, problem: str) -> None:
    assert failure(upstream.on("/hub", reply)).problem.startswith(problem)
    assert not upstream.asked("/new")


def test_no_form_goes_to_a_private_address(upstream: Upstream) -> None:
    assert "127.0.0.1 is loopback" in failure(upstream.url("/hub"), FetchLimits()).problem
    assert not upstream.requests


@pytest.mark.parametrize("coding", [None, "gzip", "br"])
def test_why_a_form_was_refused(upstream: Upstream, coding: Coding | None) -> None:
    body = "<p>Chủ đề\n không\x1b[2J biết".encode() + b" more" * 100_000
    headers = {"Content-Encoding": coding, "Retry-After": "60"} if coding else {"Retry-After": "60"}
    reply = answer(429, compressed(body, coding) if coding else body, headers=headers)
    found = post(upstream.on("/hub", reply))
    assert (found.status, found.retry_at) == (429, NOW + timedelta(minutes=1))
    assert found.text.startswith("<p>Chủ đề không [2J biết more")
    assert 1000 < len(found.text) <= 2000


@pytest.mark.parametrize(
    "reply",
    [
        answer(400, b"\xff\x00", headers={"Content-Encoding": "gzip"}),
        answer(400, b"?", headers={"Content-Encoding": "compress"}),
        raw(b"HTTP/1.1 400 No\r\nContent-Length: 9\r\n\r\n"),
        drip(b"HTTP/1.1 400 No\r\n\r\n", b"\0" * 10_000, pause_s=0),
    ],
)
def test_a_refusal_that_cannot_be_read_is_one_still(upstream: Upstream, reply: Reply) -> None:
    assert post(upstream.on("/hub", reply)) == FormAnswer(url=upstream.url("/hub"), status=400)
