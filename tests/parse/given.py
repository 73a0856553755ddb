"""A document as fetch hands it over, and its reading."""

from datetime import UTC, datetime

from feedsvc.model import Document, LocalText, ParsedFeed, Source
from feedsvc.parse import parse

FETCHED_AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
URL = "https://example.org/feeds/main.xml"


def read(
    body: bytes | str,
    *,
    content_type: str | None = None,
    url: str = URL,
    timezone: str = "UTC",
    fetched_at: datetime = FETCHED_AT,
) -> ParsedFeed:
    """Read a body as if it had been fetched."""
    document = Document(
        url=url,
        status=200,
        body=body.encode() if isinstance(body, str) else body,
        content_type=content_type,
        fetched_at=fetched_at,
    )
    return parse(document, Source(id="given", title=LocalText(by_language=()), url=url, timezone=timezone))


def rss(items: str = "", *, channel: str = "", attributes: str = "") -> str:
    """Return an RSS 2.0 document."""
    return f'<rss version="2.0" {attributes}><channel><title>T</title>{channel}{items}</channel></rss>'


def atom(entries: str = "", *, attributes: str = "") -> str:
    """Return an Atom 1.0 document."""
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {attributes}><id>urn:f</id><title>T</title>{entries}</feed>'
