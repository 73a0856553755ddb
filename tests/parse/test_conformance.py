"""feedparser's own conformance files: what we read equals what it reads, but for what deviations.tsv lists.

Compared are the groups below; every file of the corpus, of whatever group, is read without a crash.
"""

import io
import json
import re
import tarfile
import warnings
from calendar import timegm
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import feedparser
import pytest

from feedsvc.errors import ParseError
from feedsvc.model import Document, Entry, FeedInfo, LocalText, ParsedFeed, Source
from feedsvc.parse import parse
from feedsvc.parse.charset import decode
from feedsvc.parse.texts import clean, plain_text
from tests.parse.given import FETCHED_AT

pytestmark = pytest.mark.shared

COMPARED = frozenset(
    "rss atom atom10 rdf cdf namespace itunes lang base entities encoding illformed".split()  # noqa: SIM905
)
DEVIATIONS = Path(__file__).with_name("deviations.tsv")
UPSTREAM = Source(id="conformance", title=LocalText(by_language=()), url="http://127.0.0.1:8097/", timezone="UTC")

Facts = dict[str, object]


@dataclass(frozen=True)
class Case:
    """One file of the corpus with the headers it wants."""

    name: str
    group: str
    document: Document


def cases(corpus: Path) -> Iterator[Case]:
    with tarfile.open(corpus) as archive:
        files = {member.name: archive.extractfile(member) for member in archive if member.isfile()}
        bodies = {name.removeprefix("feedparser/"): file.read() for name, file in files.items() if file}
    for line in bodies["manifest.jsonl"].decode().splitlines():
        told = json.loads(line)
        headers = {name.lower(): value for name, value in told["headers"].items()}
        document = Document(
            url=UPSTREAM.url + told["file"],
            status=200,
            body=bodies[told["file"]],
            content_type=headers.get("content-type"),
            content_language=headers.get("content-language"),
            content_location=headers.get("content-location"),
            fetched_at=FETCHED_AT,
        )
        yield Case(
            told["file"].removeprefix("tests/"), told["group"].removeprefix("wellformed/").split("/")[0], document
        )


@pytest.fixture(scope="module")
def read_cases(shared: Path) -> list[tuple[Case, ParsedFeed | None]]:
    """Every file and its reading, None where there is no feed in it."""
    return [(case, read(case)) for case in cases(shared / "conformance" / "feedparser.tar.xz")]


def read(case: Case) -> ParsedFeed | None:
    try:
        return parse(case.document, UPSTREAM)
    except ParseError:
        return None


def test_only_what_is_no_feed_is_refused(read_cases: list[tuple[Case, ParsedFeed | None]]) -> None:
    assert len(read_cases) > 2000
    assert [case.name for case, feed in read_cases if feed is None] == ["illformed/rss_empty_document.xml"]


def test_deviations_are_those_listed(read_cases: list[tuple[Case, ParsedFeed | None]]) -> None:
    listed = dict(listed_deviations())
    found: dict[tuple[str, str], tuple[object, object]] = {}
    for case, feed in read_cases:
        if case.group in COMPARED and feed is not None:
            found.update({(case.name, field): pair for field, pair in differences(feed, reference(case)).items()})
    assert found.keys() == listed.keys()
    unexplained = {where: pair for where, pair in found.items() if not RULES[listed[where]](*pair)}
    assert unexplained == {}


def listed_deviations() -> Iterator[tuple[tuple[str, str], str]]:
    lines = [line for line in DEVIATIONS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert lines == sorted(set(lines))
    for line in lines:
        file, field, rule = line.split("\t")
        yield (file, field), rule


def picture_types(enclosures: object) -> bool:
    assert isinstance(enclosures, list)
    return bool(enclosures) and all(str(kind).startswith("image/") for _, kind, _ in enclosures)


# What explains a deviation, by the rule's name in deviations.tsv, where the reasons are.
RULES: dict[str, Callable[[object, object], bool]] = {
    "plain-title": lambda ours, theirs: ours == plain_text(str(theirs)),
    "verbatim-id": lambda ours, theirs: str(theirs).lower().endswith(str(ours).lower()),
    "picture": lambda ours, theirs: ours == [] and picture_types(theirs),
    "controls": lambda ours, theirs: ours == clean(theirs),
    "cut-entry": lambda ours, theirs: ours == 0 and theirs == 1,
}


def reference(case: Case) -> "feedparser.FeedParserDict":
    """Return feedparser's own reading of the bytes brought to UTF-8."""
    text = re.sub(r"^\s*<\?xml[^>]*?>", "", decode(case.document.body, case.document.content_type).text)
    headers = {
        "content-type": "application/xml; charset=utf-8",
        "content-location": case.document.content_location or case.document.url,
    }
    if case.document.content_language:
        headers["content-language"] = case.document.content_language
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        body = f"<?xml version='1.0' encoding='utf-8'?>{text}".encode()
        return feedparser.parse(
            io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )


def differences(ours: ParsedFeed, theirs: "feedparser.FeedParserDict") -> dict[str, tuple[object, object]]:
    if len(ours.entries) != len(theirs.entries):
        return {"entries": (len(ours.entries), len(theirs.entries))}
    pairs = [(f"feed {name}", (value, their_feed(theirs.feed)[name])) for name, value in our_feed(ours.info).items()]
    for our, their in zip(ours.entries, theirs.entries, strict=True):
        pairs += [(name, (value, their_entry(their)[name])) for name, value in our_entry(our).items()]
    return {name: pair for name, pair in pairs if pair[0] != pair[1]}


def our_feed(info: FeedInfo) -> Facts:
    return {
        "title": info.title,
        "link": info.link("alternate"),
        "id": info.id,
        "authors": [(person.name, person.uri, person.email) for person in info.authors],
        "terms": [(term.term, term.scheme, term.label) for term in info.terms],
        "updated": info.updated,
    }


def our_entry(entry: Entry) -> Facts:
    return {
        "title": entry.title,
        "link": entry.link,
        "id": entry.guid,
        "authors": [(person.name, person.uri, person.email) for person in entry.authors],
        "terms": [(term.term, term.scheme, term.label) for term in entry.terms],
        "enclosures": [
            (one.href, one.type, None if one.length is None else str(one.length)) for one in entry.enclosures
        ],
        "published": entry.published,
        "updated": entry.updated,
    }


def their_feed(feed: "feedparser.FeedParserDict") -> Facts:
    """`dict.get`, for feedparser's own answers `updated` with `published`."""
    return {
        **their_things(feed),
        "updated": moment(dict.get(feed, "updated_parsed")) or moment(dict.get(feed, "published_parsed")),
    }


def their_entry(entry: "feedparser.FeedParserDict") -> Facts:
    links = [link for link in dict.get(entry, "links", []) if link.get("rel") == "enclosure"]
    return {
        **their_things(entry),
        "enclosures": [(link.get("href"), link.get("type"), link.get("length")) for link in links],
        "published": moment(dict.get(entry, "published_parsed")),
        "updated": moment(dict.get(entry, "updated_parsed")),
    }


def their_things(thing: "feedparser.FeedParserDict") -> Facts:
    people = [
        tuple(person.get(part) or None for part in ("name", "href", "email"))
        for person in dict.get(thing, "authors", [])
    ]
    return {
        "title": dict.get(thing, "title") or None,
        "link": dict.get(thing, "link") or None,
        "id": dict.get(thing, "id") or None,
        "authors": list(dict.fromkeys(person for person in people if any(person))),
        "terms": [(tag["term"], tag["scheme"], tag["label"]) for tag in dict.get(thing, "tags", [])],
    }


def moment(parsed: object) -> datetime | None:
    return datetime.fromtimestamp(timegm(parsed), UTC) if isinstance(parsed, tuple) else None
