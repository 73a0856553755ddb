"""Where stories are filed, and the reasons that are kept."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from feedsvc.filing import Rules, compile_rules
from feedsvc.model import (
    Appearance,
    Category,
    Content,
    Entry,
    FeedInfo,
    Filed,
    LocalText,
    Person,
    Source,
    Tag,
    Term,
)

NAME = LocalText(by_language=(("en", "x"),))
SEEN = datetime(2025, 2, 1, tzinfo=UTC)
SOURCES = (
    Source(id="nhandan-en", title=NAME, url="https://en.nhandan.vn/rss", categories=("trade",)),
    Source(id="vnexpress", title=NAME, url="https://vnexpress.net/rss", categories=("trade", "innovation")),
    Source(id="lottery", title=NAME, url="https://x.vn/rss", skip='title:"xổ số" OR terms:horoscope'),
)


def entry(title: str = "", text: str = "", *terms: str, link: str | None = None, author: str | None = None) -> Entry:
    return Entry(
        title=title or None,
        summary=Content(value=f"<p>{text}", type="html", text=text),
        terms=tuple(Term(term=term) for term in terms),
        link=link,
        authors=(Person(name=author),) if author else (),
        published=SEEN,
    )


def seen(source_id: str, one: Entry) -> Appearance:
    return Appearance(entry_id=1, source_id=source_id, entry=one, feed=FeedInfo(), first_seen_at=SEEN)


def rules(categories: Sequence[tuple[str, str | None]] = (), tags: Sequence[tuple[str, str | None]] = ()) -> Rules:
    return compile_rules(
        SOURCES,
        [Category(id=id, title=NAME, match=match) for id, match in categories],
        [Tag(id=id, title=NAME, match=match) for id, match in tags],
        "Asia/Ho_Chi_Minh",
    )


def test_a_rule_says_what_it_matched() -> None:
    match = 'title:("product quality" OR "hàng Việt Nam") OR (terms:"kinh tế" AND text:"tiêu chuẩn")'
    filing = rules([("product-quality", match)])
    lead = seen("a", entry("Better Product Quality for all"))
    assert filing.file(lead, [lead]).categories == (
        Filed(id="product-quality", reason="rule matched title: “Product Quality”"),
    )
    lead = seen("a", entry("Tin", "Theo tiêu chuẩn mới", "Kinh tế"))
    assert filing.file(lead, [lead]).categories[0].reason == "rule matched terms: “Kinh tế”, text: “tiêu chuẩn”"
    lead = seen("a", entry("Tin", "Theo tiêu chuẩn mới"))
    assert filing.file(lead, [lead]).categories == ()


def test_what_a_source_sets_holds_beside_the_rules_in_the_order_of_the_configuration() -> None:
    filing = rules([("innovation", None), ("science", "lab"), ("trade", "export")])
    lead, other = seen("nhandan-en", entry("Export from the lab")), seen("vnexpress", entry("copy"))
    assert filing.file(lead, [lead, other]).categories == (
        Filed(id="innovation", reason="set for source vnexpress"),
        Filed(id="science", reason="rule matched text: “lab”"),
        Filed(id="trade", reason="set for source nhandan-en and vnexpress; rule matched text: “Export”"),
    )


def test_tags_are_decided_first() -> None:
    filing = rules([("ip", "tag:wipo"), ("bare", "wipo"), ("none", "tag:other")], [("wipo", '"World Intellectual"')])
    lead = seen("a", entry("World Intellectual Property Day"))
    filed = filing.file(lead, [lead])
    assert filed.tags == (Filed(id="wipo", reason="rule matched text: “World Intellectual”"),)
    assert filed.categories == (
        Filed(id="ip", reason="rule matched tag: wipo"),
        Filed(id="bare", reason="rule matched tags: “wipo”"),
    )


@pytest.mark.parametrize(
    ("match", "filed"),
    [
        ("leading", True),
        ("copied", False),
        ("terms:second", True),
        ("source:vnexpress", True),
        ("host:nhandan.vn host:vnexpress.net", True),
        ("author:bình", True),
        ("published:2025-02-01", True),
        ("author:ann@example.org", False),
    ],
)
def test_words_are_the_leads_and_labels_are_everyones(match: str, filed: bool) -> None:
    lead = seen("nhandan-en", entry("leading", "", "first", link="https://en.nhandan.vn/post1.html"))
    other = seen("vnexpress", entry("copied", "", "second", link="https://vnexpress.net/2.html", author="An Bình"))
    assert bool(rules([("c", match)]).file(lead, [lead, other]).categories) is filed


def test_an_entry_that_says_nothing_and_addresses_that_are_none() -> None:
    lead = seen("a", Entry(link="https://[", canonical_link="mailto:x"))
    assert rules([("c", "host:x OR a")]).file(lead, [lead]).categories == ()
    assert rules([("c", "-a")]).file(lead, [lead]).categories == (Filed(id="c", reason='rule matched not "a"'),)


def test_skip() -> None:
    filing = rules()
    assert filing.skip_reason(SOURCES[2], entry("Kết quả xổ số hôm nay")) == "skip matched title: “xổ số”"
    assert filing.skip_reason(SOURCES[2], entry("x", "y", "Horoscope")) == "skip matched terms: “Horoscope”"
    assert filing.skip_reason(SOURCES[2], entry("xo so")) is None
    assert filing.skip_reason(SOURCES[0], entry("Kết quả xổ số")) is None
