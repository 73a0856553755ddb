"""Figures for the status page."""

from datetime import datetime, timedelta

from feedsvc.store import Store, Transaction
from tests.store.make import NOW, appearance, arrival, listed, put, story

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
THIS_HOUR = NOW.replace(minute=0)


def announced(tx: Transaction, name: str, published: datetime, *, source: str = "nhandan", after: timedelta) -> None:
    """Announce a story so long after its publication."""
    at = published + after
    put(tx, story(name, appearance(tx, name, arrival(name), source, at), at=at, sort_at=published), at=at)


def test_stories_are_counted_by_listing_and_hour_of_publication(store: Store) -> None:
    with store.write() as tx:
        listed(tx, sources=["nhandan", "vnexpress"])
        announced(tx, "a", THIS_HOUR, after=MINUTE)
        announced(tx, "b", THIS_HOUR + 59 * MINUTE, after=2 * HOUR)
        announced(tx, "c", THIS_HOUR - MINUTE, source="vnexpress", after=MINUTE)
        announced(tx, "long ago", THIS_HOUR - 40 * HOUR, after=MINUTE)
        stored = appearance(tx, "stored", arrival("stored"))
        put(tx, story("stored", stored, announced=False), None)
    with store.read() as tx:
        since = THIS_HOUR - 24 * HOUR
        assert tx.figures.by_hour("all", since) == {"all": {THIS_HOUR: 2, THIS_HOUR - HOUR: 1}}
        assert tx.figures.by_hour("source", since) == {"nhandan": {THIS_HOUR: 2}, "vnexpress": {THIS_HOUR - HOUR: 1}}
        assert tx.figures.by_hour("tag", since) == {}


def test_delays_are_those_of_dated_stories_published_since_their_source_is_read(store: Store) -> None:
    with store.write() as tx:
        listed(tx, sources=["nhandan", "vnexpress"])
        announced(tx, "before we read it", NOW - HOUR, after=3 * HOUR)
        announced(tx, "without a date", NOW + HOUR, after=timedelta())
        announced(tx, "slow", NOW + HOUR, after=50 * MINUTE)
        announced(tx, "quick", NOW + 2 * HOUR, after=MINUTE)
    with store.read() as tx:
        assert tx.figures.delays(NOW - 24 * HOUR) == (MINUTE, 50 * MINUTE)
        assert tx.figures.delays(NOW + 90 * MINUTE) == (MINUTE,)


def test_a_story_of_two_sources_counts_once_among_delays(store: Store) -> None:
    with store.write() as tx:
        listed(tx, sources=["nhandan", "vnexpress"])
        at = NOW + HOUR
        lead = appearance(tx, "a", arrival("a"), "nhandan", at)
        other = appearance(tx, "a", arrival("b"), "vnexpress", at)
        put(tx, story("a", lead, others=(other,), at=at, sort_at=at - 5 * MINUTE), at=at)
    with store.read() as tx:
        assert tx.figures.delays(NOW) == (5 * MINUTE,)
