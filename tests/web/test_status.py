"""The public status page: what it says of each source, and how much it weighs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from lxml import etree
from werkzeug.test import Client

from feedsvc.model import FetchState, LocalText, Source
from feedsvc.web import create_app
from feedsvc.web.status import Condition, condition
from tests.servers.upstream import Upstream, answer
from tests.site import Site, source

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ONE = Source(id="one", title=LocalText(by_language=(("", "One"),)), url="https://one.example/feed")
READ = FetchState(
    source_id="one", last_fetch_at=NOW, last_success_at=NOW, next_fetch_at=NOW + timedelta(minutes=15), failures=0
)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (None, "waiting"),
        (FetchState(source_id="one"), "waiting"),
        (READ, "alive"),
        (replace(READ, next_fetch_at=NOW - timedelta(minutes=4)), "alive"),
        (replace(READ, next_fetch_at=NOW - timedelta(minutes=6)), "late"),
        (replace(READ, failures=1, error="timed out"), "failing"),
        (FetchState(source_id="one", failures=3, error="no such host"), "failing"),
        (replace(READ, failures=1, disabled="410 Gone"), "gone"),
        (replace(READ, held="every guid changed"), "held"),
        (replace(READ, degraded="0 % of the entries have a date, usually 100 %"), "degraded"),
    ],
)
def test_how_a_source_does(state: FetchState | None, expected: Condition) -> None:
    assert condition(ONE, state, NOW) == expected
    assert condition(replace(ONE, paused=True), state, NOW) == "paused"


def rss(count: int) -> bytes:
    items = "".join(
        f"<item><title>Tin {n}</title><link>https://one.example/{n}</link>"
        f"<pubDate>{format_datetime(datetime.now(UTC) - timedelta(hours=20 * n, minutes=1))}</pubDate></item>"
        for n in range(count)
    )
    return f"<rss version='2.0'><channel><title>One</title>{items}</channel></rss>".encode()


def client(site: Site) -> Client:
    assert site.service is not None
    app, _ = create_app(site.service.store, site.service.in_force)
    return Client(app)


def test_the_page_names_what_fails_first_and_draws_what_came(tmp_path: Path, upstream: Upstream) -> None:
    with Site(tmp_path) as site:
        site.configure(
            [
                source("well", upstream.serve("/well", rss(5)), title={"vi": "Báo Khỏe", "en": "The Well"}),
                source("sick", upstream.on("/sick", answer(503)), title="The Sick"),
                source("inner", "http://10.1.2.3/feed", title="The Inner"),
                source("odd", upstream.serve("/odd", b"<html><p>nothing"), title="The Odd"),
                source("new", upstream.serve("/new", rss(1)), title="The New"),
            ]
        )
        site.poll("well", "sick", "inner", "odd")
        page = etree.fromstring(client(site).get("/status?ui=en").data, etree.HTMLParser(encoding="utf-8"))
        rows = [" ".join("".join(row.itertext()).split()) for row in page.findall(".//tbody/tr")]
        # The admin's words for it may name files and machines of ours: the public learns less.
        assert rows[:3] == [
            "The Sick fails its server answers 503 not yet",
            "The Inner fails cannot be read not yet",
            "The Odd fails cannot be read not yet",
        ]
        assert rows[3] == "The New not read yet not yet"
        assert rows[4].startswith("The Well alive ")
        assert "1 of 5 sources are alive." in "".join(page.itertext())
        (spoken,) = page.xpath("//figure/svg/@aria-label")
        (bars,) = page.xpath("//figure/svg/path[@class='bars']/@d")
        assert spoken.startswith("5 stories from ")
        assert bars.count("M") in {4, 5}  # by the hour of the day, two may fall on one


def test_a_thousand_sources_are_told_of_in_small_pages(tmp_path: Path) -> None:
    with Site(tmp_path) as site:
        site.configure(
            [source(f"s{n}", f"https://s{n}.example/", title=f"Nguồn số {n}", paused=n > 990) for n in range(1000)]
        )
        reader = client(site)
        seen, path = [], "/status"
        while path:
            answered = reader.get(path)
            assert answered.status_code == 200
            assert len(answered.data) < 50_000
            page = etree.fromstring(answered.data, etree.HTMLParser(encoding="utf-8"))
            seen += [link.get("href") for link in page.findall(".//tbody/tr/th/a")]
            path = next(iter(page.xpath("//a[@rel='next']/@href")), "")
        assert seen == [f"/source/s{n}" for n in range(1000)]
        for page_number in ("0", "-1", "21", "x", "999999999999"):
            assert reader.get(f"/status?page={page_number}").status_code == 404
