"""The client against a real server on loopback."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from feedsvc.errors import FetchError
from feedsvc.fetch import Client, user_agent
from feedsvc.model import Document, FetchLimits, FetchState, LocalText, NotModified, Source
from tests.servers.upstream import Upstream

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LIMITS = FetchLimits(allow_private=("127.0.0.0/8",), timeout=timedelta(seconds=5), max_body_bytes=100_000)
BODY = b"<rss/>"


def source(url: str) -> Source:
    return Source(id="one", title=LocalText(by_language=(("", "One"),)), url=url)


def fetch(of: Source | str, state: FetchState | None = None, limits: FetchLimits = LIMITS) -> Document | NotModified:
    asked = source(of) if isinstance(of, str) else of

    async def run() -> Document | NotModified:
        async with Client(limits, user_agent("1.0", "ops@example.org")) as client:
            return await client.get(asked, state or FetchState(source_id="one"), NOW)

    return asyncio.run(run())


def failure(of: Source | str, limits: FetchLimits = LIMITS, state: FetchState | None = None) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetch(of, state, limits)
    return caught.value


def test_a_document(upstream: Upstream) -> None:
    url = upstream.serve("/feed", BODY, etag='W/"a b"', last_modified="Sat, 21 Nov 2026 10:00:00 GMT")
    found = fetch(url)
    assert isinstance(found, Document)
    assert (found.body, found.status, found.url) == (BODY, 200, url)
