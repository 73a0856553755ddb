"""Killing a poll at any moment loses nothing and doubles nothing."""

import subprocess
import sys
import time
from pathlib import Path

import feedparser

from tests.servers.upstream import Upstream
from tests.site import ENVIRON, Site, source
from tests.test_pipeline import item, rss

SOURCES, ENTRIES = 6, 25

#: after the first request of a poll: between them lie asking, reading, deciding and rendering
MOMENTS_S = (0.0, 0.1, 0.25, 0.45, 0.7, 1.0)


def start_poll(site: Site) -> "subprocess.Popen[bytes]":
    words = [sys.executable, "-m", "feedsvc", "--config", str(site.folder), "poll", "--force"]
    return subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRON)


def kill_a_poll(site: Site, upstream: Upstream, moment_s: float) -> None:
    """Start a poll and kill it so long after its first request."""
    asked = len(upstream.requests)
    polling = start_poll(site)
    while len(upstream.requests) == asked and polling.poll() is None:
        time.sleep(0.01)
    time.sleep(moment_s)
    polling.kill()
    polling.wait()


def test_killed_polls_lose_nothing_and_double_nothing(tmp_path: Path, store_url: str, upstream: Upstream) -> None:
    sources, expected = [], set()
    for at in range(SOURCES):
        titles = [f"Story {at}-{number}" for number in range(ENTRIES)]
        items = [item(n, title, date="02 Mar 2026 08:00:00 +0700") for n, title in enumerate(titles)]
        body = rss(*items).replace(b"paper.example", f"paper{at}.example".encode())
        sources.append(source(f"paper-{at}", upstream.serve(f"/{at}.rss", body)))
        expected |= set(titles)
    with Site(tmp_path, store_url) as site:
        site.configure(sources, publish={"entries": 500})
        for moment_s in MOMENTS_S:
            kill_a_poll(site, upstream, moment_s)
        assert start_poll(site).wait() == 0

        published = [entry.title for entry in feedparser.parse(site.body("/feeds/all.atom")).entries]
        assert sorted(published) == sorted(expected)
        changes = site.changes()
        assert [change.sequence for change in changes] == list(range(1, len(changes) + 1))
        assert [change.kind for change in changes] == ["new"] * len(expected)
        assert len({change.story_id for change in changes}) == len(expected)
        for at in range(SOURCES):
            assert len(site.feed(f"/feeds/source/paper-{at}.rss").entries) == ENTRIES
