"""What becomes of a subscription, without anybody being asked."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from feedsvc import subscribing
from feedsvc.model import Entry, HubOffer, LocalText, Source, Subscription
from feedsvc.subscribing import Unpushed

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OFFER = HubOffer(topic="https://paper.example/rss", hubs=("https://hub.example/", "https://other.example/"))
ALONE = replace(OFFER, hubs=OFFER.hubs[:1])


def subscribed(offer: HubOffer = ALONE) -> Subscription:
    (new,) = subscribing.following(None, "paper", offer, NOW)
    return subscribing.verified(subscribing.asked(new, "https://news.example/websub/x", NOW), None, NOW)


def proven(offer: HubOffer = ALONE) -> Subscription:
    return subscribing.pushed(subscribed(offer), 1)


def test_a_document_is_followed() -> None:
    known = subscribed()
    assert subscribing.following(None, "paper", None, NOW) == []
    assert subscribing.following(known, "paper", ALONE, NOW) == []
    assert subscribing.following(known, "paper", OFFER, NOW) == [replace(known, hubs=OFFER.hubs)]
    (left,) = subscribing.following(known, "paper", None, NOW)
    assert left.state == "leaving"
    left, new = subscribing.following(known, "paper", replace(OFFER, topic="https://paper.example/2"), NOW)
    assert (left.state, left.token, new.topic) == ("leaving", known.token, "https://paper.example/2")
    assert new.token != known.token
    assert new.secret != known.secret


def test_a_topic_that_changes_with_each_poll_is_asked_for_ever_more_rarely() -> None:
    (known,) = subscribing.following(None, "paper", ALONE, NOW)
    asked = 0
    for n in range(24 * 7):
        now = NOW + n * HOUR
        if known.next_request_at <= now:
            known, asked = subscribing.asked(known, "x", now), asked + 1
        _, known = subscribing.following(known, "paper", replace(ALONE, topic=f"https://paper.example/{n}"), now)
    assert asked < 5


@pytest.mark.parametrize(("offer", "rests"), [(ALONE, (1, 2, 4, 7, 7)), (OFFER, (0, 1, 0, 2, 0))])
def test_hubs_that_deny_have_ever_longer_rests(offer: HubOffer, rests: tuple[int, ...]) -> None:
    known = subscribed(offer)
    for rest in rests:
        known = subscribing.denied(known, None, NOW)
        assert known.next_request_at == NOW + rest * DAY
        moved = subscribing.succeeded(known, NOW)
        assert [each.state for each in moved] == (["leaving", "wanted"] if len(offer.hubs) > 1 else [])
        known = moved[-1] if moved else known
        # It is asked before the next one is.
        assert subscribing.succeeded(replace(known, state="wanted", requested_at=None), NOW) == []


def test_the_longest_pause_that_pushes_allow() -> None:
    def pause(every: timedelta, known: Subscription, now: datetime = NOW) -> timedelta | None:
        source = Source(id="paper", title=LocalText(by_language=()), url=ALONE.topic, every=every)
        return subscribing.backup(known, source, now)

    assert pause(HOUR, subscribed()) is None
    assert pause(HOUR, proven()) == 6 * HOUR
    assert pause(15 * MINUTE, proven()) == 2 * HOUR
    assert pause(12 * HOUR, proven()) == 12 * HOUR
    assert pause(HOUR, proven(), NOW + 11 * DAY) is None
    assert pause(HOUR, replace(proven(), missed=1)) is None


def test_what_counts_as_missed() -> None:
    known = subscribing.verified(subscribed(), None, NOW - 5 * HOUR)

    def counted(*times: datetime | None, seen_at: datetime = NOW - 2 * HOUR) -> Unpushed:
        return subscribing.unpushed([Entry(published=at) for at in times], known, seen_at, NOW)

    assert counted(NOW - HOUR, NOW - MINUTE, NOW + HOUR) == Unpushed(late=1, fresh=2)
    assert counted(NOW - 6 * HOUR) == Unpushed()
    assert counted(None) == Unpushed(late=1)
    assert counted(None, seen_at=NOW - 6 * HOUR) == Unpushed()


def test_what_may_be_on_its_way_counts_once_it_has_not_come() -> None:
    known, fresh = proven(), Unpushed(fresh=1)
    doubted = subscribing.polled(known, fresh, NOW, NOW)
    assert doubted.missed == 0
    soon, later = NOW + 5 * MINUTE, NOW + 15 * MINUTE
    assert subscribing.polled(doubted, fresh, NOW, soon).missed == 0
    assert subscribing.polled(doubted, Unpushed(), NOW, later).missed == 1
    pushed = subscribing.received(doubted, b"<rss/>", soon)
    assert pushed is not None
    assert subscribing.polled(pushed, Unpushed(), NOW, later).missed == 0


def test_a_hub_dies_of_three_misses_in_a_row_and_a_push_in_between_counts() -> None:
    late = Unpushed(late=1)
    known = subscribing.polled(subscribing.polled(proven(), late, NOW, NOW), late, NOW, NOW)
    # A poll without news proves nothing, one after a push does.
    assert subscribing.polled(known, Unpushed(), NOW, NOW).missed == 2
    pushed = replace(known, last_push_at=NOW + MINUTE)
    assert subscribing.polled(pushed, Unpushed(), NOW, NOW + HOUR).missed == 0
    dead = subscribing.polled(known, late, NOW, NOW)
    assert (dead.state, dead.pushed) == ("dead", 0)
    assert dead.next_request_at == NOW + DAY
    assert subscribing.polled(dead, late, NOW, NOW) == dead
    again = subscribing.verified(dead, None, NOW + DAY)
    assert (again.state, again.missed, again.given_up) == ("active", 0, 1)
    assert subscribing.pushed(again, 1).given_up == 0


def test_an_active_one_whose_lease_ran_out_is_wanted_again() -> None:
    late = NOW + 11 * DAY
    assert subscribing.asked(subscribed(), "x", NOW + 5 * DAY).state == "active"
    assert subscribing.asked(subscribed(), "x", late).state == "wanted"


def test_pushes_are_known_again() -> None:
    known = subscribed()
    for n in range(100):
        received = subscribing.received(known, b"%d" % n, NOW)
        assert received is not None
        known = received
        assert subscribing.received(known, b"%d" % n, NOW) is None
    assert len(known.recent) == 64 * 16
    assert subscribing.received(known, b"36", NOW) is None
    # One without content says each time that there is news.
    assert subscribing.received(subscribing.received(known, b"", NOW) or known, b"", NOW) is not None


def test_a_verification_is_believed_for_a_day() -> None:
    known = subscribing.asked(subscribed(), "x", NOW)
    assert subscribing.is_awaited(known, NOW + 23 * HOUR)
    assert not subscribing.is_awaited(known, NOW + 25 * HOUR)
    assert not subscribing.is_awaited(replace(known, requested_at=None), NOW)
