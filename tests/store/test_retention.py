"""What is old goes, and is never taken for new again."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import func, select

from feedsvc.model import FetchState
from feedsvc.store import Addition, Pruned, Store, Transaction
from feedsvc.store.schema import bands, contents, entry_revisions, feed_infos, link_keys
from tests.store.make import FEED, NOW, appearance, arrival, listed, published, put, story

DAY = timedelta(days=1)


def prune(tx: Transaction, before: datetime, keep: int = 1) -> Pruned:
    return tx.retention.prune(entries_before=before, changes_before=NOW, attempts_before=NOW, keep=keep)


def rows(store: Store) -> dict[str, int]:
    with store._engines.reader.begin() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (contents, entry_revisions, bands, link_keys, feed_infos)
        }


def test_a_purged_entry_is_still_known_and_its_story_still_announced(store: Store) -> None:
    with store.write() as tx:
        listed(tx)
        old = published(tx, "old", arrival("old", links=("l",), bands=(1, 2)))
        edited = arrival("old", text="edited", links=("l",), bands=(2,))
        tx.entries.revise_all([(old.lead.entry_id, edited)], FEED, NOW, keep=5)
        skipped = Addition(arrival=arrival("skipped", skipped="rule"), story_id=None)
        tx.entries.add("nhandan", [skipped], FEED, NOW)
        published(tx, "new", at=NOW + DAY)
    with store.write() as tx:
        assert prune(tx, NOW + DAY).entries == 2
        assert prune(tx, NOW + DAY).entries == 0
    assert rows(store) == {"contents": 1, "entry_revisions": 0, "bands": 0, "link_keys": 0, "feed_infos": 1}
    with store.read() as tx:
        known = tx.entries.known("nhandan", ["guid:old", "guid:skipped"])
        assert known["guid:old"].story_id == old.id
        assert known["guid:old"].fingerprint == arrival("old", text="edited", bands=(2,)).fingerprint
        assert known["guid:skipped"].skipped == "rule"
        assert tx.stories.by_id(old.id) is None
        assert tx.stories.counts("all") == {"all": 1}
        assert not tx.entries.candidates(arrival("q", links=("l",), bands=(2,)), source_id="x", since=NOW)


def test_an_edit_of_a_purged_entry_brings_its_story_back_under_its_old_announcement(store: Store) -> None:
    with store.write() as tx:
        listed(tx)
        old = published(tx, "old")
        published(tx, "new", at=NOW + DAY)
        assert prune(tx, NOW + DAY).entries == 1
    with store.write() as tx:
        edited = arrival("old", text="edited")
        tx.entries.revise_all([(old.lead.entry_id, edited)], FEED, NOW + 9 * DAY, keep=5)
        lead = replace(old.lead, entry=edited.entry, first_seen_at=NOW + 9 * DAY)
        put(tx, replace(old, lead=lead, first_seen_at=NOW + 9 * DAY, announced_at=None), None)
    with store.read() as tx:
        found = tx.stories.by_id(old.id)
        assert found is not None
        assert (found.announced_at, found.first_seen_at, found.lead.entry.text) == (NOW, NOW, "edited")
        document = tx.stories.latest("all", "all", language=None, entries=1, window=timedelta(0), max_entries=1)
        assert [each.id for each in document] != [old.id]


def test_what_documents_hold_is_kept_whatever_its_age(store: Store) -> None:
    with store.write() as tx:
        listed(tx, categories=["rare", "trade"])
        for n in range(5):
            spoken = "en" if n == 0 else "vi"
            lead = appearance(tx, f"s{n}", arrival(f"s{n}"))
            put(tx, story(f"s{n}", lead, categories=("rare",) if n == 1 else ("trade",), language=spoken))
        # s0 is the only one in English, s1 the only one of its category, s4 the last of all.
        assert prune(tx, NOW + DAY, keep=1).entries == 2
        kept = tx.stories.latest("all", "all", language=None, entries=9, window=timedelta(0), max_entries=9)
        assert {each.lead.entry.guid for each in kept} == {"s0", "s1", "s4"}


def test_a_story_stays_whole_while_one_of_its_entries_is_recent(store: Store) -> None:
    with store.write() as tx:
        listed(tx, sources=["nhandan", "vnexpress"])
        early = appearance(tx, "a", arrival("a"))
        late = appearance(tx, "a", arrival("b"), "vnexpress", NOW + DAY)
        made = put(tx, story("a", early, others=(late,)))
        published(tx, "c", at=NOW + DAY)
        assert prune(tx, NOW + DAY).entries == 0
        assert tx.stories.by_id(made.id) == made


def test_wordings_of_feeds_go_with_the_last_that_used_them(store: Store) -> None:
    with store.write() as tx:
        for n in range(5):
            tx.schedule.save(FetchState(source_id="a", info=replace(FEED, updated=NOW + n * DAY)))
    assert rows(store)["feed_infos"] == 1


def test_of_a_withdrawn_story_only_stays_that_it_was_withdrawn(store: Store) -> None:
    with store.write() as tx:
        listed(tx)
        made = published(tx, "a", arrival("a", links=("l",), bands=(1,)))
        published(tx, "b", at=NOW + DAY)
        tx.entries.withdraw({made.lead.entry_id: "gone"})
        put(tx, replace(made, lead=replace(made.lead, withdrawn="gone"), retracted="gone"), "retracted")
        # No listing holds it, so none keeps it.
        assert prune(tx, NOW + DAY, keep=500).entries == 1
        assert tx.stories.by_id(made.id) is None
        # Of the log nothing is left either.
        tx.retention.prune(entries_before=NOW, changes_before=NOW + DAY, attempts_before=NOW)
        (traced,) = tx.tracing.stories([made.id])
        assert (traced.retracted, traced.retracted_at) == ("gone", NOW)
        assert tx.stories.members([made.lead.entry_id]) == {}
        assert tx.entries.known("nhandan", ["guid:a"])["guid:a"].withdrawn == "gone"
    assert rows(store)["bands"] == 0
