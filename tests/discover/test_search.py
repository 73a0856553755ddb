"""Discovery on whole sites, over real requests to loopback."""

import json
from datetime import timedelta

import pytest

from feedsvc.discover import Configured, Discovery
from feedsvc.discover.asking import FEED_REQUESTS, REQUESTS
from feedsvc.errors import FetchError
from feedsvc.model import FetchLimits, LocalText, Source
from tests.discover.sites import HEADLINES, NOW, SENTENCE, announced, atom, find, framed, items, nhandan, page, rss
from tests.servers.upstream import Upstream, answer, redirect

SECTIONS = {"chinhtri-1171": "Chính trị", "kinhte-1185": "Kinh tế", "thegioi-1231": "Thế giới"}


def paths(found: Discovery, kind: str = "feed") -> list[str]:
    return ["/" + offer.url.split("/", 3)[3] for offer in found.offers if offer.kind == kind]


@pytest.fixture
def newspaper(upstream: Upstream) -> Upstream:
    """A Vietnamese newspaper: its home names no feed, but links to a page that lists one for each section."""
    upstream.on("/", page("<a href='/kinhte/'>Kinh tế</a> <a href='/rss.html'>RSS</a>"))
    upstream.on("/kinhte/", page("<a href='/rss.html'>RSS</a>"))
    links = "".join(f"<li><a href='/rss/{slug}.rss'>{name}</a>" for slug, name in SECTIONS.items())
    upstream.on("/rss.html", page(f"<a href='/rss/home.rss'>Trang chủ</a>{links}<a href='/rss/gone-1.rss'>Cũ</a>"))
    upstream.on("/rss/home.rss", rss(items("home", 30, hours=0.25), home=upstream.url("/")))
    for slug in SECTIONS:
        upstream.on(f"/rss/{slug}.rss", rss(items(slug), home=upstream.url("/")))
    return upstream


def test_a_newspaper_lists_its_sections_on_a_page(newspaper: Upstream) -> None:
    found = find(newspaper.url("/"))
    assert paths(found) == ["/rss/home.rss", *(f"/rss/{slug}.rss" for slug in SECTIONS)]
    home, politics = found.offers[:2]
    assert (home.verified, home.format, home.entries, home.language, home.text) == (True, "RSS", 30, "vi", "summary")
    assert home.per_day == pytest.approx(96)
    # Their titles are all the same: the words of the links tell them apart.
    assert politics.title == "Báo Thử – Chính trị"
    assert [offer.source.id for offer in found.offers] == [
        "127-0-0-1",
        "127-0-0-1-chinhtri",
        "127-0-0-1-kinhte",
        "127-0-0-1-thegioi",
    ]
    assert [(failure.url, failure.problem) for failure in found.failures] == [
        (newspaper.url("/rss/gone-1.rss"), "the server answered 404 Not Found")
    ]
    assert found.cut_short is None


def test_the_section_asked_for_comes_first(newspaper: Upstream) -> None:
    assert paths(find(newspaper.url("/kinhte/")))[:2] == ["/rss/kinhte-1185.rss", "/rss/home.rss"]


def test_without_a_scheme_https_is_tried_then_http(newspaper: Upstream) -> None:
    found = find(f"127.0.0.1:{newspaper.port}")
    assert found.url == newspaper.url("/")
    assert newspaper.requests[0].method == "TLS"


def test_what_is_configured_is_marked_and_its_id_not_given_again(newspaper: Upstream) -> None:
    title = LocalText(by_language=(("", "x"),))
    known = Source(id="home", title=title, url=newspaper.url("/rss/home.rss?utm_source=x"), was=("127-0-0-1-kinhte",))
    found = find(newspaper.url("/"), Configured(sources=(known,), languages=("en",)))
    assert [offer.configured_as for offer in found.offers][:2] == ["home", None]
    assert [offer.source.id for offer in found.offers][2] == "127-0-0-1-bao-thu-kinh-te"
    credit = found.offers[0].source.policy.attribution
    assert credit is not None
    assert credit.by_language == (("en", "Source: 127.0.0.1"),)


def test_a_blog_announces_articles_comments_and_two_formats(upstream: Upstream) -> None:
    head = announced("/comments/feed/", title="Comments Feed") + announced("/feed/", title="Blog » Feed")
    upstream.on(
        "/", page("<a href='/feed/'>Entries RSS</a>", head=head + announced("/feed/atom/", type="application/atom+xml"))
    )
    posts = items("post", text=SENTENCE * 30)
    upstream.on("/feed/", rss(posts, title="Blog"))
    upstream.on("/feed/atom/", atom([(*post[:3], SENTENCE) for post in posts], title="Blog"))
    comments = [(t, f"{link}#comment-{t[-1]}", date, text) for t, link, date, text in items("note")]
    upstream.on("/comments/feed/", rss(comments, title="Comments for Blog"))
    upstream.on("/pod/", rss(items("talk"), title="Talks", more="<enclosure url='http://x/a.mp3' type='audio/mpeg'/>"))
    found = find(upstream.url("/"))
    assert paths(found) == ["/feed/", "/comments/feed/", "/feed/atom/"]
    full, comments_feed, short = found.offers
    assert (full.text, full.same_as, full.is_good) == ("full", None, True)
    assert (comments_feed.made_of, comments_feed.is_good) == ("comments", False)
    assert (short.text, short.same_as, short.is_good) == ("summary", full.url, False)
    assert len(upstream.asked("/feed/")) == 1


def test_live_feeds_come_before_stale_empty_and_spoken_ones(upstream: Upstream) -> None:
    names = ("empty", "old", "undated", "talk", "live")
    upstream.on("/", page("".join(f"<a href='/{name}.rss'>{name}</a>" for name in names)))
    upstream.on("/live.rss", rss(items("live")))
    upstream.on("/old.rss", rss(items("old", hours=24 * 300)))
    upstream.on("/empty.rss", rss([]))
    upstream.on("/talk.rss", rss(items("talk"), more="<enclosure url='http://x.example/a.mp3' type='audio/mpeg'/>"))
    undated = "".join(f"<item><title>t{n}</title><link>https://paper.example/u{n}</link></item>" for n in range(5))
    upstream.on("/undated.rss", answer(200, f"<rss><channel><title>U</title>{undated}</channel></rss>".encode()))
    found = find(upstream.url("/"))
    assert paths(found) == ["/live.rss", "/undated.rss", "/old.rss", "/empty.rss", "/talk.rss"]
    notes = [offer.notes for offer in found.offers]
    assert notes == [
        (),
        ("its entries have no dates",),
        ("nothing new since 2026-01-26",),
        ("valid, but empty",),
        ("a podcast",),
    ]


@pytest.mark.parametrize("path", ["/feed.json", "/main.atom"])
def test_a_feed_given_directly_is_the_answer_and_nothing_else_is_asked(upstream: Upstream, path: str) -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "J",
        "items": [{"id": "1", "content_text": SENTENCE}],
    }
    upstream.on("/feed.json", answer(200, json.dumps(feed).encode(), headers={"Content-Type": "application/feed+json"}))
    upstream.on("/main.atom", atom(items("a")))
    found = find(upstream.url(path) + "#top")
    assert paths(found) == [path]
    assert found.requests == len(upstream.requests) == 1


def test_sitemaps_are_found_where_robots_names_them(upstream: Upstream) -> None:
    news = f"""<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
      xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>{upstream.url("/a.html")}</loc><news:news>
      <news:publication><news:name>Báo Thử</news:name><news:language>vi</news:language></news:publication>
      <news:publication_date>{NOW.isoformat()}</news:publication_date><news:title>Tin</news:title></news:news></url></urlset>"""
    children = "".join(
        f"<sitemap><loc>{upstream.url(f'/maps/{n}.xml')}</loc></sitemap>" for n in ("2026-1", "google-news")
    )
    upstream.on("/", page("nothing here"))
    upstream.on("/robots.txt", answer(200, f"User-agent: *\nSitemap:{upstream.url('/maps.xml')}\n".encode()))
    upstream.on("/maps.xml", answer(200, f"<sitemapindex>{children}</sitemapindex>".encode()))
    upstream.on("/maps/google-news.xml", answer(200, news.encode()))
    upstream.on("/maps/2026-1.xml", answer(200, b"<urlset><url><loc>/b.html</loc></url></urlset>"))
    found = find(upstream.url("/"))
    assert paths(found, "sitemap") == ["/maps/google-news.xml", "/maps.xml"]
    first = found.offers[0]
    assert (first.title, first.format, first.language, first.latest) == ("Báo Thử", "news sitemap", "vi", NOW)
    assert not upstream.asked("/sitemap.xml")
    assert upstream.asked("/feed/"), "well-known addresses of feeds come first"


def test_a_page_without_feed_and_sitemap_is_offered_by_selectors_that_were_tested(upstream: Upstream) -> None:
    upstream.on("/kinhte/", nhandan())
    (offer,) = find(upstream.url("/kinhte/")).offers
    assert (offer.kind, offer.title, offer.language, offer.entries) == ("page", "Báo Thử", "vi", 12)
    assert (offer.is_good, offer.notes, offer.latest) == (True, (), NOW - timedelta(hours=1))
    assert offer.source.select is not None
    assert offer.source.select.list == "article.story"
    assert [each.title for each in offer.sample] == list(HEADLINES[:3])


def test_a_page_without_a_list_is_not_offered(upstream: Upstream) -> None:
    for body in ("It works!", "".join(f"<a href='/{n}.html'>Mục {n}</a>" for n in range(9))):
        upstream.on("/", page(body))
        assert find(upstream.url("/")).offers == ()
    upstream.on("/", framed("<h1>Một bài</h1><p>Chỉ có chữ.</p>"))
    assert find(upstream.url("/")).offers == ()


def test_a_list_comes_before_a_sitemap_without_titles(upstream: Upstream) -> None:
    upstream.on("/", nhandan())
    upstream.on("/sitemap.xml", answer(200, b"<urlset><url><loc>/a.html</loc></url></urlset>"))
    found = find(upstream.url("/"))
    assert [offer.kind for offer in found.offers] == ["page", "sitemap"]
    assert found.offers[1].notes == ("has no titles: each article's page is asked for its own",)


def test_well_known_addresses_are_asked_only_where_nothing_is_named(upstream: Upstream) -> None:
    upstream.on("/", page("Chào", head=announced("/gone.rss")))
    upstream.on("/atom.xml", atom(items("a")))
    found = find(upstream.url("/"))
    assert paths(found) == ["/atom.xml"]
    assert [failure.url for failure in found.failures] == [upstream.url("/gone.rss")]
    upstream.on("/", page("Chào", head=announced("/atom.xml")))
    upstream.requests.clear()
    find(upstream.url("/"))
    assert [request.path for request in upstream.requests] == ["/", "/atom.xml", "/robots.txt", "/sitemap.xml"]


def test_what_robots_does_not_allow_is_not_guessed_but_asked_where_the_site_names_it(upstream: Upstream) -> None:
    upstream.on("/robots.txt", answer(200, b"User-agent: *\nDisallow: /"))
    upstream.on("/", page("Chào", head=announced("/gone.rss")))
    assert find(upstream.url("/")).requests == 3
    assert [request.path for request in upstream.requests] == ["/", "/gone.rss", "/robots.txt"]


def test_one_feed_under_many_addresses_is_asked_once(upstream: Upstream) -> None:
    forms = ("/feed/?utm_source=x", "/feed/", "/feed", "/feed/#top", f"//127.0.0.1:{upstream.port}/feed")
    head = "<base href='/deep/er/'>" + "".join(map(announced, forms)) + announced("news.rss")
    upstream.on("/", page("", head=head))
    upstream.on("/feed", rss(items("a")))
    upstream.on("/feed/", rss(items("a")))
    upstream.on("/deep/er/news.rss", redirect("/feed", 302))
    found = find(upstream.url("/"))
    assert paths(found) == ["/feed"]
    assert len(upstream.asked("/feed/")) + len(upstream.asked("/feed")) == 2, "once by its name, once by the redirect"


def test_a_feed_kept_by_a_service_is_credited_to_the_site(upstream: Upstream) -> None:
    upstream.on("/blog", page("", head=announced(upstream.url("/TheBlog"))))
    upstream.on("/TheBlog", rss(items("a")))
    found = find(upstream.url("/blog", host="localhost"))
    assert found.offers[0].url == upstream.url("/TheBlog")


def test_lasting_redirects_are_followed_passing_ones_not(upstream: Upstream) -> None:
    upstream.on("/", page("", head=announced("/moved.rss") + announced("/away.rss") + announced("/loop.rss")))
    upstream.on("/moved.rss", redirect("/new.rss", 301))
    upstream.on("/away.rss", redirect("/mirror.rss", 302))
    upstream.on("/loop.rss", redirect("/loop.rss", 302))
    upstream.on("/new.rss", rss(items("a")))
    upstream.on("/mirror.rss", rss(items("b")))
    found = find(upstream.url("/"))
    assert sorted(paths(found)) == ["/away.rss", "/new.rss"]
    assert [failure.problem for failure in found.failures] == ["more than 5 redirects"]


def test_a_refusing_home_page_does_not_hide_the_feeds(upstream: Upstream) -> None:
    upstream.on("/", answer(403, b"no"))
    upstream.on("/rss.xml", rss(items("a")))
    assert paths(find(upstream.url("/"))) == ["/rss.xml"]
    upstream.on("/rss.xml", answer(404))
    with pytest.raises(FetchError, match="answered 403"):
        find(upstream.url("/"))


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_is_overloaded_is_left_alone(upstream: Upstream, status: int) -> None:
    upstream.on("/", page("", head=announced("/a.rss") + announced("/b.rss")))
    upstream.on("/a.rss", answer(status))
    found = find(upstream.url("/"))
    assert len(upstream.requests) == 2
    assert [(offer.url, offer.verified) for offer in found.offers] == [(upstream.url("/b.rss"), False)]
    upstream.on("/", answer(status))
    with pytest.raises(FetchError, match=f"answered {status}"):
        find(upstream.url("/"))


def test_thousands_of_links_cost_a_bounded_number_of_requests(upstream: Upstream) -> None:
    upstream.on("/", page("".join(f"<a href='/rss/{n}.rss'>{n}</a>" for n in range(5_000))))
    for n in range(50):
        upstream.on(f"/rss/{n}.rss", rss(items(f"s{n}", 3)))
    found = find(upstream.url("/"))
    assert found.requests == len(upstream.requests) <= REQUESTS
    verified = [offer for offer in found.offers if offer.verified]
    assert 0 < len(verified) <= FEED_REQUESTS < len(found.offers) < 200
    assert found.cut_short is not None
    assert "requests" in found.cut_short


def test_a_site_that_answers_everything_with_its_home_page_offers_nothing(upstream: Upstream) -> None:
    for path in ("/", "/feed/", "/rss", "/rss.xml", "/rss.html", "/feed.xml", "/robots.txt", "/sitemap.xml"):
        upstream.on(path, page("<a href='/rss'>RSS</a>", head=announced("/feed/")))
    assert find(upstream.url("/")).offers == ()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "not an address"),
        ("Nhân Dân", "not an address"),
        ("file:///etc/passwd", "only http: and https:"),
        ("https://", "without a valid host"),
        ("http://[", "not a valid address"),
        ("https://me:secret@paper.example/", "leave user and password out"),
    ],
)
def test_what_is_no_address_is_said(typed: str, words: str) -> None:
    with pytest.raises(FetchError, match=words) as error:
        find(typed)
    assert "secret" not in str(error.value)


def test_private_addresses_are_refused(upstream: Upstream) -> None:
    with pytest.raises(FetchError, match=r"fetch\.allow_private"):
        find(upstream.url("/"), limits=FetchLimits())
    assert upstream.requests == []
