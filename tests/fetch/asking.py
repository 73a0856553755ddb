"""Asking a real server on loopback, with a client of its own each time."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from feedsvc.errors import FetchError
from feedsvc.fetch import Client, user_agent
from feedsvc.model import Auth, Document, FetchLimits, FetchState, LocalText, NotModified, Source

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LIMITS = FetchLimits(allow_private=("127.0.0.0/8",), timeout=timedelta(seconds=5), max_body_bytes=100_000)
IMPATIENT = FetchLimits(allow_private=("127.0.0.0/8",), timeout=timedelta(seconds=0.25))
EMPTY = FetchState(source_id="one")
BODY = "<rss>Tiếng Việt</rss>".encode()


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


def documents(url: str, times: int) -> list[Document]:
    async def run() -> list[Document | NotModified]:
        async with Client(LIMITS, user_agent("1.0")) as client:
            return [await client.get(a_source(url), EMPTY, NOW) for _ in range(times)]

    return [found for found in asyncio.run(run()) if isinstance(found, Document)]


def failure(of: Source | str, limits: FetchLimits = LIMITS, state: FetchState = EMPTY) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetch(of, state, limits)
    return caught.value


def picture(href: str, limits: FetchLimits = LIMITS) -> Document:
    async def run() -> Document:
        async with Client(limits, user_agent("1.0")) as client:
            return await client.get_picture(href, NOW)

    return asyncio.run(run())
