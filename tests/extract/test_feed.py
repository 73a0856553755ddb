"""Whole feeds cleaned: which base addresses have, what becomes of every other field, and that once is enough."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.errors import ParseError
from feedsvc.extract import clean
from feedsvc.model import (
    Content,
    DeletedEntry,
    Document,
    Enclosure,
    Entry,
    FeedInfo,
    Link,
    LocalText,
    ParsedFeed,
    Person,
    Picture,
    Source,
    Term,
)
from feedsvc.parse import parse
from tests.extract.audit import faults

SOURCE = Source(id="s", title=LocalText(by_language=(("", "S"),)), url="https://feeds.example.org/all.xml")
INFO = FeedInfo(links=(Link(href="https://example.org/"),))


def cleaned(entry: Entry, info: FeedInfo = INFO, source: Source = SOURCE) -> Entry:
    return clean(ParsedFeed(info=info, entries=(entry,)), source).entries[0]


def html(value: str, base: str | None = None) -> Content:
    return Content(value=value, type="html", base=base)


@pytest.mark.parametrize(
    ("entry", "info", "expected"),
    [
        (Entry(link="https://a.org/b/c", content=html('<img src="d.jpg">', "https://e.org/f/")), INFO, "https://e.org/f/d.jpg"),
        (Entry(link="https://a.org/b/c", content=html('<img src="d.jpg">', "../g/")), INFO, "https://a.org/g/d.jpg"),
        (Entry(link="https://a.org/b/c", content=html('<img src="d.jpg">')), INFO, "https://a.org/b/d.jpg"),
        (Entry(link="urn:x:1", content=html('<img src="d.jpg">', "urn:x")), INFO, "https://example.org/d.jpg"),
        (Entry(content=html('<img src="d.jpg">')), FeedInfo(), "https://feeds.example.org/d.jpg"),
        (Entry(link="/b/c", summary=html('<img src="d.jpg">')), INFO, "https://example.org/b/d.jpg"),
    ],
)  # fmt: skip
def test_addresses_are_resolved_against_the_nearest_base(entry: Entry, info: FeedInfo, expected: str) -> None:
    result = cleaned(entry, info)
    content = result.content or result.summary
    assert content == Content(value=f'<img src="{expected}"/>', type="html", text="")
    assert result.pictures == (Picture(href=expected),)


def test_pictures_that_the_publisher_lists_come_before_those_in_the_text() -> None:
    entry = Entry(
        content=html('<img src="/b.jpg">'),
        pictures=(Picture(href="https://example.org/a.jpg", credit=" AFP\n"), Picture(href="data:image/png;base64,AA")),
    )
    assert cleaned(entry).pictures == (Picture(href="https://example.org/a.jpg", credit="AFP"),)


def test_text_stays_text() -> None:
    entry = Entry(summary=Content(value=" 1 < 2\r\n & <b>3</b>\x07\n\n\nnext  one ", type="text"))
    assert cleaned(entry).summary == Content(
        value="1 < 2\r\n & <b>3</b>\n\n\nnext  one", type="text", text="1 < 2 & <b>3</b>\nnext one"
    )


def test_what_is_empty_after_cleaning_is_not_there() -> None:
    entry = Entry(
        title=" \x00 ",
        summary=html("<script>x</script>"),
        content=Content(value=" \n", type="text"),
        rights="\x1b",
        comments="javascript:alert(1)",
        link="javascript:alert(1)",
        canonical_link="data:text/html,x",
    )
    assert cleaned(entry) == Entry()


def test_every_other_field_is_plain_absolute_and_bounded() -> None:
    entry = Entry(
        guid=" verbatim\x01",
        link="https://example.org/bài viết",
        title="a\n\x00 b\x92" + " word" * 1_000,
        authors=(
            Person(name=" Lê\tAn ", email="an@example.org", uri="/an"),
            Person(email="not an address"),
            Person(uri="javascript:x"),
        ),
        terms=(Term(term=" kinh  tế ", scheme="https://example.org/c", label=" Kinh tế"), Term(term="\n")),
        enclosures=(
            Enclosure(href="/a.mp3", type=" Audio/MPEG ", length=3, title="a\nb"),
            Enclosure(href="https://example.org/b", type="what?"),
            Enclosure(href="file:///etc/passwd"),
        ),
        source=FeedInfo(
            title="x\n y", links=(Link(href="javascript:1"), Link(href="/f", type="junk")), language="vi_vn"
        ),
    )
    result = cleaned(entry)
    assert result.guid == " verbatim\x01"
    assert result.link == "https://example.org/b%C3%A0i%20vi%E1%BA%BFt"
    as_given = "https://example.org/bài-viết?a[]=1&"
    assert cleaned(replace(entry, link=as_given)).link == as_given
    assert result.title is not None
    assert result.title.startswith("a b’ word word")
    assert 900 < len(result.title) <= 1_000
    assert result.authors == (
        Person(name="Lê An", email="an@example.org", uri="https://example.org/an"),
        Person(name="not an address"),
    )
    assert result.terms == (Term(term="kinh tế", scheme="https://example.org/c", label="Kinh tế"),)
    assert result.enclosures == (
        Enclosure(href="https://example.org/a.mp3", type="audio/mpeg", length=3, title="a b"),
        Enclosure(href="https://example.org/b"),
    )
    assert result.source == FeedInfo(title="x y", links=(Link(href="https://example.org/f"),), language="vi-VN")


def test_the_feed_itself_is_cleaned() -> None:
    links = (Link(href="https://example.org/"),)
    info = FeedInfo(title="\x02T ", links=links, language="EN-us", icon="/i.ico", logo="data:x", rights="©\nX")
    deleted = (DeletedEntry(guid="g", by="\x03me", comment=" "),)
    result = clean(ParsedFeed(info=info, entries=(), deleted=deleted, problem="p", skipped=2), SOURCE)
    assert result == ParsedFeed(
        info=replace(info, title="T", language="en-US", icon="https://example.org/i.ico", logo=None, rights="© X"),
        entries=(),
        deleted=(DeletedEntry(guid="g", by="me"),),
        problem="p",
        skipped=2,
    )


@pytest.mark.parametrize(
    ("source", "entry", "feed", "title", "expected"),
    [
        ("vi", "en", "fr", "The end of the day", "vi"),
        (None, "en-gb", "fr", "", "en-GB"),
        (None, "junk!", "fr", "", "fr"),
        (None, None, "xx", "Hà Nội phấn đấu trở thành thành phố đáng sống", "vi"),
        (None, None, None, "The end of the day is a time for rest", "en"),
        (None, None, None, "Le jour de gloire est arrivé", None),
    ],
)
def test_a_language_is_the_configured_else_the_claimed_else_the_detected(
    source: str | None, entry: str | None, feed: str | None, title: str, expected: str | None
) -> None:
    result = cleaned(Entry(title=title, language=entry), FeedInfo(language=feed), replace(SOURCE, language=source))
    assert result.language == expected


TEXTS = st.text(st.sampled_from("ab \n\x00<>&;/:.đ\u0301\ud800\x85\"'"), max_size=30)
ADDRESSES = st.one_of(
    st.sampled_from(["https://a.org/b", "/c?d=e f", "//x", "javascript:1", "#f", "http://ă.vn/ă|[]\\", "%zz"]),
    TEXTS,
)
CONTENTS = st.builds(
    Content,
    value=st.one_of(TEXTS, ADDRESSES.map('<p>x<img data-src="{0}" src="{0}"><a href="{0}">'.format)),
    type=st.sampled_from(["text", "html"]),
    base=st.none() | ADDRESSES,
    language=st.none() | st.sampled_from(["vi", "EN_us", "?"]),
)
ENTRIES = st.builds(
    Entry,
    link=st.none() | ADDRESSES,
    title=st.none() | TEXTS,
    authors=st.tuples(st.builds(Person, name=st.none() | TEXTS, email=st.none() | TEXTS, uri=st.none() | ADDRESSES)),
    summary=st.none() | CONTENTS,
    content=st.none() | CONTENTS,
    pictures=st.tuples() | st.tuples(st.builds(Picture, href=ADDRESSES, caption=TEXTS)),
    enclosures=st.tuples(st.builds(Enclosure, href=ADDRESSES, type=TEXTS, title=TEXTS)),
    terms=st.tuples(st.builds(Term, term=TEXTS, scheme=TEXTS, label=TEXTS)),
    language=st.none() | TEXTS,
)


@settings(max_examples=150)
@given(ENTRIES, st.none() | ADDRESSES)
def test_cleaning_twice_is_cleaning_once(entry: Entry, home: str | None) -> None:
    links = (Link(href=home, title=home, hreflang=home),) if home else ()
    once = clean(ParsedFeed(info=FeedInfo(links=links, title=home), entries=(entry,)), SOURCE)
    assert clean(once, SOURCE) == once


@pytest.mark.shared
def test_real_feeds_come_out_safe_and_for_good(shared: Path) -> None:
    entries = 0
    for path in sorted((shared / "feeds").iterdir())[::8]:
        fetched_at = datetime(2026, 11, 22, tzinfo=UTC)
        body = path.read_bytes()
        document = Document(url=SOURCE.url, status=200, body=body, content_type=None, fetched_at=fetched_at)
        try:
            parsed = parse(document, SOURCE)
        except ParseError:
            continue
        parsed = replace(parsed, entries=parsed.entries[:15])
        once = clean(parsed, SOURCE)
        assert clean(once, SOURCE) == once
        for before, after in zip(parsed.entries, once.entries, strict=True):
            entries += 1
            assert (before.guid, before.published) == (after.guid, after.published)
            for content in (after.summary, after.content):
                assert content is None or content.type == "text" or faults(content.value) == []
    assert entries > 50
