"""The quick reading never disagrees with feedparser: what both make of a document is equal, field by field.

What it leaves to feedparser is listed, so that it does not silently become more.
"""

from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from feedsvc.errors import ParseError
from feedsvc.model import Document, Entry, FeedInfo, LocalText, ParsedFeed, Source
from feedsvc.parse import parse
from feedsvc.parse.by_feedparser import read_by_feedparser
from feedsvc.parse.quick import read_quickly
from feedsvc.parse.xml_feed import UNUSUAL, XmlReader
from tests.parse.given import FETCHED_AT, URL
from tests.parse.test_conformance import UPSTREAM, cases

DATA = Path(__file__).parents[1] / "data" / "parse"
VIETNAM = Source(id="given", title=LocalText(by_language=()), url=URL, timezone="Asia/Ho_Chi_Minh")


def document(body: bytes, url: str = URL) -> Document:
    return Document(url=url, status=200, body=body, content_type=None, fetched_at=FETCHED_AT)


def outcome(document: Document, source: Source, reader: XmlReader) -> ParsedFeed | str:
    """Return what a reader makes of a document, or why it makes nothing of it."""
    try:
        return parse(document, source, (reader,))
    except ParseError as error:
        return error.problem


def is_equal_or_left(document: Document, source: Source = VIETNAM) -> bool:
    """Return whether it was read quickly; then feedparser's reading is the same."""
    quick = outcome(document, source, read_quickly)
    if quick == UNUSUAL:
        return False
    reference = outcome(document, source, read_by_feedparser)
    assert differences(quick, reference) == {}
    assert quick == reference
    return True


def differences(ours: object, theirs: object, name: str = "") -> dict[str, tuple[object, object]]:
    """Return the innermost values that differ, by where they are."""
    if type(ours) is type(theirs) and isinstance(ours, ParsedFeed | FeedInfo | Entry):
        pairs = [(f"{name}.{field.name}", field.name) for field in fields(ours)]
        return {
            at: pair
            for path, part in pairs
            for at, pair in differences(getattr(ours, part), getattr(theirs, part), path).items()
        }
    if isinstance(ours, tuple) and isinstance(theirs, tuple) and len(ours) == len(theirs):
        return {
            at: pair
            for number, both in enumerate(zip(ours, theirs, strict=True))
            for at, pair in differences(*both, f"{name}[{number}]").items()
        }
    return {} if ours == theirs else {name: (ours, theirs)}


def test_our_own_documents() -> None:
    left = {path.name for path in DATA.glob("*.xml") if not is_equal_or_left(document(path.read_bytes()))}
    assert left == {
        "atom-0.3.xml",  # obsolete
        "cdf.xml",  # obsolete
        "malformed.xml",
        "vietnamese-news.xml",  # a date that only feedparser's own readers may make something of: "vừa xong"
        "zoneless-dates.xml",  # the same
    }


@pytest.mark.shared
def test_real_feeds(shared: Path) -> None:
    paths = sorted((shared / "feeds").iterdir())
    left = {path.name for path in paths if not is_equal_or_left(document(path.read_bytes()))}
    assert len(paths) > 130
    assert left == {
        "nnw-aktuality.rss"
    }  # an item's image has a title of its own, which feedparser takes for the item's


@pytest.mark.shared
def test_conformance_files(shared: Path) -> None:
    corpus = shared / "conformance" / "feedparser.tar.xz"
    read = sum(is_equal_or_left(case.document, UPSTREAM) for case in cases(corpus))
    assert read >= 940  # of the rest most are Atom 0.3, malformed or CDF


NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "x": "http://unknown.example/",
}
DECLARED = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
TEXTS = st.sampled_from(
    (
        *(
            "",
            " ",
            "An",
            "  Bão số 3 đổ bộ ",
            "caf\xc3\xa9",
            "Ã©",
            "a\x92b",
            "\xa0",
            "\x7f",
            "AT&amp;T",
            "&amp;amp;",
            "&#8217;",
        ),
        *("&#146;", "&#xe9;", "&amp;#39;", "&lt;b&gt;x&lt;/b&gt;", "a &lt; b", "<![CDATA[<p>1 &amp; 2</p>]]>"),
        *("<![CDATA[<b>fat</b>]]>!", "a<!-- c -->b", "a<?p i?>b", "line\nline", "x]]&gt;", "a &amp;lt; b", "a&amp;b;c"),
    )
)
ADDRESSES = st.sampled_from(
    (
        *(
            "https://a.example/1",
            "http://a.example/?a=1&amp;b=2",
            "/rel",
            "rel",
            "../up",
            "",
            "#f",
            "urn:uuid:1",
            "//h/x",
        ),
        *(
            "http:///three",
            "https://a.example/?",
            "HTTP://A.example/",
            "http://[",
            "mailto:a@b.example",
            "http://é.example/é",
        ),
        *("https://a.example/a b", "http://a.example/x.jpg", "tag:a.example,2020:1", "http://a.example/?a&amp;lt;b"),
    )
)
DATES = st.sampled_from(
    (
        *("Fri, 25 Apr 2025 05:00:00 GMT", "Fri, 25 Apr 2025 05:00:00 +0700", "2025-04-25T05:00:00Z", "2025-04-25"),
        *("2025-04-25T05:00:00.123+07:00", "25/04/2025 05:00", "Thứ sáu, 25/04/2025 | 05:00 GMT+7", "", "soon", "2025"),
        *(
            "Fri, 99 Apr 2025 05:00:00 GMT",
            "0001-01-01T00:00:00Z",
            "2999-01-01T00:00:00Z",
            "Fri, 25 Apr 2025 05:00 EST",
        ),
    )
)
PEOPLE = st.sampled_from(
    (
        *(
            "An",
            "an@a.example (An)",
            "an@a.org (An Nguyễn)",
            "an@a.org",
            "An (an@a.org)",
            "An &lt;an@a.org&gt;",
            "",
            "a@b",
        ),
        *("an@a.org (An (Hà Nội))", "an@a.org An", "x an@a.org y", "(An)", "mailto:an@a.org", "an@a.online (An)", "Ã©"),
    )
)
TYPES = st.sampled_from(
    ("", "", "", 'type="text"', 'type="html"', 'type="text/html"', 'type="HTML"', 'type="image/png"')
)
SCOPES = st.sampled_from(
    (
        *("", "", "", "", "", "", 'xml:lang="vi"', 'xml:lang="en_US"', 'xml:lang=""', 'xml:base="http://b.example/b/"'),
        *('xml:base="sub/"', 'lang="en"', 'x:href="u"', 'x:y="1"', 'xml:space="preserve"'),
    )
)


def element(name: str, attributes: str, inside: str) -> str:
    return f"<{name} {attributes}>{inside}</{name}>"


def texts(names: str) -> st.SearchStrategy[str]:
    words = names.split()
    return st.builds(
        lambda name, kind, scope, text: element(name, f"{kind} {scope}", text),
        st.sampled_from(words),
        TYPES,
        SCOPES,
        TEXTS,
    )


def plain(names: str, values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(element, st.sampled_from(names.split()), SCOPES, values)


XHTML = st.builds(
    lambda name, before, inside, after: element(
        name,
        'type="xhtml"',
        f'{before}<div xmlns="http://www.w3.org/1999/xhtml"><p class="a&quot;b&amp;c">{inside}<br/></p></div>{after}',
    ),
    st.sampled_from(("atom:content", "atom:summary", "atom:title")),
    st.sampled_from(("", " ", "x")),
    TEXTS,
    TEXTS,
)
LINKS = st.builds(
    lambda rel, kind, href, text, scope: element("atom:link", f"{rel} {kind} {href} {scope}", text),
    st.sampled_from(("", 'rel="alternate"', 'rel="self"', 'rel="enclosure"', 'rel="Related"')),
    st.sampled_from(("", 'type="text/html"', 'type="image/jpeg"', 'type="audio/mpeg"', 'length="5"', 'title="T"')),
    ADDRESSES.map(lambda address: f'href="{address}"') | st.just(""),
    st.sampled_from(("", "", "text")),
    SCOPES,
)
PERSON = st.builds(
    lambda name, parts: element(name, "", "".join(parts)),
    st.sampled_from(("atom:author", "atom:author", "atom:contributor")),
    st.lists(
        plain("atom:name atom:email", PEOPLE) | plain("atom:uri atom:url", ADDRESSES) | plain("x:image", st.just(""))
    ),
)
LABELS = st.builds(
    lambda name, attributes, text: element(name, " ".join(attributes), text),
    st.sampled_from(
        ("category", "atom:category", "dc:subject", "itunes:category", "itunes:keywords", "media:category")
    ),
    st.lists(
        st.sampled_from(('term="t"', 'scheme="s"', 'domain="d"', 'label="l"', 'text="x"')), unique=True, max_size=2
    ),
    st.sampled_from(("", "a", "b", "a,b, c", " ")),
)
UNKNOWN = st.builds(
    element,
    st.sampled_from(("x:any", "x:title", "any", "slash", "date", "links", "authors", "rating", "docs", "title_detail")),
    st.sampled_from(("", "", 'a="1"')),
    st.sampled_from(("", "text", "<x:in>1</x:in>", "<title>inner</title>", "<ttl>5</ttl>", "<x:in a='1'>t</x:in>")),
)
BOTH = st.one_of(
    texts("title dc:title description summary atom:summary itunes:summary itunes:subtitle copyright dc:rights rights"),
    plain("guid id atom:id", ADDRESSES),
    plain("link link link", ADDRESSES),
    plain("pubDate atom:published atom:updated dc:date lastBuildDate", DATES),
    plain("author dc:creator itunes:author managingEditor webMaster dc:contributor", PEOPLE),
    plain("language dc:language ttl generator comments icon logo", st.sampled_from(("", "vi", "en-us", "60"))),
    LINKS,
    PERSON,
    LABELS,
    UNKNOWN,
    st.builds(element, st.just("itunes:image"), ADDRESSES.map(lambda address: f'href="{address}"'), st.just("")),
)
OF_ENTRY = BOTH | st.one_of(
    texts("content content:encoded content:encoded media:title media:description description"),
    XHTML,
    plain("guid", ADDRESSES).map(lambda text: text.replace("<guid", '<guid isPermaLink="false"')),
    st.builds(
        lambda address, kind: f'<enclosure url="{address}" length="12" type="{kind}"/>',
        ADDRESSES,
        st.sampled_from(("audio/mpeg", "image/png", "AUDIO/x")),
    ),
    st.builds(lambda address, text: f'<source url="{address}">{text}</source>', ADDRESSES, TEXTS),
    st.lists(BOTH, max_size=3).map(lambda parts: element("atom:source", "", "".join(parts))),
    st.lists(
        texts("media:title media:description media:credit")
        | st.builds(lambda address: f'<media:content url="{address}" medium="image"/>', ADDRESSES),
        max_size=3,
    ).map(lambda parts: element("media:group", "", "".join(parts))),
    st.builds(lambda address: f"<image><url>{address}</url></image>", ADDRESSES),
    plain("itunes:duration", st.sampled_from(("", "1:02:03", "90", "x"))),
)
OF_FEED = BOTH | st.one_of(
    st.builds(lambda address, text: f"<image><url>{address}</url><title>{text}</title></image>", ADDRESSES, TEXTS),
    st.builds(lambda text: f"<textInput><title>{text}</title><link>u</link></textInput>", TEXTS),
    st.builds(lambda name: f"<itunes:owner><itunes:name>{name}</itunes:name></itunes:owner>", PEOPLE),
    st.sampled_from(
        ("<skipHours><hour>3</hour></skipHours>", "<sy:updatePeriod>daily</sy:updatePeriod>", "<cloud a='1'/>")
    ),
    texts("atom:subtitle"),
)


def name_of(element: str) -> str:
    return element[1:].partition(" ")[0].removeprefix("atom:")


@st.composite
def feeds(draw: st.DrawFn) -> str:
    """Well-formed feeds of the elements that feeds are made of, in any order and number."""
    kind = draw(st.sampled_from(("rss", "rss", "feed", "rdf")))
    entry = {"rss": "item", "feed": "atom:entry", "rdf": "item"}[kind]
    scope, about = draw(SCOPES), draw(st.sampled_from(("", "", 'rdf:about="u"'))) if kind == "rdf" else ""
    parts = draw(st.lists(OF_FEED, max_size=6))
    some = st.lists(OF_ENTRY, max_size=7) | st.lists(OF_ENTRY, max_size=9, unique_by=name_of)  # the latter may be plain
    entries = [element(entry, about, "".join(draw(some))) for _ in range(draw(st.integers(0, 3)))]
    if kind == "feed":
        inside = "".join(draw(st.permutations(parts + entries)))
        return f'<feed xmlns="{NAMESPACES["atom"]}" {DECLARED} {scope}>{inside}</feed>'
    if kind == "rss":
        inside = "".join(draw(st.permutations(parts + entries)))
        return f'<rss version="2.0" {DECLARED} {scope}><channel>{inside}</channel></rss>'
    declared = DECLARED.replace(f'xmlns:atom="{NAMESPACES["atom"]}"', 'xmlns:atom="http://purl.org/atom/ns#"')
    inside = f"<channel>{''.join(parts)}</channel>{''.join(entries)}"
    return f'<rdf:RDF xmlns="http://purl.org/rss/1.0/" {declared} {scope}>{inside}</rdf:RDF>'


@settings(max_examples=300)
@given(feeds(), st.sampled_from((None, "vi", "en_US")))
def test_generated_feeds(feed: str, language: str | None) -> None:
    given = Document(
        url=URL, status=200, body=feed.encode(), content_type=None, content_language=language, fetched_at=FETCHED_AT
    )
    event("quick" if is_equal_or_left(given) else "left")
