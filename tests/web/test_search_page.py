"""The search page: what it finds, marks, hides and refuses."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from tests.servers.upstream import Upstream
from tests.site import Site, source
from tests.web.browsing import Browser, item, rss


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A site with a source that may be shown whole and one that may be shown by its beginning."""
    folder: Path = tmp_path_factory.mktemp("search")
    with Upstream() as upstream, Site(folder) as site:
        whole = [item(n, f"Cá tra số {n}", description=f"Hà Nội nói về <i>cá</i> & tôm {n}") for n in range(20)]
        # The 20,000th character of the markup is inside a tag.
        links = '<p>Hết câu.</p><p>Sang <a href="https://paper.example/sang">đoạn</a> sau.</p>' * 400
        whole.append(item(40, "Tôm hùm", **{"description": "", "content:encoded": f"{links}<p>lươn đồng</p>"}))
        secret = "Mở đầu. " + "Đoạn giữa. " * 60 + "bạch tuộc"
        part = [item(50, "Mực ống", link="https://other.example/1", description="", **{"content:encoded": secret})]
        sources = [
            source("whole", upstream.serve("/whole", rss(whole))),
            source("part", upstream.serve("/part", rss(part)), policy={"republish": "excerpt"}),
        ]
        site.configure(sources, [{"id": "fish", "title": "Thủy sản", "match": "cá"}])
        site.poll()
        yield Browser(site)


def marks(root: etree._Element) -> list[str]:
    return [str(mark.xpath("string()")) for mark in root.iter("mark")]


def test_what_was_looked_for_is_marked_newest_first(browser: Browser) -> None:
    page = browser.open("/search?q=ha+noi+ca")
    hits = page.all('//article[@class="card"]')
    assert len(hits) == 15
    assert [hit.xpath("string(.//h3)") for hit in hits[:2]] == ["Cá tra số 0", "Cá tra số 1"]
    assert marks(hits[0]) == ["Cá", "Hà", "Nội", "nói", "cá"]
    assert "cá & tôm 0" in " ".join(hits[0].xpath("string()").split())
    assert page.one('//meta[@name="robots"]').get("content") == "noindex"
    older = browser.follow(page, '//a[@rel="next"]')
    assert [hit.xpath("string(.//h3)") for hit in older.all("//article")] == [f"Cá tra số {n}" for n in range(15, 20)]
    assert browser.follow(older, '//nav[@class="places"]/a').hrefs("//article//a") == page.hrefs("//article//a")


def test_the_text_is_cut_and_not_its_markup(browser: Browser) -> None:
    shown = browser.open('/search?q="hết+câu+sang"').one('//article[@class="card"]/p[last()]')
    assert shown.xpath("string()").startswith("Hết câu. Sang đoạn sau. Hết câu. Sang")
    # Behind 20,000 characters of markup, but not of text.
    assert marks(browser.open("/search?q=lươn").one('//article[@class="card"]')) == ["lươn"]


def test_text_that_may_not_be_shown_is_not_shown(browser: Browser) -> None:
    page = browser.open('/search?q="bạch+tuộc"')
    assert "tuộc" not in page.text("//article")


def test_an_empty_query_shows_how_to_search_with_examples_that_can_be_read(browser: Browser) -> None:
    page = browser.open("/search")
    examples = page.hrefs('//section[@class="help"]//dt/a')
    assert len(examples) == 7
    for each in examples:
        assert not browser.open(each).all('//div[@id="fault"]')
    assert browser.open("/search?q=category:fish").all("//article")
    assert browser.open("/search?q=nothing+at+all").one('//p[@class="empty"]').text == "Không tìm thấy tin phù hợp."


@pytest.mark.parametrize(
    ("query", "column", "marked"),
    [("title:(cá", 7, "("), ("colour:red", 1, "c"), ("cá~2 tôm", 3, "~"), ("cá AND", 7, " ")],
)
def test_a_fault_is_shown_where_it_is(browser: Browser, query: str, column: int, marked: str) -> None:
    page = browser.open(f"/search?q={query}")
    fault = page.one('//div[@id="fault"]')
    assert f"Tại ký tự {column}:" in fault.xpath("string()")
    assert marks(fault) == [marked]
    assert fault.xpath("string(.//code)").strip() == query
    assert page.one('//main//input[@name="q"]').get("value").strip() == query


def test_a_query_that_is_too_long_is_cut_in_its_fault(browser: Browser) -> None:
    page = browser.open("/search?q=" + "cá+" * 1000)
    assert "dài hơn 1000 ký tự" in page.words
    assert len(page.answer.data) < 20_000
    assert browser.get("/search?q=cá&before=then").status_code == 404
