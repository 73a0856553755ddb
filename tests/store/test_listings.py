"""Listings follow the configuration; ids may change, what belongs to them stays."""

from datetime import timedelta

from feedsvc.model import Attempt, FetchState, Listing
from feedsvc.store import Mark, Store, Transaction, Wanted
from tests.store.make import FEED, NOW, appearance, arrival, listed, published, put, snapshot, story, story_id

LATER = NOW + timedelta(hours=1)
ALL = Wanted(kind="all", id="all")


def found(tx: Transaction, kind: str, id: str) -> Listing:
    return next(listing for listing in tx.listings.all() if (listing.kind, listing.id) == (kind, id))


def latest_ids(tx: Transaction, kind: str, id: str) -> list[object]:
    stories = tx.stories.latest(
        kind,  # type: ignore[arg-type]
        id,
        language=None,
        entries=50,
        window=timedelta(0),
        max_entries=500,
    )
    return [story.id for story in stories]


def test_a_listing_opens_once_closes_and_opens_again_under_the_same_uuid(store: Store) -> None:
    with store.write() as tx:
        listed(tx)
        first = found(tx, "category", "trade")
        listed(tx)
        assert found(tx, "category", "trade") == first
        tx.listings.apply([ALL], LATER)
        closed = found(tx, "category", "trade")
        assert (closed.uuid, closed.closed_at) == (first.uuid, LATER)
        assert found(tx, "all", "all").closed_at is None
        listed(tx)
        assert found(tx, "category", "trade") == first


def test_documents_of_a_closed_listing_are_dropped(store: Store) -> None:
    with store.write() as tx:
        listed(tx)
        tx.snapshots.save("category", "trade", Mark(sequence=0, basis="b"), [snapshot("/t.rss")], NOW)
        tx.snapshots.save("all", "all", Mark(sequence=0, basis="b"), [snapshot("/all.rss")], NOW)
        version = tx.snapshots.version()
        tx.listings.apply([ALL], LATER)
        delta = tx.snapshots.since(version)
        assert (delta.snapshots, delta.dropped) == ((), ("/t.rss",))
        assert set(tx.snapshots.marks()) == {("all", "all")}


def test_a_renamed_listing_keeps_everything_and_is_rendered_anew(store: Store) -> None:
    with store.write() as tx:
        listed(tx)
        made = published(tx, "a")
        tx.schedule.save(FetchState(source_id="nhandan", etag='"1"', info=FEED))
        tx.attempts.add(Attempt(source_id="nhandan", at=NOW, outcome="changed"))
        tx.snapshots.save("category", "trade", Mark(sequence=1, basis="b"), [snapshot("/trade.rss")], NOW)
        before = found(tx, "category", "trade")
    with store.write() as tx:
        tx.listings.apply(
            [
                ALL,
                Wanted(kind="category", id="commerce", was=("trade",)),
                Wanted(kind="source", id="nhandan-vi", was=("older", "nhandan")),
            ],
            LATER,
        )
    with store.read() as tx:
        assert found(tx, "category", "commerce").uuid == before.uuid
        assert {(x.kind, x.id) for x in tx.listings.all()} == {
            ("all", "all"),
            ("category", "commerce"),
            ("source", "nhandan-vi"),
        }
        moved = tx.stories.by_id(made.id)
        assert moved is not None
        assert [filed.id for filed in moved.filing.categories] == ["commerce"]
        assert moved.lead.source_id == "nhandan-vi"
        assert tx.schedule.state("nhandan-vi").etag == '"1"'
        assert "nhandan" not in tx.schedule.states()
        assert set(tx.attempts.latest()) == {"nhandan-vi"}
        assert "guid:a" in tx.entries.known("nhandan-vi", ["guid:a"])
        assert not tx.entries.known("nhandan", ["guid:a"])
        assert latest_ids(tx, "category", "commerce") == latest_ids(tx, "source", "nhandan-vi") == [made.id]
        assert tx.snapshots.get("/trade.rss") is None
        assert tx.snapshots.marks() == {}


def test_an_id_that_came_without_was_is_merged_when_was_follows(store: Store) -> None:
    with store.write() as tx:
        listed(tx, sources=["old"], categories=["trade"])
        both = story("both", appearance(tx, "both", arrival("x"), "old"), categories=("trade", "commerce"))
        put(tx, both)
        published(tx, "old-only", arrival("y"), source="old")
        tx.listings.apply([ALL, Wanted(kind="category", id="commerce"), Wanted(kind="source", id="new")], NOW)
        put(tx, story("new", appearance(tx, "new", arrival("x"), "new"), categories=("commerce",)))
        tx.schedule.save(FetchState(source_id="old", etag='"old"'))
        tx.schedule.save(FetchState(source_id="new", etag='"new"'))
    with store.write() as tx:
        wanted = [
            ALL,
            Wanted(kind="category", id="commerce", was=("trade",)),
            Wanted(kind="source", id="new", was=("old",)),
        ]
        tx.listings.apply(wanted, LATER)
        tx.listings.apply(wanted, LATER)
    with store.read() as tx:
        assert {(x.kind, x.id) for x in tx.listings.all()} == {
            ("all", "all"),
            ("category", "commerce"),
            ("source", "new"),
        }
        everything = {story_id("both"), story_id("old-only"), story_id("new")}
        assert set(latest_ids(tx, "category", "commerce")) == everything
        assert set(latest_ids(tx, "source", "new")) == everything
        # Of a key that both had, the new source's own entry is the known one.
        known = tx.entries.known("new", ["guid:x", "guid:y"])
        assert (known["guid:x"].story_id, known["guid:y"].story_id) == (story_id("new"), story_id("old-only"))
        assert tx.schedule.states().keys() == {"new"}
        assert tx.schedule.state("new").etag == '"new"'


def test_a_former_id_that_is_in_use_again_is_left_alone(store: Store) -> None:
    with store.write() as tx:
        listed(tx, categories=["trade"])
        before = found(tx, "category", "trade")
        tx.listings.apply(
            [ALL, Wanted(kind="category", id="trade"), Wanted(kind="category", id="commerce", was=("trade",))], LATER
        )
        assert found(tx, "category", "trade") == before
        assert found(tx, "category", "commerce").uuid != before.uuid
