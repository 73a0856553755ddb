"""An entry seen again is the same entry; two entries are never one."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.dedup import arrivals
from feedsvc.model import Entry
from tests.dedup.samples import DAY, Stored, entry, kinds

SHORT = "Tin vắn trong ngày."


def seen(first: list[Entry], second: list[Entry]) -> list[tuple[str, int | None]]:
    """Return what a second document's entries are, once the first one is stored: kind and place in the first."""
    stored = Stored()
    stored.keep(arrivals(first))
    ids = {known.keys: known.id for known in stored.known.values()}
    places = {id: place for place, id in enumerate(sorted(ids.values()))}
    return [
        (verdict.kind, None if verdict.entry_id is None else places[verdict.entry_id])
        for verdict in stored.poll(*second)
    ]


def test_an_unchanged_document_has_nothing_new() -> None:
    document = [entry(f"g{n}", f"https://a.vn/{n}", f"Tin {n}", SHORT) for n in range(3)]
    assert seen(document, document) == [("unchanged", 0), ("unchanged", 1), ("unchanged", 2)]
    assert seen(document, document[::-1]) == [("unchanged", 2), ("unchanged", 1), ("unchanged", 0)]


def test_an_edited_entry_is_the_same_entry() -> None:
    first = entry("g", "https://a.vn/1", "Tin", SHORT)
    assert seen([first], [entry("g", "https://a.vn/2", "Tin khác", "Chữ khác.")]) == [("changed", 0)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("http://a.vn/bai-viet", "https://a.vn/bai-viet/"),
        ("https://a.vn/?p=17", "https://a.vn/bai-viet"),
        ("17 at https://a.vn", "8f6b0c2e-1e0a-4c5e-8a55-1f1d9a8b7c11"),
    ],
    ids=["scheme", "permalink", "wholesale"],
)
def test_a_guid_may_change_while_the_link_stays(before: str, after: str) -> None:
    first = entry(before, "https://a.vn/bai-viet", "Tin", SHORT)
    assert seen([first], [replace(first, guid=after)]) == [("unchanged", 0)]


def test_a_new_guid_on_a_page_that_all_entries_link_to_is_a_new_entry() -> None:
    monday = entry("g1", "https://a.vn/live", "Sáng thứ hai", SHORT)
    tuesday = entry("g2", "https://a.vn/live", "Sáng thứ ba", "Tin khác hẳn hôm qua.")
    assert seen([monday], [tuesday]) == [("new", None)]


def test_a_slug_that_follows_the_headline_leaves_the_entry_the_same() -> None:
    def published(address: str, title: str) -> Entry:
        return entry(address, address, title, SHORT)

    first = published("https://nhandan.vn/gia-gao-tang-post845123.html", "Giá gạo tăng")
    second = published("https://nhandan.vn/gia-gao-giam-post845123.html", "Giá gạo giảm")
    english = published("https://en.nhandan.vn/rice-post845123.html", "Rice")
    assert seen([first], [second, english]) == [("changed", 0), ("new", None)]


def test_one_guid_on_many_entries_is_told_by_the_link() -> None:
    both = [entry("g", f"https://a.vn/{n}", f"Tin {n}", SHORT) for n in range(2)]
    assert seen(both, both) == [("unchanged", 0), ("unchanged", 1)]
    assert seen(both, both[1:]) == [("unchanged", 1)]
    assert seen(both[1:], both) == [("new", None), ("unchanged", 0)]


def test_one_guid_and_link_on_many_entries_is_told_by_title_or_text() -> None:
    titled = [entry("g", "https://a.vn/", f"Tin {n}", SHORT) for n in range(3)]
    assert seen(titled, titled[1:]) == [("unchanged", 1), ("unchanged", 2)]
    # scripting.com gave several notes without a title one guid and one link in 2017.
    notes = [
        entry("https://a.com/25.html#a0", "https://a.com/25.html#a0", None, text) for text in ("Good.", "Evening.")
    ]
    assert seen(notes, notes) == [("unchanged", 0), ("unchanged", 1)]
    assert seen(notes, notes[1:]) == [("unchanged", 1)]


def test_distinct_guids_are_distinct_entries_though_all_else_is_equal() -> None:
    twins = [entry("g1", "https://a.vn/1"), entry("g2", "https://a.vn/1")]
    assert len(arrivals(twins)) == 2
    assert seen(twins, twins) == [("unchanged", 0), ("unchanged", 1)]
    assert seen(twins[:1], twins) == [("unchanged", 0), ("new", None)]


def test_a_home_page_or_a_shared_link_identifies_nothing() -> None:
    home = [entry(f"g{n}", "https://a.vn/", f"Tin {n}", SHORT) for n in range(2)]
    shared = [entry(None, "https://a.vn/blog", f"Tin {n}", SHORT, published=DAY) for n in range(2)]
    for document in (home, shared):
        assert seen(document, document) == [("unchanged", 0), ("unchanged", 1)]
    assert seen(home[:1], home[1:]) == [("new", None)]
    assert seen(shared, shared[1:]) == [("unchanged", 1)]
    assert all(not arrival.link_keys for document in (home, shared) for arrival in arrivals(document))


def test_without_guid_and_link_title_and_date_identify_else_title_and_text() -> None:
    dated = entry(None, None, "Tin", SHORT, published=DAY)
    assert seen([dated], [entry(None, None, "Tin", "Chữ đã sửa.", published=DAY)]) == [("changed", 0)]
    assert seen([dated], [entry(None, None, "Tin", SHORT)]) == [("new", None)]
    undated = entry(None, None, "Tin", SHORT)
    assert seen([undated], [undated, entry(None, None, "Tin", "Chữ khác.")]) == [("unchanged", 0), ("new", None)]


def test_exact_repetitions_are_one_entry_the_latest() -> None:
    old = entry("g", "https://a.vn/1", "Tin", SHORT, updated=DAY)
    new = entry("g", "https://a.vn/1", "Tin", "Chữ đã sửa.", updated=DAY.replace(hour=9))
    assert [arrival.entry for arrival in arrivals([old, new, old])] == [new]
    assert [arrival.entry for arrival in arrivals([new, old])] == [new]
    bare = entry(None, None, "Tin", SHORT)
    assert len(arrivals([bare, bare])) == 1
    assert len(arrivals([entry("g", "https://a.vn/1", title, SHORT) for title in ("🍺", "🎉")])) == 2


ENTRIES = st.lists(
    st.builds(
        entry,
        guid=st.sampled_from([None, "", "g", "h", "http://a.vn/1", "https://a.vn/1/"]),
        link=st.sampled_from(
            [None, "https://a.vn/", "https://a.vn/1", "http://a.vn/1?utm_id=3", "https://a.vn/2", ":"]
        ),
        title=st.sampled_from([None, "", "Tin", "Tin khác"]),
        text=st.sampled_from([None, SHORT, "Chữ khác."]),
        published=st.sampled_from([None, DAY]),
    ),
    max_size=6,
)


@given(ENTRIES)
def test_each_entry_of_a_document_has_keys_of_its_own_and_is_found_again(document: list[Entry]) -> None:
    arrived = arrivals(document)
    keys = [key for arrival in arrived for key in arrival.keys]
    assert len(keys) == len(set(keys))
    assert all(arrival.keys for arrival in arrived)
    stored = Stored()
    stored.keep(arrived)
    for again in (arrived, arrivals(document[::-1])):
        verdicts = stored.judge(again)
        assert set(kinds(verdicts)) <= {"unchanged", "changed"}
        assert len({verdict.entry_id for verdict in verdicts}) == len(arrived)


@given(ENTRIES)
def test_entries_with_distinct_guids_are_never_one(document: list[Entry]) -> None:
    guids = {each.guid for each in document if each.guid}
    assert {arrival.entry.guid for arrival in arrivals(document)} >= guids
