"""Real feeds as captured: every entry that feedparser finds comes out once, with the same title, link and date."""

import csv
import io
import warnings
from calendar import timegm
from datetime import UTC, datetime
from pathlib import Path

import feedparser
import pytest

from feedsvc.errors import ParseError
from feedsvc.model import Entry, ParsedFeed
from feedsvc.parse.texts import plain_text
from tests.parse.given import read

pytestmark = pytest.mark.shared

OURS_ALONE = "d4b7ab74da763119"  # JSON Feed, which feedparser finds no entry in


def table(shared: Path) -> list[dict[str, str]]:
    with (shared / "feeds.tsv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))


@pytest.fixture(scope="module")
def feeds(shared: Path) -> dict[str, ParsedFeed]:
    """Every feed of the table, by file name."""
    return {row["file"]: read((shared / "feeds" / row["file"]).read_bytes(), url=row["url"]) for row in table(shared)}


def test_every_entry_comes_out_once(shared: Path, feeds: dict[str, ParsedFeed]) -> None:
    expected = {row["file"]: int(row["entries"]) for row in table(shared)}
    assert {name: len(feed.entries) for name, feed in feeds.items()} == {**expected, OURS_ALONE: 10}
    assert [name for name, feed in feeds.items() if feed.skipped] == []


def test_titles_links_and_dates_are_feedparsers(shared: Path, feeds: dict[str, ParsedFeed]) -> None:
    urls = {row["file"]: row["url"] for row in table(shared)}
    for name, feed in feeds.items():
        theirs = by_feedparser((shared / "feeds" / name).read_bytes(), urls[name])
        if name != OURS_ALONE:
            assert [facts(entry) for entry in feed.entries] == [their_facts(entry) for entry in theirs.entries], name


def by_feedparser(body: bytes, url: str) -> "feedparser.FeedParserDict":
    headers = {"content-type": "application/xml", "content-location": url}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return feedparser.parse(
            io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )


def facts(entry: Entry) -> tuple[object, ...]:
    return entry.title, entry.link, entry.published, entry.updated


def their_facts(entry: "feedparser.FeedParserDict") -> tuple[object, ...]:
    title = dict.get(entry, "title") or None
    detail = dict.get(entry, "title_detail", {})
    return (
        title if detail.get("type") == "text/plain" else plain_text(title),
        (dict.get(entry, "link") or "").replace(" ", "%20") or None,  # an address with spaces is none in our output
        moment(dict.get(entry, "published_parsed")),
        moment(dict.get(entry, "updated_parsed")),
    )


def moment(parsed: object) -> datetime | None:
    """Hugo writes 0001-01-01 where no date was set; what is before 1990 is no date."""
    found = datetime.fromtimestamp(timegm(parsed), UTC) if isinstance(parsed, tuple) else None
    return found if found and found.year >= 1990 else None


def test_feeds_beyond_the_table_are_read_or_refused_in_words(shared: Path) -> None:
    said = {}
    for path in sorted((shared / "feeds").glob("*.*")):
        try:
            said[path.name] = str(len(read(path.read_bytes()).entries))
        except ParseError as error:
            said[path.name] = error.problem
    refused = {name: words for name, words in said.items() if not words.isdigit()}
    assert len(said) > 20
    assert refused == {
        "nnw-ScriptingNews.json": "a JSON document, not a JSON Feed",
        "nnw-Subs.opml": "an OPML list, not a feed",
        "nnw-SubsNoTitleAttributes.opml": "an OPML list, not a feed",
        "nnw-allthis-partial.json": "not valid JSON: Unterminated string starting at (line 1, column 10308)",
    }
