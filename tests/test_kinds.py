"""Sources that are no feed, from requests to published documents: sitemaps, their indexes, and pages with a list."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from feedsvc.cli.preview import preview
from feedsvc.cli.why import why
from tests.servers.upstream import Upstream, answer, document
from tests.site import Site, source

NOW = datetime.now(UTC)
PAGE = {"Content-Type": "text/html; charset=utf-8"}
SELECT = {"list": "article.story", "date": "time", "summary": ".story__summary", "next": "a.next"}


@pytest.fixture
def site(tmp_path: Path) -> Iterable[Site]:
    with Site(tmp_path) as site:
        yield site


def news(upstream: Upstream, *names: str, hours: float = 0) -> bytes:
    at = (NOW - timedelta(hours=hours)).isoformat()
    urls = "".join(
        f"<url><loc>{upstream.url(f'/{n}.html')}</loc><n:news><n:publication><n:name>Báo Thử</n:name>"
        f"<n:language>vi</n:language></n:publication><n:publication_date>{at}</n:publication_date>"
        f"<n:title>Tin {n}</n:title></n:news></url>"
        for n in names
    )
    return f"<urlset xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'>{urls}</urlset>".encode()


def plain(upstream: Upstream, *names: str, days: float = 0) -> bytes:
    at = (NOW - timedelta(days=days)).isoformat()
    urls = "".join(f"<url><loc>{upstream.url(f'/{n}.html')}</loc><lastmod>{at}</lastmod></url>" for n in names)
    return f"<urlset>{urls}</urlset>".encode()


def index(upstream: Upstream, *names: str) -> bytes:
    inner = "".join(f"<sitemap><loc>{upstream.url(f'/maps/{n}.xml')}</loc></sitemap>" for n in names)
    return f"<sitemapindex>{inner}</sitemapindex>".encode()


def listing(*stories: str, following: str = "") -> bytes:
    articles = "".join(
        f"<article class=story><h2><a href='/{name}.html'>Bài {name}</a></h2><time>{NOW:%d/%m/%Y} | 00:00 GMT+0</time>"
        f"<p class=story__summary>Tóm tắt {name}</p></article>"
        for name in stories
    )
    return f"<html lang=vi><title>Kinh tế</title>{articles}<a class=next href='{following}'>»</a>".encode()


def sitemap(url: str, **more: Any) -> dict[str, Any]:
    return source("paper", url, kind="sitemap", **{"full_text": False, **more})


def page(url: str, **more: Any) -> dict[str, Any]:
    return source("paper", url, kind="page", **{"full_text": False, "select": SELECT, **more})


def titles(site: Site) -> set[str]:
    return {item["title"] for item in json.loads(site.body("/feeds/all.json"))["items"]}


def paths(upstream: Upstream) -> list[str]:
    found = [request.target for request in upstream.requests]
    upstream.requests.clear()
    return found


def test_a_news_sitemap_is_published_like_a_feed(site: Site, upstream: Upstream) -> None:
    url = upstream.serve("/news.xml", news(upstream, "một", "hai"), etag='"1"')
    update = site.configure([sitemap(url)]).poll()["paper"]
    assert (update.attempt.outcome, update.attempt.new) == ("changed", 2)
    assert update.state.info is not None
    assert update.state.info.title == "Báo Thử"
    assert titles(site) == {"Tin một", "Tin hai"}
    assert site.poll()["paper"].attempt.outcome == "not-modified"


def test_an_index_asks_for_its_news_alone_and_for_each_with_its_own_validators(site: Site, upstream: Upstream) -> None:
    names = ("google-news", *(f"news-2025-{month}" for month in range(1, 13)))
    url = upstream.serve("/sitemaps.xml", index(upstream, *names), etag='"index"')
    upstream.serve("/maps/google-news.xml", news(upstream, "một"), etag='"news-1"')
    site.configure([sitemap(url)])
    assert site.poll()["paper"].attempt.new == 1
    assert paths(upstream) == ["/sitemaps.xml", "/maps/google-news.xml"]

    # The index did not change: that says nothing of what it lists.
    upstream.serve("/maps/google-news.xml", news(upstream, "một", "hai"), etag='"news-2"')
    update = site.poll()["paper"]
    assert (update.attempt.outcome, update.attempt.status, update.attempt.new) == ("changed", 304, 1)
    assert [request.header("If-None-Match") for request in upstream.requests] == ['"index"', '"news-1"']
    assert titles(site) == {"Tin một", "Tin hai"}
    assert [part.etag for part in update.state.parts] == ['"news-2"', None, None]

    upstream.requests.clear()
    assert site.poll()["paper"].attempt.outcome == "not-modified"
    assert [request.header("If-None-Match") for request in upstream.requests] == ['"index"', '"news-2"']


def test_news_without_any_are_not_enough(site: Site, upstream: Upstream) -> None:
    url = upstream.serve("/sitemaps.xml", index(upstream, "google-news", "2025-4"), etag='"i"')
    upstream.serve("/maps/google-news.xml", news(upstream), etag='"none"')
    upstream.serve("/maps/2025-4.xml", news(upstream, "một"))
    site.configure([sitemap(url)]).poll()
    assert titles(site) == {"Tin một"}
    upstream.serve("/maps/2025-4.xml", news(upstream, "một", "hai"))
    site.poll()
    assert titles(site) == {"Tin một", "Tin hai"}


def test_of_an_index_without_news_the_newest_three_are_asked(site: Site, upstream: Upstream) -> None:
    names = [f"sitemap-2025-{month}" for month in range(1, 13)]
    url = upstream.serve("/sitemaps.xml", index(upstream, *names))
    for month in range(1, 13):
        upstream.serve(f"/maps/sitemap-2025-{month}.xml", plain(upstream, f"bai-{month}"))
    site.configure([sitemap(url)])
    assert site.poll()["paper"].attempt.new == 3
    assert paths(upstream) == ["/sitemaps.xml", *(f"/maps/sitemap-2025-{month}.xml" for month in (12, 11, 10))]
    assert site.poll()["paper"].attempt.outcome == "unchanged"


def test_a_sitemap_that_fails_does_not_hide_the_others_and_all_failing_is_a_failure(
    site: Site, upstream: Upstream
) -> None:
    url = upstream.serve("/sitemaps.xml", index(upstream, "a", "b"), etag='"i"')
    upstream.serve("/maps/a.xml", news(upstream, "một"))
    site.configure([sitemap(url)])
    update = site.poll()["paper"]
    assert (update.attempt.outcome, update.attempt.new) == ("changed", 1)
    assert (
        update.attempt.error
        == f"not all could be read: {upstream.url('/maps/b.xml')}: the server answered 404 Not Found"
    )
    upstream.on("/maps/a.xml", answer(410))
    update = site.poll()["paper"]
    assert (update.attempt.outcome, update.state.disabled) == ("failed", None)
    assert titles(site) == {"Tin một"}


def test_a_sitemap_is_left_alone_as_long_as_its_server_says(site: Site, upstream: Upstream) -> None:
    url = upstream.serve("/sitemaps.xml", index(upstream, "a", "b"))
    upstream.on("/maps/a.xml", document(news(upstream, "một"), headers={"Cache-Control": "max-age=3600"}))
    upstream.on("/maps/b.xml", answer(429, headers={"Retry-After": "3600"}))
    site.configure([sitemap(url)]).poll()
    assert paths(upstream) == ["/sitemaps.xml", "/maps/a.xml", "/maps/b.xml"]
    site.poll()
    assert paths(upstream) == ["/sitemaps.xml"]


def test_the_backfill_holds_over_all_sitemaps_and_for_archives_that_come_later(site: Site, upstream: Upstream) -> None:
    url = upstream.serve("/sitemaps.xml", index(upstream, "a", "b"))
    upstream.serve("/maps/a.xml", news(upstream, "một", "hai"))
    upstream.serve("/maps/b.xml", news(upstream, *(f"cũ-{n}" for n in range(20)), hours=100))
    site.configure([sitemap(url, backfill=3)])
    assert site.poll()["paper"].attempt.new == 22
    assert len(titles(site)) == 3

    # An archive that is listed later is taken in, and nobody hears of what is old in it.
    upstream.serve("/sitemaps.xml", index(upstream, "b", "c", "d"))
    upstream.serve("/maps/c.xml", news(upstream, *(f"kho-{n}" for n in range(20)), hours=2000))
    upstream.serve("/maps/d.xml", news(upstream, "mới"))
    update = site.poll()["paper"]
    assert (update.attempt.new, update.attempt.outcome, update.state.held) == (21, "changed", None)
    assert len(titles(site)) == 4
    assert "Tin mới" in titles(site)


def test_what_is_no_more_than_an_address_is_never_announced_and_takes_no_title_back(
    site: Site, upstream: Upstream
) -> None:
    url = upstream.serve("/sitemap.xml", plain(upstream, "một", "hai"))
    site.configure([sitemap(url)])
    assert site.poll()["paper"].attempt.new == 2
    assert titles(site) == set()
    upstream.serve("/sitemap.xml", news(upstream, "ba"))
    site.poll()
    assert titles(site) == {"Tin ba"}
    body = news(upstream, "ba").decode()
    link = body.partition("<loc>")[2].partition("</loc>")[0]
    upstream.serve("/sitemap.xml", f"<urlset><url><loc>{link}</loc></url></urlset>".encode())
    assert site.poll()["paper"].attempt.outcome == "unchanged"
    assert titles(site) == {"Tin ba"}


def test_a_list_is_published_like_a_feed(site: Site, upstream: Upstream) -> None:
    url = upstream.serve("/kinhte/", listing("một", "hai"), etag='"1"')
    site.configure([page(url)])
    update = site.poll()["paper"]
    assert (update.attempt.outcome, update.attempt.new) == ("changed", 2)
    (first, _) = sorted(json.loads(site.body("/feeds/all.json"))["items"], key=lambda item: item["title"])
    assert (first["title"], first["summary"], first["language"]) == ("Bài hai", "Tóm tắt hai", "vi")
    assert first["date_published"].startswith(f"{NOW:%Y-%m-%d}T00:00:00")
    assert site.poll()["paper"].attempt.outcome == "not-modified"


def test_next_pages_are_read_until_there_are_enough_and_later_while_all_is_new(site: Site, upstream: Upstream) -> None:
    url = upstream.serve("/kinhte/", listing("a", "b", following="?p=2"))
    for at in range(2, 9):
        upstream.serve(f"/kinhte/?p={at}", listing(f"{at}a", f"{at}b", following=f"?p={at + 1}"))
    site.configure([page(url, backfill=5)])
    assert site.poll()["paper"].attempt.new == 6
    assert paths(upstream) == ["/kinhte/", "/kinhte/?p=2", "/kinhte/?p=3"]
    assert len(titles(site)) == 5

    upstream.serve("/kinhte/", listing("new", "a", following="?p=2"))
    assert site.poll()["paper"].attempt.new == 1
    assert paths(upstream) == ["/kinhte/"]

    upstream.serve("/kinhte/", listing("x", "y", following="?p=2"))
    upstream.serve("/kinhte/?p=2", listing("z", "new", following="?p=3"))
    assert site.poll()["paper"].attempt.new == 3
    assert paths(upstream) == ["/kinhte/", "/kinhte/?p=2"]


def test_pages_that_lead_on_for_ever_are_not_followed_for_ever(site: Site, upstream: Upstream) -> None:
    url = upstream.serve("/kinhte/", listing("a", following="?p=2"))
    for at in range(2, 20):
        upstream.serve(f"/kinhte/?p={at}", listing(f"{at}", following=f"?p={at + 1}"))
    site.configure([page(url)]).poll()
    assert len(paths(upstream)) == 5
    upstream.serve("/kinhte/?p=2", b"<p>no more</p>")
    upstream.serve("/kinhte/", listing("q", following="?p=2"))
    assert site.poll()["paper"].attempt.error is None, "the list ends there"


def test_a_list_that_changed_its_template_is_a_failure_in_words_and_keeps_its_stories(
    site: Site, upstream: Upstream
) -> None:
    url = upstream.serve("/kinhte/", listing("một"))
    site.configure([page(url)]).poll()
    upstream.serve("/kinhte/", b"<html><div class=card><a href='/x'>Bai</a></div>")
    attempt = site.poll()["paper"].attempt
    assert attempt.outcome == "failed"
    assert attempt.error == "the selector list “article.story” matches nothing any more"
    assert titles(site) == {"Bài một"}

    # Other selectors are applied at once, though the page did not change; what is known is not announced anew.
    site.configure([page(url, select={"list": "div.card"})])
    assert site.poll()["paper"].attempt.new == 1
    assert titles(site) == {"Bài một", "Bai"}


def test_an_index_sends_us_to_no_other_host_and_credentials_stay_at_their_origin(
    site: Site, upstream: Upstream, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("token")
    listed = (upstream.url("/maps/a.xml"), upstream.url("/maps/b.xml", host="localhost"))
    inner = "".join(f"<sitemap><loc>{href}</loc></sitemap>" for href in listed)
    url = upstream.serve("/sitemaps.xml", f"<sitemapindex>{inner}</sitemapindex>".encode())
    upstream.serve("/maps/a.xml", news(upstream, "một"))
    site.configure([sitemap(url, auth={"header": "X-Key", "value_file": str(secret)})]).poll()
    assert [(request.path, request.header("X-Key")) for request in upstream.requests] == [
        ("/sitemaps.xml", "token"),
        ("/maps/a.xml", "token"),
    ]


def test_what_only_has_an_address_is_announced_with_the_title_of_its_page(site: Site, upstream: Upstream) -> None:
    url = upstream.serve("/sitemap.xml", plain(upstream, "một", "hai", "ba"))
    text = "".join(f"<p>Đoạn văn số {n} của bài viết này kể một chuyện khác với các đoạn trước.</p>" for n in range(20))
    article = f"<html lang=vi><title>Báo</title><article><h1>Bài một có tên</h1>{text}</article></html>"
    upstream.on("/m%E1%BB%99t.html", answer(200, article.encode(), headers=PAGE))
    upstream.on("/hai.html", answer(404))
    upstream.on("/ba.html", answer(410))
    site.configure([sitemap(url, full_text=True)])
    assert site.poll()["paper"].attempt.new == 3
    assert titles(site) == set()
    site.fetch_pages()
    assert titles(site) == {"Bài một có tên"}
    site.fetch_pages(timedelta(days=2))
    assert titles(site) == {"Bài một có tên"}, "what gave no title is given up unannounced"
    assert site.poll()["paper"].attempt.outcome == "unchanged"
    assert titles(site) == {"Bài một có tên"}


def test_the_selectors_of_a_list_are_not_looked_for_in_its_articles(site: Site, upstream: Upstream) -> None:
    url = upstream.serve("/kinhte/", listing("một"))
    text = "".join(f"<p>Đoạn văn số {n} kể tiếp chuyện của bài này, dài hơn tóm tắt.</p>" for n in range(20))
    article = (
        f"<html lang=vi><article class=story><time>01/01/2020</time></article><h1>Bài một</h1><div class=body>{text}"
    )
    upstream.on("/m%E1%BB%99t.html", answer(200, article.encode(), headers=PAGE))
    site.configure([page(url, full_text=True, select={**SELECT, "body": ".body"})]).poll()
    site.fetch_pages()
    (item,) = json.loads(site.body("/feeds/all.json"))["items"]
    assert item["title"] == "Bài một"
    assert "Đoạn văn số 19" in item["content_html"]
    assert item["date_published"].startswith(f"{NOW:%Y-%m-%d}")


def run(site: Site, command: Any, *words: str) -> Any:
    result = CliRunner().invoke(command, [*words, "--json"], obj=site.folder)
    assert result.exception is None, result.output
    return json.loads(result.stdout)


def test_previews_and_why_know_the_kinds(site: Site, upstream: Upstream) -> None:
    maps = upstream.serve("/sitemaps.xml", index(upstream, "a", "b"))
    upstream.serve("/maps/a.xml", news(upstream, "một"))
    upstream.serve("/kinhte/", listing("a", "b", following="?p=2"))
    upstream.serve("/kinhte/?p=2", listing("c"))
    addresses = upstream.serve("/plain.xml", plain(upstream, "một"))
    lists = {**page(upstream.url("/kinhte/"), backfill=3), "id": "list"}
    site.configure([sitemap(maps), lists, {**sitemap(addresses), "id": "plain"}])
    found = run(site, preview, "paper")
    assert found["feed"]["format"] == "sitemap index, 1 of its sitemaps"
    assert "404" in found["doubt"]
    assert [entry["fate"] for entry in found["entries"]] == ["announced"]
    found = run(site, preview, "list")
    assert (found["feed"]["format"], found["counts"]["announced"]) == ("page, and 1 more", 3)
    found = run(site, preview, "plain")
    assert (found["feed"]["format"], [entry["fate"] for entry in found["entries"]]) == ("sitemap", ["stored"])
    site.poll("plain")
    site.close()
    result = CliRunner().invoke(why, [upstream.url("/một.html")], obj=site.folder)
    assert "no more than its address is known" in result.stdout
