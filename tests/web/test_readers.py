"""Who counts as a reader of the shared feeds."""

from datetime import date, timedelta
from typing import Any

from werkzeug.test import Client

from feedsvc.web import readers as module
from feedsvc.web.readers import Readers
from feedsvc.web.shared import SharedFeeds
from tests.web.test_shared import PATH, SERVED, inner

TODAY = date(2026, 11, 22)
FEED = "/feeds/all.rss"


def counted(*requests: tuple[str, str, str]) -> int:
    """Return how many readers these (path, address, User-Agent) are."""
    readers = Readers(TODAY)
    for path, address, agent in requests:
        readers.meet(path, {"REMOTE_ADDR": address, "HTTP_USER_AGENT": agent})
    day, count = readers.taken(TODAY)
    assert day == TODAY
    return count


def test_a_reader_is_an_address_and_a_program_whatever_it_reads_and_how_often() -> None:
    one, two = ("192.0.2.1", "Liferea/1.15"), ("192.0.2.1", "NetNewsWire")
    asked = (FEED, "/feeds/tag/wipo/en.json", "/feeds/all.rss")
    assert counted(*((path, *reader) for path in asked for reader in (one, two))) == 2
    assert counted((FEED, "192.0.2.1", "a"), (FEED, "192.0.2.2", "a")) == 2
    assert counted(("/feeds.opml", *one), ("/", *one)) == 0


def test_who_reads_for_others_is_as_many_as_it_says_for_the_feed_that_has_most() -> None:
    feedly = "Feedly/1.0 (+http://www.feedly.com/fetcher.html; {} subscribers; like FeedFetcher-Google)"
    feedbin = "Feedbin feed-id:{} - {} subscribers"
    assert (
        counted(
            (FEED, "192.0.2.1", feedly.format(16)),
            (FEED, "192.0.2.2", feedly.format(16)),
            ("/feeds/tag/wipo.rss", "192.0.2.1", feedly.format(5)),
            (FEED, "192.0.2.3", feedbin.format(1, 20)),
            ("/feeds/tag/wipo.rss", "192.0.2.3", feedbin.format(2, 30)),
            (FEED, "192.0.2.4", "NewsBlur Feed Fetcher - 1 subscriber - https://newsblur.example"),
            (FEED, "192.0.2.5", "curl"),
            (FEED, "192.0.2.6", "none of yours; 0 subscribers"),
        )
        == 16 + 30 + 1 + 1
    )


def test_lies_and_crowds_have_a_limit(monkeypatch: Any) -> None:
    assert counted((FEED, "192.0.2.1", "x 999999999 subscribers")) == module.MAX_CLAIMED
    monkeypatch.setattr(module, "MAX_MET", 10)
    monkeypatch.setattr(module, "MAX_SERVICES", 2)
    assert counted(*((FEED, "192.0.2.1", f"reader {n}") for n in range(20))) == 10
    assert counted(*((FEED, "192.0.2.1", f"{letter} 5 subscribers") for letter in "abcd")) == 10


def test_each_day_is_counted_anew() -> None:
    readers, tomorrow = Readers(TODAY), TODAY + timedelta(days=1)
    environ = {"REMOTE_ADDR": "192.0.2.1", "HTTP_USER_AGENT": "a"}
    readers.meet(FEED, environ)
    assert readers.taken(tomorrow) == (TODAY, 1)
    assert readers.taken(tomorrow) == (tomorrow, 0)
    readers.meet(FEED, environ)
    assert readers.taken(tomorrow) == (tomorrow, 1)


def test_requests_for_documents_are_told_but_not_what_a_browser_opens_as_a_page() -> None:
    readers = Readers(TODAY)
    client = Client(SharedFeeds(lambda: SERVED, inner, readers.meet))
    client.get(PATH, headers={"User-Agent": "one"})
    client.get(PATH, headers={"User-Agent": "one", "If-None-Match": "*"})
    client.get(PATH, headers={"User-Agent": "a browser", "Sec-Fetch-Dest": "document"})
    client.get("/feeds/category/unknown.rss", headers={"User-Agent": "two"})
    client.get(PATH, headers={"User-Agent": "behind a proxy", "X-Forwarded-For": "192.0.2.7"})
    client.get(PATH, headers={"User-Agent": "behind a proxy", "X-Forwarded-For": "192.0.2.8"})
    assert readers.taken(TODAY) == (TODAY, 3)
