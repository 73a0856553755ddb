"""Articles' pages, from their bytes to what is kept of them."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.errors import ParseError
from feedsvc.extract.article import read_article
from feedsvc.extract.markup import safe
from feedsvc.model import Article, Document, Entry, LocalText, Person, Selectors, Source
from tests.extract import pages

FETCHED = datetime(2025, 5, 1, 8, tzinfo=UTC)
HANOI = "Asia/Ho_Chi_Minh"
PARAGRAPH = (
    "<p>The old bridge was closed in spring, because its second pier had moved by nine centimetres in a week.</p>"
)


def source(select: Selectors | None = None) -> Source:
    return Source(id="s", title=LocalText(by_language=()), url="https://a.example/feed", timezone=HANOI, select=select)


def read(
    page: str | bytes,
    *,
    url: str = "https://a.example/bridge.html",
    select: Selectors | None = None,
    hint: Entry | None = None,
    content_type: str = "text/html",
) -> Article:
    body = page.encode() if isinstance(page, str) else page
    document = Document(url=url, status=200, body=body, content_type=content_type, fetched_at=FETCHED)
    return read_article(document, source(select), hint)


def text_of(article: Article) -> str:
    assert article.content is not None
    assert article.content.text is not None
    return article.content.text


def html_of(article: Article) -> str:
    assert article.content is not None
    return article.content.value


def page_with(body: str, head: str = "") -> str:
    return f"<html><head>{head}</head><body><article><h1>The bridge</h1>{body}{PARAGRAPH * 3}</article></body></html>"


def test_vietnamese_news_page_keeps_text_list_table_and_picture_and_nothing_beside() -> None:
    article = read(pages.NHANDAN, url="https://bao.example.vn/lang-gom-post876543.html")
    assert article.title == "Làng gốm bên sông đổi mới"
    assert article.authors == (Person(name="Minh Hà"),)
    assert article.published == datetime(2025, 4, 24, 22, tzinfo=UTC)
    assert article.canonical_link == "https://bao.example.vn/lang-gom-post876543.html"
    assert article.language == "vi"
    assert article.summary is not None
    assert (article.summary.text or "").startswith("NDO - Sau hai năm")
    (picture,) = article.pictures
    assert picture.href == "https://image.example.vn/w800/Uploaded/lo-dien.jpg.webp"
    assert (picture.caption, picture.credit) == ("Lò điện đầu tiên của làng.", "AN BÌNH")
    for markup in ("<h2>Học nghề", "<ul><li>Lò điện", "<th>Sản lượng", "<td>57.500</td>", "<figcaption>Lò điện đầu"):
        assert markup in html_of(article)
    text = text_of(article)
    assert text.splitlines()[0].startswith("Ông Trần Văn Gốm")
    assert text.splitlines()[-1].startswith("Xã sẽ tiếp tục")
    for beside in ("Lò điện đầu tiên", "Tin liên quan", "Chợ nổi", "Trang chủ", "Mọi quyền"):
        assert beside not in text
    assert article.notes == ()


def test_blog_with_a_graph_of_linked_data_and_a_lazy_picture() -> None:
    article = read(pages.BLOG, url="https://blog.example.org/2025/03/slow-kettle/?from=feed")
    assert article.title == "Notes on a slow kettle"
    assert article.authors == (Person(name="Ann Fielding"),)
    assert article.published == datetime(2025, 3, 2, 10, 30, tzinfo=UTC)
    assert article.updated == datetime(2025, 3, 5, 8, tzinfo=UTC)
    assert article.canonical_link == "https://blog.example.org/2025/03/slow-kettle/"
    assert article.language == "en-GB"
    assert [(picture.href, picture.credit) for picture in article.pictures] == [
        ("https://blog.example.org/kettle-large.jpg", "Tom Reed")
    ]
    assert '<a href="https://blog.example.org/bread">' in html_of(article)
    assert "<blockquote>" in html_of(article)
    text = text_of(article)
    for beside in ("Read more", "newsletter", "Lovely text", "By Ann", "Photo"):
        assert beside not in text


def test_cookie_wall_is_no_article() -> None:
    article = read(pages.COOKIE_WALL)
    assert article.content is None
    assert article.pictures == ()
    assert article.notes == ("the page asks for something instead of its text: “accept cookies”",)


def test_page_that_says_it_is_not_free_is_noted() -> None:
    ld = '<script type="application/ld+json">[{"@type":["NewsArticle"],"isAccessibleForFree":"False"}]</script>'
    assert read(page_with("", ld)).notes == ("the page says that its text is not free to read",)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (
            "text/html; charset=iso-8859-1",
            page_with("<p>Cà phê sữa đá ở Hà Nội vẫn ngon hơn mọi nơi khác.</p>").encode(),
        ),
        (
            "text/html",
            page_with(
                "<p>Le café est fermé, et l’été n’a pas commencé ici.</p>", '<meta charset="windows-1252">'
            ).encode("cp1252"),
        ),
        (
            "text/html; charset=nonsense",
            page_with("<p>Čaj je hotový a čeká na stole v kuchyni.</p>").encode("utf-8-sig"),
        ),
    ],
)
def test_charset_that_the_bytes_contradict_is_passed_over(content_type: str, body: bytes) -> None:
    text = text_of(read(body, content_type=content_type))
    assert any(word in text for word in ("Cà phê sữa đá", "Le café est fermé", "Čaj je hotový"))


@pytest.mark.parametrize(
    "shown",
    [
        '<span class="date">Thứ sáu, 25/04/2025 | 05:00 GMT+7</span>',
        '<p class="post-time">05:00 ngày 25/04/2025</p>',
        '<time datetime="2025-04-25T05:00:00+0700">hôm nay</time>',
        '<time datetime="2025-04-25 05:00">hôm nay</time>',
        "<time>25/04/2025 05:00</time>",
    ],
)
def test_date_as_pages_show_it(shown: str) -> None:
    assert read(page_with(shown)).published == datetime(2025, 4, 24, 22, tzinfo=UTC)


def test_selectors_of_the_source_override_what_is_found() -> None:
    page = page_with(
        '<div class="kicker">Bridges of the north</div><b class="when">24/12/2024 10:00</b>'
        '<div class="story">Only this is wanted.<script>x</script></div><a class="more" href="?page=2">2</a>'
        '<img class="lead" src="/lead.jpg"><p class="intro">In short.</p>'
    )
    select = Selectors(
        title=".kicker", date=".when", body=".story", next="a.more", picture="img.lead", summary=".intro"
    )
    article = read(page, select=select)
    assert article.title == "Bridges of the north"
    assert article.published == datetime(2024, 12, 24, 3, tzinfo=UTC)
    assert text_of(article) == "Only this is wanted."
    assert article.next_link == "https://a.example/bridge.html?page=2"
    assert article.pictures[0].href == "https://a.example/lead.jpg"
    assert article.summary is not None
    assert article.summary.text == "In short."


def test_selector_that_finds_nothing_or_is_wrong_is_noted_and_the_page_is_read_without_it() -> None:
    article = read(page_with(""), select=Selectors(body=".none", title="h1["))
    assert "old bridge" in text_of(article)
    assert article.title == "The bridge"
    assert article.notes[0].startswith("select.title: ")
    assert "select.body finds nothing on the page" in article.notes


def test_page_and_address_say_when_it_appeared() -> None:
    head = '<meta property="article:published_time" content="2025-04-20T10:00:00Z">'
    article = read(page_with("", head), url="https://a.example/2025/04/20/bridge")
    assert article.published == datetime(2025, 4, 20, 10, tzinfo=UTC)
    assert article.addressed == datetime(2025, 4, 20, 5, tzinfo=UTC)


def test_article_in_several_boxes_is_read_whole() -> None:
    sentence = (
        "<p>The {} engineer measured the pier again in the morning, and found that it had moved once more since.</p>"
    )
    boxes = "".join(
        f'<div class="chunk">{"".join(sentence.format(f"{name} {at}") for at in ("first", "second", "third"))}</div>'
        '<div class="ad">Advertisement</div>'
        for name in ("tall", "old", "young")
    )
    text = text_of(read(f"<html><body><div class='page'><h1>The bridge</h1><div>{boxes}</div></div></body></html>"))
    assert text.count("engineer measured") == 9
    assert "Advertisement" not in text


def test_canonical_link_to_the_front_page_is_not_believed() -> None:
    assert read(page_with("", '<link rel="canonical" href="/">')).canonical_link is None


def test_page_without_the_tags_that_may_be_left_out_is_read_as_any_other() -> None:
    said = "".join(
        f"<p>The {each} engineer measured the pier again, and found that it had moved, in the {each} week, by more."
        for each in ("tall", "old", "young", "new", "third")
    )
    body = f"<main><h1>The bridge</h1>{said}<h2>What is next</h2><ul><li>another pier<li>another road</ul></main>"
    html = html_of(read(f"<!doctype html><html lang=en><title>The bridge</title><style>p{{}}</style>{body}"))
    assert html.count("<p>") == 5
    assert "<h2>What is next</h2><ul><li>another pier</li><li>another road</li></ul>" in html


def test_no_page_is_a_parse_error() -> None:
    with pytest.raises(ParseError):
        read(b"")


def test_markup_that_acts_does_not_come_through() -> None:
    bad = '<p onclick="x()">The <a href="javascript:x()">second</a> pier <img src=x onerror=alert(1)> is of oak.</p>'
    html = html_of(read(page_with(f"<p>{PARAGRAPH}</p>{bad}<iframe src=//evil.example></iframe>")))
    assert "second" in html
    for word in ("onclick", "javascript", "onerror", "iframe"):
        assert word not in html


@pytest.mark.parametrize(
    "flood",
    ["<div>", "<b>x", "<a href=x><table>", "<p " + "a=1 " * 20_000, "<!--", "<script ", "<ul><li>", '<p class="'],
    ids=["div", "b", "a", "attributes", "comment", "script", "list", "quote"],
)
def test_floods_cost_little(flood: str) -> None:
    assert "old bridge" in text_of(read(page_with("") + flood * (1_000_000 // len(flood))))


def test_data_that_nests_without_end_is_passed_over() -> None:
    for deep in ("[" * 200_000, '{"@graph":' * 50_000):
        assert read(page_with("", f'<script type="application/ld+json">{deep}</script>')).title == "The bridge"


TOKENS = st.sampled_from(
    re.findall(
        "<[^>]+>",
        "<p></p><div></div><table><tr><td></table><ul><li><h1><h2><figure><figcaption></figure><img src=a.jpg>"
        "<a href=/b></a><br><script></script><noscript></noscript><time><!-- --><b></b><meta charset=x>"
        "<td class=caption><pre><rt><table class=picture><blockquote><base href=//[><link rel=canonical href=http://[><body><form><frameset>",
    )
)
SENTENCES = st.sampled_from(
    [PARAGRAPH, "word ", "2025-04-25 ", "The old bridge was closed in spring, they said. ", "é"]
)


@settings(deadline=None)
@given(st.lists(st.one_of(TOKENS, SENTENCES), max_size=60).map("".join))
def test_any_markup_gives_safe_html(page: str) -> None:
    check(page.encode())


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_give_safe_html_or_a_parse_error(body: bytes) -> None:
    check(body)
    check(b"<html><body><p>" + body + PARAGRAPH.encode() * 2)


def check(body: bytes) -> None:
    try:
        article = read(body)
    except ParseError:
        return
    if article.content is not None:
        again = safe(article.content.value, article.url)
        assert again is not None
        assert again.html == article.content.value
        assert article.content.text is not None
    assert article.published is None or article.published <= FETCHED + timedelta(hours=1)
