"""When sources are due, and that nobody polls one twice or a host too often."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedsvc.model import FetchState
from feedsvc.store import Claim, Store, Wanted
from tests.store.make import FEED, NOW, listed

MINUTE = timedelta(minutes=1)
CLAIM = Claim(source_id="a", host="h", holder="p1", now=NOW, until=NOW + 5 * MINUTE)


def test_a_state_comes_back_whole(store: Store) -> None:
    state = FetchState(
        source_id="a",
        etag='W/"\udcff\0"',
        last_modified="Sun, 06 Nov 1994 08:49:37 GMT",
        body_hash=b"\x00\xff" * 16,
        parser_version="feedparser 6",
        effective_url="https://nhandan.example/rss",
        moved_to="https://nhandan.example/feed",
        moved_since=NOW,
        moved_polls=2,
        move_refused="https://portal.example/",
        next_fetch_at=NOW + timedelta(microseconds=1),
        fresh_for=90 * MINUTE,
        not_before=NOW,
        last_fetch_at=NOW,
        last_success_at=NOW,
        failures=3,
        error="timed out",
        disabled="410",
        held="odd",
        info=FEED,
    )
    with store.write() as tx:
        assert tx.schedule.state("a") == FetchState(source_id="a")
        tx.schedule.save(state)
    with store.read() as tx:
        expected = replace(state, etag='W/"\ufffd\ufffd"')
        assert tx.schedule.state("a") == expected
        assert tx.schedule.states() == {"a": expected}
    with store.write() as tx:
        tx.schedule.save(FetchState(source_id="a"))
        assert tx.schedule.state("a") == FetchState(source_id="a")


def test_what_is_due_comes_longest_waiting_first(store: Store) -> None:
    with store.write() as tx:
        for id, minutes in (("later", 1), ("now", 0), ("long", -9), ("short", -1)):
            tx.schedule.save(FetchState(source_id=id, next_fetch_at=NOW + minutes * MINUTE))
        tx.schedule.save(FetchState(source_id="gone", next_fetch_at=NOW - MINUTE, disabled="410"))
        tx.schedule.save(FetchState(source_id="odd", next_fetch_at=NOW - MINUTE, held="odd"))
        tx.schedule.save(FetchState(source_id="unwanted", next_fetch_at=NOW - MINUTE))
        wanted = ("later", "now", "never", "gone", "short", "odd", "long")
        assert tx.schedule.due(wanted, NOW, 10) == ("never", "long", "short", "now")
        assert tx.schedule.due(wanted, NOW, 2) == ("never", "long")
        assert tx.schedule.due((), NOW, 2) == ()


def test_a_claim_excludes_others_until_it_is_saved_or_expires(store: Store) -> None:
    with store.write() as tx:
        listed(tx, sources="abcd")
        assert tx.schedule.claim(CLAIM)
        assert not tx.schedule.claim(replace(CLAIM, holder="p2"))
        assert not tx.schedule.claim(replace(CLAIM, holder="p2", force=True))
        assert tx.schedule.due(("a",), NOW, 9) == ()
        assert tx.schedule.due(("a",), CLAIM.until, 9) == ("a",)
        assert tx.schedule.holders() == {"p1"}
        late = replace(CLAIM, holder="p2", now=CLAIM.until, until=CLAIM.until + MINUTE)
        assert tx.schedule.claim(late)
        assert tx.schedule.holders() == {"p2"}
        tx.schedule.save(FetchState(source_id="a", next_fetch_at=NOW + 60 * MINUTE))
        assert tx.schedule.holders() == set()
        assert not tx.schedule.claim(late)
        assert tx.schedule.claim(replace(late, force=True))


def test_a_host_has_so_many_slots_and_a_claim_takes_both_or_neither(store: Store) -> None:
    with store.write() as tx:
        listed(tx, sources="abcd")
        assert tx.schedule.claim(CLAIM)
        second = replace(CLAIM, source_id="b")
        assert not tx.schedule.claim(second)
        assert tx.schedule.due(("a", "b"), NOW, 9) == ("b",)
        assert tx.schedule.claim(replace(second, per_host=2))
        assert not tx.schedule.claim(replace(CLAIM, source_id="c", per_host=2))
        assert tx.schedule.claim(replace(CLAIM, source_id="c", host="other"))
        # What is not due takes no slot either.
        tx.schedule.save(FetchState(source_id="a", next_fetch_at=NOW + MINUTE))
        assert not tx.schedule.claim(replace(CLAIM, per_host=2))
        assert tx.schedule.claim(replace(CLAIM, source_id="d", per_host=2))


def test_what_a_dead_process_held_is_free_again(store: Store) -> None:
    with store.write() as tx:
        listed(tx, sources="abcd")
        assert tx.schedule.claim(CLAIM)
        assert tx.schedule.claim(replace(CLAIM, source_id="b", host="h2", holder="p2"))
        tx.schedule.release("p1")
        assert tx.schedule.holders() == {"p2"}
        assert tx.schedule.claim(replace(CLAIM, holder="p3"))


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("abcd"), st.sampled_from(["h1", "h2"]), st.integers(0, 9), st.integers(1, 4)),
        max_size=12,
    )
)
def test_no_history_of_claims_overfills_a_host_or_gives_a_source_twice(
    store: Store, claims: list[tuple[str, str, int, int]]
) -> None:
    with store.write() as tx:
        listed(tx, sources="abcd")
        for source in "abcd":
            tx.schedule.save(FetchState(source_id=source))
        taken: list[Claim] = []
        for source, host, minute, length in sorted(claims, key=lambda claim: claim[2]):
            now = NOW + minute * MINUTE
            wish = Claim(source_id=source, host=host, holder="p", now=now, until=now + length * MINUTE, per_host=2)
            held = [claim for claim in taken if claim.until > now]
            free = all(claim.source_id != source for claim in held)
            room = sum(claim.host == host for claim in held) < 2
            assert tx.schedule.claim(wish) == (free and room)
            if free and room:
                taken.append(wish)


def test_a_claim_that_was_taken_over_is_no_longer_held(store: Store) -> None:
    with store.write() as tx:
        listed(tx, sources="abcd")
        assert not tx.schedule.holds("a", "p1")
        assert tx.schedule.claim(CLAIM)
        assert tx.schedule.holds("a", "p1")
        assert not tx.schedule.holds("a", "p2")
        assert tx.schedule.claim(replace(CLAIM, holder="p2", now=CLAIM.until, until=CLAIM.until + MINUTE))
        assert not tx.schedule.holds("a", "p1")


def test_a_source_that_is_renamed_merged_or_closed_leaves_no_claim_and_no_slot(store: Store) -> None:
    with store.write() as tx:
        listed(tx, sources=["a", "b", "c", "kept"])
        for id in ("a", "b", "c"):
            assert tx.schedule.claim(replace(CLAIM, source_id=id, host=id))
        new, kept = Wanted(kind="source", id="new", was=("a",)), Wanted(kind="source", id="kept", was=("b",))
        tx.listings.apply([new, kept], NOW)
        assert tx.schedule.holders() == set()
        assert not any(tx.schedule.holds(id, "p1") for id in ("a", "b", "c", "new", "kept"))
        assert tx.schedule.claim(replace(CLAIM, source_id="new", host="a"))
        assert tx.schedule.claim(replace(CLAIM, source_id="kept", host="b"))


def test_only_a_listed_source_can_be_claimed(store: Store) -> None:
    with store.write() as tx:
        assert not tx.schedule.claim(CLAIM)
        listed(tx, sources=["a"])
        assert tx.schedule.claim(CLAIM)
        listed(tx, sources=["b"])
        assert not tx.schedule.claim(replace(CLAIM, force=True))
