"""Real feeds, from loopback to documents: every entry once, in three formats, with its title, link and date."""

import calendar
import html
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import feedparser
import pytest

from tests.servers.upstream import Upstream
from tests.site import Site, source

pytestmark = pytest.mark.shared

#: what a publisher's title, link and date come to, compared as text and seconds
Seen = tuple[str, str | None, int | None]

#: JSON that is no feed, one of them cut short
NO_FEEDS = frozenset({"nnw-ScriptingNews.json", "nnw-allthis-partial.json"})

#: the first moment that counts as a date
FIRST_S = calendar.timegm((1990, 1, 1, 0, 0, 0))


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    return shared / "feeds"


def feeds(folder: Path) -> dict[str, Path]:
    """Return the feeds by the id of their source; lists of feeds are no feeds."""
    files = (file for file in sorted(folder.iterdir()) if file.suffix != ".opml" and file.name not in NO_FEEDS)
    return {f"feed-{number}": file for number, file in enumerate(files)}


@pytest.fixture(scope="module")
def site(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Upstream]]:
    """A site that has read every feed there is, each as a source of its own."""
    with Upstream() as upstream, Site(tmp_path_factory.mktemp("real")) as made:
        sources = [
            source(id, upstream.serve(f"/{id}", file.read_bytes(), etag='"1"'), timezone="UTC")
            for id, file in feeds(folder).items()
        ]
        limits = {"entries": 2000, "max_entries": 2000}
        made.configure(sources, publish=limits)
        updates = made.poll()
        failed = {id: update.attempt.error for id, update in updates.items() if update.attempt.outcome != "changed"}
        assert not failed
        yield made, upstream


def text(markup: str | None) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", markup or "")).split())


def in_uri(link: str | None) -> str | None:
    """Return a link as documents may hold it: no address has spaces. An id that feedparser takes for a link is none."""
    return link.replace(" ", "%20") if link and not link.startswith("urn:uuid:") else None


def seconds(parsed: Any) -> int | None:
    at = calendar.timegm(parsed) if parsed else None
    return at if at is not None and at >= FIRST_S else None


def read(document: bytes, base: str) -> Counter[Seen]:
    """Return what feedparser sees in an RSS or Atom document."""
    found = feedparser.parse(
        document, response_headers={"content-location": base}, sanitize_html=False, resolve_relative_uris=False
    )
    return Counter(
        (text(e.get("title")), in_uri(e.get("link")), seconds(e.get("published_parsed") or e.get("updated_parsed")))
        for e in found.entries
    )


def read_json(document: bytes) -> Counter[Seen]:
    def at(item: dict[str, Any]) -> int | None:
        date = item.get("date_published")
        return int(datetime.fromisoformat(date).timestamp()) if date else None

    items = json.loads(document)["items"]
    return Counter((text(item.get("title")), item.get("url"), at(item)) for item in items)


def is_same(theirs: Seen, ours: Seen) -> bool:
    """Compare one entry. Without a title it is shown with the beginning of its text; Atom wants a date, always."""
    return theirs[0] in {"", ours[0]} and theirs[1] == ours[1] and theirs[2] in {None, ours[2]}


def missing(upstream: Counter[Seen], ours: Counter[Seen]) -> list[Seen]:
    """Return upstream's entries that are not ours. One that stands twice in a document is one entry."""
    by_link: dict[str | None, list[Seen]] = {}
    for seen in ours:
        by_link.setdefault(seen[1], []).append(seen)
    return [seen for seen in upstream if not any(is_same(seen, found) for found in by_link.get(seen[1], ()))]


def test_every_entry_is_in_its_sources_feed_once_with_title_link_and_date(
    site: tuple[Site, Upstream], folder: Path
) -> None:
    made, upstream = site
    compared = 0
    for id, file in feeds(folder).items():
        expected = read(file.read_bytes(), upstream.url(f"/{id}"))
        for format in ("rss", "atom", "json"):
            body = made.body(f"/feeds/source/{id}.{format}")
            found = read_json(body) if format == "json" else read(body, "")
            if expected:
                assert missing(expected, found) == [], f"{file.name}.{format}"
                assert len(found) == len(expected), f"{file.name}.{format}"
                assert set(found.values()) == {1}, f"{file.name}.{format}"
                compared += len(expected)
    assert compared > 3 * 3000


def test_reading_them_again_changes_no_byte(site: tuple[Site, Upstream], folder: Path) -> None:
    made, upstream = site
    before, changes = made.bodies(), made.changes()
    for id, file in feeds(folder).items():
        upstream.serve(f"/{id}", file.read_bytes())  # without a validator: the bytes themselves are compared
    assert {update.attempt.outcome for update in made.poll().values()} == {"unchanged"}
    assert (made.bodies(), made.changes()) == (before, changes)
