"""feedparser's own files on sanitising, group "sanitize": nothing active survives, and the text is kept."""

import json
import re
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feedsvc.extract import clean
from feedsvc.model import Document, Entry, LocalText, ParsedFeed, Source
from feedsvc.parse import parse
from tests.extract.audit import faults

pytestmark = pytest.mark.shared

SOURCE = Source(id="conformance", title=LocalText(by_language=()), url="http://127.0.0.1:8097/")

#: Where the text is another than feedparser's, and why.
DEVIATIONS = {
    "item_content_encoded_script_nested_cdata": "`<![CDATA[` is a comment to HTML; feedparser makes text of it",
    "xml_declaration_unexpected_character": "`<!DOCTYPE` is a declaration to HTML; feedparser makes text of it",
    "xml_malicious_comment": "a comment that is not closed reaches to the end, as in HTML",
}
#: What feedparser's names for fields mean here. It copies content to the summary where there is none.
SUMMARY = frozenset({"description", "summary"})
FEED_TEXTS = {
    "copyright": "rights",
    "rights": "rights",
    "subtitle": "subtitle",
    "tagline": "subtitle",
    "title": "title",
}


def cases(corpus: Path) -> Iterator[tuple[str, ParsedFeed, list[dict[str, object]]]]:
    with tarfile.open(corpus) as archive:
        files = {member.name: archive.extractfile(member) for member in archive if member.isfile()}
        bodies = {name.removeprefix("feedparser/"): file.read() for name, file in files.items() if file}
    for line in bodies["manifest.jsonl"].decode().splitlines():
        told = json.loads(line)
        if told["group"].endswith("sanitize"):
            document = Document(
                url=SOURCE.url,
                status=200,
                body=bodies[told["file"]],
                content_type="application/xml",
                fetched_at=datetime(2026, 11, 22, tzinfo=UTC),
            )
            yield Path(told["file"]).stem, clean(parse(document, SOURCE), SOURCE), told["checks"] or []


def markup(entry: Entry) -> Iterator[str]:
    yield from (content.value for content in (entry.summary, entry.content) if content and content.type == "html")


def kept(feed: ParsedFeed, path: list[str | int]) -> str | None:
    """Return our text for what feedparser has at `path`; None where the model has no such field."""
    if path[0] == "entries":
        (entry,) = feed.entries
        if path[2] == "title":
            return entry.title or ""
        first = entry.summary if path[2] in SUMMARY else entry.content
        content = first or entry.content or entry.summary
        return (content.text or "") if content else ""
    field = FEED_TEXTS.get(str(path[1]))
    return (getattr(feed.info, field) or "") if field else None


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_nothing_active_survives_and_the_text_is_kept(shared: Path) -> None:
    compared, other = 0, {}
    for name, feed, checks in cases(shared / "conformance" / "feedparser.tar.xz"):
        for entry in feed.entries:
            assert [fault for html in markup(entry) for fault in faults(html)] == [], name
        lines = [feed.info.title, feed.info.subtitle, feed.info.rights, *(entry.title for entry in feed.entries)]
        assert not any(re.search(r"<\w|javascript:|alert\(", line or "") for line in lines), name
        for check in checks:
            if check["op"] == "eq" and isinstance(check["value"], str):
                ours = kept(feed, check["path"])  # type: ignore[arg-type]
                expected = squeezed(re.sub(r"<[^>]*>", "", check["value"]))
                compared += ours is not None
                if ours is not None and squeezed(ours) != expected:
                    other[name] = (ours, check["value"])
    assert other.keys() == DEVIATIONS.keys(), other
    assert compared > 600
