"""Articles' pages through the whole pipeline: asked for, merged, announced, in time or late."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from feedsvc.engine.local import utc_now
from feedsvc.store import PageTask, schema
from tests.servers.upstream import Reply, Upstream, answer, raw, redirect
from tests.site import Site, source

NOW = datetime.now(UTC).replace(microsecond=0)
MINUTE = timedelta(minutes=1)
TEASER = "The old bridge is closed from today on."
SENTENCE = "The {} engineer measured the second pier again, and found that it had moved {} centimetres in a week."
ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth".split()
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
    ],
    ids=["missing", "gone", "pdf", "empty", "private"],
)
def test_where_there_is_no_page_the_feed_speaks_at_once(
    light: Site, upstream: Upstream, reply: Reply, why: str
) -> None:
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
    # Not one that hangs up: on a connection that brought robots.txt, that is asked again at once.
    cut_short = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n<p>")
    upstream.serve("/paper.rss", rss(item(upstream.on("/bridge", answer(500), cut_short, page()))))
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
