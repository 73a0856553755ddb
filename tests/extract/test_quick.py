"""The quick way never disagrees with the tree: HTML, text and pictures are equal, whatever the markup."""

from pathlib import Path

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from feedsvc.errors import ParseError
from feedsvc.extract import guard, quick
from feedsvc.extract.markup import safe
from feedsvc.model import Document, ParsedFeed
from feedsvc.parse import parse
from tests.extract.test_conformance import SOURCE, cases, markup
from tests.extract.test_markup import BASE, HOSTILE, SOUP
from tests.parse.given import FETCHED_AT


def is_equal_or_left(html: str, base: str | None = BASE) -> bool:
    """Return whether there was a quick way; what it makes is the same."""
    slow = safe(html, base, quickly=False)
    assert safe(html, base) == slow
    opened = guard.names(html)
    return slow is not None and opened.keys() <= quick.NAMES


ORDINARY = [
    '<p class="x">a <a href="/b?c=1&amp;d=2" title="&lt;&quot;">b</a><br>c<br title=x> &nbsp; &lt;d&gt;</p>',
    '<a title="t" href="https://example.org/x">x</a><a href="mailto:a@b.c">y</a><a href="a b">z</a>',
    '<img src="/a.jpg" alt="a &gt;\n\tb" width=600px height=auto><img><img width=1 src=b.gif><img src="/a.jpg">',
    '<picture><source srcset="/a.webp 1x"><source><img data-src="/a.jpg" src="data:x" srcset="/b.jpg 2x"></picture>',
    '<img data-src="/a.jpg"><noscript><img src="/a.jpg"></noscript>',
    "<pre>\n\n a\n  b</pre><pre class=x><img>\n\n</pre><hr><hr title=x></br></p>",
    '<table class="picture"><tr><td><img data-src="/a.jpg"><tr><td class="caption" colspan=2 lang=vi><p>Ảnh: <b>A</b>B',
    '<div class="wp-caption left" dir=ltr><a href="/big"><img src="/a.jpg"></a><p class="wp-caption-text">By</p></div>',
    '<div class="wp-caption"><table class=picture><tr><td><img src=/a.jpg></table><p class=image>x</p></div>',
    '<div class="wp-caption"><div><img src=/a.jpg></div></div><div class=picture>x</div>',
    "<figure><img src=/a.jpg><figcaption>a<b>b</b></figcaption></figure><img src=/b><figure><img src=/c></figure>",
    "<figure><figure><img src=/a.jpg><figcaption>x</figcaption></figure><figcaption>y</figcaption></figure>",
    "<ul><li>a<ul><li>b</ul><li>c</ul><table><tr><td>x</table><ul><div><li>d<div><li>e</div></ul>",
    "<h2>a<div><h3>b</h3></div></h2><a href=/x><table><tr><td><a href=/y>z</table></a>",
    "<p>a<table><tr><td>b</table>c</p><blockquote cite=/q class=x>q</blockquote><q cite='javascript:1'>r</q>",
    "<dl><dt>a<dd>b<dl><dt>c</dl></dl><details open><summary>s</summary>t</details><col><td class=x>u</td>",
    "<p title='a&#13;b'>x</p>a&#13;b",
    "<a name=x>y</a><iframe src=x>z</iframe>",
    "<div>" * 249 + "<p>x",
    "<table><tr><td>" * 84 + "x",
]


@pytest.mark.parametrize("html", ORDINARY)
def test_ordinary_markup_is_the_same(html: str) -> None:
    is_equal_or_left(html)
    is_equal_or_left(html, None)


@settings(max_examples=250)
@given(st.lists(st.sampled_from([*ORDINARY, "<table>", "<p>", "</p>", "<li>", "<div>", "</div>", "x "]), max_size=6))
def test_ordinary_markup_mixed_is_the_same(parts: list[str]) -> None:
    event("quick" if is_equal_or_left("".join(parts)) else "left")


@settings(max_examples=150)
@given(SOUP)
def test_any_markup_is_the_same(html: str) -> None:
    event("quick" if is_equal_or_left(html) else "left")


def html_of(feed: ParsedFeed) -> list[str]:
    return [html for entry in feed.entries for html in markup(entry)]


@pytest.mark.shared
def test_real_feeds_are_the_same(shared: Path) -> None:
    ways = []
    for path in sorted((shared / "feeds").iterdir())[1::4]:
        document = Document(
            url=SOURCE.url, status=200, body=path.read_bytes(), content_type=None, fetched_at=FETCHED_AT
        )
        try:
            ways += [is_equal_or_left(html) for html in html_of(parse(document, SOURCE))[:20]]
        except ParseError:
            continue
    assert sum(ways) > 0.8 * len(ways) > 100


@pytest.mark.shared
def test_the_conformance_corpus_is_the_same(shared: Path) -> None:
    for _, feed, _ in cases(shared / "conformance" / "feedparser.tar.xz"):
        for html in html_of(feed):
            is_equal_or_left(html)


def test_hostile_markup_is_the_same() -> None:
    for html in HOSTILE:
        is_equal_or_left(html)
