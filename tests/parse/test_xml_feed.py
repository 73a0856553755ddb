"""What our reading of RSS and Atom adds to feedparser's, fact by fact; whole documents are in test_golden.py."""

from datetime import timedelta

import pytest

from feedsvc.model import Link, Person
from tests.parse.given import URL, atom, read, rss


def test_ids_are_verbatim_and_addresses_absolute() -> None:
    feed = read(rss("<item><guid>7</guid><link>/7</link></item><item><guid>HTTP://A.example/8</guid></item>"))
    assert [(entry.guid, entry.link) for entry in feed.entries] == [
        ("7", "https://example.org/7"),
        ("HTTP://A.example/8", "http://A.example/8"),
    ]
    moved = read(rss("<item><guid>7</guid></item>"), url="https://elsewhere.example/")
    assert moved.entries[0].guid == "7"


@pytest.mark.parametrize(
    ("href", "link"),
    [
        ("//cdn.example/x", "https://cdn.example/x"),
        ("?q=1#f", f"{URL}?q=1#f"),
        (" https://a.example/x y\n z ", "https://a.example/x%20y%20z"),
        ("https://a.example/đổi?x=|", "https://a.example/đổi?x=%7C"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("ftp://a.example/x", None),
        ("mailto:a@a.example", None),
        ("http://", None),
        ("http://[::1", None),
        ("http://a.example:port/", None),
        ("", None),
    ],
)
def test_an_address_is_absolute_http_or_none(href: str, link: str | None) -> None:
    assert read(rss(f"<item><title>x</title><link>{href}</link></item>")).entries[0].link == link


def test_xml_base_nests() -> None:
    feed = read(atom("<entry xml:base='b/'><link href='c'/></entry>", attributes="xml:base='/a/'"))
    assert feed.entries[0].link == "https://example.org/a/b/c"


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("<title>1 &lt; 2 &amp; 3</title>", "1 < 2 & 3"),
        ("<title>Use &lt;b&gt; sparingly</title>", "Use <b> sparingly"),  # text: nothing to strip
        ("<title type='html'>Use &amp;lt;b&amp;gt; &lt;b&gt;sparingly&lt;/b&gt;</title>", "Use <b> sparingly"),
        ("<title type='html'>AT&amp;amp;T &amp;amp;amp; co</title>", "AT&T &amp; co"),  # once
        ("<title type='html'>One&lt;br/&gt;two&lt;script&gt;x&lt;/script&gt;</title>", "One two"),
        ("<title type='html'>&lt;img src='x'&gt;</title>", None),
    ],
)
def test_a_title_is_plain_text(title: str, words: str | None) -> None:
    assert read(atom(f"<entry>{title}</entry>")).entries[0].title == words


def test_a_problem_is_said_with_the_documents_own_line() -> None:
    feed = read("<?xml version='1.0'?>\n<!--\n-->\n" + rss("\n<item><title>a & b</title></item>"))
    assert feed.problem == "not well-formed XML: not well-formed (invalid token) (line 5, column 16)"
    assert feed.entries[0].title == "a & b"


def test_an_entity_of_html_costs_nothing_but_well_formedness() -> None:
    media = 'xmlns:media="http://search.yahoo.com/mrss/"'
    feed = read(rss("<item>&nbsp;<title>a&nbsp;b</title><media:content url='/a.jpg'/></item>", attributes=media))
    assert feed.entries[0].title == "a\xa0b"
    assert [picture.href for picture in feed.entries[0].pictures] == ["https://example.org/a.jpg"]


def test_what_can_be_put_right_without_loss_is_no_problem() -> None:
    feed = read(rss("<item><title>a\x0bb&#0;c&#xFFFF;d\ufffee</title></item>"), content_type="application/rss+xml")
    assert (feed.entries[0].title, feed.problem) == ("abcde", None)


def test_plain_entities_of_the_document_type_are_resolved() -> None:
    feed = read('<!DOCTYPE rss [<!ENTITY vn "Việt Nam">]>' + rss("<item><title>&vn;!</title></item>"))
    assert (feed.entries[0].title, feed.problem) == ("Việt Nam!", None)


def test_updated_is_not_filled_in_from_published() -> None:
    entry = read(rss("<item><pubDate>Fri, 25 Apr 2025 05:00:00 GMT</pubDate></item>")).entries[0]
    assert entry.published is not None
    assert entry.updated is None


def test_content_is_not_copied_into_the_summary() -> None:
    entry = read(atom("<entry><content type='html'>&lt;p&gt;x&lt;/p&gt;</content></entry>")).entries[0]
    assert entry.summary is None
    assert entry.content is not None
    assert (entry.content.value, entry.content.type) == ("<p>x</p>", "html")


def test_content_that_is_neither_text_nor_html_is_left_out() -> None:
    entry = read(atom("<entry><content type='image/png'>AAAA</content><summary>s</summary></entry>")).entries[0]
    assert entry.content is None


def test_types_that_feedparser_makes_up_are_not_said() -> None:
    links = "<link href='/'/><link rel='self' href='/f'/><link rel='next' href='/2'/>"
    assert read(atom(links)).info.links == (
        Link(href="https://example.org/", type="text/html"),
        Link(href="https://example.org/f", rel="self"),
        Link(href="https://example.org/2", rel="next"),
    )


@pytest.mark.parametrize(
    ("author", "person"),
    [
        ("minh@news.example (Minh Tran)", Person(name="Minh Tran", email="minh@news.example")),
        ("Minh Tran &lt;minh@news.online&gt;", Person(name="Minh Tran", email="minh@news.online")),
        ("minh@news.vn (Minh)", Person(name="Minh", email="minh@news.vn")),
        ("minh@news.example", Person(email="minh@news.example")),
        ("Minh Tran", Person(name="Minh Tran")),
    ],
)
def test_authors_in_the_forms_of_rss(author: str, person: Person) -> None:
    assert read(rss(f"<item><author>{author}</author></item>")).entries[0].authors == (person,)


def test_the_language_of_an_entry_is_said_where_it_is_another() -> None:
    entries = "<entry xml:lang='en'><title>a</title></entry><entry><title>b</title></entry>"
    feed = read(atom(entries, attributes="xml:lang='vi'"))
    assert feed.info.language == "vi"
    assert [entry.language for entry in feed.entries] == ["en", None]


@pytest.mark.parametrize(
    ("channel", "ttl"),
    [
        ("<ttl>90</ttl>", timedelta(minutes=90)),
        ("<ttl>soon</ttl>", None),
        ("<ttl>0</ttl>", None),
        ("<ttl>99999999</ttl>", timedelta(days=365)),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", timedelta(minutes=30)),
        ("<sy:updatePeriod>weekly</sy:updatePeriod>", timedelta(days=7)),
        ("<sy:updatePeriod>now and then</sy:updatePeriod>", None),
    ],
)
def test_how_often_to_ask(channel: str, ttl: timedelta | None) -> None:
    namespace = 'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
    assert read(rss(channel=channel, attributes=namespace)).info.ttl == ttl


def test_an_entry_that_says_nothing_is_kept_but_for_one_that_was_cut_off() -> None:
    assert len(read(rss("<item/>")).entries) == 1
    cut = read("<rss><channel><item><title>a</title></item><item><title>b")
    assert ([entry.title for entry in cut.entries], cut.skipped) == (["a"], 1)


def test_what_is_gone_is_said_by_the_feed_and_not_by_what_an_entry_repeats_of_another() -> None:
    marks = "<fh:complete/><at:deleted-entry ref='urn:gone' when='2026-11-01T00:00:00Z'/>"
    namespaces = (
        'xmlns:fh="http://purl.org/syndication/history/1.0" xmlns:at="http://purl.org/atompub/tombstones/1.0" '
        'xmlns:atom="http://www.w3.org/2005/Atom"'
    )
    repeated = f"<source><id>urn:other</id>{marks}</source>"
    for said in (
        read(atom(f"{marks}<entry><id>1</id></entry>", attributes=namespaces)),
        read(rss("<item><guid>1</guid></item>", channel=marks, attributes=namespaces)),
    ):
        assert (said.info.complete, [each.guid for each in said.deleted]) == (True, ["urn:gone"])
    for silent in (
        read(atom(f"<entry><id>1</id>{repeated}</entry>", attributes=namespaces)),
        read(rss(f"<item><guid>1</guid>{repeated.replace('source>', 'atom:source>')}</item>", attributes=namespaces)),
    ):
        assert (silent.info.complete, silent.deleted, len(silent.entries)) == (False, (), 1)
