"""Which pages a site lets us fetch, and how often it is asked."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.errors import FetchError
from feedsvc.fetch import Client, Permission, Robots, allowed, user_agent
from feedsvc.fetch.robots import Spacing, read_robots
from feedsvc.model import Document, FetchLimits
from tests.servers.upstream import Reply, Upstream, answer, hang_up, redirect

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
LIMITS = FetchLimits(allow_private=("127.0.0.0/8",), timeout=timedelta(seconds=5))
RULES = """\ufeffLicense: https://paper.example/license.xml
User-agent: *
Disallow: /private
Allow: /private/open$
Crawl-delay: 5

user-agent: FeedSVC
disallow: /not-for-feedsvc # nor its friends
license: https://paper.example/other.xml
"""

T = TypeVar("T")


def run(work: Callable[[Client], Awaitable[T]]) -> T:
    async def main() -> T:
        async with Client(LIMITS, user_agent("1.0")) as client:
            return await work(client)

    return asyncio.run(main())


def robots(text: str) -> Robots:
    document = Document(
        url="https://e.org/robots.txt", status=200, body=text.encode(), content_type=None, fetched_at=NOW
    )
    return read_robots(document, NOW)


def test_rules_are_those_for_our_name_else_for_all() -> None:
    ours = robots(RULES)
    assert not allowed(ours, "https://e.org/not-for-feedsvc/1.html")
    assert allowed(ours, "https://e.org/private/1.html"), "a group of our own takes the place of the one for all"
    assert not allowed(ours, "https://e.org/private/1.html", "another")
    assert allowed(ours, "https://e.org/private/open", "another")
    assert ours.licences == ("https://paper.example/license.xml", "https://paper.example/other.xml")


@given(st.text(max_size=200), st.text(max_size=50))
def test_no_text_fails(text: str, path: str) -> None:
    allowed(robots(text), f"https://e.org/{path}")
    allowed(robots(f"User-agent: *\nDisallow: {path}"), f"https://e.org/{path}")


@pytest.mark.parametrize(
    ("reply", "refusal"),
    [
        (answer(200, b"User-agent: *\nDisallow: /news"), "does not allow feedsvc to fetch it"),
        (answer(200, b"<html>nothing here</html>"), None),
        # Of a large one the beginning counts, for and against.
        (answer(200, b"User-agent: *\nDisallow: /news\n" + b"#" * 3_000_000), "does not allow feedsvc to fetch it"),
        (answer(200, b"User-agent: *\nDisallow: /x\n" + b"#" * 3_000_000), None),
        (answer(404), None),
        (answer(403), None),
        (redirect("/robots.txt"), None),
        (answer(500), "cannot be read: the server answered 500"),
        (answer(429), "cannot be read: the server answered 429"),
        (hang_up(), "cannot be read: the server closed the connection"),
    ],
)
def test_a_page_is_fetched_if_its_site_allows_it(upstream: Upstream, reply: Reply, refusal: str | None) -> None:
    upstream.on("/robots.txt", reply)
    page = upstream.on("/news/1.html", answer(200, b"page"))
    if refusal is None:
        assert run(lambda client: client.get_page(page, NOW)).body == b"page"
    else:
        with pytest.raises(FetchError, match=refusal) as caught:
            run(lambda client: client.get_page(page, NOW))
        assert caught.value.retryable == ("cannot be read" in refusal), "a rule holds, a server recovers"
        assert not upstream.asked("/news/1.html")


def test_a_site_is_asked_once_however_many_pages_are_fetched(upstream: Upstream) -> None:
    upstream.on("/robots.txt", answer(200, b"User-agent: *\nDisallow: /x"))
    pages = [upstream.on(f"/{n}", answer(200, b"page")) for n in range(20)]

    async def all(client: Client) -> None:
        await asyncio.gather(*(client.get_page(page, NOW) for page in pages))

    run(all)
    assert len(upstream.asked("/robots.txt")) == 1
    assert upstream.requests[0].path == "/robots.txt"
    assert len(upstream.requests) == 21


def test_where_a_redirect_leads_is_asked_too(upstream: Upstream) -> None:
    with Upstream() as other:
        other.on("/robots.txt", answer(200, b"User-agent: *\nDisallow: /"))
        upstream.on("/old", redirect(other.on("/new", answer(200, b"page"))))
        # Both ways at once: nobody waits for the other's host while holding its own.
        back = other.on("/back", redirect(upstream.url("/news")))
        upstream.on("/news", answer(200, b"page"))

        async def both(client: Client) -> list[BaseException | Document]:
            wanted = (upstream.url("/old"), back)
            return await asyncio.gather(*(client.get_page(url, NOW) for url in wanted), return_exceptions=True)

        assert [type(found) for found in run(both)] == [FetchError, FetchError]
        assert [request.path for request in other.requests] == ["/robots.txt"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("User-agent: *\nCrawl-delay: 5", 5),
        ("User-agent: *\nCrawl-delay: 2.5\nDisallow:\n\nUser-agent: feedsvc\nCrawl-delay: 7", 7),
        ("User-agent: *\nCrawl-delay: 2.5\n\nUser-agent: feedsvc\nDisallow: /x", 0),
        *((f"User-agent: *\nCrawl-delay: {value}", 0) for value in ("nan", "-5", "inf", "soon", "", "0")),
        ("User-agent: *\nCrawl-delay: 86400", 60),
        ("User-agent: *\nCrawl-delay: " + "9" * 300, 60),
        ("", 0),
    ],
)
def test_crawl_delays(text: str, seconds: float) -> None:
    assert robots(text).delay == timedelta(seconds=seconds)


def test_pages_of_a_site_are_as_far_apart_as_it_wants_and_others_do_not_wait(upstream: Upstream) -> None:
    upstream.on("/robots.txt", answer(200, b"User-agent: *\nCrawl-delay: 0.2"))
    pages = [upstream.on(f"/{n}", answer(200, b"page")) for n in range(3)]
    pages.append(upstream.on("/3", redirect("/0", 302)))

    async def all(client: Client) -> float:
        await asyncio.gather(*(client.get_page(page, NOW) for page in pages))
        return client.page_wait_s(pages[0])

    assert 0 < run(all) <= 0.2
    times = [request.at for request in upstream.requests if request.path != "/robots.txt"]
    assert len(times) == 5
    # The times are the server's: a request may be a little longer on its way than the one after it.
    assert all_apart(times, 0.15)


def all_apart(times: list[float], least_s: float) -> bool:
    return all(later - earlier >= least_s for earlier, later in pairwise(times))


def test_who_waits_for_its_time_is_passed_by_other_sites() -> None:
    async def main() -> None:
        spacing = Spacing(lambda: 100.0)
        async with spacing.place("slow", timedelta(hours=1)):
            pass
        assert (spacing.wait_s("slow"), spacing.wait_s("other")) == (3600, 0)
        waiting = asyncio.ensure_future(spacing.place("slow", timedelta(hours=1)).__aenter__())
        async with asyncio.timeout(20), spacing.place("other", timedelta(hours=1)):
            assert not waiting.done()
        waiting.cancel()

    asyncio.run(main())


def test_rules_hold_for_a_day_at_most_and_the_last_ones_while_there_are_none(upstream: Upstream) -> None:
    page = upstream.url("/page")
    upstream.on(
        "/robots.txt",
        answer(200, b"User-agent: *\nDisallow: /", headers={"Cache-Control": "max-age=9999999"}),
        answer(503),
        answer(200, b"License: https://e.org/l.xml"),
    )

    async def over_time(client: Client) -> list[Permission]:
        return [await client.permission(page, NOW + hours * HOUR) for hours in (0, 23, 24, 24.5, 25)]

    found = run(over_time)
    assert [permission.refusal is None for permission in found] == [False, False, False, False, True]
    assert found[-1].licences == ("https://e.org/l.xml",)
    assert len(upstream.requests) == 3
