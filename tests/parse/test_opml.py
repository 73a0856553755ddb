"""Lists of feeds as programs really write them, and as an attacker would."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.errors import ParseError
from feedsvc.model import ListedFeed
from feedsvc.parse.opml import MAX_BYTES, MAX_OUTLINES, FeedList, Unusable, read_opml


def opml(*outlines: str, head: str = '<opml version="2.0">') -> bytes:
    return (
        f"<?xml version='1.0'?>{head}<head><title>List</title></head><body>{''.join(outlines)}</body></opml>".encode()
    )


def read(*outlines: str) -> FeedList:
    return read_opml(opml(*outlines), "list.opml")


def only(outline: str) -> ListedFeed:
    (feed,) = read(outline).feeds
    return feed


def test_a_list_in_order_with_folders() -> None:
    listed = read(
        '<outline text="News"><outline text="Trade &amp; Co">',
        '<outline type="rss" text="t" title="Một" xmlUrl="https://a.example/" language="vi" category="/x/y,z"/>',
        "</outline>",
        '<outline type="rss" text="Two" xmlUrl="https://b.example/"/></outline>',
        '<outline type="rss" text="Three" xmlUrl="https://c.example/">',
        '<outline text="in" xmlUrl="http://d.example/"/></outline>',
    )
    assert listed == FeedList(
        title="List",
        feeds=(
            ListedFeed(
                title="Một", url="https://a.example/", language="vi", labels=("News", "Trade & Co", "x", "y", "z")
            ),
            ListedFeed(title="Two", url="https://b.example/", labels=("News",)),
            ListedFeed(title="Three", url="https://c.example/"),
            ListedFeed(title="in", url="http://d.example/", labels=("Three",)),
        ),
        unusable=(),
    )


@pytest.mark.parametrize(
    ("attributes", "url"),
    [
        ('xmlUrl="https://x.example/a"', "https://x.example/a"),
        ('type="atom" XMLURL=" https://x.example/a "', "https://x.example/a"),
        ('url="https://x.example/a"', "https://x.example/a"),
        ('xmlUrl="" url="https://x.example/a"', "https://x.example/a"),
        ('xmlUrl="https://x.example/?a=1&b=2&copy=3"', "https://x.example/?a=1&b=2&copy=3"),
        ('xmlUrl="https://x.example/?a=1&amp;b=2"', "https://x.example/?a=1&b=2"),
        ('xmlUrl="feed://x.example/a"', "http://x.example/a"),
        ('xmlUrl="feed:https://x.example/a"', "https://x.example/a"),
        ('xmlUrl="feed://https://x.example/a"', "https://x.example/a"),
        ("xmlUrl='https://x.example/a b'", "https://x.example/a%20b"),
    ],
)
def test_addresses_however_they_are_written(attributes: str, url: str) -> None:
    assert only(f'<outline text="x" {attributes}/>').url == url


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("a &amp; b", "a & b"),
        ("a & b", "a & b"),
        ("a &amp;amp; b &amp;#39;c&amp;#39;", "a & b 'c'"),
        ("&lt;b&gt;bold&lt;/b&gt; text", "bold text"),
        ("caf&eacute; &unknown;", "café &unknown;"),
        ("a\n   b&#10;c", "a b c"),
        ("a &#0;&#x1F;&#99999999; b", "a b"),
        ("a < b", "a < b"),
        ("w" * 301, "w" * 299 + "…"),
        ("  ", None),
    ],
)
def test_titles_become_plain_text_on_one_line(written: str, title: str | None) -> None:
    assert only(f'<outline text="{written}" xmlUrl="https://x.example/"/>').title == title


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ("\ufeff{}".encode(), "Tin tức"),
        ("{}".encode("utf-16"), "Tin tức"),
        (b'<?xml version="1.0" encoding="iso-8859-1"?>{}', "Tin tức"),
        (b'<?xml version="1.0" encoding="windows-1258"?>{}', "Tin tức"),
        (b"<!-- <junk> -->\n\n{}", "Tin tức"),
        (b"Warning: something\n<!DOCTYPE opml SYSTEM 'http://x.example/opml.dtd'>{}", "Tin tức"),
    ],
)
def test_a_wrong_charset_a_mark_and_what_stands_before_the_list_do_no_harm(body: bytes, title: str) -> None:
    text = '<OPML version="1.0"><body><outline text="Tin tức" xmlUrl="https://x.example/"/></body></OPML>'
    encoded = text.encode("utf-16")[2:] if body.startswith(b"\xff\xfe") else text.encode()
    brace = "{}".encode("utf-16")[2:] if body.startswith(b"\xff\xfe") else b"{}"
    (feed,) = read_opml(body.replace(brace, encoded), "x").feeds
    assert feed.title == title


def test_what_names_no_feed_is_listed_with_the_reason_and_no_password() -> None:
    listed = read(
        '<outline text="Empty folder"/>',
        '<outline text="FTP" xmlUrl="ftp://x.example/"/>',
        '<outline xmlUrl="ftp://me:secret@x.example/"/>',
        '<outline xmlUrl="mailto:x"/>',
        '<outline type="link" text="Page" url="http://x.example/"/>',
        '<outline type="include" text="List" url="http://x.example/list.opml"/>',
        '<outline text="Good" xmlUrl="http://x.example/"/>',
    )
    assert [feed.title for feed in listed.feeds] == ["Good"]
    assert listed.unusable == (
        Unusable(title="Empty folder", reason="no address"),
        Unusable(title="FTP", reason="not an http or https address"),
        Unusable(title="without a title", reason="not an http or https address"),
        Unusable(title="mailto:x", reason="not an http or https address"),
        Unusable(title="Page", reason="a link to a page, not a feed; `feedsvc discover` finds the feeds of a page"),
        Unusable(title="List", reason="a link to another list, which has to be imported by itself"),
    )


def test_what_is_cut_off_is_read_as_far_as_it_goes() -> None:
    listed = read_opml(opml('<outline text="A" xmlUrl="http://a.example/"/>\n<outline text="B" xmlUrl="ht')[:-22], "x")
    assert [feed.title for feed in listed.feeds] == ["A"]
    assert listed.problem is not None
    assert listed.problem.startswith("not well-formed XML: ")
    assert listed.problem.endswith(" (line 2)")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "it is empty"),
        (b" \n\x1b[31m text", "it begins with “\ufffd[31m text”"),
        (b"<?xml version='1.0'?><rss version='2.0'><channel/></rss>", "it is a feed itself (<rss>)"),
        (b"<!DOCTYPE html><html><body>opml</body></html>", "it begins with <html>"),
        (b"{}", "it begins with “{}”"),
        (b"<opml " + b"x" * MAX_BYTES, "larger than 10 MB"),
    ],
)
def test_what_is_no_list_is_said(body: bytes, says: str) -> None:
    with pytest.raises(ParseError) as caught:
        read_opml(body, "list.opml")
    assert says in str(caught.value)
    assert str(caught.value).startswith("list.opml: ")


def test_entities_reach_no_file_and_blow_nothing_up() -> None:
    bomb = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(12))
    doctype = f'<!DOCTYPE opml [<!ENTITY a0 "ha"><!ENTITY f SYSTEM "file:///etc/passwd">{bomb}]><opml>'
    listed = read_opml(opml('<outline text="&a12; &f;" xmlUrl="http://x.example/"/>', head=doctype), "x")
    assert [feed.title for feed in listed.feeds] == ["&a12; &f;"]


def test_depth_and_number_of_outlines_are_limited() -> None:
    deep = read("<outline text='f'>" * 100, "<outline text='x' xmlUrl='http://x.example/'/>", "</outline>" * 100)
    assert [len(feed.labels) for feed in deep.feeds] == [1]
    assert read("<outline text='f'>" * 100_000).feeds == ()
    many = read("<outline text='x' xmlUrl='http://x.example/'/>" * (MAX_OUTLINES + 5))
    assert len(many.feeds) == MAX_OUTLINES
    assert many.problem == "more than 10000 outlines; the rest is left out"


PIECES = st.sampled_from(
    [
     "<opml>", "<opml", "<body>", "<outline", " text=", "xmlUrl='http://x'", "url=", '"', "'", "/>", ">", "&", "&#",
     "0;", "&eacute;", "</outline>", "<!--", "-->", "<![CDATA[", "]]>", "<?x", "feed:", "//", "\x00", "ă",
     " xmlns='urn:x'",
    ]
)  # fmt: skip


@given(
    st.binary(max_size=60).map(b"<opml>".__add__) | st.lists(PIECES, max_size=30).map(lambda p: "<opml>" + "".join(p))
)
def test_any_bytes_give_a_list_or_are_refused(body: bytes | str) -> None:
    try:
        listed = read_opml(body if isinstance(body, bytes) else body.encode(), "x")
    except ParseError:
        return
    for feed in listed.feeds:
        assert feed.url.startswith(("http://", "https://"))
        assert feed.title is None or feed.title == " ".join(feed.title.split())


@pytest.mark.shared
@pytest.mark.parametrize("name", ["nnw-Subs.opml", "nnw-SubsNoTitleAttributes.opml"])
def test_real_lists(shared: Path, name: str) -> None:
    body = (shared / "feeds" / name).read_bytes()
    listed = read_opml(body, name)
    assert len(listed.feeds) == body.count(b"xmlUrl=")
    assert (listed.title, listed.unusable, listed.problem) == ("Subs", (), None)
    assert all(feed.title for feed in listed.feeds)
