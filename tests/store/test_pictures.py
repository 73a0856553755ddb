"""Pictures that pages may show: wanted, fetched by one at a time and host, kept while a story shows them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from feedsvc.model import PictureFile
from feedsvc.store import KeptPicture, Lease, Showing, Store, Transaction, WantedPicture
from tests.store.make import NOW, listed, published, put, story, story_id

MINUTE = timedelta(minutes=1)
A, B, OTHER = "https://pic.example/a.jpg", "https://pic.example/b.jpg", "https://elsewhere.example/c.jpg"
FILE = PictureFile(media_type="image/png", width=40, height=30, body=b"\x89PNG\0" * 1000)


def showing(name: str, *hrefs: str, minutes: int = 0) -> Showing:
    return Showing(story_id=story_id(name), sort_at=NOW + minutes * MINUTE, hrefs=hrefs)


def lease(holder: str = "p1", now: datetime = NOW, *, per_host: int = 1) -> Lease:
    return Lease(holder=holder, now=now, until=now + MINUTE, per_host=per_host)


def take(tx: Transaction, but: Sequence[str] = (), *, per_host: int = 1) -> WantedPicture | None:
    wanted = tx.pictures.next_wanted(NOW, per_host=per_host, but=but)
    if wanted is None:
        return None
    assert tx.pictures.take(wanted, lease(per_host=per_host))
    return wanted


def taken(tx: Transaction, but: Sequence[str] = (), *, per_host: int = 1) -> str | None:
    wanted = take(tx, but, per_host=per_host)
    return wanted.href if wanted else None


def kept(tx: Transaction) -> None:
    wanted = take(tx)
    assert wanted is not None
    tx.pictures.keep(wanted, FILE)


def test_only_what_was_fetched_is_here(store: Store) -> None:
    with store.write() as tx:
        tx.pictures.show([showing("one", A, B)], NOW)
        assert tx.pictures.here([A, B]) == {}
        wanted = take(tx)
        assert wanted is not None
        assert tx.pictures.file(wanted.key) is None
        tx.pictures.keep(wanted, FILE)
    with store.read() as tx:
        etag = tx.pictures.here([wanted.href])[wanted.href].etag
        here = KeptPicture(key=wanted.key, media_type="image/png", width=40, height=30, etag=etag)
        assert tx.pictures.here([A, B, OTHER]) == {wanted.href: here}
        assert tx.pictures.file(wanted.key) == FILE
        assert tx.pictures.file("0" * 32) is None
    with store.write() as tx:
        tx.pictures.keep(wanted, replace(FILE, body=FILE.body + b"!"))
        assert tx.pictures.here([wanted.href])[wanted.href].etag != here.etag


def test_the_newest_story_comes_first_and_each_host_has_so_many_slots(store: Store) -> None:
    with store.write() as tx:
        tx.pictures.show([showing("old", A), showing("new", B, minutes=2), showing("between", OTHER, minutes=1)], NOW)
        assert taken(tx, ["pic.example", "elsewhere.example"]) is None
        assert [taken(tx) for _ in range(3)] == [B, OTHER, None]
        assert [taken(tx, per_host=2) for _ in range(2)] == [A, None]


def test_a_lease_that_ran_out_is_taken_over_and_its_slot_with_it(store: Store) -> None:
    with store.write() as tx:
        tx.pictures.show([showing("one", A)], NOW)
        first = take(tx)
        assert first is not None
        assert tx.schedule.holders() == {"p1"}
        assert taken(tx) is None
        assert tx.pictures.next_wanted(NOW + MINUTE, per_host=1) == first
        assert not tx.pictures.take(first, lease("p2", per_host=9))
        assert tx.pictures.take(first, lease("p2", NOW + MINUTE))
        assert tx.schedule.holders() == {"p2"}
        tx.pictures.put_back(first, NOW)
        assert tx.schedule.holders() == set()
        assert taken(tx) == A


def test_who_comes_second_gets_neither_the_picture_nor_its_host(store: Store) -> None:
    with store.write() as tx:
        tx.pictures.show([showing("one", A), showing("two", B, minutes=-1)], NOW)
        first = tx.pictures.next_wanted(NOW, per_host=1)
        assert first is not None
        assert taken(tx) == A
        tx.pictures.put_back(first, NOW)
        assert tx.pictures.take(first, lease())
        tx.pictures.fail(first, "no", NOW)
        second = tx.pictures.next_wanted(NOW, per_host=1)
        assert second is not None
        assert tx.pictures.take(first, lease())
        assert not tx.pictures.take(second, lease("p2"))
        tx.pictures.put_back(first, NOW)
        tx.pictures.show([showing("two")], NOW)
        assert not tx.pictures.take(second, lease("p2"))
        assert taken(tx) == A


def test_a_failure_is_kept_in_words_and_delays_or_ends_the_attempts(store: Store) -> None:
    with store.write() as tx:
        tx.pictures.show([showing("one", A, B)], NOW)
        first = take(tx)
        assert first is not None
        tx.pictures.fail(first, "timed out", NOW + MINUTE)
        tx.pictures.postpone("pic.example", NOW + MINUTE / 2)
        assert take(tx) is None
        second = tx.pictures.next_wanted(NOW + MINUTE / 2, per_host=1)
        assert second is not None
        assert second.href != first.href
        again = tx.pictures.next_wanted(NOW + MINUTE, per_host=1, but=[])
        assert again is not None
        for wanted in (first, second):
            tx.pictures.fail(wanted, "404", None)
        assert tx.pictures.next_wanted(NOW + 9 * MINUTE, per_host=1) is None


def test_a_story_shows_what_was_said_last_and_what_nobody_shows_goes(store: Store) -> None:
    with store.write() as tx:
        listed(tx)
        published(tx, "one")
        tx.pictures.show([showing("one", A, B)], NOW)
        assert tx.pictures.outdated([showing("one", B, A)]) == ()
        kept(tx)
        kept(tx)
        less = showing("one", B)
        assert tx.pictures.outdated([less]) == (less,)
        tx.pictures.show([less], NOW)
        assert set(tx.pictures.here([A, B])) == {A, B}
        assert prune(tx) == 1
        assert set(tx.pictures.here([A, B])) == {B}
        tx.pictures.show([showing("one", A, B)], NOW)
        assert taken(tx) == A


def test_a_retracted_story_shows_nothing(store: Store) -> None:
    with store.write() as tx:
        listed(tx)
        one = published(tx, "one")
        tx.pictures.show([showing("one", A)], NOW)
        kept(tx)
        key = tx.pictures.here([A])[A].key
        assert tx.pictures.shown_by(key, 9) == (one.id,)
        put(tx, story("one", one.lead, retracted="gone"), "retracted")
        assert tx.pictures.shown_by(key, 9) == ()
        assert prune(tx) == 1
        assert tx.pictures.file(key) is None


def test_the_stories_that_show_a_picture_are_sorted_as_they_are_by_now(store: Store) -> None:
    with store.write() as tx:
        listed(tx)
        one, two, three = (published(tx, name).id for name in ("one", "two", "three"))
        tx.pictures.show([showing(name, A, minutes=n) for n, name in enumerate(("one", "two", "three"))], NOW)
        kept(tx)
        key = tx.pictures.here([A])[A].key
        assert tx.pictures.shown_by(key, 2) == (three, two)
        later = showing("one", A, minutes=9)
        assert tx.pictures.outdated([later]) == (later,)
        tx.pictures.show([later], NOW)
        assert tx.pictures.outdated([later]) == ()
        assert tx.pictures.shown_by(key, 2) == (one, three)


def test_a_picture_goes_with_the_text_of_its_story(store: Store) -> None:
    with store.write() as tx:
        listed(tx)
        published(tx, "old")
        published(tx, "new", at=NOW + 9 * MINUTE)
        tx.pictures.show([showing("old", A), showing("new", B)], NOW)
        assert prune(tx, before_minutes=1) == 1
        assert taken(tx) == B


def test_stories_led_by_a_source_that_may_not_show_pictures_lose_them(store: Store) -> None:
    with store.write() as tx:
        listed(tx, sources=("nhandan", "other"))
        published(tx, "one")
        published(tx, "two", source="other")
        tx.pictures.show([showing("one", A), showing("two", A, B)], NOW)
        tx.pictures.show_only_of(["nhandan"])
        assert prune(tx) == 1
        assert taken(tx) == A
        tx.pictures.show_only_of([])
        assert prune(tx) == 1


def prune(tx: Transaction, before_minutes: int = -999) -> int:
    before = NOW + before_minutes * MINUTE
    pruned = tx.retention.prune(entries_before=before, changes_before=NOW, attempts_before=NOW, keep=1)
    return pruned.pictures
