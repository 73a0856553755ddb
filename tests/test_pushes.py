"""From a hub to a published story, with a real hub, a real web server and the scheduler's parts, on both databases."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from feedsvc.engine.local import utc_now
from feedsvc.model import Subscription
from feedsvc.schedule import Scheduling
from feedsvc.web import create_app
from tests.press import Press, item, rss
from tests.servers.hub import Front, Hub
from tests.servers.upstream import Received, Upstream, document
from tests.site import FEEDSVC, Site, source

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def press(tmp_path: Path, store_url: str, upstream: Upstream) -> Iterator[Press]:
    with Site(tmp_path, store_url) as site, Front() as front:
        yield Press(site, upstream, Hub(upstream), front)


def test_a_hub_is_asked_asks_back_and_pushes_a_story(press: Press) -> None:
    press.start(item("one"))
    press.ask()
    asked = press.hub.last
    assert asked["hub.mode"] == "subscribe"
    assert asked["hub.topic"] == press.upstream.url("/rss")
    assert asked["hub.lease_seconds"] == "864000"
    assert asked["hub.callback"].startswith(f"{press.front.url}/websub/")
    assert len(asked["hub.callback"].rpartition("/")[2]) >= 43
    assert press.state == "wanted"
    # Only what was asked for, and only with what was said.
    assert press.hub.verify(topic="https://other.example/")[0] == 404
    assert press.hub.verify(mode="unsubscribe")[0] == 404
    assert press.hub.verify(challenge="")[0] == 404
    assert press.hub.verify(challenge="x" * 2000)[0] == 404
    wrong = {**asked, "hub.callback": asked["hub.callback"][:-1] + "~"}
    assert press.hub.verify(wrong)[0] == 404
    assert press.state == "wanted"
    assert press.hub.verify(challenge="<b>&") == (200, "<b>&")
    # It may not have heard us.
    assert press.hub.verify() == (200, "xyz")
    assert press.state == "active"

    with press.store.read() as tx:
        before = tx.schedule.state("paper")
    assert press.hub.push(rss(item("two"))) == 202
    assert press.waiting == {"paper"}
    press.receive()
    assert press.titles() == {"About one", "About two"}
    attempt = press.attempt
    assert (attempt.outcome, attempt.pushed, attempt.new, attempt.withdrawn) == ("changed", True, 1, 0)
    with press.store.read() as tx:
        after = tx.schedule.state("paper")
        assert tx.attempts.latest()["paper"].pushed is False
    assert (after.next_fetch_at, after.etag, after.body_hash) == (before.next_fetch_at, before.etag, before.body_hash)
    assert (after.last_fetch_at, after.info) == (before.last_fetch_at, before.info)
    # The poll that finds it, too, publishes nothing anew.
    press.serve(item("one"), item("two"))
    assert press.site.poll()["paper"].attempt.outcome == "unchanged"
    assert [change.kind for change in press.site.changes()] == ["new", "new"]


@pytest.mark.parametrize(
    ("how", "problem"),
    [
        ({"method": ""}, "not signed"),
        ({"method": "sha1"}, "sha1"),
        ({"secret": "guessed"}, "signature is wrong"),
        ({"signature": "sha256=\xe9"}, "signature is wrong"),
        ({"signature": "md5=00"}, "a method that is not known"),
    ],
)
def test_what_is_not_signed_well_is_dropped_and_counted(press: Press, how: dict[str, Any], problem: str) -> None:
    press.start(item("one"))
    press.subscribe()
    assert press.hub.push(rss(item("two")), **how) == 202
    assert not press.waiting
    assert press.subscription.rejected == 1
    assert problem in (press.subscription.error or "")


@pytest.mark.parametrize("method", ["sha256", "sha384", "sha512"])
def test_ways_to_sign(press: Press, method: str) -> None:
    press.start(item("one"))
    press.subscribe()
    assert press.hub.push(rss(item("two")), method=method) == 202
    assert press.waiting


def test_a_push_that_comes_again_changes_nothing(press: Press) -> None:
    press.start(item("one"))
    press.subscribe()
    first, second = rss(item("two", text="as it was " * 9)), rss(item("two", text="as it is now " * 9))
    for body in (first, second, first, second):
        assert press.hub.push(body) == 202
        press.receive()
    assert [change.kind for change in press.site.changes()] == ["new", "new", "updated"]
    assert b"as it is now" in press.site.body("/feeds/all.rss")


def test_a_push_takes_nothing_back_that_it_leaves_out(press: Press) -> None:
    complete = '<fh:complete xmlns:fh="http://purl.org/syndication/history/1.0"/>'
    press.start(item("one"), item("two"))
    press.subscribe()
    press.hub.push(rss(item("three"), head=complete))
    press.receive()
    assert press.titles() == {"About one", "About two", "About three"}


def test_a_poll_takes_nothing_back_that_was_pushed_while_it_was_under_way(press: Press) -> None:
    complete = '<fh:complete xmlns:fh="http://purl.org/syndication/history/1.0"/>'
    press.start(item("one"), item("two"))
    press.subscribe()
    before = document(rss(item("one"), item("two"), head=complete))

    def push() -> None:
        press.hub.push(rss(item("three")))
        press.receive()

    async def reply(request: Received, writer: asyncio.StreamWriter) -> bool:
        await asyncio.to_thread(push)
        return await before(request, writer)

    press.upstream.on("/rss", reply)
    assert press.site.poll()["paper"].attempt.withdrawn == 0
    assert press.titles() == {"About one", "About two", "About three"}


@pytest.mark.parametrize("body", [b"<html><p>Good morning", b"\0" * 99, b"<rss><channel><item><title>x" + b"\xff" * 9])
def test_what_cannot_be_read_is_recorded_and_leaves_the_source_as_it_was(press: Press, body: bytes) -> None:
    press.start(item("one"))
    press.subscribe()
    assert press.hub.push(body) == 202
    press.receive()
    attempt = press.attempt
    assert attempt.pushed
    assert attempt.error
    with press.store.read() as tx:
        assert tx.schedule.state("paper").failures == 0
        # For inspection.
        assert len(tx.kept_documents.list()) == (attempt.outcome == "failed")
    assert press.titles() == {"About one"}


def test_too_much_is_not_taken(press: Press) -> None:
    press.start(item("one"), fetch={**FEEDSVC["fetch"], "max_body": "100KB"})
    press.subscribe()
    assert press.hub.push(b" " * 100_001) == 413
    for n in range(40):
        assert press.hub.push(rss(item(f"n{n}", utc_now()))) == 202
    press.receive()
    # What is beyond the limit is brought by the next poll.
    assert len(press.titles()) == 33


def test_a_push_without_content_brings_the_next_poll_forward(press: Press) -> None:
    press.start(item("one"))
    press.subscribe()
    assert press.paused_for() > 50 * MINUTE
    assert press.hub.push(b"") == 202
    press.receive()
    assert press.paused_for() <= 5 * MINUTE
    assert press.attempt.outcome == "unchanged"


def test_a_lease_is_renewed_at_its_half(press: Press) -> None:
    press.start(item("one"))
    press.subscribe()
    press.ask(5 * DAY - HOUR)
    assert len(press.hub.asked) == 1
    press.ask(5 * DAY + HOUR)
    first, second = press.hub.asked
    assert first == second
    # A short one is not renewed all the time, nor believed in when it is over; and no lease is for ever.
    assert press.hub.verify(lease_seconds="60") == (200, "xyz")
    assert press.subscription.next_request_at - utc_now() > 4 * MINUTE
    assert (press.subscription.lease_until or utc_now() + DAY) - utc_now() <= MINUTE
    assert press.hub.verify(lease_seconds="99999999999999") == (200, "xyz")
    assert press.subscription.next_request_at - utc_now() < 16 * DAY
    assert press.hub.verify(lease_seconds="") == (200, "xyz")
    assert 4 * DAY < press.subscription.next_request_at - utc_now() < 6 * DAY


def test_a_hub_that_does_not_verify_is_asked_again_ever_more_rarely(press: Press) -> None:
    press.start(item("one"))
    asked = []
    for minutes in range(0, 24 * 60, 5):
        press.ask(minutes * MINUTE) if press.subscription.next_request_at <= utc_now() + minutes * MINUTE else None
        asked.append(len(press.hub.asked))
    assert 6 <= asked[-1] <= 8
    assert "not verified" in (press.subscription.error or "")


def test_a_hub_that_refuses_says_why(press: Press) -> None:
    press.start(item("one"))
    press.hub.status = 422
    press.ask()
    assert press.subscription.error == "the hub answered 422: no"
    assert press.subscription.next_request_at > utc_now() + 5 * MINUTE


def test_a_hub_that_denies_is_left_alone_for_a_day(press: Press) -> None:
    press.start(item("one"))
    press.ask()
    assert press.hub.verify(mode="denied", topic="https://other.example/")[0] == 404
    assert press.hub.verify(mode="denied", reason="not\nfor you", challenge="")[0] == 200
    assert (press.state, press.subscription.error) == ("denied", "the hub denied it: not for you")
    press.ask(DAY - HOUR)
    assert len(press.hub.asked) == 1
    press.ask(DAY + HOUR)
    assert len(press.hub.asked) == 2


def test_a_hub_in_our_own_network_is_not_asked(press: Press) -> None:
    press.start(item("one"), hub="http://10.1.2.3/hub")
    press.ask()
    assert "10.1.2.3 is private" in (press.subscription.error or "")


def test_without_a_public_address_no_hub_is_asked(press: Press) -> None:
    press.start(item("one"), site={**FEEDSVC["site"], "base_url": None})
    press.ask()
    assert not press.hub.asked


def test_polls_are_rare_once_pushes_have_shown_that_they_come_and_frequent_again_once_they_do_not(press: Press) -> None:
    press.start(item("one"))
    press.subscribe()
    old = utc_now() - 30 * DAY
    press.serve(item("one"), item("late", old))
    # What was published before the hub was to push is no miss.
    press.site.poll()
    assert (press.subscription.missed, press.paused_for() < 3 * HOUR) == (0, True)
    press.hub.push(rss(item("two")))
    press.receive()
    press.serve(item("one"), item("two"))
    press.site.poll()
    assert press.paused_for() > 5.9 * HOUR
    assert "<small>pushed</small>" in press.page("/status?ui=en")
    assert 'feedsvc_source_pushed{source="paper"} 1.0' in press.page("/metrics")
    for n, missed in enumerate((1, 2, 3)):
        # As if it had been subscribed for long.
        with press.store.write() as tx:
            known = tx.subscriptions.of("paper")
            assert known is not None
            tx.subscriptions.save(_earlier(known, HOUR))
        press.serve(item("one"), item("two"), *(item(f"lost{m}", utc_now() - 20 * MINUTE) for m in range(n + 1)))
        press.site.poll()
        assert press.subscription.missed == missed
        assert press.paused_for() < 3 * HOUR
    assert press.state == "dead"
    assert "<small>pushed</small>" not in press.page("/status?ui=en")
    assert "3 polls in a row found entries" in (press.subscription.error or "")
    # Now and then it gets another chance.
    press.ask(DAY + HOUR)
    assert len(press.hub.asked) == 2
    press.hub.verify()
    assert (press.state, press.subscription.missed) == ("active", 0)


def _earlier(known: Subscription, by: timedelta) -> Subscription:
    assert known.verified_at is not None
    assert known.last_push_at is not None
    return replace(known, verified_at=known.verified_at - by, last_push_at=known.last_push_at - by)


def test_the_next_hub_is_tried_where_there_are_several(press: Press, upstream: Upstream) -> None:
    other = Hub(upstream, "/other")
    press.start(item("one"))
    links = ", ".join(f'<{hub.url}>; rel="hub"' for hub in (press.hub, other))
    links += f', <{upstream.url("/rss")}>; rel="self"'
    upstream.on("/rss", document(rss(item("one"), item("two")), headers={"Link": links}))
    press.site.poll()
    press.ask()
    press.hub.verify(mode="denied", challenge="")
    press.ask()
    assert len(other.asked) == 1
    assert other.last["hub.secret"] != press.hub.last["hub.secret"]
    assert other.verify() == (200, "xyz")
    assert [each.hub for each in press.all] == [other.url]


def test_what_is_no_longer_wanted_is_ended(press: Press) -> None:
    press.start(item("one"))
    press.subscribe()
    press.hub.push(rss(item("two")))
    press.site.configure([], site={**FEEDSVC["site"], "base_url": press.front.url})
    assert press.site.service is not None
    press.front.app, _ = create_app(press.store, press.site.service.in_force)
    press.ask()
    assert press.hub.last["hub.mode"] == "unsubscribe"
    assert press.hub.last["hub.callback"] == press.hub.asked[0]["hub.callback"]
    assert not press.waiting
    assert press.hub.push(rss(item("three")), secret="any") == 410
    assert press.hub.verify() == (200, "xyz")
    assert press.all == ()


def test_a_document_without_a_hub_ends_it_and_another_address_of_ours_is_told(press: Press) -> None:
    press.start(item("one"))
    press.subscribe()
    press.site.configure(
        [source("paper", press.upstream.url("/rss"), full_text=False)],
        site={**FEEDSVC["site"], "base_url": f"{press.front.url}/news"},
    )
    press.ask()
    assert {each["hub.mode"] for each in press.hub.asked[1:]} == {"subscribe", "unsubscribe"}
    assert {each.state for each in press.all} == {"leaving", "wanted"}
    press.upstream.serve("/rss", rss(item("one"), item("two")))
    press.site.poll()
    assert {each.state for each in press.all} == {"leaving"}


def test_another_address_of_the_source_is_not_pushed_by_the_former_ones_hub(press: Press) -> None:
    press.start(item("one"))
    press.subscribe()
    press.site.configure([source("paper", press.upstream.url("/elsewhere"))])
    assert press.state == "leaving"


def test_all_of_it_by_the_scheduler(tmp_path: Path, upstream: Upstream) -> None:
    with Site(tmp_path) as site, Front() as front:
        press = Press(site, upstream, Hub(upstream, verifies=True), front)
        press.start(item("one"))
        assert site.service is not None
        scheduling = Scheduling(store=press.store, in_force=site.service.in_force)

        async def run() -> None:
            stop = asyncio.Event()
            running = asyncio.create_task(scheduling.run(stop))
            async with asyncio.timeout(60):
                while press.state != "active":  # noqa: ASYNC110 - the database has no events
                    await asyncio.sleep(0.05)
                assert await asyncio.to_thread(press.hub.push, rss(item("two"))) == 202
                while "About two" not in press.titles():  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            stop.set()
            await running

        asyncio.run(run())
        assert len(upstream.asked("/rss")) == 1
