"""Sitemaps as sources: their pages are entries, and of an index the best sitemaps come first."""

import pytest

from feedsvc.errors import ParseError
from feedsvc.model import Document, LocalText, ParsedFeed, Picture, Source, Term
from feedsvc.parse import parse
from feedsvc.parse.reading import MAX_ENTRIES
from tests.parse.given import FETCHED_AT

NEWS = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc>https://nhandan.vn/</loc></url>
<url><loc>https://nhandan.vn/tin-moi-post123456.html</loc><lastmod>2026-10-02T06:00:00+07:00</lastmod>
<news:news><news:publication><news:name>Báo Nhân Dân</news:name><news:language>vi</news:language></news:publication>
<news:publication_date>2026-10-02T05:00:00+07:00</news:publication_date><news:title>Tin mới</news:title>
<news:keywords>kinh tế, xuất khẩu, </news:keywords></news:news>
<image:image><image:loc>https://image.nhandan.vn/1.jpg</image:loc><image:caption>Ảnh</image:caption></image:image></url>
</urlset>"""


def read(body: str, url: str = "https://nhandan.vn/sitemaps.xml") -> ParsedFeed:
    source = Source(
        id="s", title=LocalText(by_language=()), url=url, kind="sitemap", timezone="Asia/Ho_Chi_Minh", language=None
    )
    return parse(
        Document(url=url, status=200, body=body.encode(), content_type="text/xml", fetched_at=FETCHED_AT), source
    )


def index(*names: str, lastmod: dict[str, str] | None = None) -> str:
    dates = {name: f"<lastmod>{date}</lastmod>" for name, date in (lastmod or {}).items()}
    inner = "".join(f"<sitemap><loc>https://nhandan.vn/sitemaps/{n}</loc>{dates.get(n, '')}</sitemap>" for n in names)
    return f"<sitemapindex>{inner}</sitemapindex>"


def names(feed: ParsedFeed) -> list[str]:
    return [part.href.rpartition("/")[2] for part in feed.parts]


def test_a_news_sitemap_has_titles_dates_terms_and_pictures() -> None:
    feed = read(NEWS)
    assert (feed.info.title, feed.info.language, feed.info.link("alternate")) == (
        "Báo Nhân Dân",
        "vi",
        "https://nhandan.vn/",
    )
    (entry,) = feed.entries  # the site's front page is none
    assert (entry.guid, entry.link) == (None, "https://nhandan.vn/tin-moi-post123456.html")
    assert (entry.title, entry.language) == ("Tin mới", "vi")
    assert [str(at)[:16] for at in (entry.published, entry.updated)] == ["2026-10-01 22:00", "2026-10-01 23:00"]
    assert entry.terms == (Term(term="kinh tế"), Term(term="xuất khẩu"))
    assert entry.pictures == (Picture(href="https://image.nhandan.vn/1.jpg", caption="Ảnh"),)
    assert feed.parts == ()


#: as nhandan.vn names them, the month not padded; then in other forms
RANKED = (
    "google-news.xml news-2025-11.xml news-2025-4.xml news-2024-12.xml topics.xml",
    "sitemap-20251101.xml sitemap_2025_10.xml sitemap-202509.xml",
)


@pytest.mark.parametrize("ranked", RANKED)
def test_an_index_is_ranked_by_names(ranked: str) -> None:
    assert names(read(index(*sorted(ranked.split())))) == ranked.split()


def test_where_nothing_tells_the_ends_of_an_index_come_first() -> None:
    listed = ["category-1.xml", "1.xml", "2.xml", "3.xml", "4.xml"]
    assert names(read(index(*listed))) == ["1.xml", "4.xml", "2.xml", "3.xml", "category-1.xml"]


def test_an_index_is_ranked_by_what_changed_last() -> None:
    dates = {"a.xml": "2026-01-01", "b.xml": "2026-09-30T10:00:00Z", "page.xml": "2026-10-01"}
    feed = read(index("a.xml", "b.xml", "c.xml", "page.xml", lastmod=dates))
    assert names(feed) == ["b.xml", "a.xml", "c.xml", "page.xml"]


def test_an_index_speaks_only_for_its_own_site() -> None:
    theirs = "<sitemap><loc>https://evil.example/1.xml</loc></sitemap>"
    ours = "<sitemap><loc>https://maps.nhandan.vn/1.xml</loc></sitemap>"
    assert names(read(f"<sitemapindex>{theirs}{ours}{ours}</sitemapindex>", "https://www.nhandan.vn/s.xml")) == [
        "1.xml"
    ]
    with pytest.raises(ParseError, match="on other sites"):
        read(f"<sitemapindex>{theirs}</sitemapindex>")


def test_of_too_many_pages_the_newest_stay_or_those_at_both_ends() -> None:
    urls = [f"<url><loc>https://nhandan.vn/{n}.html</loc></url>" for n in range(MAX_ENTRIES + 100)]
    links = {entry.link for entry in read(f"<urlset>{''.join(urls)}</urlset>").entries}
    assert len(links) == MAX_ENTRIES
    assert {"https://nhandan.vn/0.html", f"https://nhandan.vn/{MAX_ENTRIES + 99}.html"} <= links
    urls[150] = urls[150].replace("</loc>", "</loc><lastmod>2026-09-01</lastmod>")
    assert read(f"<urlset>{''.join(urls)}</urlset>").entries[0].link == "https://nhandan.vn/150.html"


def test_a_feed_is_no_sitemap_and_says_so() -> None:
    with pytest.raises(ParseError, match="kind: feed"):
        read("<rss version='2.0'><channel><title>x</title></channel></rss>")
    with pytest.raises(ParseError, match=r"not a sitemap$"):
        read("<!doctype html><html><body>")
