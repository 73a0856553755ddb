"""Documents: replaced only when their bytes change, in versions that readers can follow."""

from dataclasses import replace
from datetime import timedelta

from feedsvc.store import Mark, Store, Wanted
from tests.store.make import NOW, listed, snapshot

SECOND = timedelta(seconds=1)
MARK = Mark(sequence=3, basis="b1")


def test_what_did_not_change_keeps_row_version_and_date(store: Store) -> None:
    rss, atom = snapshot("/a.rss", b"1"), snapshot("/a.atom", b"1")
    with store.write() as tx:
        listed(tx, categories=["a"])
        assert tx.snapshots.version() == 0
        assert tx.snapshots.save("category", "a", MARK, [rss, atom], NOW) == ("/a.rss", "/a.atom")
        assert tx.snapshots.marks() == {("category", "a"): MARK}
    with store.write() as tx:
        later = replace(MARK, sequence=4)
        changed = snapshot("/a.rss", b"2")
        again = replace(atom, gzip=b"another level")
        assert tx.snapshots.save("category", "a", later, [changed, again], NOW + 60 * SECOND) == ("/a.rss",)
        assert tx.snapshots.marks() == {("category", "a"): later}
    with store.read() as tx:
        assert tx.snapshots.version() == 2
        delta = tx.snapshots.since(1)
        assert (delta.version, delta.snapshots, delta.dropped) == (
            2,
            (replace(changed, last_modified=NOW + 60 * SECOND),),
            (),
        )
        assert tx.snapshots.get("/a.atom") == atom
        assert {each.path for each in tx.snapshots.since(0).snapshots} == {"/a.rss", "/a.atom"}
        assert tx.snapshots.since(2).snapshots == ()


def test_last_modified_is_in_whole_seconds_and_never_stands_still(store: Store) -> None:
    with store.write() as tx:
        listed(tx, categories=["a"])
        dates = []
        for n, moment in enumerate((NOW + 0.9 * SECOND, NOW + 0.95 * SECOND, NOW - 60 * SECOND, NOW + 9 * SECOND)):
            tx.snapshots.save("category", "a", MARK, [snapshot("/a", bytes([n]))], moment)
            found = tx.snapshots.get("/a")
            assert found is not None
            dates.append(found.last_modified - NOW)
        assert dates == [0 * SECOND, 1 * SECOND, 2 * SECOND, 9 * SECOND]


def test_a_new_lifetime_reaches_readers_without_a_new_date(store: Store) -> None:
    with store.write() as tx:
        listed(tx, categories=["a"])
        tx.snapshots.save("category", "a", MARK, [snapshot("/a")], NOW)
        longer = replace(snapshot("/a"), max_age=timedelta(hours=1))
        assert tx.snapshots.save("category", "a", MARK, [longer], NOW + 60 * SECOND) == ()
        assert tx.snapshots.since(1).snapshots == (longer,)


def test_what_is_dropped_is_told_until_it_comes_back(store: Store) -> None:
    with store.write() as tx:
        tx.snapshots.save_plain(snapshot("/feeds.opml"))
        tx.snapshots.drop(["/feeds.opml", "/never-there"])
        assert tx.snapshots.since(1).dropped == ("/feeds.opml",)
        assert tx.snapshots.get("/feeds.opml") is None
        tx.snapshots.drop(["/never-there"])
        assert tx.snapshots.version() == 2
        assert tx.snapshots.save_plain(snapshot("/feeds.opml")) == ("/feeds.opml",)
        assert tx.snapshots.save_plain(snapshot("/feeds.opml")) == ()
        delta = tx.snapshots.since(1)
        assert (delta.version, [each.path for each in delta.snapshots], delta.dropped) == (3, ["/feeds.opml"], ())


def test_a_plain_document_stays_when_listings_close(store: Store) -> None:
    with store.write() as tx:
        listed(tx)
        tx.snapshots.save_plain(snapshot("/feeds.opml"))
        tx.listings.apply([], NOW)
        assert tx.snapshots.get("/feeds.opml") is not None


def test_documents_of_what_closed_or_was_renamed_while_rendered_are_not_stored(store: Store) -> None:
    with store.write() as tx:
        listed(tx, categories=["closed", "former"])
        tx.listings.apply([Wanted(kind="category", id="renamed", was=("former",))], NOW)
        before = tx.listings.all()
        for id in ("closed", "former", "never"):
            assert tx.snapshots.save("category", id, MARK, [snapshot(f"/{id}")], NOW) == ()
        assert (tx.snapshots.version(), tx.snapshots.marks()) == (0, {})
        tx.listings.apply([Wanted(kind="category", id="renamed", was=("former",))], NOW)
        assert tx.listings.all() == before


def test_a_slower_publisher_does_not_overwrite_what_is_newer(store: Store) -> None:
    with store.write() as tx:
        listed(tx, categories=["a"])
        tx.snapshots.save("category", "a", MARK, [snapshot("/a", b"new")], NOW)
        assert tx.snapshots.save("category", "a", replace(MARK, sequence=2), [snapshot("/a", b"old")], NOW) == ()
        assert tx.snapshots.marks() == {("category", "a"): MARK}
        other = Mark(sequence=2, basis="b2")
        assert tx.snapshots.save("category", "a", other, [snapshot("/a", b"b2")], NOW) == ("/a",)


def test_documents_that_a_listing_no_longer_has_are_dropped(store: Store) -> None:
    with store.write() as tx:
        listed(tx, categories=["a", "b"])
        tx.snapshots.save("category", "b", MARK, [snapshot("/b")], NOW)
        tx.snapshots.save("category", "a", MARK, [snapshot("/a/vi"), snapshot("/a/en")], NOW)
        version = tx.snapshots.version()
        tx.snapshots.save("category", "a", MARK, [snapshot("/a/vi")], NOW)
        assert tx.snapshots.since(version).dropped == ("/a/en",)
        assert tx.snapshots.get("/b") is not None
