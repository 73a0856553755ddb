"""Entries: known again by their keys, revised, and found by what is alike."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select

from feedsvc.model import Appearance, Entry, Evidence, KnownEntry
from feedsvc.store import Addition, Store, Transaction
from feedsvc.store.codec import decode
from feedsvc.store.fingerprints import PER_KEY
from feedsvc.store.schema import contents, entries, entry_revisions
from tests.store.make import FEED, NOW, appearance, arrival, listed, published, put, story, story_id

DAY = timedelta(days=1)


def revisions(tx: Transaction, id: int) -> list[tuple[int, datetime, Entry]]:
    """Return the kept revisions, oldest first, the current one last: number, when it was stored, content."""
    former = select(entry_revisions.c.number, entry_revisions.c.at, entry_revisions.c.payload)
    former = former.where(entry_revisions.c.entry_id == id).order_by(entry_revisions.c.number)
    current = select(entries.c.revision, entries.c.revised_at, contents.c.payload)
    current = current.join(contents, contents.c.entry_id == entries.c.id).where(entries.c.id == id)
    rows = [row for query in (former, current) for row in tx._work.connection.execute(query)]
    return [(number, at, decode(Entry, payload)) for number, at, payload in rows]


def test_an_entry_is_known_by_each_of_its_keys_in_its_own_source(store: Store) -> None:
    odd = ("guid:" + "x" * 5000, "link:\0\ud800 hoà", "link:https://nhandan.example/a")
    with store.write() as tx:
        listed(tx)
        made = published(tx, "a", arrival("a", keys=odd, bands=(-(2**63), 0, 2**63 - 1)))
    with store.read() as tx:
        found = tx.entries.known("nhandan", [*odd, "guid:other"])
        assert set(found) == set(odd)
        assert len({id(entry) for entry in found.values()}) == 1
        fingerprint = arrival("a", bands=(-(2**63), 0, 2**63 - 1)).fingerprint
        expected = KnownEntry(id=1, keys=odd, story_id=made.id, fingerprint=fingerprint)
        assert found[odd[0]] == expected
        assert not tx.entries.known("vnexpress", odd)
        assert not tx.entries.known("nhandan", [])


def test_thousands_of_keys_are_looked_up_at_once(store: Store) -> None:
    names = [f"n{i}" for i in range(1200)]
    with store.write() as tx:
        additions = [Addition(arrival=arrival(name, skipped="too many"), story_id=None) for name in names]
        assert tx.entries.add("nhandan", additions, FEED, NOW) == tuple(range(1, 1201))
        assert tx.entries.add("nhandan", [], FEED, NOW) == ()
        known = tx.entries.known("nhandan", [f"guid:{name}" for name in names])
        assert [known[f"guid:{name}"].id for name in names] == list(range(1, 1201))


def test_a_revision_keeps_the_former_content_up_to_a_limit(store: Store) -> None:
    with store.write() as tx:
        listed(tx)
        made = published(tx, "a", arrival("a", text="one"))
        for n, text in enumerate(("two", "three", "four"), 1):
            changed = arrival("a", text=text, keys=(f"alias:{n}",))
            tx.entries.revise_all([(made.lead.entry_id, changed)], replace(FEED, title=text), NOW + n * DAY, keep=3)
    with store.read() as tx:
        kept = revisions(tx, made.lead.entry_id)
        assert [(number, at, entry.text) for number, at, entry in kept] == [
            (2, NOW + 1 * DAY, "two"),
            (3, NOW + 2 * DAY, "three"),
            (4, NOW + 3 * DAY, "four"),
        ]
        known = tx.entries.known("nhandan", ["guid:a", "alias:3"])
        assert known["guid:a"].keys == ("guid:a", "alias:1", "alias:2", "alias:3")
        assert known["alias:3"].fingerprint == arrival("a", text="four").fingerprint
        now = tx.stories.by_id(made.id)
        assert now is not None
        assert (now.lead.entry.text, now.lead.feed.title, now.lead.first_seen_at) == ("four", "four", NOW)


def test_an_alias_is_one_more_key_and_never_takes_one_that_is_taken(store: Store) -> None:
    with store.write() as tx:
        listed(tx)
        a, b = published(tx, "a"), published(tx, "b")
        tx.entries.alias(a.lead.entry_id, ["link:a", "guid:b"])
        known = tx.entries.known("nhandan", ["link:a", "guid:b"])
        assert known["link:a"].id == a.lead.entry_id
        assert known["guid:b"].id == b.lead.entry_id


def test_evidence_is_kept(store: Store) -> None:
    why = Evidence(kind="text", detail="giống 93 %", score=0.93, entry_id=7)
    with store.write() as tx:
        listed(tx)
        made = published(tx, "a")
        addition = Addition(arrival=arrival("b"), story_id=made.id, evidence=why)
        (id,) = tx.entries.add("vnexpress", [addition], FEED, NOW)
        kept = {each.id: each.evidence for each in tx.tracing.entries_of(made.id)}
        assert kept == {made.lead.entry_id: None, id: why}


def test_candidates_share_an_address_or_bands_likeliest_first(store: Store) -> None:
    asked = arrival("asked", links=("l1", "l2"), bands=(1, 2, 3, 4))
    with store.write() as tx:
        listed(tx)
        published(tx, "one-band", arrival("one-band", bands=(1, 9)))
        published(tx, "linked", arrival("linked", links=("l2", "l9")))
        published(tx, "three-bands", arrival("three-bands", bands=(2, 3, 4)))
        published(tx, "one-band-newer", arrival("one-band-newer", bands=(4,)))
        published(tx, "nothing", arrival("nothing", links=("l3",), bands=(5,)))
    with store.read() as tx:
        found = tx.entries.candidates(asked, source_id="vnexpress", since=NOW)
        names = ["linked", "three-bands", "one-band-newer", "one-band"]
        assert [each.entry.guid for each in found] == names
        assert [each.story_id for each in found] == [story_id(name) for name in names]
        linked = found[0]
        assert (linked.source_id, linked.story_sources, linked.link_keys) == ("nhandan", ("nhandan",), ("l2", "l9"))
        assert linked.fingerprint == arrival("linked").fingerprint
        assert linked.first_seen_at == NOW


def test_a_slow_poll_that_is_recorded_late_hides_no_candidate(store: Store) -> None:
    asked = arrival("asked", bands=(1,))
    with store.write() as tx:
        listed(tx)
        published(tx, "quick", arrival("quick", bands=(1,)), at=NOW)
        published(tx, "slow", arrival("slow", bands=(9,)), at=NOW - timedelta(minutes=1))
    with store.read() as tx:
        found = tx.entries.candidates(asked, source_id="vnexpress", since=NOW - timedelta(days=30))
        assert [each.entry.guid for each in found] == ["quick"]


def test_only_what_is_published_and_recent_and_of_other_sources_is_a_candidate(store: Store) -> None:
    asked = arrival("asked", bands=(1,))
    with store.write() as tx:
        listed(tx)
        published(tx, "old", arrival("old", bands=(1,)), at=NOW - DAY)
        skipped = Addition(arrival=arrival("skipped", bands=(1,), skipped="rule"), story_id=None)
        tx.entries.add("nhandan", [skipped], FEED, NOW)
        gone = published(tx, "gone", arrival("gone", bands=(1,)))
        put(tx, replace(gone, retracted="withdrawn"), "retracted")
        published(tx, "own", arrival("own", bands=(1,)), source="vnexpress")
        here = appearance(tx, "both", arrival("both", bands=(1,)))
        there = appearance(tx, "both", arrival("both2", bands=(1,)), "vnexpress")
        put(tx, story("both", here, others=(there,)))
        fine = published(tx, "fine", arrival("fine", bands=(1,)))
    with store.read() as tx:

        def found(source_id: str, days: int) -> list[object]:
            return [x.story_id for x in tx.entries.candidates(asked, source_id=source_id, since=NOW - days * DAY)]

        assert found("vnexpress", 0) == [fine.id]
        assert found("vnexpress", 1) == [fine.id, story_id("old")]
        assert found("dantri", 0) == [fine.id, story_id("both"), story_id("both"), story_id("own")]
        assert found("dantri", -1) == []


def test_any_64_bits_make_a_band(store: Store) -> None:
    with store.write() as tx:
        listed(tx)
        for band in (-(2**63), -1, 0, 2**63 - 1):
            published(tx, f"b{band}", arrival(f"b{band}", bands=(band,)))
        for band in (-(2**63), -1, 0, 2**63 - 1):
            (found,) = tx.entries.candidates(arrival("q", bands=(band,)), source_id="x", since=NOW)
            assert found.entry.guid == f"b{band}"


def test_what_was_expected_answers_as_what_is_asked_alone(store: Store) -> None:
    asked = [arrival(f"q{i}", links=(f"l{i}",), bands=(i, i + 1, 100)) for i in range(6)]
    with store.write() as tx:
        listed(tx)
        for i in range(20):
            published(tx, f"s{i}", arrival(f"s{i}", links=(f"l{i % 5}",), bands=(i % 7, 100 + i % 3)))
    with store.read() as alone, store.read() as together:
        together.entries.expect(asked, source_id="x", since=NOW)
        for each in asked:
            found = alone.entries.candidates(each, source_id="x", since=NOW)
            assert found
            assert together.entries.candidates(each, source_id="x", since=NOW) == found


def test_of_a_common_band_the_newest_are_looked_at_and_the_rarer_band_still_counts(store: Store) -> None:
    with store.write() as tx:
        listed(tx)
        published(tx, "copy", arrival("copy", bands=(1, 2)))
        arrivals = [arrival(f"b{i}", bands=(1,)) for i in range(PER_KEY + 50)]
        everywhere = [Addition(arrival=each, story_id=story_id("copy")) for each in arrivals]
        tx.entries.add("nhandan", everywhere, FEED, NOW)
    with store.read() as tx:
        by_both = tx.entries.candidates(arrival("q", bands=(1, 2)), source_id="x", since=NOW)
        by_common = tx.entries.candidates(arrival("r", bands=(1,)), source_id="x", since=NOW)
        assert by_both[0].entry.guid == "copy"
        assert [each.entry.guid for each in by_common] == [f"b{PER_KEY + 49 - i}" for i in range(50)]


def test_a_revised_entry_is_found_by_its_new_bands_only(store: Store) -> None:
    with store.write() as tx:
        listed(tx)
        made = published(tx, "a", arrival("a", links=("l1",), bands=(1, 2)))
        tx.entries.revise_all([(made.lead.entry_id, arrival("a", links=("l2",), bands=(2, 3)))], FEED, NOW, keep=9)

        def finds(links: tuple[str, ...] = (), bands: tuple[int, ...] = ()) -> bool:
            return bool(tx.entries.candidates(arrival("q", links=links, bands=bands), source_id="x", since=NOW))

        assert [finds(bands=(band,)) for band in (1, 2, 3)] == [False, True, True]
        assert [finds(links=(link,)) for link in ("l1", "l2")] == [False, True]


def test_what_was_revised_in_the_same_transaction_is_compared_as_it_is_now(store: Store) -> None:
    with store.write() as tx:
        listed(tx)
        made = published(tx, "a", arrival("a", text="before", bands=(1,)))
        asked = arrival("q", bands=(1,))
        assert tx.entries.candidates(asked, source_id="x", since=NOW)[0].entry == made.lead.entry
        revised = arrival("a", text="after", bands=(1,))
        tx.entries.revise_all([(made.lead.entry_id, revised)], FEED, NOW, 2)
        # Polls are written together: of two sources, one after the other.
        assert tx.entries.candidates(asked, source_id="y", since=NOW)[0].entry == revised.entry


def test_a_skipped_entry_that_is_released_joins_its_story_and_can_be_found(store: Store) -> None:
    was = arrival("a", bands=(1,), skipped="rule")
    with store.write() as tx:
        listed(tx)
        (id,) = tx.entries.add("nhandan", [Addition(arrival=was, story_id=None)], FEED, NOW)
        assert tx.entries.known("nhandan", ["guid:a"])["guid:a"].skipped == "rule"
        now = replace(was, skipped=None)
        tx.entries.revise_all([(id, now)], FEED, NOW, keep=9)
        lead = Appearance(entry_id=id, source_id="nhandan", entry=now.entry, feed=FEED, first_seen_at=NOW)
        made = put(tx, story("a", lead))
    with store.read() as tx:
        known = tx.entries.known("nhandan", ["guid:a"])["guid:a"]
        assert (known.skipped, known.story_id) == (None, made.id)
        assert len(tx.entries.candidates(arrival("q", bands=(1,)), source_id="x", since=NOW)) == 1
        assert tx.stories.by_id(made.id) == made


def test_hostile_text_is_kept_as_far_as_a_database_can(store: Store) -> None:
    hostile = arrival("a", text="NUL \0 lone \ud800 quote ' \u202e end", links=("l\0\udfff",), skipped="rule \0\ud800")
    with store.write() as tx:
        tx.entries.add("nhandan", [Addition(arrival=hostile, story_id=None)], FEED, NOW)
    with store.read() as tx:
        ((_, _, kept),) = revisions(tx, 1)
        assert kept.text == "NUL \0 lone \ufffd quote ' \u202e end"
        assert tx.entries.known("nhandan", ["guid:a"])["guid:a"].skipped == "rule \ufffd\ufffd"


def test_many_entries_are_revised_at_once_and_one_named_twice_twice(store: Store) -> None:
    with store.write() as tx:
        listed(tx)
        ids = [published(tx, name).lead.entry_id for name in ("a", "b")]
        edited = [(id, arrival(name, text=text)) for id, name, text in zip((*ids, ids[0]), "aba", "xyz", strict=True)]
        tx.entries.revise_all(edited, FEED, NOW, keep=2)
        tx.entries.revise_all([], FEED, NOW, keep=2)
        found = [[(number, kept.content.text) for number, _, kept in revisions(tx, id) if kept.content] for id in ids]
        assert found == [[(2, "x"), (3, "z")], [(1, "Hàng Việt Nam"), (2, "y")]]


def test_a_withdrawn_entry_is_known_as_such_and_stands_and_is_found_no_more(store: Store) -> None:
    with store.write() as tx:
        listed(tx)
        made = [published(tx, name, arrival(name, links=("l",))) for name in ("a", "b")]
        tx.entries.add("nhandan", [Addition(arrival=arrival("s", skipped="rule"), story_id=None)], FEED, NOW)
        published(tx, "c", arrival("c", links=("l",)), source="vnexpress")
        a, b = (one.lead.entry_id for one in made)
        assert tx.entries.standing("nhandan", NOW) == {a, b}
        tx.entries.withdraw({a: "the publisher withdrew it\0"})
        assert tx.entries.standing("nhandan", NOW) == {b}
        assert tx.entries.standing("nobody", NOW) == frozenset()
        known = tx.entries.known("nhandan", ["guid:a", "guid:b"])
        assert [known[key].withdrawn for key in ("guid:a", "guid:b")] == ["the publisher withdrew it\ufffd", None]
    with store.write() as tx:
        asked = arrival("q", links=("l",))
        found = tx.entries.candidates(asked, source_id="x", since=NOW)
        assert {each.story_id for each in found} == {story_id("b"), story_id("c")}
        tx.entries.withdraw({a: None, b: "again"})
        tx.entries.withdraw({})
        assert tx.entries.standing("nhandan", NOW) == {a}


def test_a_story_may_be_joined_again_by_a_source_that_withdrew_its_entry(store: Store) -> None:
    with store.write() as tx:
        listed(tx, sources=["nhandan", "vnexpress"])
        copy = appearance(tx, "a", arrival("copy"), "vnexpress")
        put(tx, story("a", appearance(tx, "a", arrival("a", links=("l",))), others=(copy,)))
    with store.write() as tx:
        asked = arrival("anew", links=("l",))
        assert tx.entries.candidates(asked, source_id="vnexpress", since=NOW) == ()
    with store.write() as tx:
        tx.entries.withdraw({copy.entry_id: "gone"})
        found = tx.entries.candidates(asked, source_id="vnexpress", since=NOW)
        assert [(each.story_id, each.story_sources) for each in found] == [(story_id("a"), ("nhandan",))]
