"""Pages as people get them: stories go through the whole pipeline, pages come from the outermost WSGI callable."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.parse.test_picture import png
from tests.servers.upstream import Upstream, answer
from tests.site import Site, source
from tests.test_pictures import fetch, follow
from tests.web.browsing import FRIDAY, Browser, Page, item, rss

TRADE = {"id": "trade", "title": {"vi": "Thương mại", "en": "Trade"}, "description": "Xuất nhập khẩu", "match": "cá"}
HEALTH = {"id": "health", "title": {"vi": "Sức khỏe", "en": "Health"}, "match": "sức"}
ATTRIBUTION = {"vi": "Nguồn: nhandan.vn", "en": "Source: nhandan.vn"}
SITE = {"title": {"vi": "Tin thử", "en": "Test news"}, "base_url": "https://news.example.org"}
#: HTML and CSS of one page, in bytes
HEAVIEST = 50_000


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path) as opened:
        yield opened


def put(site: Site, upstream: Upstream, *items: str, policy: Any = None, **more: Any) -> Browser:
    """Publish what one source says, under two categories."""
    url = upstream.serve("/rss", rss(items))
    allowed = {"republish": "full", "pictures": True, "attribution": ATTRIBUTION, **(policy or {})}
    site.configure(
        [source("paper", url, title="Paper", language="vi", policy=allowed, **more.pop("of_source", {}))],
        [TRADE, HEALTH],
        [{"id": "seafood", "title": "Hải sản", "match": "cá"}],
        site={**SITE, **more.pop("of_site", {})},
        fetch={"allow_private": ["127.0.0.0/8"], "per_host": 8},
    )
    site.poll()
    return Browser(site, **more)


def story_of(browser: Browser, title: str, listing: str = "/category/trade") -> Page:
    return browser.follow(browser.open(listing), f'//main//article//a[contains(., "{title}")]')


def id_of(browser: Browser, title: str) -> UUID:
    href = browser.open("/category/trade").one(f'//main//article//a[contains(., "{title}")]').get("href")
    return UUID(re.findall("/story/([^?]+)", href)[0])


def test_the_front_page_says_what_it_is_and_leads_everywhere(site: Site, upstream: Upstream) -> None:
    stories = [*(item(n, f"Cá tra số {n}") for n in range(9)), *(item(n, f"Sức khỏe số {n}") for n in range(9, 12))]
    page = put(site, upstream, *stories).open("/")
    assert page.one("//h1").xpath("string()") == "Tin thử"
    assert "Mỗi tin chỉ đăng một lần, có ghi nguồn." in page.text("//header")
    leads = page.one('//section[@class="newest"]')
    assert [each.xpath("string()") for each in leads.iterfind(".//h3")] == [f"Cá tra số {n}" for n in range(5)]
    trade, health = page.all('//div[@id="categories"]/section')[:2]
    # What stands at the head of the page is not repeated under its category.
    assert [each.xpath("string()") for each in trade.xpath(".//li/a")] == [f"Cá tra số {n}" for n in (5, 6, 7, 8)]
    assert [each.xpath("string()") for each in health.xpath(".//li/a")] == [f"Sức khỏe số {n}" for n in (9, 10, 11)]
    for path in ("/category/trade", "/feeds/category/trade.rss", "/source/paper", "/tag/seafood", "/feeds.opml"):
        assert path in page.hrefs()
        assert Browser(site).get(path).status_code == 200


def test_pages_without_stories_and_without_categories(site: Site, upstream: Upstream) -> None:
    site.configure([source("paper", upstream.serve("/rss", rss(())))])
    site.poll()
    assert "Chưa có tin nào" in Browser(site).open("/").words
    assert "No stories yet" in Browser(site, "en").open("/source/paper").words


def test_dates_stand_as_people_write_them_in_the_zone_of_the_site(site: Site, upstream: Upstream) -> None:
    browser = put(site, upstream, item(0, "Cá tra"), item(1, "Cá basa"))
    first, second = browser.open("/category/trade").all("//article//time")
    assert (first.text, first.get("datetime")) == ("Thứ sáu, 25/04/2025 | 05:00 GMT+7", FRIDAY.isoformat())
    assert second.text == "25/04/2025 | 04:00"
    english = browser.open("/category/trade?ui=en").all("//article//time")
    assert [each.text for each in english] == ["Friday, 25 April 2025 | 05:00 GMT+7", "25 Apr 2025 | 04:00"]
    assert "Thứ sáu, 25/04/2025 | 05:00 GMT+7" in story_of(browser, "Cá tra").words


def test_the_language_is_that_of_the_address_else_of_the_browser_else_of_the_site(
    site: Site, upstream: Upstream
) -> None:
    browser = put(site, upstream, item(0, "Cá tra"))

    def spoken(path: str, accepted: str) -> tuple[str, str]:
        page = Browser(site, accepted).open(path)
        return page.one("/html").get("lang"), page.one("//title").text

    assert spoken("/", "en-GB,en;q=0.8") == ("en", "Test news")
    assert spoken("/", "fr") == spoken("/", "") == ("vi", "Tin thử")
    assert spoken("/?ui=en", "vi") == ("en", "Test news")
    assert spoken("/?ui=xx", "vi") == ("vi", "Tin thử")
    chosen = browser.open("/category/trade?ui=en")
    assert {"/?ui=en", "/category/health?ui=en"} <= set(chosen.hrefs())
    # The same page in the other language, and words that are not in the page's say so.
    assert chosen.hrefs('//nav[@class="languages"]/a') == ["/category/trade?ui=vi", "/category/trade?ui=en"]
    assert chosen.one("//article//h2/a").get("lang") == "vi"
    assert browser.open("/category/trade").one("//article//h2/a").get("lang") is None


def test_a_site_in_a_language_without_a_catalogue_speaks_english(site: Site, upstream: Upstream) -> None:
    browser = put(site, upstream, of_site={"languages": ["fr"], "title": {"fr": "Essai"}}, language="fr")
    page = browser.open("/")
    assert (page.one("/html").get("lang"), page.one("//h1").xpath("string()")) == ("en", "Essai")
    assert not page.all('//nav[@class="languages"]')


def test_below_a_path_every_address_of_ours_has_it(site: Site, upstream: Upstream) -> None:
    items = [item(n, f"Cá tra số {n}", markup=PICTURED) for n in range(30)]
    browser = put(site, upstream, *items, of_site={"base_url": "https://example.org/news"})
    pages = ["/", "/category/trade", "/search?q=tra&ui=en", f"/story/{id_of(browser, 'số 12')}", "/nope", "/status"]
    for path in pages:
        page = browser.open(path, 404 if path == "/nope" else 200)
        for name in ("href", "src", "action"):
            for address in page.all(f"//@{name}"):
                assert address.startswith(("/news/", "https://", "#")), f"{path}: {address}"
    older = browser.open("/category/trade").one('//link[@rel="next"]').get("href")
    assert older.startswith("/news/category/trade?before=")
    assert browser.get(older.removeprefix("/news")).status_code == 200


PNG = {"Content-Type": "image/png"}
PICTURED = (
    '<media:content url="https://pictures.example/fish.png" medium="image" width="640" height="400">'
    "<media:description>Bến cá lúc rạng sáng</media:description><media:credit>Lê Thứ</media:credit></media:content>"
)


def test_pages_of_a_listing_hold_every_story_once_in_both_directions(site: Site, upstream: Upstream) -> None:
    browser = put(site, upstream, *(item(n, f"Cá tra số {n:02}") for n in range(47)))
    page = browser.open("/category/trade")
    assert page.one('//link[@rel="canonical"]').get("href") == "https://news.example.org/category/trade"
    assert not page.all('//*[@rel="prev"]')
    seen, titles = [page], "//article//h2/a[not(@rel)]/text()"
    while page.all('//a[@rel="next"]'):
        page = browser.follow(page, '//a[@rel="next"]')
        assert page.one('//meta[@name="robots"]').get("content") == "noindex, follow"
        seen.append(page)
    assert [title for each in seen for title in each.all(titles)] == [f"Cá tra số {n:02}" for n in range(47)]
    for earlier in reversed(seen[:-1]):
        page = browser.follow(page, '//a[@rel="prev"]')
        assert page.all(titles) == earlier.all(titles)


def test_an_address_that_names_no_place_is_mistyped(site: Site, upstream: Upstream) -> None:
    browser = put(site, upstream, item(0, "Cá tra"))
    for place in ("?before=yesterday", "?after=", "?before=20250101T000000.000000Z-xyz"):
        assert browser.get(f"/category/trade{place}").status_code == 404


def test_every_format_can_be_subscribed_to_and_discovered(site: Site, upstream: Upstream) -> None:
    browser = put(site, upstream, item(0, "Cá tra"))
    page = browser.open("/category/trade")
    expected = {f"/feeds/category/trade{code}.{f}" for code in ("", "/vi", "/en") for f in ("rss", "atom", "json")}
    assert expected | {"/feeds.opml"} <= set(page.hrefs('//section[@class="subscribe"]//a'))
    found = page.all('//link[@rel="alternate"]')
    assert [each.get("type") for each in found] == [f"application/{f}" for f in ("rss+xml", "atom+xml", "feed+json")]
    assert len({each.get("title") for each in found}) == 3
    for each in found:
        assert browser.get(each.get("href")).mimetype == each.get("type")


def test_a_story_is_credited_dated_and_shown_with_its_picture_from_our_own_copy(site: Site, upstream: Upstream) -> None:
    picture = upstream.on("/fish.png", answer(body=png(640, 400), headers=PNG))
    inside = upstream.on("/in.png", answer(body=png(300, 200), headers=PNG))
    upstream.on("/gone.png", answer(404))
    body = (
        f'<h4>Ở bến</h4><p>Toàn văn.</p><p><img src="{inside}" alt="Cân"></p>'
        f'<figure><img src="{upstream.url("/gone.png")}"><figcaption>Không có ảnh</figcaption></figure>'
        '<video src="https://tube.example/v.mp4"></video>'
    )
    markup = PICTURED.replace("https://pictures.example/fish.png", picture)
    browser = put(
        site,
        upstream,
        item(0, "Cá tra", markup=markup, **{"dc:creator": "Nguyễn Thị Hương", "content:encoded": body}),
        policy={"rights": "© Nhân Dân", "licence": "https://creativecommons.org/licenses/by/4.0/"},
    )
    follow(site)
    fetch(site)
    page = story_of(browser, "Cá tra")
    assert page.one("//h1").text == "Cá tra"
    source_line = page.one('//p[@class="source"]/a')
    assert (source_line.text, source_line.get("href")) == ("Nguồn: nhandan.vn", "https://paper.example/0.html")
    for said in ("Nguyễn Thị Hương", "Bến cá lúc rạng sáng", "Ảnh: Lê Thứ", "© Nhân Dân", "Toàn văn."):
        assert said in page.words
    shown = page.all("//main//img")
    assert [(each.get("width"), each.get("height")) for each in shown] == [("640", "400"), ("300", "200")]
    assert all(each.get("src").startswith("/picture/") and each.get("alt") for each in shown)
    assert browser.get(shown[0].get("src")).mimetype == "image/png"
    assert "Không có ảnh" not in page.words
    assert page.one('//main//a[starts-with(., "Xem video")]').get("href") == "https://tube.example/v.mp4"
    # Headings go down by one level each.
    assert page.one('//div[@class="text"]//h2').text == "Ở bến"
    data = page.linked_data
    assert data["@type"] == "NewsArticle"
    assert data["datePublished"] == "2025-04-25T05:00:00+07:00"
    assert data["isBasedOn"] == "https://paper.example/0.html"
    assert data["image"] == [f"https://news.example.org{each.get('src')}" for each in shown]
    assert data["author"] == [{"@type": "Person", "name": "Nguyễn Thị Hương"}]
    assert (data["creditText"], data["copyrightNotice"]) == ("Nguồn: nhandan.vn", "© Nhân Dân")


def test_the_words_of_two_blocks_stay_apart_on_a_card(site: Site, upstream: Upstream) -> None:
    text = "<p>Hết câu.</p><ul><li>Một</li><li>hai &amp;</li></ul><table><tr><td>ba</td><td>bốn</td></tr></table>"
    browser = put(site, upstream, item(0, "Cá tra", **{"description": "", "content:encoded": text}))
    assert browser.open("/category/trade").one('//p[@class="summary"]').text == "Hết câu. Một hai & ba bốn"


def test_an_excerpt_shows_the_excerpt_and_leads_to_the_original(site: Site, upstream: Upstream) -> None:
    text = "Mở đầu của bài. " + "Phần sau không được đăng lại. " * 30 + "Bí mật."
    browser = put(
        site, upstream, item(0, "Cá tra", **{"content:encoded": f"<p>{text}</p>"}), policy={"republish": "excerpt"}
    )
    for path in ("/category/trade", f"/story/{id_of(browser, 'Cá tra')}", "/search?q=bí+mật", "/"):
        assert "Bí mật" not in browser.open(path).text("//main//*[not(self::input)]")
    page = story_of(browser, "Cá tra")
    onward = page.one('//main//a[@class="onward"]')
    assert (onward.text, onward.get("href")) == ("Đọc bài gốc tại paper.example", "https://paper.example/0.html")


@pytest.mark.parametrize("index", [False, True])
def test_search_engines_are_told_where_the_story_belongs(site: Site, upstream: Upstream, *, index: bool) -> None:
    browser = put(site, upstream, item(0, "Cá tra"), of_source={"index": index})
    page = story_of(browser, "Cá tra")
    ours = f"https://news.example.org/story/{id_of(browser, 'Cá tra')}"
    assert page.one('//link[@rel="canonical"]').get("href") == (ours if index else "https://paper.example/0.html")
    assert len(page.all('//meta[@name="robots"]')) == (not index)


def test_a_story_has_its_neighbours_in_the_category_that_one_came_from(site: Site, upstream: Upstream) -> None:
    titles = ["Cá và sức khỏe 0", "Sức khỏe 1", "Cá và sức khỏe 2", "Cá 3", "Cá và sức khỏe 4"]
    browser = put(site, upstream, *(item(n, title) for n, title in enumerate(titles)))
    neighbours = '//nav[@class="neighbours"]//a/text()'
    assert story_of(browser, titles[2]).all(neighbours) == [titles[0], titles[3]]
    in_health = story_of(browser, titles[2], "/category/health")
    assert in_health.all(neighbours) == [titles[1], titles[4]]
    assert in_health.one('//p[@class="kicker"]/a').text == "Sức khỏe"
    assert in_health.all('//aside//ul[@class="headlines"]/li/a/text()') == [titles[0], titles[1], titles[4]]
    assert browser.follow(in_health, f'//nav[@class="neighbours"]//a[. = "{titles[1]}"]').one("//h1").text == titles[1]


def test_the_other_sources_are_named_with_their_own_pages(site: Site, upstream: Upstream) -> None:
    text = " ".join(f"từ{n}" for n in range(200))
    urls = [
        upstream.serve(f"/{n}", rss([item(0, "Cá tra", link=f"https://{n}.example/1", description=text)]))
        for n in ("one", "two")
    ]
    site.configure([source(n, url) for n, url in zip(("one", "two"), urls, strict=True)], [TRADE])
    site.poll("one")
    site.poll("two")
    page = story_of(Browser(site, "en"), "Cá tra")
    assert "Also at: Two" in page.words
    assert page.one('//footer//a[. = "Two"]').get("href") == "https://two.example/1"


def retract(site: Site, id: UUID, reason: str, replaced_by: UUID | None = None) -> None:
    assert site.service is not None
    with site.service.store.write() as tx:
        story = tx.stories.by_id(id)
        assert story is not None
        change = tx.changes.append("retracted", id, FRIDAY, reason=reason, replaced_by=replaced_by)
        tx.stories.put([(replace(story, retracted=reason), change)])


def test_a_withdrawn_story_says_when_and_by_whom_and_a_merged_one_leads_on(site: Site, upstream: Upstream) -> None:
    browser = put(site, upstream, *(item(n, f"Cá tra số {n}") for n in range(3)))
    taken, edited, merged = (id_of(browser, f"số {n}") for n in range(3))
    kept = uuid4()
    retract(site, taken, "the publisher withdrew it")
    retract(site, edited, "Nêu sai tên")
    retract(site, merged, "merged", kept)
    gone = browser.open(f"/story/{taken}", 410)
    assert "Tin này đã được gỡ bỏ lúc Thứ sáu, 25/04/2025 | 05:00 GMT+7. Nguồn tin đã gỡ bài này." in gone.words
    assert "Cá tra" not in gone.text("//main")
    assert "Reason: Nêu sai tên" in browser.open(f"/story/{edited}?ui=en", 410).words
    moved = browser.get(f"/story/{merged}?ui=en")
    assert (moved.status_code, moved.headers["Location"]) == (308, f"https://news.example.org/story/{kept}?ui=en")
    by_urn = browser.get(f"/story/{kept.urn}")
    assert (by_urn.status_code, by_urn.headers["Location"]) == (308, f"https://news.example.org/story/{kept}")
    assert browser.get(f"/story/{uuid4()}").status_code == 404


def test_what_cannot_be_shown_is_said_in_the_dress_of_the_site(site: Site, upstream: Upstream) -> None:
    put(site, upstream, item(0, "Cá tra"))
    url = upstream.url("/rss")
    site.configure([source("new-paper", url, was=["paper"])], [TRADE])
    site.poll()
    browser = Browser(site)
    assert "Không tìm thấy trang" in browser.open("/nope", 404).text("//h1")
    assert "Page not found" in browser.open("/story/not-a-story?ui=en", 404).text("//h1")
    assert "Chuyên mục này đã ngừng xuất bản" in browser.open("/category/health", 410).words
    # Not a link to the host evil.example.
    elsewhere = browser.client.get("/", environ_overrides={"PATH_INFO": "//evil.example/a?b"})
    assert 'href="/evil.example/a%3Fb?ui=en"' in elsewhere.text
    assert 'href="/%00%22%3Ca%3Db?ui=en"' in browser.get("/%00%22%3Ca%3Db").text
    moved = browser.get("/source/paper?ui=en")
    assert (moved.status_code, moved.headers["Location"]) == (308, "https://news.example.org/source/new-paper?ui=en")
    refused = browser.client.post("/category/trade")
    assert refused.status_code == 405
    assert set(refused.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert "<h1>" in refused.text
    for answered in (browser.get("/nope"), browser.get("/category/health"), refused):
        assert answered.headers["Cache-Control"] == "public, max-age=60"
        assert "Accept-Language" in answered.headers["Vary"]


def test_a_store_that_cannot_be_read_is_an_apology(site: Site, upstream: Upstream) -> None:
    browser = put(site, upstream, item(0, "Cá tra"))
    for file in (site.folder.parent / "var").iterdir():
        file.write_bytes(b"this is no database" * 1000)
    page = browser.open("/category/trade", 503)
    assert "Hiện chưa đọc được tin" in page.words
    assert page.answer.headers["Cache-Control"] == "no-store"


def test_pages_are_cached_for_a_moment_shrunk_and_run_nothing(site: Site, upstream: Upstream) -> None:
    browser = put(site, upstream, item(0, "Cá tra"))
    page = browser.get("/category/trade", Accept_Encoding="gzip")
    assert page.headers["Content-Encoding"] == "gzip"
    assert len(page.data) < len(browser.get("/category/trade").data) / 2
    assert set(page.headers["Vary"].split(", ")) == {"Accept-Language", "Accept-Encoding"}
    assert page.headers["Cache-Control"] == "public, max-age=30"
    assert "script" not in page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    again = browser.get("/category/trade", If_None_Match=page.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")


def test_nothing_that_a_publisher_says_becomes_markup(site: Site, upstream: Upstream) -> None:
    evil = '</script><script>alert(1)</script><b onclick="x">cá'
    browser = put(
        site,
        upstream,
        item(0, escape_twice(evil), link="javascript:alert(1)", description=f"<p>{evil}</p>", **{"dc:creator": evil}),
    )
    for path in ("/", "/category/trade", "/search?q=cá", "/story/" + str(id_of(browser, "alert"))):
        page = browser.open(path)
        scripts = page.all("//script")
        assert [each.get("type") for each in scripts] in ([], ["application/ld+json"])
        assert not page.all("//@onclick")
        assert not any(href.lower().startswith("javascript:") for href in page.hrefs("//*[@href]"))
    assert "alert(1)" in browser.open("/story/" + str(id_of(browser, "alert"))).linked_data["headline"]


def escape_twice(text: str) -> str:
    """A title is markup to its reader: to mean these characters it escapes them."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def test_no_page_is_heavier_than_fifty_kilobytes(site: Site, upstream: Upstream) -> None:
    title = "Xuất khẩu thủy sản sang những thị trường mới ở phía bên kia bờ đại dương, giữa một mùa biển động"
    stories = [
        item(n, f"{title} số {n}", description=" ".join(f"sóng{n}x{place} dữ." for place in range(300)))
        for n in range(90)
    ]
    paragraphs = "".join(f"<p>Đoạn thứ {n}: " + "biển động và thuyền về. " * 40 + "</p>" for n in range(180))
    long = upstream.serve("/long", rss([item(999, "Bài rất dài", at=FRIDAY, **{"content:encoded": paragraphs})]))
    policy = {"republish": "excerpt", "excerpt_chars": 2000, "attribution": ATTRIBUTION}
    site.configure(
        [
            source("sea", upstream.serve("/sea", rss(stories)), policy=policy),
            source("long", long),
            *(source(f"idle-{n}", upstream.url("/none"), title=f"Nguồn tin số {n} của tỉnh") for n in range(60)),
        ],
        [{"id": f"chuyen-muc-{n}", "title": f"Chuyên mục thứ {n} về thủy sản", "match": "thủy"} for n in range(40)],
        [{"id": f"the-{n}", "title": f"Thẻ thứ {n}", "match": "none"} for n in range(50)],
        publish={"entries": 1, "window": "1s", "max_entries": 1},
    )
    site.poll("sea", "long")
    browser = Browser(site)
    css = len(browser.get(browser.open("/").one('//link[@rel="stylesheet"]').get("href")).data)
    listing = browser.open("/category/chuyen-muc-3")
    story = browser.follow(listing, "//article[1]//h2/a")
    parts = [browser.follow(browser.open("/source/long"), "//article//h2/a")]
    while parts[-1].all('//nav[@class="places"]/a[@rel="next"]'):
        parts.append(browser.follow(parts[-1], '//nav[@class="places"]/a[@rel="next"]'))
    pages = [browser.open("/"), listing, story, *parts, browser.open("/search?q=thủy+sản"), browser.open("/status")]
    heaviest = max(len(page.answer.data) for page in pages)
    assert css + heaviest < HEAVIEST, [len(page.answer.data) for page in pages]
    said = [text for part in parts for text in part.all('//div[@class="text"]/p/text()') if text.startswith("Đoạn")]
    assert [re.findall(r"\d+", text)[0] for text in said] == [str(n) for n in range(180)]
    assert browser.get(f"{story.answer.request.path}?part=2").status_code == 404
