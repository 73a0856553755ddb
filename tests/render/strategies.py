"""Any story that a document may have to hold. Text is arbitrary, HTML content is safe HTML around arbitrary text."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import escape

from hypothesis import strategies as st

from feedsvc.model import Credit, Enclosure, FeedInfo, Link, OutputFeed, Person, Picture, PublishedStory, Term
from tests.render.samples import EMPTY

#: what has broken feeds: controls, surrogates, noncharacters, ends of sections, markup, entities, directions
_NASTY = st.sampled_from(
    [
        "\x00\x0b\x1f\x7f", "\x85\x92", "\ud800", "\ufdd0\ufdd1\ufffe\uffff\U0001fffe", "\ufffd\ufeff", "\r\n\r", "]]>",
        "</p>", "<script>", "&amp;", "&#x26;", "&copy", "AT&T", "<!--", "<?xml", "\u202e\u2028", "  ", "e\u0301",
        "đ 😀",
    ]
)  # fmt: skip
texts = st.lists(st.one_of(_NASTY, st.text(st.characters(exclude_categories=[]), max_size=20)), max_size=4).map("".join)
maybe = st.one_of(st.none(), texts)

_HREFS = st.sampled_from(
    [
        "https://example.org", "HTTP://Example.ORG:80/a/../b?q#", "https://vídụ.vn/bài viết?từ=khoá&x=[1]|{2}#đây",
        "http://[::1]:8000/x", "http://[oops/", "//example.org/x", "/relative", "javascript:alert(1)", "mailto:a@b.vn",
        "http:///nohost", "https://u:p@example.org/", "http://localhost:8000/feed", "urn:isbn:0451450523",
        "tag:x,2020:y",
        "https://example.org/%zz%e1%BA%a1", "urn:uuid:nonsense", "http://a..b/", "https://" + "a" * 70 + "ụ.vn/",
        " x\ny ",
    ]
)  # fmt: skip
hrefs = st.one_of(_HREFS, texts, st.text(max_size=10).map("https://example.org/".__add__))
times = st.datetimes(
    datetime(1990, 1, 1),  # noqa: DTZ001 (the zone is given beside)
    datetime(2026, 3, 2),  # noqa: DTZ001
    timezones=st.just(UTC),
)
_sizes = st.one_of(st.none(), st.integers(-1, 2**40))
_languages = st.one_of(maybe, st.sampled_from(["vi", "en-US", "vie", "xx", "EN", "zh-Hant-TW"]))

people = st.builds(
    Person, name=maybe, uri=st.one_of(st.none(), hrefs), email=st.one_of(maybe, st.just("a.b@example.org"))
)
terms = st.builds(Term, term=texts, scheme=st.one_of(st.none(), hrefs), label=maybe)
links = st.builds(
    Link,
    href=hrefs,
    rel=st.sampled_from(["self", "alternate", "hub", "license", "odd rel"]),
    type=maybe,
)
infos = st.builds(
    FeedInfo,
    id=st.one_of(st.none(), hrefs),
    title=maybe,
    subtitle=maybe,
    links=st.lists(links, max_size=3).map(tuple),
    updated=st.one_of(st.none(), st.datetimes(timezones=st.just(UTC))),
    rights=maybe,
    authors=st.lists(people, max_size=2).map(tuple),
    contributors=st.lists(people, max_size=1).map(tuple),
    terms=st.lists(terms, max_size=2).map(tuple),
    language=_languages,
    icon=st.one_of(st.none(), hrefs),
    logo=st.one_of(st.none(), hrefs),
)
credits = st.builds(
    Credit,
    source_id=st.just("source-1"),
    title=texts,
    url=hrefs,
    home=st.one_of(st.none(), hrefs),
    link=st.one_of(st.none(), hrefs),
)
pictures = st.builds(
    Picture,
    href=hrefs,
    type=st.one_of(maybe, st.just("image/png")),
    width=_sizes,
    height=_sizes,
    caption=maybe,
    credit=maybe,
)
enclosures = st.builds(
    Enclosure,
    href=hrefs,
    type=st.one_of(maybe, st.just("audio/mpeg; x=1")),
    length=_sizes,
    duration=_sizes,
    title=maybe,
)
contents = st.one_of(st.none(), st.just(" "), texts.map(lambda text: f"<p>{escape(text)}</p><ul><li>&nbsp;</li></ul>"))
stories = st.builds(
    PublishedStory,
    id=st.uuids(),
    link=st.one_of(st.none(), hrefs),
    title=texts,
    summary=maybe,
    content=contents,
    language=_languages,
    authors=st.lists(people, max_size=3).map(tuple),
    contributors=st.lists(people, max_size=2).map(tuple),
    published=st.one_of(st.none(), times),
    updated=times,
    dated=st.one_of(st.none(), times),
    pictures=st.lists(pictures, max_size=2).map(tuple),
    enclosures=st.lists(enclosures, max_size=3).map(tuple),
    terms=st.lists(terms, max_size=3).map(tuple),
    categories=st.sampled_from([(), ("innovation",), ("product-quality", "innovation"), ("gone",)]),
    tags=st.sampled_from([(), ("made-in-vietnam",)]),
    comments=st.one_of(st.none(), hrefs),
    rights=maybe,
    licence=st.one_of(st.none(), hrefs),
    attribution=maybe,
    feed=infos,
    credit=credits,
    also=st.lists(credits, max_size=2).map(tuple),
)


def _feed(
    stories: list[PublishedStory], title: str, description: str, language: str | None, minutes: int
) -> OutputFeed:
    return replace(
        EMPTY,
        stories=tuple(stories),
        title=title,
        description=description,
        language=language,
        ttl=timedelta(minutes=minutes),
    )


feeds = st.builds(
    _feed,
    st.lists(stories, min_size=1, max_size=2, unique_by=lambda story: story.id),
    texts,
    texts,
    _languages,
    st.integers(0, 1500),
)
