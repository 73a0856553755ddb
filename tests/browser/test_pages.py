"""What people see who open the site: on a phone and a desk, light and dark, printed, by keyboard, without scripts."""

import re

import pytest

from tests.browser.newsroom import CATEGORIES
from tests.browser.visits import Scheme, Visit, Visitor

#: HTML and CSS of one page
HEAVIEST = 50_000

PAGES = {
    "home": "/",
    "category": "/category/trade",
    "source": "/source/tin-ben-song",
    "empty": "/tag/wipo",
    "story": "/category/trade",
    "search": "/search",
    "found": "/search?q=xuat+khau",
    "fault": "/search?q=title:(xuat",
    "status": "/status",
    "missing": "/nowhere",
}


def address(visitor: Visitor, name: str) -> str:
    if name != "story":
        return PAGES[name]
    links = visitor.visit(PAGES[name]).page.locator("main article h2 a")
    return links.first.get_attribute("href") or ""


def paper(visit: Visit) -> int:
    """Return how light the background is, of 255."""
    return int(re.findall(r"\d+", visit.ask("getComputedStyle(document.body).backgroundColor"))[0])


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_fits_its_screen_and_loads_little_and_nothing_from_elsewhere(
    visitor: Visitor, name: str, width: int, scheme: Scheme
) -> None:
    visit = visitor.visit(address(visitor, name), width=width, scheme=scheme)
    assert visit.page.locator("script:not([type='application/ld+json']), style, [style], [onclick]").count() == 0
    visit.keep(f"{name}-{width}-{scheme}")
    assert visit.ask("document.documentElement.scrollWidth") <= width
    assert visit.answers[0].status == (404 if name == "missing" else 200)
    assert all(answer.ok for answer in visit.answers[1:])
    assert all(answer.url.startswith(f"{visitor.address}/") for answer in visit.answers)
    assert 0 < visit.weight < HEAVIEST
    assert [line for line in visit.console if "404" not in line] == []
    assert (paper(visit) < 128) == (scheme == "dark")


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1440, "dark")])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_stands_in_anybodys_way(visitor: Visitor, name: str, width: int, scheme: Scheme) -> None:
    visit = visitor.visit(address(visitor, name), width=width, scheme=scheme, examined=True)
    assert visit.barriers == []


def test_the_front_page_leads_to_every_category_and_all_its_links_work(visitor: Visitor) -> None:
    page = visitor.visit("/").page
    for category in CATEGORIES:
        link = page.locator("main").get_by_role("link", name=category["title"]["vi"], exact=True).first
        assert link.get_attribute("href") == f"/category/{category['id']}"
        assert page.locator(f'main a[href="/feeds/category/{category["id"]}.rss"]').is_visible()
    addresses = {link.get_attribute("href") or "" for link in page.locator("a, link").all()}
    ours = sorted(each for each in addresses if each.startswith("/"))
    assert len(ours) > 60
    assert [path for path in ours if not page.request.get(visitor.address + path).ok] == []


def test_a_story_is_credited_at_both_publishers_and_leads_to_the_original(visitor: Visitor) -> None:
    page = visitor.visit("/category/intellectual-property").page
    page.locator("main").get_by_role("link", name="Hợp tác xã muối ớt").click()
    assert page.locator("article time").first.inner_text() == "Chủ nhật, 08/03/2026 | 11:25 GMT+7"
    original = page.get_by_role("link", name="Nguồn: tinbensong.example")
    assert original.get_attribute("href") == "https://tinbensong.example/2.html"
    also = page.get_by_role("link", name="Làng Nghề Ngày Mới")
    assert also.get_attribute("href") == "https://langnghengaymoi.example/5.html"
    assert page.get_by_role("heading", name="Tin cùng chuyên mục").is_visible()


def test_pages_speak_the_browsers_language_until_another_is_chosen(visitor: Visitor) -> None:
    assert visitor.visit("/", locale="en-GB").page.get_by_role("heading", name="Newest").is_visible()
    page = visitor.visit("/", locale="vi-VN").page
    assert page.get_by_role("heading", name="Tin mới nhất").is_visible()
    page.get_by_role("link", name="English").click()
    page.locator("main").get_by_role("link", name="Trade", exact=True).click()
    assert page.locator("h1").inner_text() == "Trade"
    assert page.locator("html").get_attribute("lang") == "en"
    # The first story is in English, the second in Vietnamese.
    links = page.locator("article h2 a")
    assert [links.nth(n).get_attribute("lang") for n in range(2)] == [None, "vi"]


def test_one_searches_from_any_page_and_reads_on(visitor: Visitor) -> None:
    page = visitor.visit("/category/trade?ui=en").page
    page.get_by_role("searchbox").fill("xuat khau")
    page.keyboard.press("Enter")
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("article mark").first.inner_text() == "Xuất"
    page.locator("article a").first.click()
    assert "Xuất khẩu" in page.locator("h1").inner_text()


@pytest.mark.parametrize("path", ["/", "/category/trade"])
def test_the_keyboard_reaches_everything_and_shows_where_it_is(visitor: Visitor, path: str) -> None:
    visit = visitor.visit(path)
    wanted = visit.page.locator("a, input:not([type=hidden]), button").count()
    reached = set()
    for _ in range(wanted):
        visit.page.keyboard.press("Tab")
        outline, place = visit.ask(
            "[getComputedStyle(document.activeElement).outlineStyle,"
            " [...document.querySelectorAll('*')].indexOf(document.activeElement)]"
        )
        assert outline == "solid"
        reached.add(place)
    assert len(reached) == wanted


def test_the_first_link_skips_to_the_content(visitor: Visitor) -> None:
    page = visitor.visit("/category/trade").page
    page.keyboard.press("Tab")
    assert page.get_by_role("link", name="Chuyển đến nội dung chính").is_visible()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.locator("main article h2 a:focus").count() == 1


def test_on_paper_there_is_the_story_and_where_it_comes_from(visitor: Visitor) -> None:
    visit = visitor.visit(address(visitor, "story"), scheme="dark")
    visit.page.emulate_media(media="print")
    visit.keep("story-print")
    assert paper(visit) == 255
    for selector in ("nav", "form", "aside"):
        assert not any(each.is_visible() for each in visit.page.locator(selector).all())
    source = visit.page.locator(".source a")
    assert source.get_attribute("href") in source.evaluate(
        "each => getComputedStyle(each, '::after').content + each.href"
    )
    assert visit.page.locator("h1").is_visible()
