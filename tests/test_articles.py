"""Articles' pages through the whole pipeline: asked for, merged, announced, in time or late."""

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from feedsvc.engine import local
from feedsvc.engine.local import release_dead
from feedsvc.extract.article import read_article
from feedsvc.model import Article, Document, Entry, Source
from feedsvc.store import PageTask
from tests.servers.upstream import Received, Reply, Upstream, answer, redirect, silent
from tests.site import ENVIRON, Site, source

NOW = datetime.now(UTC).replace(microsecond=0)
MINUTE = timedelta(minutes=1)
TEASER = "The old bridge is closed from today on."
SENTENCE = "The {} engineer measured the second pier again, and found that it had moved {} centimetres in a week."
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
WHOLE = [TEASER, *(SENTENCE.format(each, number) for number, each in enumerate(ORDINALS))]
HTML = {"Content-Type": "text/html; charset=utf-8"}


@pytest.fixture
def site(tmp_path: Path, store_url: str) -> Iterator[Site]:
    with Site(tmp_path, store_url) as opened:
        yield opened


@pytest.fixture
def light(tmp_path: Path) -> Iterator[Site]:
    """A site on SQLite alone, where the store does not matter."""
    with Site(tmp_path) as opened:
        yield opened


def rss(*items: str) -> bytes:
    return f"<rss version='2.0'><channel><title>Paper</title>{''.join(items)}</channel></rss>".encode()


def item(link: str, title: str = "Bridge closed in the north", text: str = TEASER, more: str = "") -> str:
    date = "" if "<pubDate>" in more else f"<pubDate>{format_datetime(NOW - 5 * MINUTE)}</pubDate>"
    return (
        f"<item><guid isPermaLink='false'>{title}</guid><link>{link}</link><title>{title}</title>{date}"
        f"<description>{text}</description>{more}</item>"
    )


def html(lines: list[str], head: str = "", title: str = "Bridge closed in the north") -> bytes:
    body = "".join(f"<p>{line}</p>" for line in lines)
    return f"<html><head>{head}</head><body><article><h1>{title}</h1>{body}</article></body></html>".encode()


def page(lines: list[str] = WHOLE, head: str = "", **more: Any) -> Reply:
    return answer(200, html(lines, head, **more), headers=HTML)


def configure(site: Site, upstream: Upstream, *names: str, **more: Any) -> None:
    sources = [source(name, upstream.url(f"/{name}.rss"), full_text=True, **more) for name in names or ("paper",)]
    site.configure(sources)


def published(site: Site) -> dict[str, str]:
    """Return the words that every published story has, by title."""
    entries = site.feed("/feeds/all.atom").entries
    return {
        entry.title: entry.content[0].value if "content" in entry else entry.get("summary", "") for entry in entries
    }


def kinds(site: Site) -> list[str]:
    return [change.kind for change in site.changes()]


def task(site: Site) -> PageTask:
    assert site.service is not None
    with site.service.store.read() as tx:
        (found,) = tx.articles.tasks(range(1, 50)).values()
    return found


def test_a_story_waits_for_its_page_and_is_announced_with_its_text(site: Site, upstream: Upstream) -> None:
    head = '<meta name="author" content="Minh Hà"><link rel="canonical" href="/bridge">'
    link = upstream.on("/bridge?rss", page(head=head))
    upstream.serve("/paper.rss", rss(item(link)))
    configure(site, upstream)
    site.poll()
    assert published(site) == {}
    assert site.changes() == ()
    site.fetch_pages()
    assert ORDINALS[-1] in published(site)["Bridge closed in the north"]
    (entry,) = site.feed("/feeds/all.atom").entries
    assert (entry.author, entry.link) == ("Minh Hà", link)
    assert kinds(site) == ["new"]
    # Nothing more is asked, and the next poll finds the entry as it was.
    before = site.bodies()
    assert site.poll()["paper"].attempt.outcome == "unchanged"
    site.fetch_pages(timedelta(days=1))
    assert (site.bodies(), kinds(site), len(upstream.asked("/bridge"))) == (before, ["new"], 1)


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (answer(404), "404"),
        (answer(410), "410"),
        (answer(200, b"%PDF-1.7", headers={"Content-Type": "application/pdf"}), "no page but application/pdf"),
        (answer(200, b"", headers=HTML), "could not be read"),
        (redirect("http://10.0.0.1/bridge"), "refused to contact 10.0.0.1"),
        (redirect("/"), "leads to the front page"),
    ],
    ids=["missing", "gone", "pdf", "empty", "private", "front"],
)
def test_where_there_is_no_page_the_feed_speaks_at_once(
    light: Site, upstream: Upstream, reply: Reply, why: str
) -> None:
    upstream.on("/", page())
    upstream.serve("/paper.rss", rss(item(upstream.on("/bridge", reply))))
    configure(light, upstream)
    light.poll()
    light.fetch_pages()
    assert TEASER in published(light)["Bridge closed in the north"]
    assert why in str(task(light).error)
    light.fetch_pages(timedelta(days=1))
    assert len(upstream.asked("/bridge")) == 1


def test_a_site_that_forbids_pages_is_not_asked_for_them(light: Site, upstream: Upstream) -> None:
    upstream.on("/robots.txt", answer(200, b"User-agent: feedsvc\nDisallow: /bridge"))
    upstream.serve("/paper.rss", rss(item(upstream.on("/bridge", page()))))
    configure(light, upstream)
    light.poll()
    light.fetch_pages()
    assert TEASER in published(light)["Bridge closed in the north"]
    assert not upstream.asked("/bridge")
    assert "does not allow feedsvc" in str(task(light).error)


def test_a_page_that_fails_is_tried_again_while_the_story_waits(light: Site, upstream: Upstream) -> None:
    upstream.serve("/paper.rss", rss(item(upstream.on("/bridge", answer(500), answer(502), page()))))
    configure(light, upstream)
    light.poll()
    for minutes in (0, 1, 2, 3):
        light.fetch_pages(minutes * MINUTE)
    assert published(light) == {}
    light.fetch_pages(9 * MINUTE)
    assert ORDINALS[-1] in published(light)["Bridge closed in the north"]
    assert (kinds(light), len(upstream.asked("/bridge"))) == (["new"], 3)


def test_after_the_hold_the_feed_speaks_and_a_late_page_is_an_update(site: Site, upstream: Upstream) -> None:
    upstream.serve("/paper.rss", rss(item(upstream.on("/bridge", answer(503), page()))))
    configure(site, upstream)
    site.poll()
    site.fetch_pages()
    # A restart loses nothing.
    site.close()
    site.open()
    site.fetch_pages(11 * MINUTE)
    assert kinds(site) == ["new", "updated"]
    assert ORDINALS[-1] in published(site)["Bridge closed in the north"]


def test_later_words_of_the_feed_are_merged_with_the_page_which_is_asked_once_more(
    site: Site, upstream: Upstream
) -> None:
    link = upstream.on(
        "/bridge", page(), page([*WHOLE, "An eleventh engineer has found the cause since, it was told."])
    )
    upstream.serve("/paper.rss", rss(item(link)))
    configure(site, upstream)
    site.poll()
    site.fetch_pages()
    upstream.serve("/paper.rss", rss(item(link, text="The old bridge stays closed for a year.")))
    assert site.poll()["paper"].attempt.changed == 1
    # The text of the page is not given up for a teaser meanwhile, and what the feed says is taken.
    assert ORDINALS[-1] in published(site)["Bridge closed in the north"]
    assert "stays closed" in site.body("/feeds/all.atom").decode()
    site.fetch_pages()
    assert "eleventh" in published(site)["Bridge closed in the north"]
    assert kinds(site) == ["new", "updated", "updated"]
    assert site.poll()["paper"].attempt.outcome == "unchanged"
    # An edit of the date alone asks for nothing.
    dated = f"<pubDate>{format_datetime(NOW - 9 * MINUTE)}</pubDate>"
    upstream.serve("/paper.rss", rss(item(link, text="The old bridge stays closed for a year.", more=dated)))
    site.poll()
    site.fetch_pages()
    assert (len(upstream.asked("/bridge")), site.feed("/feeds/all.atom").entries[0].published_parsed[4]) == (
        2,
        (NOW - 9 * MINUTE).minute,
    )


def test_pages_show_that_two_teasers_are_one_article(site: Site, upstream: Upstream) -> None:
    for name, told in (("paper", TEASER), ("mirror", "Who crosses the river has to take the ferry.")):
        link = upstream.on(f"/{name}/bridge", page())
        upstream.serve(f"/{name}.rss", rss(item(link, f"{name} on the bridge", told)))
    configure(site, upstream, "paper", "mirror")
    updates = site.poll()
    assert [update.attempt.new for update in updates.values()] == [1, 1]
    site.fetch_pages()
    assert len(published(site)) == 1
    assert kinds(site).count("new") == 1
    assert set(kinds(site)) == {"new", "updated"}
    assert site.service is not None
    with site.service.store.read() as tx:
        ids = [change.story_id for update in updates.values() for change in update.changes if change.story_id]
        told_of = site.changes()[0].story_id
        (ended,) = [each for each in tx.tracing.stories(ids) if each.id != told_of]
        assert (ended.announced, ended.retracted, ended.replaced_by) == (None, "merged", told_of)
        assert [each.source_id for each in tx.tracing.entries_of(told_of)] == ["paper", "mirror"] or [
            each.source_id for each in tx.tracing.entries_of(told_of)
        ] == ["mirror", "paper"]
    # Each source's next poll finds its entry where it is now.
    assert {update.attempt.outcome for update in site.poll().values()} == {"unchanged"}


def test_what_is_withdrawn_while_it_waits_is_announced_when_it_returns(site: Site, upstream: Upstream) -> None:
    link = upstream.on("/bridge", page())
    others = [item(upstream.url(f"/{n}"), f"Other {n}") for n in range(4)]
    complete = b"<channel><fh:complete xmlns:fh='http://purl.org/syndication/history/1.0'/>"
    whole = rss(item(link), *others).replace(b"<channel>", complete)
    upstream.serve("/paper.rss", whole)
    configure(site, upstream)
    site.poll()
    upstream.serve("/paper.rss", rss(*others).replace(b"<channel>", complete))
    assert site.poll()["paper"].attempt.withdrawn == 1
    site.fetch_pages()
    assert "Bridge closed in the north" not in published(site)
    upstream.serve("/paper.rss", whole)
    site.poll()
    site.fetch_pages(MINUTE)
    assert ORDINALS[-1] in published(site)["Bridge closed in the north"]
    assert kinds(site) == ["new"] * 5


def test_entries_that_are_only_stored_and_links_that_lead_to_no_page_want_none(light: Site, upstream: Upstream) -> None:
    dates = [f"<pubDate>{format_datetime(NOW - n * MINUTE)}</pubDate>" for n in range(9)]
    items = [item(upstream.on(f"/{n}", page()), f"Story {n}", more=dates[n]) for n in range(4)]
    home, audio = upstream.on("/", page()), upstream.on("/talk.mp3", page())
    items += [item(home, "Live", more=dates[4]), item(audio, "Talk", more=dates[5])]
    upstream.serve("/paper.rss", rss(items[0], items[4], items[5], *items[1:4]))
    configure(light, upstream, backfill=2)
    light.poll()
    light.fetch_pages()
    asked = {request.path for request in upstream.requests} - {"/robots.txt", "/paper.rss"}
    assert asked == {"/0", "/1"}
    upstream.serve("/paper.rss", rss(item(home, "Live again"), item(audio, "Talk again")))
    light.poll()
    assert {"Live again", "Talk again"} <= published(light).keys()


def test_an_article_on_several_pages_is_joined(light: Site, upstream: Upstream) -> None:
    more = '<a class="next" href="{}">on</a>'.format
    link = upstream.on("/bridge", page([*WHOLE[:6], more("/bridge/2")]))
    upstream.on("/bridge/2", page([*WHOLE[:1], *WHOLE[6:9], more("/bridge/3")]))
    upstream.on("/bridge/3", page([*WHOLE[9:], more("/bridge")]))
    upstream.serve("/paper.rss", rss(item(link)))
    configure(light, upstream, select={"next": "a.next", "body": "article p"})
    light.poll()
    light.fetch_pages()
    text = published(light)["Bridge closed in the north"]
    assert [text.count(each) for each in (TEASER, ORDINALS[4], ORDINALS[6], ORDINALS[9])] == [1, 1, 1, 1]
    assert len(upstream.asked("/bridge")) == 1


def test_selectors_of_the_source_say_what_the_article_is(light: Site, upstream: Upstream) -> None:
    body = "<div class=story>Only this is wanted, said the editor of the paper.</div>"
    upstream.serve("/paper.rss", rss(item(upstream.on("/bridge", page([*WHOLE, body])), text="Wanted.")))
    configure(light, upstream, select={"body": ".story"})
    light.poll()
    light.fetch_pages()
    text = published(light)["Bridge closed in the north"]
    assert "Only this is wanted" in text
    assert "engineer" not in text


def test_what_the_policy_forbids_stays_hidden_although_the_page_has_it(light: Site, upstream: Upstream) -> None:
    picture = f'<figure><img src="{upstream.url("/pier.jpg")}"><figcaption>The pier</figcaption></figure>'
    upstream.serve("/paper.rss", rss(item(upstream.on("/bridge", page([*WHOLE, picture])))))
    configure(light, upstream, policy={"republish": "excerpt", "excerpt_chars": 60})
    light.poll()
    light.fetch_pages()
    for body in light.bodies().values():
        assert b"engineer" not in body
        assert b"pier.jpg" not in body


def test_a_page_that_hangs_the_reader_costs_one_page(
    light: Site, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = upstream.on("/bad", page()), upstream.on("/good", page())
    upstream.serve("/paper.rss", rss(item(bad, "Bad"), item(good, "Good")))
    configure(light, upstream)
    light.poll()
    monkeypatch.setattr(local, "read_article", read_or_hang)
    monkeypatch.setattr(local, "READ_TIMEOUT_S", 5.0)
    light.fetch_pages()
    assert ORDINALS[-1] in published(light)["Good"]
    assert published(light)["Bad"].count(TEASER) == 1


def read_or_hang(document: Document, source_: Source, hint: Entry | None) -> Article:
    """Stands in for a page that hangs what reads it, in the worker."""
    while document.url.endswith("/bad"):
        time.sleep(1)
    return read_article(document, source_, hint)


def test_the_command_works_off_the_pages_of_what_it_polled(light: Site, upstream: Upstream) -> None:
    good, slow = upstream.on("/good", page()), upstream.on("/slow", answer(503))
    upstream.serve("/paper.rss", rss(item(good, "Good"), item(slow, "Slow")))
    configure(light, upstream)
    words = [sys.executable, "-m", "feedsvc", "--config", str(light.folder), "poll", "--json"]
    done = subprocess.run(words, capture_output=True, text=True, env=ENVIRON, check=False)
    assert done.returncode == 0, done.stderr
    assert ORDINALS[-1] in published(light)["Good"]
    assert TEASER in published(light)["Slow"]


def test_killed_while_pages_are_asked_for_loses_nothing(light: Site, upstream: Upstream) -> None:
    asked = threading.Event()

    async def never(request: Received, writer: asyncio.StreamWriter) -> bool:
        asked.set()
        return await silent()(request, writer)

    upstream.serve("/paper.rss", rss(item(upstream.on("/bridge", never, page()))))
    configure(light, upstream)
    words = [sys.executable, "-m", "feedsvc", "--config", str(light.folder), "poll"]
    polling = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRON)
    assert asked.wait(30)
    polling.kill()
    polling.wait()
    assert kinds(light) == []
    assert light.service is not None
    # What the dead process had taken is due at once.
    release_dead(light.service.store)
    light.fetch_pages()
    assert ORDINALS[-1] in published(light)["Bridge closed in the north"]
    assert kinds(light) == ["new"]


def test_of_a_bare_address_in_a_sitemap_nobody_hears_before_its_page_is_in(light: Site, upstream: Upstream) -> None:
    link = upstream.on("/bridge", answer(500), page())
    sitemap = f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc>{link}</loc></url></urlset>"
    upstream.serve("/paper.rss", sitemap.encode())
    configure(light, upstream, kind="sitemap")
    light.poll()
    light.fetch_pages()
    light.fetch_pages(11 * MINUTE)
    assert ORDINALS[-1] in published(light)["Bridge closed in the north"]
    assert kinds(light) == ["new"]


def test_previews_and_why_tell_of_pages(light: Site, upstream: Upstream) -> None:
    upstream.on("/robots.txt", answer(200, b"User-agent: *\nDisallow: /no\nLicense: https://paper.example/rsl.xml"))
    head = '<meta property="article:published_time" content="2025-04-20T10:00:00Z">'
    good, bad = upstream.on("/good", page(head=head)), upstream.url("/no")
    upstream.serve("/paper.rss", rss(item(good, "Good"), item(bad, "Forbidden")))
    configure(light, upstream)
    told = command(light, "preview", "paper")
    assert "text of the page: the page has 198 words, the feed 8" in told
    assert "weeks apart: the page's is taken" in told
    assert "does not allow feedsvc to fetch it" in told
    assert "its site names a licence: https://paper.example/rsl.xml" in told
    assert "2 announced" in told
    light.poll()
    assert "announced when its page is in" in command(light, "why", good)
    light.fetch_pages()
    assert "is in; text of the page: the page has 198 words" in command(light, "why", good)
    assert "weeks apart" in command(light, "why", good)
    assert "does not allow feedsvc to fetch it; given up" in command(light, "why", bad)


def command(site: Site, *words: str) -> str:
    """Return what a command prints, on one line."""
    whole = [sys.executable, "-m", "feedsvc", "--config", str(site.folder), *words]
    done = subprocess.run(whole, capture_output=True, text=True, env=ENVIRON, check=False)
    assert done.returncode == 0, done.stderr
    return " ".join(done.stdout.split())


def test_the_command_does_not_wait_for_a_site_that_wants_to_be_left_alone(light: Site, upstream: Upstream) -> None:
    busy = answer(429, headers={"Retry-After": "3600"})
    upstream.serve("/paper.rss", rss(*(item(upstream.on(f"/{n}", busy), f"Story {n}") for n in range(5))))
    configure(light, upstream)
    command(light, "poll")
    assert len(published(light)) == 5
    assert len([each for each in upstream.requests if each.path.strip("/").isdigit()]) < 9


def test_nobody_waits_for_a_host_that_is_not_there(light: Site, upstream: Upstream) -> None:
    dead = "http://127.0.0.1:9"
    upstream.serve("/paper.rss", rss(*(item(f"{dead}/{n}", f"Story {n}") for n in range(5))))
    configure(light, upstream)
    light.poll()
    light.fetch_pages()
    assert len(published(light)) == 5
    assert task_errors(light) >= 1


def task_errors(site: Site) -> int:
    """Return how many pages were asked for in vain."""
    assert site.service is not None
    with site.service.store.read() as tx:
        return sum(each.error is not None for each in tx.articles.tasks(range(1, 50)).values())
