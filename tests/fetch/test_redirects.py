"""Where redirects lead, and for how long."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from ipaddress import IPv4Network

import pytest

from feedsvc.fetch import Client, guard, user_agent
from feedsvc.model import Document, FetchLimits, FetchState, Freshness, NotModified
from tests.fetch.asking import BODY, EMPTY, IMPATIENT, LIMITS, NOW, a_source, failure, fetch, read
from tests.servers.upstream import (
    Reply,
    Upstream,
    answer,
    redirect,
)


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


def test_no_redirect_moves_a_source_into_a_network_of_our_own(
    upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One loopback address stands for the Internet, another for the network at home, which may be contacted."""
    monkeypatch.setattr(guard, "REFUSED_V4", ((IPv4Network("127.0.0.2/32"), "private"),))
    limits = replace(LIMITS, allow_private=("127.0.0.2/32",))
    with Upstream("127.0.0.2") as home:
        inside = home.serve("/feed", BODY)
        upstream.on("/feed", redirect(inside))
        upstream.on("/via", redirect(upstream.serve("/new", BODY)))
        home.on("/old", redirect(inside))
        home.on("/out", redirect(upstream.url("/new")))
        found = read(upstream.url("/feed"), limits=limits)
        assert (found.url, found.moved_to) == (inside, None)
        assert read(home.url("/old"), limits=limits).moved_to == inside
        assert read(home.url("/out"), limits=limits).moved_to == upstream.url("/new")
        assert read(upstream.url("/via"), limits=limits).moved_to == upstream.url("/new")


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
