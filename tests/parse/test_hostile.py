"""Whatever the bytes: a ParsedFeed or ParseError, in bounded time, and values that everything downstream can hold."""

import json
import time
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from feedsvc.errors import ParseError
from feedsvc.model import ParsedFeed
from feedsvc.parse.reading import MAX_ENTRIES
from tests.parse.given import atom, read, rss

ELEMENTS = (
    *(
        "rss",
        "feed",
        "channel",
        "item",
        "entry",
        "title",
        "link",
        "guid",
        "id",
        "description",
        "summary",
        "content",
        "author",
    ),
    *(
        "dc:creator",
        "pubDate",
        "updated",
        "published",
        "category",
        "enclosure",
        "source",
        "image",
        "url",
        "name",
        "email",
    ),
    *("media:content", "media:group", "media:description", "media:thumbnail", "media:credit", "itunes:duration", "ttl"),
    *(
        "itunes:owner",
        "skipHours",
        "hour",
        "at:deleted-entry",
        "fh:complete",
        "language",
        "b",
        "div",
        "svg",
        "textinput",
    ),
    # what feedparser keeps under these keys is no longer what it takes it for
    *(
        "links",
        "tags",
        "authors",
        "title_detail",
        "updated_parsed",
        "published_parsed",
        "author_detail",
        "contributors",
    ),
)
ATTRIBUTES = (
    *(
        "href",
        "rel",
        "type",
        "url",
        "length",
        "xml:base",
        "xml:lang",
        "isPermaLink",
        "term",
        "ref",
        "width",
        "mode",
        "src",
    ),
    *("value", "rdf:about"),
)
VALUES = st.sampled_from(
    [
        *(
            "",
            "x",
            "true",
            "false",
            "http://[",
            "http://a:b/",
            "//",
            "javascript:1",
            "data:,",
            "../..",
            "html",
            "xhtml",
        ),
        *(
            "base64",
            "text/plain",
            "image/png",
            "99999999999999999999",
            "-1",
            "2025-04-25",
            "0000-00-00",
            "Fri, 99 Xxx 1",
        ),
        *("25/25/2025", "2025-04-25T24:61:99+99:99", "&#0;", "&#xD800;", "&#x110000;", "&#x1F600;", "&nbsp;", "&", "<"),
        *(
            "<![CDATA[<b>]]>",
            "<!--",
            "]]>",
            "\x00\x0b",
            "\ufffe",
            "é",
            "🙂",
            "<?x",
            "vi_VN",
            "1:2:3:4",
            "a@b.example (C)",
        ),
    ]
)


@st.composite
def soups(draw: st.DrawFn) -> str:
    """Feed elements in any order, opened and not closed, with attributes and texts that mean trouble."""
    pieces = [
        draw(st.sampled_from(["", "<?xml version='1.0' encoding='utf-16'?>", "<!DOCTYPE rss [<!ENTITY x 'y'>]>"]))
    ]
    pieces.append(
        draw(st.sampled_from(["<rss>", "<rss><channel><item>", "<feed xmlns='http://www.w3.org/2005/Atom'>", ""]))
    )
    for _ in range(draw(st.integers(1, 25))):
        name = draw(st.sampled_from(ELEMENTS))
        attributes = "".join(
            f' {attribute}="{draw(VALUES)}"' for attribute in draw(st.lists(st.sampled_from(ATTRIBUTES), max_size=3))
        )
        pieces.append(f"<{name}{attributes}>{draw(VALUES)}" + draw(st.sampled_from([f"</{name}>", f"</{name}>", ""])))
    return "".join(pieces)


def read_or_refuse(body: bytes, content_type: str | None = None) -> ParsedFeed | None:
    try:
        return read(body, content_type=content_type)
    except ParseError:
        return None


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from strings(one)
    elif is_dataclass(value):
        for field in fields(value):
            yield from strings(getattr(value, field.name))


def assert_storable(feed: ParsedFeed | None) -> None:
    if feed is None:
        return
    for text in strings(feed):
        assert text.strip() == text != ""
        etree.Element("x").text = text  # refuses what XML cannot hold
        text.encode()
    for entry in feed.entries:
        hrefs = [entry.link, entry.comments, *(part.href for part in entry.pictures)]
        hrefs += [part.href for part in entry.enclosures]
        assert all(href.startswith(("http://", "https://")) for href in hrefs if href)
        assert all(0 <= (part.length or 0) < 2**63 for part in entry.enclosures)


@given(st.binary(max_size=300), st.sampled_from([None, "text/xml; charset=utf-16", "application/json; charset=idna"]))
def test_arbitrary_bytes(body: bytes, content_type: str | None) -> None:
    assert_storable(read_or_refuse(body, content_type))


@settings(max_examples=80)
@given(soups())
def test_feed_soup(soup: str) -> None:
    namespaces = 'xmlns:media="http://search.yahoo.com/mrss/" xmlns:at="http://purl.org/atompub/tombstones/1.0"'
    for body in (soup, soup.replace("<rss>", f"<rss {namespaces}>")):
        assert_storable(read_or_refuse(body.encode("utf-8", "replace")))


MEMBERS = (
    *(
        "version",
        "title",
        "items",
        "id",
        "url",
        "authors",
        "author",
        "name",
        "content_html",
        "attachments",
        "mime_type",
    ),
    *("size_in_bytes", "duration_in_seconds", "tags", "date_published", "image", "hubs", "type", "language"),
)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | VALUES,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(MEMBERS), inner, max_size=6),
        max_leaves=20,
    )
)
def test_json_of_any_shape(value: object) -> None:
    whole = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": value,
        "authors": value,
        "hubs": value,
        "items": [value],
    }
    item = {"id": "1", "title": value, "tags": value, "attachments": value, "authors": value, "date_published": value}
    for document in (value, whole, {**whole, "items": value}, {**whole, "items": [item, {**item, "id": value}]}):
        assert_storable(read_or_refuse(json.dumps(document).encode()))


SIZE = 60_000
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BOMBS = {
    "billion laughs": f'<!DOCTYPE rss [<!ENTITY l0 "lol">{LAUGHS}]>' + rss("<item><title>&l9;</title></item>"),
    "one long entity": f'<!DOCTYPE rss [<!ENTITY a "{"x" * 190}">]>'
    + rss(f"<item><title>{'&a;' * SIZE}</title></item>"),
    "line breaks before the doctype": "<!--" + "\n" * SIZE + "-->" + "\n" * SIZE + "<!DOCTYPE rss>" + rss(),
    "depth": "<rss><channel>" + "<a>" * (SIZE // 3),
    "depth of HTML": atom(f"<entry><content type='xhtml'>{'<div>' * (SIZE // 5)}</content></entry>"),
    "open brackets": "<rss><channel>" + "<" * SIZE,
    "quotes": "<rss><channel><item>" + '<a b="' * (SIZE // 6),
    "comments": "<rss><channel>" + "<!--" * (SIZE // 4),
    "a long author": rss(f"<item><author>{'a' * SIZE}</author></item>"),
    "a title of tags": atom(f"<entry><title type='html'><![CDATA[</b>{'<a b=' * (SIZE // 5)}]]></title></entry>"),
    "a title of attributes": rss(
        f"<item><title>&lt;b {' '.join(f'a{n:x}' for n in range(SIZE * 2))}&gt;T&lt;/b&gt;</title></item>"
    ),
    "a date of digits": rss(f"<item><pubDate>{'1 ' * (SIZE // 2)}</pubDate></item>"),
    "many media": rss(
        "<item>" + "<media:content url='http://a/b.jpg'/>" * (SIZE // 37) + "</item>",
        attributes='xmlns:media="http://search.yahoo.com/mrss/"',
    ),
    "JSON depth": '{"version": "https://jsonfeed.org/version/1", "items": ' + "[" * SIZE,
    "a JSON number": '{"version": "https://jsonfeed.org/version/1", "items": [' + "1" * SIZE + "]}",
    "a page of titles": "<html>" + "<title>" * (SIZE // 7),
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_bombs_are_bounded(bomb: str) -> None:
    start = time.process_time()
    feed = read_or_refuse(bomb.encode())
    assert time.process_time() - start < 3  # those that are quadratic when unguarded take more than 10
    assert feed is None or sum(map(len, strings(feed))) < 4 * len(bomb)


def test_entries_beyond_the_limit_are_counted_not_read() -> None:
    feed = read(rss("".join(f"<item><guid>{n}</guid></item>" for n in range(MAX_ENTRIES + 5)), channel="<ttl>5</ttl>"))
    assert len(feed.entries) == MAX_ENTRIES
    assert (feed.skipped, feed.problem) == (5, None)
    assert feed.entries[-1].guid == str(MAX_ENTRIES - 1)


def test_more_elements_than_any_feed_has_are_refused() -> None:
    with pytest.raises(ParseError, match="more than 500000 elements"):
        read("<rss><channel>" + "<a/>" * 1_000_001)
