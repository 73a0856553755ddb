"""The pictures of our pages: fetched from real servers, good and bad, kept, served while they may be shown."""

import asyncio
import threading
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select
from werkzeug.test import Client as Browser
from werkzeug.test import TestResponse

from feedsvc import illustrate
from feedsvc.cli.opening import Service
from feedsvc.engine.local import utc_now
from feedsvc.errands import Fetching, Means, next_attempt
from feedsvc.errors import FetchError
from feedsvc.fetch import Client
from feedsvc.model import Freshness, PictureFile
from feedsvc.store import KeptPicture, WantedPicture, schema
from feedsvc.web import create_app
from tests.parse.test_picture import gif, jpeg, png
from tests.servers.upstream import Received, Reply, Upstream, answer, drip, hang_up, message, raw, redirect, silent
from tests.site import Site, source

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
PICTURE = png(640, 427)
FETCH = {"allow_private": ["127.0.0.0/8"], "per_host": 8, "timeout": "1s"}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path) as opened:
        yield opened


def rss(*items: tuple[str, str]) -> bytes:
    """Return a feed of entries by name and body."""
    written = "".join(
        f"<item><guid>{name}</guid><link>https://paper.example/{name}</link><title>{name} says what happened</title>"
        f"<pubDate>{format_datetime(utc_now() - timedelta(minutes=n))}</pubDate>"
        f"<description><![CDATA[<p>{name} is a story of its own.</p>{body}]]></description></item>"
        for n, (name, body) in enumerate(items)
    )
    return f"<rss version='2.0'><channel><title>Paper</title>{written}</channel></rss>".encode()


def configure(site: Site, upstream: Upstream, **policy: Any) -> None:
    allowed = {"republish": "full", "pictures": True, **policy}
    site.configure([source("paper", upstream.url("/rss"), policy=allowed)], fetch=FETCH)


def service(site: Site) -> Service:
    assert site.service is not None
    return site.service


def follow(site: Site) -> None:
    while illustrate.follow(service(site).store, service(site).in_force().edition, utc_now()):
        pass


@asynccontextmanager
async def fetching(
    site: Site, *, later: timedelta = timedelta(0), polled: Collection[str] = ()
) -> AsyncIterator[Fetching[WantedPicture, PictureFile]]:
    limits = service(site).in_force().settings.fetch
    async with Client(limits, "feedsvc/test") as client:
        means = Means(
            store=service(site).store,
            client=client,
            limits=limits,
            holder="test",
            polled=lambda: polled,
            now=lambda: utc_now() + later,
        )
        yield illustrate.fetching(means)


def fetch(site: Site, *, later: timedelta = timedelta(0), polled: Collection[str] = ()) -> None:
    """Fetch until nothing is due, so much later."""

    async def run() -> None:
        async with fetching(site, later=later, polled=polled) as one:
            one.start()
            await one.idle()

    asyncio.run(run())


def here(site: Site, *hrefs: str) -> dict[str, KeptPicture]:
    with service(site).store.read() as tx:
        return dict(tx.pictures.here(hrefs))


def shown(site: Site, upstream: Upstream, *replies: Reply) -> str:
    """Publish one story with a picture that is answered for so, and fetch it; return its address."""
    href = upstream.on("/a.png", *replies)
    upstream.serve("/rss", rss(("one", f'<img src="{href}" alt=""/>')))
    configure(site, upstream)
    site.poll()
    follow(site)
    fetch(site)
    return href


def browse(site: Site, path: str, **headers: str) -> TestResponse:
    app, following = create_app(service(site).store, service(site).in_force)
    following.look()
    return Browser(app).get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


def test_a_picture_is_fetched_once_and_served_by_us(site: Site, upstream: Upstream) -> None:
    # What the name and the header say is wrong, and does not matter.
    href = shown(site, upstream, answer(200, PICTURE, headers={"Content-Type": "text/html"}))
    kept = here(site, href)[href]
    assert (kept.media_type, kept.width, kept.height) == ("image/png", 640, 427)
    fetch(site, later=99 * HOUR)
    assert len(upstream.asked("/a.png")) == 1

    got = browse(site, f"/picture/{kept.key}")
    assert (got.status_code, got.data) == (200, PICTURE)
    assert {name: value for name, value in got.headers if name not in {"Date", "ETag", "Content-Length"}} == {
        "Content-Type": "image/png",
        "Cache-Control": "public, max-age=300",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
    }
    ran: list[str] = []
    engine = service(site).store._engines.reader
    event.listen(engine, "before_cursor_execute", lambda _c, _cursor, statement, *_: ran.append(statement))
    again = browse(site, f"/picture/{kept.key}", If_None_Match=got.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    assert {name for name, _ in again.headers} == {name for name, _ in got.headers} - {"Content-Type", "Content-Length"}
    # Whoever has the bytes already costs no reading of them.
    assert not any("pictures.body" in statement for statement in ran)
    browse(site, f"/picture/{kept.key}", If_None_Match='"another"')
    assert any("pictures.body" in statement for statement in ran)


@pytest.mark.parametrize("key", ["0" * 32, "x", "A" * 32, "0" * 31 + "é", "..%2f..%2fetc"])
def test_what_is_not_here_is_not_found(site: Site, upstream: Upstream, key: str) -> None:
    configure(site, upstream)
    assert browse(site, f"/picture/{key}").status_code == 404


@pytest.mark.parametrize("policy", [{"pictures": False}, {"republish": "excerpt", "pictures": False}])
def test_a_policy_that_no_longer_allows_it_takes_it_off_at_once(
    site: Site, upstream: Upstream, policy: dict[str, Any]
) -> None:
    href = shown(site, upstream, answer(200, PICTURE))
    path = f"/picture/{here(site, href)[href].key}"
    configure(site, upstream, **policy)
    assert browse(site, path).status_code == 404
    follow(site)
    configure(site, upstream)
    follow(site)
    assert browse(site, path).status_code == 200
    assert len(upstream.asked("/a.png")) == 1


def test_a_source_that_left_takes_its_pictures_along(site: Site, upstream: Upstream) -> None:
    href = shown(site, upstream, answer(200, PICTURE))
    path = f"/picture/{here(site, href)[href].key}"
    site.configure([source("other", upstream.url("/other"))])
    assert browse(site, path).status_code == 404
    follow(site)
    with service(site).store.write() as tx:
        tx.retention.prune(entries_before=NOW - 9999 * HOUR, changes_before=NOW, attempts_before=NOW)
    assert here(site, href) == {}


def test_pictures_of_an_edited_story_are_those_of_its_last_wording(site: Site, upstream: Upstream) -> None:
    first = shown(site, upstream, answer(200, PICTURE))
    second = upstream.on("/b.gif", answer(200, gif(300, 200)))
    key = here(site, first)[first].key
    upstream.serve("/rss", rss(("one", f'<p>Corrected since.</p><img src="{second}" alt=""/>')))
    site.poll()
    assert browse(site, f"/picture/{key}").status_code == 404
    follow(site)
    fetch(site)
    assert here(site, second)[second].media_type == "image/gif"


def test_what_a_policy_begins_to_allow_is_fetched(site: Site, upstream: Upstream) -> None:
    href = upstream.on("/a.png", answer(200, jpeg(640, 427)))
    upstream.serve("/rss", rss(("one", f'<img src="{href}" alt=""/>')))
    configure(site, upstream, pictures=False)
    site.poll()
    follow(site)
    fetch(site)
    assert not upstream.asked("/a.png")
    configure(site, upstream)
    follow(site)
    fetch(site)
    assert here(site, href)[href].media_type == "image/jpeg"


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (answer(200, b"<!DOCTYPE html><p>Please log in", headers={"Content-Type": "image/png"}), "not a picture"),
        (answer(200, b"<svg xmlns='http://www.w3.org/2000/svg'/>"), "not a picture"),
        (answer(200, png(1, 1)), "not a picture"),
        (answer(200, PICTURE[:-20]), "not a picture"),
        (answer(200, bytes(5_000_001)), "more than 5 MB"),
        (drip(message(200, [], b"\x89PNG"), bytes(100_000), pause_s=0), "more than 5 MB"),
        (drip(message(200, [], b"\x89PNG"), b"x", pause_s=0.01), "timed out after 1 s"),
        (raw(message(200, [("Content-Length", "9999")], PICTURE)), "cut short"),
        (redirect("http://10.0.0.1/a.png"), "refused to contact 10.0.0.1"),
        (answer(404), "404 Not Found"),
        (answer(410), "410 Gone"),
        (answer(500), "500 Internal"),
        (hang_up(), "closed the connection"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_picture_is_not_kept_and_said_why(site: Site, upstream: Upstream, reply: Reply, error: str) -> None:
    href = shown(site, upstream, reply)
    assert here(site, href) == {}
    assert len(upstream.asked("/a.png")) == 1
    with service(site).store._engines.reader.begin() as connection:
        assert error in connection.execute(select(schema.pictures.c.error)).scalar_one()
    fetch(site)
    assert len(upstream.asked("/a.png")) == 1


def test_a_failure_is_tried_again_until_it_succeeds(site: Site, upstream: Upstream) -> None:
    href = shown(site, upstream, answer(500), answer(500), answer(200, PICTURE))
    fetch(site, later=HOUR)
    fetch(site, later=2 * HOUR)
    assert len(upstream.asked("/a.png")) == 2
    fetch(site, later=4 * HOUR)
    assert set(here(site, href)) == {href}


def failed(status: int | None, *, retryable: bool = True, retry_at: datetime | None = None) -> FetchError:
    return FetchError("picture", "no", retryable=retryable, status=status, freshness=Freshness(retry_at=retry_at))


@pytest.mark.parametrize(
    ("failures", "error", "hours"),
    [
        (1, failed(500), 1),
        (4, failed(None), 8),
        (5, failed(500), None),
        (1, failed(404), None),
        (1, failed(410, retryable=False), None),
        (1, failed(None, retryable=False), None),
        (1, failed(429, retry_at=NOW + 30 * HOUR), 30),
        (1, failed(503, retry_at=NOW + 9999 * HOUR), 31 * 24),
        (2, failed(503, retry_at=NOW - HOUR), 2),
    ],
)
def test_pauses_double_and_end(failures: int, error: FetchError, hours: int | None) -> None:
    assert next_attempt(failures, error, HOUR, NOW) == (None if hours is None else NOW + hours * HOUR)


def test_a_host_that_is_overloaded_is_not_asked_for_the_next_picture(site: Site, upstream: Upstream) -> None:
    upstream.on("/a.png", answer(429, headers={"Retry-After": "7200"}))
    upstream.on("/b.png", answer(200, PICTURE))
    urls = [upstream.url("/a.png"), upstream.url("/b.png")]
    upstream.serve("/rss", rss(*((name, f'<img src="{href}"/>') for name, href in zip("xy", urls, strict=True))))
    site.configure([source("paper", upstream.url("/rss"))], fetch={**FETCH, "per_host": 1})
    site.poll()
    follow(site)
    fetch(site)
    fetch(site, later=HOUR)
    assert [len(upstream.asked(path)) for path in ("/a.png", "/b.png")] == [1, 0]
    fetch(site, later=3 * HOUR)
    assert set(here(site, *urls)) == {urls[1]}


def test_polls_come_before_pictures(site: Site, upstream: Upstream) -> None:
    upstream.on("/a.png", answer(200, PICTURE))
    upstream.serve("/rss", rss(("one", f'<img src="{upstream.url("/a.png")}"/>')))
    configure(site, upstream)
    site.poll()
    follow(site)
    fetch(site, polled=["127.0.0.1"])
    assert not upstream.asked("/a.png")
    fetch(site)
    assert upstream.asked("/a.png")


def test_what_is_under_way_at_the_end_is_given_up_and_due_again(site: Site, upstream: Upstream) -> None:
    asked = threading.Event()

    async def never(request: Received, writer: asyncio.StreamWriter) -> bool:
        asked.set()
        return await silent()(request, writer)

    href = upstream.on("/a.png", never, answer(200, PICTURE))
    upstream.serve("/rss", rss(("one", f'<img src="{href}"/>')))
    configure(site, upstream)
    site.poll()
    follow(site)

    async def end() -> None:
        async with fetching(site) as under_way:
            under_way.start()
            await asyncio.to_thread(asked.wait, 10)
            await under_way.close()
            under_way.start()
            await under_way.idle()

    asyncio.run(end())
    with service(site).store.read() as tx:
        assert tx.schedule.holders() == set()
    assert len(upstream.asked("/a.png")) == 1
    fetch(site)
    assert set(here(site, href)) == {href}
