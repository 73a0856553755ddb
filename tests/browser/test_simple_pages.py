"""What people see who open the site, or a feed of it, in a browser."""

import re

import pytest

from tests.browser.newsroom import CATEGORIES, PUBLISHERS, stories
from tests.browser.visits import Scheme, Visitor

TRADE = [
    story
    for publisher in PUBLISHERS
    for story in publisher["stories"]
    if re.search("xuất khẩu|exporters|free trade", story["title"], re.IGNORECASE)
]
#: HTML and CSS of one page
HEAVIEST = 50_000

LOOKS = pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])


@LOOKS
@pytest.mark.parametrize("name", ["home", "category", "source", "story", "empty"])
def test_every_page_fits_its_screen_and_loads_little_and_nothing_from_elsewhere(
    visitor: Visitor, name: str, width: int, scheme: Scheme
) -> None:
    paths = {"home": "/", "category": "/category/trade", "source": "/source/tin-ben-song", "empty": "/tag/wipo"}
    if name == "story":
        paths[name] = visitor.visit("/category/trade").page.locator("article h2 a").first.get_attribute("href") or ""
    visit = visitor.visit(paths[name], width=width, scheme=scheme)
    visit.keep(f"{name}-{width}-{scheme}")
    assert visit.ask("document.documentElement.scrollWidth") <= width
    assert visit.page.locator("script, [style], [onclick]").count() == 0
    assert {answer.status for answer in visit.answers} <= {200, 304}
    assert all(answer.url.startswith(f"{visitor.address}/") for answer in visit.answers)
    assert 0 < visit.weight < HEAVIEST
    assert visit.console == []


@LOOKS
@pytest.mark.parametrize("format", ["rss", "atom"])
def test_a_feed_opened_in_a_browser_reads_as_a_page(visitor: Visitor, format: str, width: int, scheme: Scheme) -> None:
    visit = visitor.visit(f"/feeds/category/trade.{format}", width=width, scheme=scheme)
    visit.keep(f"{format}-{width}-{scheme}")
    text = visit.text
    assert "Thương mại" in text
    assert TRADE
    for story in TRADE:
        assert story["title"] in text
        assert " ".join(story["text"].split()) in text
    for raw in ("urn:uuid", "xmlns", "<p>", "&lt;", "purl.org", "/feeds/", "feedsvc", "text/html"):
        assert raw not in text
    assert visit.ask("document.documentElement.scrollWidth") <= width
    paper = re.findall(r"\d+", visit.ask("getComputedStyle(document.documentElement).backgroundColor"))
    assert (int(paper[0]) < 128) == (scheme == "dark")
    # A browser that dislikes a stylesheet says so here; and there is nothing but the document and its stylesheet.
    assert visit.console == []
    assert [answer.url for answer in visit.answers if "favicon" not in answer.url] == [
        f"{visitor.address}/feeds/category/trade.{format}",
        f"{visitor.address}/static/feed.css",
    ]


def test_the_start_page_leads_to_every_category_and_all_its_links_work(visitor: Visitor) -> None:
    page = visitor.visit("/").page
    for category in CATEGORIES:
        link = page.get_by_role("link", name=category["title"]["vi"], exact=True).first
        assert link.get_attribute("href") == f"/category/{category['id']}"
        for place in ("", "/vi", "/en"):
            assert page.locator(f'a[href="/feeds/category/{category["id"]}{place}.rss"]').is_visible()
    assert page.get_by_text(f"{stories()} tin", exact=True).is_visible()
    addresses = {link.get_attribute("href") or "" for link in page.locator("a, link").all()}
    assert len(addresses) > 100
    broken = [
        path for path in sorted(addresses - {"?ui=vi", "?ui=en"}) if not page.request.get(visitor.address + path).ok
    ]
    assert broken == []


def test_a_story_is_credited_at_both_publishers_and_leads_to_the_original(visitor: Visitor) -> None:
    page = visitor.visit("/category/intellectual-property").page
    page.get_by_role("link", name="Hợp tác xã muối ớt").click()
    meta = page.locator("article .meta").inner_text().split(" · ")
    assert meta == ["08/03/2026 11:25", "Nguồn: tinbensong.example", "Sở hữu trí tuệ", "Doanh nghiệp nhỏ và vừa"]
    assert page.locator("a.onward").get_attribute("href") == "https://tinbensong.example/2.html"
    also = page.get_by_role("link", name="Làng Nghề Ngày Mới")
    assert also.get_attribute("href") == "https://langnghengaymoi.example/5.html"


def test_pages_speak_the_browsers_language_until_another_is_chosen(visitor: Visitor) -> None:
    assert visitor.visit("/", locale="en-GB").page.locator("h2").first.inner_text() == "Categories"
    page = visitor.visit("/", locale="vi-VN").page
    assert page.locator("h2").first.inner_text() == "Chuyên mục"
    page.get_by_role("link", name="English").click()
    page.get_by_role("link", name="Trade", exact=True).click()
    assert page.locator("h1").inner_text() == "Trade"
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("article").first.get_attribute("lang") == "en"
    assert page.locator("article").nth(1).get_attribute("lang") == "vi"


def test_the_keyboard_reaches_everything_and_shows_where_it_is(visitor: Visitor) -> None:
    visit = visitor.visit("/category/trade")
    reached = []
    for _ in range(visit.page.locator("a").count()):
        visit.page.keyboard.press("Tab")
        outline, name = visit.ask(
            "[getComputedStyle(document.activeElement).outlineStyle, document.activeElement.innerText]"
        )
        assert outline == "solid"
        reached.append(name)
    assert reached == [link.inner_text() for link in visit.page.locator("a").all()]
