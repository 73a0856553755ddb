"""Subscriptions come back whole, and what is pushed is kept in order and within bounds."""

from dataclasses import replace
from datetime import timedelta

from feedsvc import subscribing
from feedsvc.model import HubOffer, Push, Subscription
from feedsvc.store import Store, Wanted
from feedsvc.store.subscriptions import MOST_BYTES, MOST_UNREAD
from tests.store.make import NOW, listed

DAY = timedelta(days=1)
OFFER = HubOffer(topic="https://báo.example/rss\0", hubs=("https://h.example/", "https://i.example/"))


def subscription(source_id: str = "nhandan") -> Subscription:
    (new,) = subscribing.following(None, source_id, OFFER, NOW)
    return new


def push(body: bytes = b"<rss/>", source_id: str = "nhandan") -> Push:
    return Push(source_id=source_id, topic=OFFER.topic, at=NOW, content_type=None, body=body)


def test_a_subscription_comes_back_whole(store: Store) -> None:
    one = replace(
        subscribing.verified(subscribing.asked(subscription(), "https://n.example/websub/x", NOW), DAY, NOW),
        last_push_at=NOW,
        doubted_at=NOW,
        error="why",
        pushed=3,
        missed=1,
        rejected=2,
        given_up=1,
        recent=b"\0" * 16,
    )
    with store.write() as tx:
        listed(tx)
        tx.subscriptions.save(subscription())
        tx.subscriptions.drop(tx.subscriptions.all()[0].token)
        tx.subscriptions.save(one)
    kept = replace(one, topic="https://báo.example/rss\ufffd")
    with store.read() as tx:
        assert tx.subscriptions.all() == (kept,)
        assert tx.subscriptions.by_token(one.token) == tx.subscriptions.of("nhandan") == kept
        assert tx.subscriptions.by_token("guess") is None
        assert tx.schedule.state("nhandan").subscribed is False  # nothing is known of it yet
    with store.write() as tx:
        tx.subscriptions.save(replace(one, state="leaving"))
        assert tx.subscriptions.of("nhandan") is None


def test_hubs_are_due_in_order(store: Store) -> None:
    one, two = subscription("a"), replace(subscribing.left(subscription("b"), NOW), next_request_at=NOW - DAY)
    with store.write() as tx:
        listed(tx, sources="ab")
        for each in (one, two):
            tx.subscriptions.save(each)
        assert [each.token for each in tx.subscriptions.due(NOW, 9)] == [two.token, one.token]
        assert [each.token for each in tx.subscriptions.due(NOW, 1)] == [two.token]
        assert [each.token for each in tx.subscriptions.due(NOW, 9, only_leaving=True)] == [two.token]
        assert tx.subscriptions.due(NOW - 2 * DAY, 9) == ()


def test_pushes_are_read_once_in_order(store: Store) -> None:
    with store.write() as tx:
        listed(tx, sources=["nhandan", "other"])
        assert all(tx.pushes.add(push(body)) for body in (b"1", b"", b"3"))
        assert tx.pushes.add(push(b"4", "other"))
        assert tx.pushes.waiting() == {"nhandan", "other"}
        for body in (b"1", b"", b"3"):
            found = tx.pushes.next("nhandan")
            assert found is not None
            assert found[1].body == body
            assert tx.pushes.take(found[0])
            assert not tx.pushes.take(found[0])
        assert tx.pushes.next("nhandan") is None
        tx.pushes.forget(["other", "unheard"])
        assert tx.pushes.waiting() == frozenset()


def test_a_flood_fills_nothing(store: Store) -> None:
    with store.write() as tx:
        listed(tx, sources=["nhandan", "other", "third"])
        assert [tx.pushes.add(push()) for _ in range(MOST_UNREAD + 2)] == [True] * MOST_UNREAD + [False] * 2
        assert tx.pushes.add(push(source_id="other"))
        half = bytes(MOST_BYTES // 2)
        assert [tx.pushes.add(push(half, "third")) for _ in range(3)] == [True, True, False]


def test_two_sources_made_one_keep_what_both_had(store: Store) -> None:
    with store.write() as tx:
        listed(tx, sources=["a", "b"])
        for id in "ab":
            tx.subscriptions.save(subscription(id))
            tx.pushes.add(push(source_id=id))
        tx.listings.apply([Wanted(kind="source", id="b", was=("a",))], NOW)
        assert [each.source_id for each in tx.subscriptions.all()] == ["b", "b"]
        assert tx.pushes.waiting() == {"b"}
