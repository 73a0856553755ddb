"""The tour that `feedsvc run --demo` proposes, taken with a browser that runs no scripts."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.visits import Visitor
from tests.cli.test_run import Running, until

COPIED_BY = ("Nhịp Đổi Mới", "Làng Nghề Ngày Mới")
DATE = {
    "vi-VN": r"(Thứ (hai|ba|tư|năm|sáu|bảy)|Chủ nhật), \d\d/\d\d/\d{4} \| \d\d:\d\d GMT\+7",
    "en-GB": r"(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, \d{1,2} [A-Z][a-z]+ \d{4} \| \d\d:\d\d GMT\+7",
}


@pytest.fixture(scope="module")
def sights(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[str]]]:
    """The demonstration's address, and the paths that it proposes to look at."""
    running = Running(tmp_path_factory.mktemp("demo") / "config", "run", "--demo")
    try:
        until(lambda: "/status" in running.printed(), running.printed)
        until(lambda: b"/picture/" in running.get("/category/intellectual-property")[1], "pictures")
        told = re.findall(rf"^  http://127.0.0.1:{running.port}(/\S+)$", running.printed(), re.MULTILINE)
        # The copies come one after the other.
        until(lambda: all(name.encode() in running.get(told[1])[1] for name in COPIED_BY), running.printed)
        yield f"http://127.0.0.1:{running.port}", told
    finally:
        running.stop()


@pytest.fixture
def guest(browser: Browser, sights: tuple[str, list[str]]) -> Iterator[Visitor]:
    with Visitor(browser, sights[0]) as made:
        yield made


@pytest.mark.parametrize(("width", "locale"), [(360, "vi-VN"), (1440, "en-GB")])
def test_from_the_category_to_the_story_and_to_its_sources(
    guest: Visitor, sights: tuple[str, list[str]], width: int, locale: str
) -> None:
    category, story, feed, status = sights[1]
    visit = guest.visit(category, width=width, locale=locale)
    visit.keep(f"demo-category-{width}")
    assert re.fullmatch(DATE[locale], visit.page.locator("article time").first.inner_text())
    # Without scripts the browser still says how wide a picture is that it could read.
    assert visit.page.locator("main article img").first.bounding_box()
    visit = guest.visit(story, width=width, locale=locale)
    visit.keep(f"demo-story-{width}")
    assert all(answer.ok and answer.url.startswith(guest.address) for answer in visit.answers)
    assert any("/picture/" in answer.url for answer in visit.answers)
    assert visit.page.locator("figcaption").first.inner_text()
    original = visit.page.get_by_role("link", name=re.compile(r"(Nguồn|Source): tinbensong\.example")).first
    address = original.get_attribute("href") or ""
    assert visit.page.request.get(address).ok
    others = visit.page.get_by_text(re.compile("^(Cũng đăng tại|Also at)")).locator("a")
    assert others.count() == 2
    assert guest.visit(feed).answers[0].ok
    rows = guest.visit(status, locale=locale).page.locator("tbody tr")
    assert rows.count() == 7


def test_a_search_marks_what_it_found(guest: Visitor) -> None:
    visit = guest.visit("/search?q=%22muoi+ot%22")
    visit.keep("demo-search")
    assert visit.page.locator("main mark").first.inner_text().lower() == "muối ớt"
