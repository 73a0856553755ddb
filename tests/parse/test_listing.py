"""Lists of articles in pages, read by selectors."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.errors import NothingListedError, ParseError
from feedsvc.model import Document, Entry, LocalText, ParsedFeed, Selectors, Source
from feedsvc.parse import parse

URL = "https://nhandan.vn/kinhte/"
#: ten in the morning in Vietnam
FETCHED_AT = datetime(2025, 4, 25, 3, tzinfo=UTC)
STORY = """<article class="story story--primary"><figure><a class="cms-link" href="/a-post1.html" title="Bài một">
<img src="data:image/gif;base64,R0" data-src="https://image.nhandan.vn/w800/1.jpg.webp" alt="ảnh"></a></figure>
<h2 class="story__heading"><a class="cms-link" href="/a-post1.html#x">Bài <em>m</em>ột</a></h2>
<div class="story__meta"><time datetime="2025-04-25T05:00:00+0700">Thứ sáu</time></div>
<div class="story__summary">Tóm tắt   bài.<script>x()</script></div></article>"""


def read(body: str, *, language: str | None = None, **select: Any) -> ParsedFeed:
    source = Source(
        id="s",
        title=LocalText(by_language=()),
        url=URL,
        kind="page",
        timezone="Asia/Ho_Chi_Minh",
        language=language,
        select=Selectors(**select),
    )
    page = f"<!doctype html><html lang=vi><head><title>Kinh tế</title></head><body>{body}</body></html>"
    return parse(
        Document(url=URL, status=200, body=page.encode(), content_type="text/html", fetched_at=FETCHED_AT), source
    )


def one(body: str, **select: Any) -> Entry:
    (entry,) = read(body, **{"list": "article", **select}).entries
    return entry


def test_a_story_of_nhan_dan() -> None:
    feed = read(
        f"<nav><a href='/'>Trang chủ</a></nav>{STORY}",
        list="article.story",
        link=".story__heading > a.cms-link",
        date="time",
        picture="img",
        summary=".story__summary",
    )
    assert (feed.info.title, feed.info.language, feed.info.link("alternate")) == ("Kinh tế", "vi", URL)
    (entry,) = feed.entries
    assert (entry.guid, entry.link, entry.title) == (None, "https://nhandan.vn/a-post1.html", "Bài một")
    assert (str(entry.published), entry.updated) == ("2025-04-24 22:00:00+00:00", None)
    assert entry.summary is not None
    assert entry.summary.value == "Tóm tắt bài."
    assert [picture.href for picture in entry.pictures] == ["https://image.nhandan.vn/w800/1.jpg.webp"]


def test_defaults_take_the_first_link_and_words_of_any_link_to_the_same_page() -> None:
    entry = one(STORY)
    assert (entry.link, entry.title) == ("https://nhandan.vn/a-post1.html", "Bài một")
    assert (entry.published, entry.summary, entry.pictures) == (None, None, ())


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ("<article><a href='/x'><h3>Tên bài</h3> 5 bình luận</a></article>", "Tên bài"),
        ("<a href='/x'><article><h3>Tên bài</h3><p>Tóm tắt</p></article></a>", "Tên bài"),
        (
            "<article><a href='#'>^</a><a href='javascript:1'>x</a><a href='/x' title='Tên bài'></a></article>",
            "Tên bài",
        ),
        ("<article><a href='/x'><img alt='Tên bài'></a></article>", "Tên bài"),
        ("<article><h3>Tên bài</h3><a href='/x'><img></a></article>", "Tên bài"),
        ("<article><a href='/x'></a></article>", None),
    ],
)
def test_where_a_title_is_looked_for(body: str, title: str | None) -> None:
    entry = one(body)
    assert entry.link == "https://nhandan.vn/x"
    assert entry.title == title


def test_the_item_can_be_the_link_itself() -> None:
    feed = read("<main><a href='/1'>Một</a><a href='/2'>Hai</a></main>", list="main > a")
    assert [entry.title for entry in feed.entries] == ["Một", "Hai"]


@pytest.mark.parametrize(
    ("said", "published", "updated"),
    [
        ("<time>Thứ sáu, 25/04/2025 | 05:00 GMT+7</time>", "2025-04-24 22:00", None),
        ("<time datetime='2025-04-24T22:00:00Z'>hôm nay</time>", "2025-04-24 22:00", None),
        ("<time datetime='bad'>25/04/2025 05:00</time>", "2025-04-24 22:00", None),
        ("<time content='2025-04-25 05:00'></time>", "2025-04-24 22:00", None),
        ("<time data-at='1745532000'>mới</time>", "2025-04-24 22:00", None),
        ("<time title='25/04/2025, 05:00'>mới</time>", "2025-04-24 22:00", None),
        ("<time>2 giờ trước</time>", None, "2025-04-25 01:00"),
        ("<time>25/04/2035</time>", None, None),
        ("<time>Kinh tế</time>", None, None),
    ],
)
def test_dates(said: str, published: str | None, updated: str | None) -> None:
    entry = one(f"<article><a href='/x'>X</a>{said}</article>", date="time")
    assert [at and f"{at:%Y-%m-%d %H:%M}" for at in (entry.published, entry.updated)] == [published, updated]


def test_the_order_of_day_and_month_is_not_guessed_in_english() -> None:
    body = "<article><a href='/x'>X</a><time>04/03/2025</time></article>"
    assert str(one(body, date="time").published) == "2025-03-03 17:00:00+00:00"
    assert one(body, date="time", language="en").published is None


@pytest.mark.parametrize(
    "picture",
    [
        "<img data-src='/p.jpg' src='/spacer.gif'>",
        "<img src='data:image/png;base64,x' srcset='/s.jpg 100w, /p.jpg 800w'>",
        "<picture><source srcset='/p.jpg'><img></picture>",
        "<div style=\"background-image: url('/p.jpg')\"></div>",
        "<img src=' /p.jpg '>",
    ],
)
def test_pictures(picture: str) -> None:
    body = f"<article><a href='/x'>X</a>{picture}</article>"
    selector = "picture" if picture.startswith("<picture") else "img, div"
    assert [each.href for each in one(body, picture=selector).pictures] == ["https://nhandan.vn/p.jpg"]


def test_an_article_that_is_listed_twice_is_one_entry_of_which_each_says_a_part() -> None:
    body = """<article><a href="/x"><img></a></article><article><a href="/y">Y</a></article>
    <article><a href="/x">X</a><time>25/04/2025</time></article>"""
    first, second = read(body, list="article", date="time").entries
    assert (first.link, first.title, second.title) == ("https://nhandan.vn/x", "X", "Y")
    assert first.published is not None


@pytest.mark.parametrize(
    ("href", "part"),
    [
        ("?page=2", "https://nhandan.vn/kinhte/?page=2"),
        ("/kinhte/", None),
        ("#", None),
        ("https://evil.example/", None),
        ("javascript:more()", None),
    ],
)
def test_the_next_page_is_another_one_of_the_same_site(href: str, part: str | None) -> None:
    feed = read(f"{STORY}<ul><li class=next><a href='{href}'>»</a></ul>", list="article", next=".next")
    assert [each.href for each in feed.parts] == ([part] if part else [])


def test_a_list_without_entries_is_an_error_and_never_an_empty_feed() -> None:
    with pytest.raises(NothingListedError, match=r"the selector list “article\.story” matches nothing$"):
        read("<p>Chào", list="article.story")
    with pytest.raises(NothingListedError, match="matches nothing with a link in its 2 elements"):
        read("<article>1</article><article>2</article>", list="article")


@given(st.text("<>/ =abcdhrefitmus'\"article\x00", max_size=200))
def test_any_page_is_a_list_or_refused(body: str) -> None:
    try:
        feed = read(f"<article>{body}", list="article, a", date="time", picture="*", summary="p", next="a")
    except ParseError:
        return
    assert all(entry.link for entry in feed.entries)
