"""Lists of articles on pages of several layouts: what is proposed is short, robust, and was tested."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.model import Document, LocalText, Selectors, Source
from feedsvc.parse import FoundList, find_list

URL = "https://paper.example/kinhte/"
FETCHED_AT = datetime(2025, 4, 26, tzinfo=UTC)
TITLES = [f"Doanh nghiệp gỗ tìm thị trường mới ở châu Âu, kỳ {n}" for n in range(1, 13)]
DAYS = [f"{FETCHED_AT - timedelta(days=n + 1):%d/%m/%Y}" for n in range(12)]
MENU = "<div class=main-nav>" + "".join(f"<li><a href='/m{n}'>Chuyên mục tin tức số {n}</a></li>" for n in range(30))
FOOT = "<footer>" + "".join(f"<p><a href='/f{n}'>Điều khoản và quảng cáo số {n}</a></p>" for n in range(30))


def find(item: str, *, around: tuple[str, str] = ("<main>", "</main>"), count: int = 12) -> FoundList | None:
    """Look at a page that repeats an item with {n}, {title} and {day}."""
    items = "".join(item.format(n=n, title=TITLES[n], day=DAYS[n]) for n in range(count))
    body = f"<html lang=vi><body>{MENU}</div>{around[0]}{items}{around[1]}{FOOT}"
    document = Document(url=URL, status=200, body=body.encode(), content_type="text/html", fetched_at=FETCHED_AT)
    return find_list(document, Source(id="s", title=LocalText(by_language=()), url=URL, timezone="Asia/Ho_Chi_Minh"))


LINE = "<li><a href='/x{n}.html'>{title}</a> <span>({day})</span></li>"
CARD = """<div class=col-md-4><a class="card css-1x2y3z" href="/c{n}"><img src=/{n}.jpg><h3>{title}</h3>
<small class=post-date>{day} 05:00</small></a></div>"""
POST = """<article class="post-{n} post type-post"><header class=entry-header>
<a class=cat href="/topic/xk">Xuất nhập khẩu hàng hóa</a><h2 class=entry-title><a href="/b{n}/">{title}</a></h2>
<time>{day}</time></header><div class=entry-content><p>Một đoạn tóm tắt dài hơn bốn mươi ký tự của bài {n}.</p></div>
</article>"""
MORE = "</div><a class=next href='?page=2'>Sau</a>"
ROW = "<tr><td>{day}</td><td><a href='/t{n}.html'>{title}</a></td></tr>"
BOX = """<div class=box-item><h3><a href="/b{n}">{title}</a></h3>
<p class=sapo>Tóm tắt của bài viết này dài hơn bốn mươi ký tự.</p></div>"""


@pytest.mark.parametrize(
    ("item", "around", "select"),
    [
        (LINE, ("<div id=content><ul>", "</ul></div>"), Selectors(list="#content > ul > li", date="span")),
        (CARD, ("<div class=row>", MORE), Selectors(list="a.card", date=".post-date", picture="img", next="a.next")),
        (POST, ("<main>", "</main>"), Selectors(list="article.post", link="h2 a", date="time", summary="p")),
        (ROW, ("<table class=news>", "</table>"), Selectors(list="table.news > tr", date="td")),
        (BOX, ("<section>", "</section>"), Selectors(list="div.box-item", summary=".sapo")),
    ],
    ids=["lines", "cards", "posts", "rows", "boxes"],
)
def test_layouts(item: str, around: tuple[str, str], select: Selectors) -> None:
    found = find(item, around=around)
    assert found is not None
    assert found.select == select
    assert [entry.title for entry in found.feed.entries] == TITLES
    if select.date:
        assert all(entry.published for entry in found.feed.entries)


@pytest.mark.parametrize(
    ("item", "count"),
    [
        ("<p>{title}</p>", 12),
        ("<li><a href='/x{n}.html'>{title}</a></li>", 4),
        ("<li><a href='https://other.example/{n}'>{title}</a></li>", 12),
        ("<li><a href='/{n}'>Mục {n}</a></li>", 12),
        ("<li><a href='/same'>{title}</a></li>", 12),
    ],
    ids=["no links", "too few", "elsewhere", "labels", "one page"],
)
def test_what_is_no_list_of_articles(item: str, count: int) -> None:
    assert find(item, around=("<ul class=list>", "</ul>"), count=count) is None


@given(st.text("<>/ =ahrefliclassulh2'\"article", max_size=300))
def test_any_page_is_looked_at(body: str) -> None:
    page = Document(url=URL, status=200, body=body.encode(), content_type="text/html", fetched_at=FETCHED_AT)
    assert find_list(page, Source(id="s", title=LocalText(by_language=()), url=URL)) is None
