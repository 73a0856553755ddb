"""Stories come back whole, and each listing picks the right ones."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from feedsvc.model import Evidence, Filed, Filing, Listing, ListKind, Story
from feedsvc.store import Addition, Store, Transaction
from tests.store.make import FEED, NOW, appearance, arrival, listed, published, put, story, story_id

HOUR = timedelta(hours=1)
NO_WINDOW = timedelta(0)


def touched(tx: Transaction) -> Mapping[tuple[ListKind, str], Listing]:
    return {(listing.kind, listing.id): listing for listing in tx.listings.all()}


def latest(tx: Transaction, kind: ListKind = "all", id: str = "all", language: str | None = None) -> list[Story]:
    return list(tx.stories.latest(kind, id, language=language, entries=50, window=NO_WINDOW, max_entries=500))


def retraction(tx: Transaction, id: UUID) -> tuple[str | None, datetime | None]:
    """Return why and when a story was retracted."""
    (found,) = tx.tracing.stories([id])
    return found.retracted, found.retracted_at


def test_a_story_comes_back_as_it_was_put(store: Store) -> None:
    with store.write() as tx:
        listed(tx, sources=["nhandan", "vnexpress", "dantri"], categories=["trade", "quality"])
        second = appearance(tx, "a", arrival("second"), "vnexpress", NOW + HOUR)
        first = appearance(tx, "a", arrival("first"), "dantri", NOW - HOUR)
        lead = appearance(tx, "a", arrival("lead"), "nhandan", NOW)
        filing = Filing(
            categories=(Filed(id="quality", reason="set for source"), Filed(id="trade", reason="matched “x”\0")),
            tags=(Filed(id="wipo", reason="matched"),),
        )
        made = replace(story("a", lead, others=(first, second)), filing=filing, updated_at=NOW + HOUR)
        put(tx, made)
    with store.read() as tx:
        stored = replace(
            made,
            filing=replace(filing, categories=(filing.categories[0], Filed(id="trade", reason="matched “x”\ufffd"))),
        )
        assert tx.stories.by_id(made.id) == stored
        assert tx.stories.get([made.id, uuid4()]) == {made.id: stored}
        assert tx.stories.get([]) == {}
        for kind, id in (("all", "all"), ("category", "quality"), ("tag", "wipo"), ("source", "dantri")):
            assert latest(tx, kind, id) == [stored]  # type: ignore[arg-type]
        assert latest(tx, "tag", "other") == []


def test_an_update_moves_a_story_between_listings_and_touches_those_it_left(store: Store) -> None:
    with store.write() as tx:
        listed(tx, categories=["trade", "quality", "science"])
        made = published(tx, "a")
    with store.write() as tx:
        moved = replace(made, filing=Filing(categories=(Filed(id="quality", reason="r"),)), updated_at=NOW + HOUR)
        put(tx, moved, "updated", NOW + HOUR)
    with store.read() as tx:
        assert latest(tx, "category", "trade") == []
        assert latest(tx, "category", "quality") == [moved]
        marks = {name: (listing.touched, listing.touched_at) for name, listing in touched(tx).items()}
        assert marks == {
            ("all", "all"): (2, NOW + HOUR),
            ("source", "nhandan"): (2, NOW + HOUR),
            ("category", "trade"): (2, NOW + HOUR),
            ("category", "quality"): (2, NOW + HOUR),
            ("category", "science"): (0, None),
        }


def test_touched_never_goes_back(store: Store) -> None:
    with store.write() as tx:
        listed(tx)
        a, b = published(tx, "a"), published(tx, "b")
        late, early = tx.changes.append("updated", a.id, NOW), tx.changes.append("updated", b.id, NOW - HOUR)
        tx.stories.put([(b, early), (a, late)])
        assert (touched(tx)["all", "all"].touched, touched(tx)["all", "all"].touched_at) == (4, NOW)


def test_without_a_change_nothing_is_touched_or_announced(store: Store) -> None:
    with store.write() as tx:
        listed(tx)
        quiet = put(tx, story("a", appearance(tx, "a", arrival("a")), announced=False), None)
        assert touched(tx)["all", "all"].touched == 0
        assert latest(tx) == []
        assert tx.stories.counts("category") == {}
        assert tx.stories.by_id(quiet.id) == quiet
    with store.write() as tx:
        put(tx, replace(quiet, announced_at=NOW + HOUR), "new", NOW + HOUR)
        assert [each.id for each in latest(tx)] == [quiet.id]


def test_an_announcement_is_for_ever(store: Store) -> None:
    with store.write() as tx:
        listed(tx)
        first = published(tx, "first")
        published(tx, "second", at=NOW + HOUR)
    with store.write() as tx:
        put(tx, replace(first, announced_at=None), "updated")
        put(tx, replace(first, announced_at=NOW + 9 * HOUR), "new")
    with store.read() as tx:
        assert tx.stories.by_id(first.id) == first
        one = tx.stories.latest("all", "all", language=None, entries=1, window=NO_WINDOW, max_entries=9)
        assert [each.id for each in one] == [story_id("second")]


def test_a_retracted_story_leaves_all_listings_and_can_come_back(store: Store) -> None:
    with store.write() as tx:
        listed(tx)
        made = published(tx, "a")
        gone = put(tx, replace(made, retracted="withdrawn"), "retracted", NOW + HOUR)
        assert latest(tx) == []
        assert tx.stories.counts("all") == {}
        assert tx.stories.by_id(made.id) == gone
        assert touched(tx)["category", "trade"].touched == 2
        put(tx, gone, None)
        assert retraction(tx, made.id) == ("withdrawn", NOW + HOUR)
        put(tx, made, "updated")
        assert retraction(tx, made.id) == (None, None)
        assert latest(tx) == [made]
        assert touched(tx)["category", "trade"].touched == 3
        assert tx.stories.counts("all") == {"all": 1}


def test_entries_follow_the_story_that_takes_them(store: Store) -> None:
    with store.write() as tx:
        listed(tx)
        a, b = published(tx, "a"), published(tx, "b", arrival("b", bands=(7,)))
        merged = replace(a, others=(b.lead,))
        put(tx, merged, "updated")
        tx.stories.put(
            [
                (
                    replace(b, retracted="merged"),
                    tx.changes.append("retracted", b.id, NOW, reason="merged", replaced_by=a.id),
                )
            ]
        )
    with store.read() as tx:
        # The one retracted last has taken its entry back: what is put last holds.
        assert tx.stories.get([a.id])[a.id].others == ()
    with store.write() as tx:
        put(tx, merged, "updated")
    with store.read() as tx:
        assert tx.stories.get([a.id, b.id]) == {a.id: merged}
        assert tx.entries.known("nhandan", ["guid:b"])["guid:b"].story_id == a.id


def test_a_copy_that_joins_is_one_more_source_of_the_story(store: Store) -> None:
    with store.write() as tx:
        listed(tx, sources=["nhandan", "vnexpress"])
        made = published(tx, "a")
        why = Evidence(kind="link", detail="same address")
        tx.entries.add("vnexpress", [Addition(arrival=arrival("b"), story_id=made.id, evidence=why)], FEED, NOW + HOUR)
        copy = replace(made.lead, entry_id=2, source_id="vnexpress", entry=arrival("b").entry, first_seen_at=NOW + HOUR)
        joined = put(tx, replace(made, others=(copy,)), "updated")
        assert latest(tx, "source", "vnexpress") == [joined]
        assert tx.stories.counts("source") == {"nhandan": 1, "vnexpress": 1}


def test_a_document_is_read_in_a_fixed_number_of_queries(store: Store) -> None:
    with store.write() as tx:
        listed(tx)
        for i in range(30):
            published(tx, f"s{i}")
    ran: list[str] = []
    engine = store._engines.reader
    event.listen(engine, "before_cursor_execute", lambda _c, _cursor, statement, *_: ran.append(statement))
    with store.read() as tx:
        assert len(latest(tx)) == 30
    assert len([statement for statement in ran if statement.lstrip().startswith("SELECT")]) <= 8


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    announced=st.lists(
        st.tuples(st.integers(0, 20), st.integers(-9, 9), st.sampled_from(["vi", "en", None]), st.booleans()),
        max_size=12,
    ),
    limits=st.tuples(st.integers(1, 5), st.integers(0, 12), st.integers(1, 9)),
    language=st.sampled_from(["vi", None]),
)
def test_latest_is_what_was_announced_last_or_within_the_window_in_order_of_date(
    store: Store,
    announced: list[tuple[int, int, str | None, bool]],
    limits: tuple[int, int, int],
    language: str | None,
) -> None:
    entries, window, max_entries = limits
    here = f"c{uuid4()}"
    made: list[Story] = []
    with store.write() as tx:
        listed(tx)
        for hour, sort_hour, spoken, gone in sorted(announced, key=lambda each: each[0]):
            name = str(uuid4())
            at = NOW + hour * HOUR
            lead = appearance(tx, name, arrival(name))
            one = story(name, lead, categories=(here,), language=spoken, at=at, sort_at=NOW + sort_hour * HOUR)
            put(tx, one, "new", at)
            if gone:
                put(tx, replace(one, retracted="gone"), "retracted", at)
            else:
                made.append(one)
    listable = [one for one in made if language in (None, one.language)][::-1]
    newest = max((one.announced_at for one in listable if one.announced_at), default=NOW)
    chosen = [
        one
        for i, one in enumerate(listable)
        if i < max_entries and (i < entries or (one.announced_at or NOW) >= newest - window * HOUR)
    ]
    expected = sorted(chosen, key=lambda one: (one.sort_at, one.id), reverse=True)
    with store.read() as tx:
        found = tx.stories.latest(
            "category", here, language=language, entries=entries, window=window * HOUR, max_entries=max_entries
        )
        assert list(found) == expected
        assert tx.stories.counts("category").get(here, 0) == len(made)


def test_a_withdrawn_entry_is_no_appearance_unless_the_story_has_no_other_to_lead_it(store: Store) -> None:
    with store.write() as tx:
        listed(tx, sources=["nhandan", "vnexpress"])
        lead, other = appearance(tx, "a", arrival("a")), appearance(tx, "a", arrival("b"), "vnexpress", NOW + HOUR)
        both = put(tx, story("a", lead, others=(other,)))
        tx.entries.withdraw({other.entry_id: "gone"})
        alone = put(tx, replace(both, others=()), "updated")
        assert tx.stories.by_id(both.id) == alone
        assert latest(tx, "source", "vnexpress") == []
        gone = replace(other, withdrawn="gone")
        members = {lead.entry_id: lead, other.entry_id: gone}
        assert tx.stories.members([*members, 99]) == {both.id: members}
    with store.write() as tx:
        tx.entries.withdraw({lead.entry_id: "gone too"})
        retracted = replace(alone, lead=replace(lead, withdrawn="gone too"), retracted="gone too")
        put(tx, retracted, "retracted")
        assert tx.stories.by_id(both.id) == retracted
        assert retraction(tx, both.id) == ("gone too", NOW)
        assert latest(tx) == []
    with store.write() as tx:
        tx.entries.withdraw({other.entry_id: None})
        back = put(tx, replace(both, lead=other, others=()), "updated")
        assert latest(tx) == [back]
        assert retraction(tx, both.id) == (None, None)
