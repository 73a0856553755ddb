"""HTML from outside: nothing that acts comes through, what is read stays, and a second cleaning changes nothing."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.extract import plain_text
from feedsvc.extract.markup import Markup, safe
from tests.extract.audit import ELEMENTS, faults, words

BASE = "https://example.org/news/today.html"


def cleaned(html: str) -> Markup:
    markup = safe(html, BASE)
    assert markup is not None
    return markup


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        pytest.param('<a href="/a">x</a>', '<a href="https://example.org/a">x</a>', id="root"),
        pytest.param('<a href="b?c=d e">x</a>', '<a href="https://example.org/news/b?c=d%20e">x</a>', id="space"),
        pytest.param('<a href="//cdn.org/ă">x</a>', '<a href="https://cdn.org/%C4%83">x</a>', id="no-scheme"),
        pytest.param('<a href="http://tiền.vn/">x</a>', '<a href="http://xn--tin-hkz.vn/">x</a>', id="idna"),
        pytest.param(
            '<a href="#note">1</a>', '<a href="https://example.org/news/today.html#note">1</a>', id="fragment"
        ),
        pytest.param('<a name="note">1</a>', "<span>1</span>", id="anchor"),
        pytest.param('<q cite="/s">x</q>', '<q cite="https://example.org/s">x</q>', id="cite"),
        pytest.param(
            '<video poster="/p.jpg" autoplay onplay="x()"><source src="a.mp4" type="video/mp4"></video>',
            '<video poster="https://example.org/p.jpg" controls="controls">'
            '<source src="https://example.org/news/a.mp4" type="video/mp4"/></video>',
            id="video",
        ),
        pytest.param("<audio>old browser</audio>", "<span>old browser</span>", id="player-of-nothing"),
        pytest.param("<center>a</center><font color=red>b</font>", "<div>a</div><span>b</span>", id="of-old"),
        pytest.param("<pre>\n\n a\n  b</pre>", "<pre> a\n  b</pre>", id="preformatted"),
        pytest.param("<p>a<br>b<hr>", "<p>a<br/>b</p><hr/>", id="xml-too"),
        pytest.param("<p></p><p>x", "<p></p><p>x</p>", id="empty-element"),
        pytest.param("&lt;b&gt; &amp;amp; &nbsp;&#146;&#x1F600;", "&lt;b&gt; &amp;amp; \xa0’😀", id="references"),
        pytest.param("<ruby>漢<rp>(</rp><rt>hán</rt></ruby>", "<ruby>漢<rp>(</rp><rt>hán</rt></ruby>", id="ruby"),
        pytest.param("a\x00\x0b\x1fb\x92\ufffe\ud800\U0001ffff", "a b’", id="unfit-characters"),
        pytest.param("<h2>a<x-y><h3>b</h3></x-y></h2>", "<h2>a<div>b</div></h2>", id="heading-in-heading"),
        pytest.param("<p>a<button><p>b</button>c</p>", "<div>a<p>b</p>c</div>", id="paragraph-in-paragraph"),
        pytest.param(
            "<table><form><tr><td>a</form></table>", "<table><tbody><tr><td>a</td></tr></tbody></table>", id="form"
        ),
        pytest.param("<math><mi>x</mi><mo>=</mo><annotation>tex</annotation></math>", "x=", id="mathml"),
        pytest.param("a<svg><title>icon</title><path d=''/><text>label</text></svg>", "alabel", id="svg"),
        pytest.param('<iframe src="https://video.example/"><p>The rest.', "<p>The rest.</p>", id="frame-left-open"),
    ],
)
def test_markup_is_written_in_one_form(html: str, expected: str) -> None:
    assert cleaned(html).html == expected
    assert faults(expected) == []


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<img src="data:image/gif;base64,R0lG" data-src="/a.jpg">', '<img src="https://example.org/a.jpg"/>'),
        ('<img src="/blank.gif" data-original="a.jpg">', '<img src="https://example.org/news/a.jpg"/>'),
        ('<img data-lazy-src="/a.jpg" src="/b.gif"><noscript><img src="/a.jpg"></noscript>', '<img src="https://example.org/a.jpg"/>'),
        ('<img src="/a.jpg" width="600px" height="auto">', '<img src="https://example.org/a.jpg" width="600"/>'),
        (
            '<img src="/a.jpg" srcset="/a.jpg, /b,c.jpg 2x , javascript:x 3x">',
            '<img src="https://example.org/a.jpg" srcset="https://example.org/a.jpg, https://example.org/b,c.jpg 2x"/>',
        ),
        ('<picture><source srcset="/a.webp 1x"><source><img src="/a.jpg"></picture>',
         '<picture><source srcset="https://example.org/a.webp 1x"/><img src="https://example.org/a.jpg"/></picture>'),
    ],
)  # fmt: skip
def test_pictures_are_woken_and_resolved(html: str, expected: str) -> None:
    assert cleaned(html).html == expected


@pytest.mark.parametrize(
    "html",
    [
        '<img src="https://stats.example/b.gif" width="1" height="1">',
        '<img src="https://stats.example/b.gif" height="0">',
        '<img src="data:image/png;base64,iVBORw0KGgo=">',
        '<img src="cid:1@mail">',
        "<p> <br> &nbsp;</p>",
        "<script>alert(1)</script><style>p {}</style><!-- words -->",
        "<template><p>not shown</p></template>",
        "",
    ],
)
def test_nothing_is_left_of_what_cannot_be_seen(html: str) -> None:
    assert safe(html, BASE) is None


@pytest.mark.parametrize(
    ("html", "caption"),
    [
        (
            (
                '<table class="picture"><tr><td class="pic"><img data-src="/a.jpg" width="800"></td></tr>'
                '<tr><td class="caption" colspan="2"><p>Ảnh:  <b>TTXVN</b></p></td></tr></table>'
            ),
            "Ảnh: TTXVN",
        ),
        (
            (
                '<table class="tplCaption"><tr><td><img src="/a.jpg" width=800></td></tr>'
                '<tr><td><p class="Image">Ảnh: A</p></td></tr></table>'
            ),
            "Ảnh: A",
        ),
        (
            '<div class="wp-caption left"><img src="/a.jpg" width="800"><p class="wp-caption-text">By hand</p></div>',
            "By hand",
        ),
        (
            '<figure><a href="/big"><img src="/a.jpg" width="800"></a><figcaption>By hand</figcaption></figure>',
            "By hand",
        ),
    ],
)
def test_a_caption_belongs_to_its_picture(html: str, caption: str) -> None:
    markup = cleaned(html)
    (picture,) = markup.pictures
    assert (picture.href, picture.width, picture.caption) == ("https://example.org/a.jpg", 800, caption)
    assert markup.html.startswith("<figure>")
    assert safe(markup.html, None) == markup
    assert markup.text == caption


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>two\n three<br>four</p>", "One\ntwo three\nfour"),
        ("<ul><li>a<li>b</ul><table><tr><td>c<td>d<tr><td>e</table>", "a\nb\nc d\ne"),
        ("wo<b>rd</b> <i>&amp;lt; &lt;p&gt;</i><script>no</script>", "word &lt; <p>"),
        ('<img src="/a.jpg" alt="not said"> x', "x"),
        ("<h1>T</h1>Lead<div>body</div>", "T\nLead\nbody"),
    ],
)
def test_text_has_a_line_for_each_block(html: str, text: str) -> None:
    assert plain_text(html) == text


HOSTILE = [
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<<script>alert(1)//<</script>",
    '<img src=x onerror="alert(1)">',
    "<img/src='x'/onerror=alert(1)//>",
    '<img src="x` `<script>alert(1)</script>"` `>',
    "<svg onload=alert(1)><svg><script>alert(1)</script>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
    '<svg><use href="data:image/svg+xml;base64,PHN2Zz4="/></svg>',
    "<svg><foreignObject><iframe src=javascript:alert(1)></foreignObject></svg>",
    '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    '<math><mtext></mtext><mglyph><svg><mtext><style><path id="</style><img onerror=alert(1) src>">',
    '<math><annotation-xml encoding="text/html"><style></math><img src=x onerror=alert(1)></style>',
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>',
    "<noembed><img title='</noembed><img src onerror=alert(1)>'></noembed>",
    '<textarea><img title="</textarea><img src=x onerror=alert(1)>"></textarea>',
    '<xmp><p title="</xmp><img src=x onerror=alert(1)>">',
    '<title><a title="</title><img src=x onerror=alert(1)>">',
    "<template><img src=x onerror=alert(1)></template>",
    "<select><template><style></select><img src=x onerror=alert(1)></style></template></select>",
    "<plaintext><img src=x onerror=alert(1)>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!-- --!><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?xml-stylesheet href='javascript:alert(1)'?><?import namespace=t implementation='#x'>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' &#1; javascript:alert(1)'>x</a>",
    "<a href='java&#x0A;script:alert(1)'>x</a>",
    "<a href='java\tscr\nipt:alert(1)'>x</a>",
    "<a href='JaVaScRiPt&colon;alert(1)'>x</a>",
    "<a href='javascript&#58;alert(1)'>x</a>",
    "<a href='\u2028javascript:alert(1)'>x</a>",
    "<a href='ｊａｖａｓｃｒｉｐｔ:alert(1)'>x</a>",
    "<a href='java\u00adscript:alert(1)'>x</a>",
    "<a href='java\ud800script:alert(1)'>x</a>",
    "<a href='jav\x00ascript:alert(1)'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a><a href='data:text/html,<script>alert(1)</script>'>y</a>",
    "<a href='view-source:x'>x</a><a href='blob:https://x/1'>x</a><a href='file:///etc/passwd'>x</a>",
    "<a href='https://user:password@bank.example@evil.example/'>x</a>",
    "<a href='http://[::1'>x</a><a href='http://x:99999999/'>y</a><a href='http://'>z</a>",
    "<img src='javascript:alert(1)'><img srcset='javascript:alert(1) 1x, data:x 2x'>",
    "<img data-src='javascript:alert(1)'><video src=javascript:1 poster=javascript:1><source src=data:x></video>",
    "<blockquote cite='javascript:alert(1)'>x</blockquote>",
    "<p style='background:url(javascript:alert(1))' class=x id=y onclick=z data-x=1>x</p>",
    "<form action=/x><input name=a onfocus=x autofocus><button formaction=javascript:1>b</button></form>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<iframe src='javascript:alert(1)'>x</iframe>",
    "<object data=x.swf><embed src=x.swf><param name=movie value=x></object><applet code=x></applet>",
    "<base href='https://evil.example/'><a href='x'>y</a>",
    "<link rel=stylesheet href=x.css><meta http-equiv=refresh content='0;url=javascript:1'>",
    "<div><a href='x'" + " y=z" * 3000 + ">z</a></div>",
    "<x:script xmlns:x='http://www.w3.org/1999/xhtml'>alert(1)</x:script>",
    "<html xmlns:xlink=x><body onload=alert(1) background=javascript:1>x</body></html>",
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "<marquee onstart=alert(1)>x</marquee><isindex type=image src=1 onerror=alert(1)>",
    "<a href=x><table><a href=y><td><a href=z>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<p title='&lt;/p&gt;&quot;&gt;&lt;script&gt;'>x</p>",
    "<p>&#x110000;&#xD800;&#0;&#xFFFE;&unknown;&ampx;&",
]


@pytest.mark.parametrize("html", HOSTILE)
def test_nothing_active_survives(html: str) -> None:
    markup = safe(html, BASE)
    again = safe(markup.html, None) if markup else None
    assert markup == again
    assert faults(markup.html if markup else "") == []


FRAGMENTS = [
    *HOSTILE,
    "<pre>",
    "\n",
    "<svg>",
    "<math>",
    "<mi>",
    "<b>",
    "</b>",
    "<a href=/x>",
    "</a>",
    "x",
    "é ",
    "<br>",
    "</p>",
]
TAGS = sorted(
    ELEMENTS | {"svg", "math", "mi", "x-y", "button", "object", "select", "option", "form", "font", "noscript"}
)
SOUP = st.lists(
    st.one_of(
        st.sampled_from(FRAGMENTS),
        st.sampled_from(TAGS).map("<{}>".format),
        st.sampled_from(TAGS).map("</{}>".format),
        st.sampled_from(
            ["<table class=picture>", "<td class=caption>", "<img src=/i.jpg>", "<img width=1 src=/i.jpg>"]
        ),
        st.text(max_size=8),
    ),
    max_size=14,
).map("".join)


@settings(max_examples=250)
@given(SOUP)
def test_any_markup_comes_out_safe_and_for_good(html: str) -> None:
    markup = safe(html, BASE)
    if markup is not None:
        assert faults(markup.html) == []
        assert words(markup.html) == re.sub(r"\s+", "", markup.text)
        assert safe(markup.html, None) == markup


#: Of SVG and MathML only what nh3 is let to see; see elements.FOREIGN.
WORDED = [tag for tag in TAGS if tag not in ("math", "svg")] + [
    "filter",
    "text",
    "x:y",
    "Foo",
    "iframe",
    "noembed",
    "center",
]


@settings(max_examples=100)
@given(st.lists(st.tuples(st.sampled_from(WORDED), st.text("abc đ&<>\"'", max_size=6)), max_size=8))
def test_the_text_is_kept(parts: list[tuple[str, str]]) -> None:
    """Whatever the elements, as long as they are none for scripts and styles, what stands in them is still there."""
    escape = str.maketrans({"<": "&lt;", ">": "&gt;", "&": "&amp;"})
    html = "".join(f"<div><{tag}>{text.translate(escape)}</{tag}></div>" for tag, text in parts)
    assert re.sub(r"\s+", "", plain_text(html)) == re.sub(r"\s+", "", "".join(text for _, text in parts))


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000 + "end",
        "".join(f"<b title={i}>" for i in range(20_000)) + "<p>x" * 20_000 + "end",
        "<table><tr><td>" * 50_000 + "end",
        "<svg><g>" * 50_000 + "end",
        "<div><object></div></object>" * 20_000 + "end",
        "<p " + " ".join(f"a{i}" for i in range(100_000)) + ">x</p>end",
        "<div>" * 400 + "end" + "</div>" * 400,
        '<img src="data:image/png;base64,' + "A" * 2_000_000 + '">end',
        "<a href='https://example.org/" + "a" * 900_000 + "'>x</a>end",
    ],
    ids=["deep", "formatting", "tables", "svg", "barriers", "attributes", "deeper-than-xml", "embedded", "address"],
)  # fmt: skip
def test_size_and_depth_cost_formatting_not_the_text(html: str) -> None:
    markup = cleaned(html)
    assert markup.text.endswith("end")
    assert faults(markup.html) == []
    assert safe(markup.html, None) == markup


def test_a_book_is_cut_between_tags() -> None:
    markup = cleaned("<p>one &amp; two</p>" * 60_000)
    assert 400_000 < len(markup.html) <= 500_000
    assert faults(markup.html) == []
    assert set(markup.text.split("\n")) == {"one & two"}
    assert safe(markup.html, None) == markup
