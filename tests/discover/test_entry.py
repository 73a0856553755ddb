"""Ids, titles and entries that the configuration accepts, whatever a site calls itself."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc import settings
from feedsvc.discover import as_yaml
from feedsvc.discover.addresses import nearness, to_try
from feedsvc.discover.entry import every_for, id_for, policy_for, publisher, title_for
from feedsvc.model import LocalText, Source
from tests.discover.sites import NOW

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@pytest.mark.parametrize(
    ("url", "id"),
    [
        ("https://nhandan.vn/rss/home.rss", "nhandan"),
        ("https://nhandan.vn/rss/kinhte-1185.rss", "nhandan-kinhte"),
        ("https://en.nhandan.vn/rss/home.rss", "nhandan-en"),
        ("https://www.tienphong.com.vn/rss/xa-hoi-2.rss", "tienphong-xa-hoi"),
        ("https://paper.example/category/tech/feed/", "paper-tech"),
        ("https://paper.example/feed.xml", "paper"),
        ("https://báođiệntử.vn/rss/%C4%90%E1%BB%9Di%20s%E1%BB%91ng.rss", "baodientu-doi-song"),
        ("http://192.0.2.7/feed", "192-0-2-7"),
        ("http://localhost:8000/", "localhost"),
    ],
)
def test_ids_come_from_host_and_section(url: str, id: str) -> None:
    host = re.sub(r"^www\.", "", url.split("/")[2].partition(":")[0])
    assert id_for(url, host, "Title", ()) == id


def test_a_taken_id_is_told_apart_by_title_then_number() -> None:
    taken = ["nhandan-kinhte"]
    for id in ("nhandan-diem-tin", "nhandan-kinhte-2", "nhandan-kinhte-3"):
        assert id_for("https://nhandan.vn/rss/kinhte-1185.rss", "nhandan.vn", "Nhandan: Điểm tin", taken) == id
        taken.append(id)


@given(st.text(max_size=80), st.text(max_size=80), st.lists(st.text(max_size=60), max_size=5))
def test_every_id_is_one_that_settings_accept(host: str, path: str, titles: list[str]) -> None:
    taken: list[str] = []
    for title in titles:
        id = id_for(f"https://x.example/{path.replace('[', '').replace(']', '')}", host, title, taken)
        assert SLUG.fullmatch(id)
        assert len(id) <= 64
        assert id not in taken
        taken.append(id)


@given(st.text(max_size=200), st.text(max_size=300), st.sampled_from(["vi", "en-US", None]))
def test_every_entry_is_read_back_as_it_was(title: str, rights: str, language: str | None) -> None:
    shown = title_for(title, "paper.example")
    source = Source(
        id=id_for("https://x.example/on", "no", shown, ()),
        title=LocalText(by_language=(("", shown),)),
        url="https://paper.example:8443/rss/a-1.rss?x=1&y=%20",
        language=language,
        every=timedelta(hours=6),
        policy=policy_for("paper.example", rights, ("vi", "en")),
        timezone="UTC",
    )
    texts = (
        ("feedsvc.yaml", "site: {title: T, timezone: UTC}"),
        ("sources.yaml", f"sources:\n{as_yaml(source)}"),
        ("categories.yaml", "categories: []"),
    )
    parsed = settings.parse(settings.Files(Path("config"), texts), {})
    assert parsed.sources == (source,)


def test_a_site_without_our_languages_is_credited_in_one_line() -> None:
    policy = policy_for("paper.example", None, ("fr",))
    source = Source(id="a", title=LocalText(by_language=(("", "A"),)), url="https://a.example/", policy=policy)
    assert 'attribution: "Source: paper.example"' in as_yaml(source)


@pytest.mark.parametrize(
    ("per_day", "days_ago", "every"),
    [(200, 0, "15m"), (24, 0, "30m"), (3, 1, "1h"), (1, 2, "6h"), (0.1, 9, "1d"), (50, 90, "1d"), (None, None, "1h")],
)
def test_the_interval_follows_the_cadence(per_day: float | None, days_ago: int | None, every: str) -> None:
    latest = None if days_ago is None else NOW - timedelta(days=days_ago)
    source = Source(
        id="a",
        title=LocalText(by_language=(("", "A"),)),
        url="https://a.example/",
        every=every_for(per_day, latest, NOW),
    )
    assert f"every: {every}\n" in as_yaml(source)


def test_credit_goes_to_the_site_not_to_who_keeps_its_feed() -> None:
    assert publisher("https://feeds.feedburner.com/Blog", "https://www.paper.example/") == "paper.example"
    assert publisher("https://en.nhandan.vn/rss/home.rss", "https://nhandan.vn/") == "en.nhandan.vn"
    assert publisher("https://feeds.feedburner.com/Blog", "http://localhost/") == "feeds.feedburner.com"


@pytest.mark.parametrize(
    ("typed", "tried"),
    [
        ("nhandan.vn", ("https://nhandan.vn", "http://nhandan.vn")),
        (" <//nhandan.vn/rss#a> ", ("https://nhandan.vn/rss", "http://nhandan.vn/rss")),
        ("feed:https://nhandan.vn/rss", ("https://nhandan.vn/rss",)),
        ("feed://nhandan.vn/rss", ("https://nhandan.vn/rss", "http://nhandan.vn/rss")),
        ("HTTP://nhandan.vn", ("HTTP://nhandan.vn",)),
    ],
)
def test_addresses_are_read_as_people_type_them(typed: str, tried: tuple[str, ...]) -> None:
    assert to_try(typed) == tried


@pytest.mark.parametrize(
    ("asked", "feed", "home", "near"),
    [
        ("https://nhandan.vn/kinhte/", "https://nhandan.vn/rss/kinhte-1185.rss", None, 1),
        ("https://nhandan.vn/xa-hoi/", "https://nhandan.vn/rss/xahoi-1211.rss", None, 1),
        ("https://paper.example/category/tech/", "https://paper.example/category/tech/feed/", None, 2),
        ("https://paper.example/", "https://cdn.example/1.rss", "http://www.paper.example", 2),
        ("https://paper.example/tech", "https://paper.example/rss/home.rss", "https://paper.example/", 0),
    ],
)
def test_nearness_to_what_was_asked(asked: str, feed: str, home: str | None, near: int) -> None:
    assert nearness(asked, feed, home) == near
