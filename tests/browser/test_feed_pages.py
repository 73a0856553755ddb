"""What people see who open a feed in a browser."""

import re

import pytest

from tests.browser.newsroom import PUBLISHERS
from tests.browser.visits import Scheme, Visitor

TRADE = [
    story
    for publisher in PUBLISHERS
    for story in publisher["stories"]
    if re.search("xuất khẩu|exporters|free trade", story["title"], re.IGNORECASE)
]


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])
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
