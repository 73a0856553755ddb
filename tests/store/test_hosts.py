"""Hosts that are left alone, and what was decided about sources."""

from dataclasses import replace
from datetime import datetime, timedelta

from feedsvc.model import Contact, FetchState, SourceEvent
from feedsvc.store import Claim, Store, Transaction, Wanted
from tests.store.make import NOW, listed

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WELL = Contact(authority="h:443")
DEAD = Contact(authority="h:443", trouble="connection refused")
CLAIM = Claim(source_id="a", host="h", authority="h:443", holder="p1", now=NOW, until=NOW + 5 * MINUTE, per_host=2)


def fail(tx: Transaction, sources: str, now: datetime = NOW, contact: Contact = DEAD) -> datetime | None:
    """Note a failure of each; return until when the host is left alone."""
    for source in sources:
        tx.hosts.note(source, contact, now)
    pause = tx.hosts.pauses().get("h:443")
    return pause.until if pause else None


def test_several_sources_without_an_answer_in_between_pause_their_host(store: Store) -> None:
    with store.write() as tx:
        listed(tx, sources="abcdef")
        assert fail(tx, "aaaaaabcd") is None
        tx.hosts.note("f", WELL, NOW)
        assert fail(tx, "abcd") is None
        assert fail(tx, "e", contact=Contact(authority="h:80", trouble="refused")) is None
        assert fail(tx, "e", NOW + 3 * DAY) is None, "the others may be gone since"
        assert fail(tx, "abcd", NOW + 3 * DAY) == NOW + 3 * DAY + MINUTE
        assert tx.hosts.pauses()["h:443"].why == "connection refused"


def test_each_try_that_fails_doubles_the_pause_and_any_answer_ends_it(store: Store) -> None:
    with store.write() as tx:
        listed(tx, sources="abcdef")
        until = fail(tx, "abcde")
        assert until == NOW + MINUTE
        assert fail(tx, "f", until - MINUTE / 2) == until, "was under way when the pause began"
        lengths = []
        for _ in range(12):
            now, until = until, fail(tx, "a", until)
            assert until is not None
            lengths.append(until - now)
        assert lengths[:3] == [2 * MINUTE, 4 * MINUTE, 8 * MINUTE]
        assert lengths[-1] == 6 * HOUR
        wish = replace(DEAD, retry_at=until + 12 * HOUR)
        assert fail(tx, "a", until, wish) == until + 12 * HOUR
        now = until + 12 * HOUR
        assert fail(tx, "a", now, replace(DEAD, retry_at=now + 31 * DAY)) == now + DAY
        tx.hosts.note("b", WELL, now)
        assert tx.hosts.pauses() == {}
        assert fail(tx, "a", now) is None


def test_a_host_that_is_left_alone_is_claimed_by_nobody_then_by_one(store: Store) -> None:
    with store.write() as tx:
        listed(tx, sources="abcdef")
        fail(tx, "abcde")
        assert not tx.schedule.claim(CLAIM)
        assert tx.schedule.claim(replace(CLAIM, authority="h:80"))
        tx.schedule.save(FetchState(source_id="a"))
        after = replace(CLAIM, now=NOW + MINUTE)
        assert tx.schedule.claim(after)
        assert not tx.schedule.claim(replace(after, source_id="b"))
        assert tx.schedule.claim(replace(after, source_id="b", force=True))
        for source in "ab":
            tx.schedule.save(FetchState(source_id=source))
        tx.hosts.note("a", WELL, NOW)
        assert tx.schedule.claim(after)
        assert tx.schedule.claim(replace(after, source_id="b"))


def test_a_claim_goes_with_its_redirect_from_host_to_host(store: Store) -> None:
    with store.write() as tx:
        listed(tx, sources="abc")
        one = replace(CLAIM, per_host=1)
        assert tx.schedule.claim(one)
        assert tx.schedule.claim(replace(one, source_id="b", host="other"))
        tx.schedule.leave_host("a", "p1")
        assert tx.schedule.holds("a", "p1")
        assert tx.schedule.claim(replace(one, source_id="c"))
        later = replace(one, host="other", now=NOW + MINUTE, until=NOW + 9 * MINUTE)
        assert not tx.schedule.enter_host(later)
        tx.schedule.save(FetchState(source_id="b"))
        assert tx.schedule.enter_host(later)
        assert tx.schedule.due(("a",), NOW + 8 * MINUTE, 9) == ()
        assert not tx.schedule.claim(replace(one, source_id="b", host="other"))
        # Who lost its claim meanwhile takes nothing, and is not kept waiting.
        tx.schedule.release("p1")
        assert tx.schedule.enter_host(replace(later, holder="p2"))
        assert tx.schedule.holders() == set()


def test_events_are_kept_in_order_and_go_with_a_renamed_source(store: Store) -> None:
    event = SourceEvent(source_id="a", at=NOW, kind="moved", who="the publisher", what="is asked elsewhere")
    with store.write() as tx:
        listed(tx, sources="abc")
        for number, id in enumerate("abca"):
            tx.events.add(replace(event, source_id=id, at=NOW + number * MINUTE))
        assert [(each.source_id, each.at) for each in tx.events.latest(2)] == [
            ("a", NOW + 3 * MINUTE),
            ("c", NOW + 2 * MINUTE),
        ]
        assert len(tx.events.latest(9, "a")) == 2
        tx.listings.apply([Wanted(kind="source", id="b", was=("a",))], NOW)
        assert [each.source_id for each in tx.events.latest(9)] == ["b", "c", "b", "b"]
