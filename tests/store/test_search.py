"""Search finds what the query language says, newest first: a brute force over all stories is the reference."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedsvc.model import Content, Entry, Filed, Filing, Person, Story, Term
from feedsvc.query import Query, matches, parse, story_subject
from feedsvc.store import Place, SearchPage, Store, Transaction, Wanted
from tests.query.test_matcher import HOSTS, IDS, Meant, chances, combined, in_field, spelt, word_leaves, word_lists
from tests.store.make import FEED, NOW, appearance, arrival, listed, published, put, story

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
HOUR = timedelta(hours=1)
#: searches of tests wait for a busy machine
PATIENCE_S = 60.0
LANGUAGES = ["vi", "en", "en-GB", "zh-Hant-TW", None]


def index(store: Store, limit: int = 100) -> None:
    while True:
        with store.read() as tx:
            found = tx.search.behind(limit)
        if found is None:
            return
        with store.write() as tx:
            tx.search.take_in(found)


def ask(tx: Transaction, query: str | Query, limit: int = 50, before: Place | None = None) -> SearchPage:
    asked = parse(query) if isinstance(query, str) else query
    return tx.search.page(asked, zone=ZONE, limit=limit, before=before, time_limit_s=PATIENCE_S)


def everything(store: Store, query: Query, limit: int) -> list[Story]:
    with store.read() as tx:
        page = ask(tx, query, limit)
        found = [*page.stories]
        while page.older is not None:
            assert len(page.stories) == limit
            page = ask(tx, query, limit, page.older)
            found += page.stories
        return found


def titled(tx: Transaction, title: str, hour: int = 0, *, categories: tuple[str, ...] = ("trade",)) -> Story:
    name = str(uuid4())
    arrived = arrival(name)
    arrived = replace(arrived, entry=replace(arrived.entry, title=title, published=NOW + hour * HOUR))
    lead = appearance(tx, name, arrived)
    return put(tx, story(name, lead, sort_at=NOW + hour * HOUR, categories=categories))


def ids(stories: Iterable[Story]) -> list[object]:
    return [each.id for each in stories]


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    chance = draw(chances)

    def written(words: list[str]) -> str:
        return spelt(words, " -/.\n", chance)

    return Entry(
        guid=str(uuid4()),
        link=f"https://{draw(st.sampled_from(HOSTS))}/a",
        title=written(draw(word_lists)),
        summary=Content(value="", type="html", text=written(draw(word_lists))),
        content=Content(value="", type="html", text=written(draw(word_lists))),
        authors=tuple(Person(name=written(each)) for each in draw(st.lists(word_lists, max_size=2))),
        terms=tuple(Term(term=written(each)) for each in draw(st.lists(word_lists, max_size=2))),
        language=draw(st.sampled_from(LANGUAGES)),
        published=draw(st.none() | st.integers(-12, 12).map(lambda hours: NOW + hours * HOUR)),
    )


#: entry, whether it stands where it was published, whether it is announced, whether it is retracted then
Made = tuple[Entry, bool, bool, bool]
corpora = st.lists(
    st.tuples(entries(), st.booleans(), st.booleans(), st.sampled_from([0, 0, 0, 1]).map(bool)), max_size=9
)


@st.composite
def id_leaves(draw: st.DrawFn) -> Meant:
    field, values = draw(
        st.sampled_from(
            [
                ("source", [*IDS, "nope"]),
                ("category", ["trade", "HẠ-2"]),
                ("tag", ["wipo", "hà"]),
                ("lang", ["en", "EN-gb", "zh", "zh-hant", "v"]),
                ("host", [*HOSTS, "vn", "x.nhandan.vn"]),
            ]
        )
    )
    return f"{field}:{draw(st.sampled_from(values))}", lambda _: True


@st.composite
def date_leaves(draw: st.DrawFn) -> Meant:
    low, high = (
        draw(st.just("*") | st.integers(-12, 12).map(lambda h: f'"{(NOW + h * HOUR).isoformat()}"')) for _ in range(2)
    )
    return f"published:[{low} TO {high}]", lambda _: True


def stored(tx: Transaction, made: Made, number: int) -> Story:
    entry, in_place, is_announced, is_retracted = made
    name = str(uuid4())
    leading = appearance(tx, name, replace(arrival(name), entry=entry), IDS[number % 3])
    other = appearance(tx, name, arrival(str(uuid4()), text="đa khoa"), "other")
    one = replace(
        story(name, leading, others=(other,) if number % 2 else (), announced=is_announced, language=entry.language),
        filing=Filing(
            categories=(Filed(id=["trade", "HẠ-2"][number % 2], reason="r"),),
            tags=(Filed(id=["wipo", "hà"][number // 2 % 2], reason="r"),) if number % 3 else (),
        ),
        sort_at=entry.published if in_place and entry.published else NOW + (number % 4 - 6) * HOUR,
    )
    put(tx, one, "new" if is_announced else None)
    return put(tx, replace(one, retracted="gone"), "retracted") if is_retracted and is_announced else one


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
@given(
    corpus=corpora,
    queries=st.lists(combined(word_leaves(None) | in_field() | id_leaves() | date_leaves()), min_size=1, max_size=6),
    limit=st.integers(1, 4),
)
def test_all_pages_together_are_what_the_matcher_finds(
    store: Store, corpus: list[Made], queries: list[Meant], limit: int
) -> None:
    with store.write() as tx:
        listed(tx, sources=[*IDS, "other"], categories=["trade", "HẠ-2"])
        # What an earlier example left goes; its marks are made by hand.
        everyone = tx.search.page(parse("-thisisnowhere"), zone=ZONE, limit=1000).stories
        for old in everyone:
            put(tx, replace(old, retracted="gone"), "retracted")
        made = [stored(tx, each, number) for number, each in enumerate(corpus)]
    index(store, limit=3)
    listable = [one for one in made if one.announced_at and not one.retracted]
    for text, _ in queries:
        query = parse(text)
        found = everything(store, query, limit)
        expected = [one for one in listable if matches(query, story_subject(one, ZONE))]
        assert sorted(ids(found), key=str) == sorted(ids(expected), key=str), text
        assert [one.sort_at for one in found] == sorted((one.sort_at for one in found), reverse=True), text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("hà nội", [1]),
        ("ha noi", [1, 2]),
        ("hạ nội", [2]),
        ('"ha noi"', [1, 2]),
        ('"noi ha"', []),
        ("inno*", [0]),
        ("innovati*", [0]),
        ("innovatio", []),
        ("thoibao*", [3]),
        (f"{'x' * 92}", [3]),
        (f"{'x' * 50}*", [3]),
        (f"{'x' * 33}*", [3]),
        (f"{'x' * 50}", []),
        ("-ha", [0, 3]),
        ("NOT (inno* OR noi)", [3]),
        ("trade", [0]),
        ("category:trade -ha", [0, 3]),
        ("category:nope OR hà", [1]),
        ("source:nhandan", [0, 1, 2, 3]),
        ("lang:vi", []),
        ("host:nhandan.example", [0, 1, 2, 3]),
        ("host:example inno*", [0]),
        (f'published:[* TO "{(NOW - HOUR).isoformat()}"]', [1, 2, 3]),
        (f'published:["{(NOW - HOUR).isoformat()}" TO *] ha', [1]),
        ("published:1990", []),
        ("(" * 20 + "hà" + " OR nope)" * 20, [1]),
        (" ".join("(a OR b (" for _ in range(10)) + "noi" + "))" * 10, []),
        (" OR ".join(f"n{number}" for number in range(500)) + " OR inno*", [0]),
        (f"{'nghiêng' * 6}*", [3]),
        (f"{'nghieng' * 6}*", [3]),
        (f"{'nghiệng' * 6}*", []),
    ],
)
def test_found(store: Store, query: str, found: list[int]) -> None:
    titles = ["Innovation in trade", "Hà Nội", "HẠ NỘI", f"{'x' * 92} thoibaokinhte {'nghiêng' * 8}"]
    with store.write() as tx:
        listed(tx)
        made = [titled(tx, title, -number) for number, title in enumerate(titles)]
    index(store)
    with store.read() as tx:
        assert [made.index(one) for one in ask(tx, query).stories] == found


def test_what_is_retracted_edited_or_forgotten_is_found_no_more(store: Store) -> None:
    with store.write() as tx:
        listed(tx)
        one, other = titled(tx, "Hà Nội"), titled(tx, "Hà Nội")
    index(store)
    with store.write() as tx:
        put(tx, replace(one, retracted="withdrawn"), "retracted")
        # Search knows of a retraction at once, of other changes a moment later.
        assert ask(tx, "hà").stories == (other,)
    index(store)
    with store.write() as tx:
        assert ask(tx, "-nope").stories == (other,)
        edited = replace(other.lead.entry, title="Huế")
        tx.entries.revise_all(
            [(other.lead.entry_id, replace(arrival("e"), entry=edited))], other.lead.feed, NOW, keep=1
        )
        edited_story = put(tx, replace(other, lead=replace(other.lead, entry=edited)), "updated")
    index(store)
    with store.write() as tx:
        assert ask(tx, "hà").stories == ()
        assert ask(tx, "hue").stories == (edited_story,)
        put(tx, one, "updated")
    index(store)
    with store.write() as tx:
        assert ids(ask(tx, "hà").stories) == [one.id]
        far = NOW + 999 * HOUR
        tx.retention.prune(entries_before=far, changes_before=far, attempts_before=far, keep=0)
    with store.read() as tx:
        behind = tx.search.behind(10)
        assert behind is not None
        assert {each.words for each in behind.readings} <= {(), behind.readings[0].words}
    index(store)


def test_a_story_that_sorts_elsewhere_is_found_there_once(store: Store) -> None:
    with store.write() as tx:
        listed(tx)
        a, b = titled(tx, "Hà Nội", 0), titled(tx, "Hà Nội", -1)
    index(store)
    with store.write() as tx:
        moved = put(tx, replace(a, sort_at=NOW - 2 * HOUR), "updated")
    index(store)
    with store.read() as tx:
        assert ask(tx, "hà").stories == (b, moved)
        assert ask(tx, "hà", 1).stories == (b,)
        # It is still published when it was.
        assert ask(tx, f'published:["{NOW.isoformat()}" TO *]').stories == (moved,)


def test_a_crowd_of_one_instant_is_paged_through(store: Store) -> None:
    with store.write() as tx:
        listed(tx)
        made = [titled(tx, "Hà Nội") for _ in range(140)]
    index(store, limit=30)
    found = everything(store, parse("hà"), 9)
    assert sorted(ids(found), key=str) == sorted(ids(made), key=str)


def test_a_monstrous_story_is_taken_in(store: Store) -> None:
    def words(kind: str) -> str:
        return " ".join(f"{kind}{number}ầ{'ậ' * 14}" for number in range(4100))

    entry = Entry(
        link=f"https://{'a.' * 5000}vn/",
        title="Hà Nội",
        summary=Content(value="", type="html", text=words("s")),
        content=Content(value="", type="html", text=words("n")),
        authors=(Person(name=words("a")),),
        terms=(Term(term=words("t")),),
        language="-".join(["vi"] * 5000),
    )
    with store.write() as tx:
        listed(tx)
        put(tx, story("a", appearance(tx, "a", replace(arrival("a"), entry=entry))))
    index(store)
    with store.read() as tx:
        for query in ("hà", words("t").split()[7], "s5a*", "lang:vi-vi", "host:a.a.vn", words("s").split()[1]):
            assert len(ask(tx, query).stories) == 1, query
        assert ask(tx, words("s").split()[4050]).stories == ()


def test_pages_go_on_where_they_ended_whatever_arrives_or_goes(store: Store) -> None:
    with store.write() as tx:
        listed(tx)
        made = [titled(tx, "Hà Nội", -hour) for hour in range(6)]
    index(store)
    with store.read() as tx:
        first = ask(tx, "hà", 2)
    assert first.stories == tuple(made[:2])
    assert first.older is not None
    assert Place.parse(str(first.older)) == first.older
    with store.write() as tx:
        titled(tx, "Hà Nội", 1)
        put(tx, replace(made[1], retracted="gone"), "retracted")
    index(store)
    with store.read() as tx:
        assert ask(tx, "hà", 2, first.older).stories == tuple(made[2:4])
        assert ask(tx, "hà", 9, Place(datetime(9999, 1, 1, tzinfo=UTC), made[0].id)).stories[1] == made[0]
        assert ask(tx, "hà", 9, Place(datetime(1, 1, 1, tzinfo=UTC), made[0].id)).stories == ()


def test_a_search_out_of_time_says_where_it_goes_on(store: Store) -> None:
    with store.write() as tx:
        listed(tx)
        made = [titled(tx, "Hà Nội" if hour % 50 == 49 else "nội hà", -hour) for hour in range(100)]
    index(store)
    with store.read() as tx:
        query, before, pages = parse('"ha nội"'), None, 0
        found: list[Story] = []
        while True:
            page = tx.search.page(query, zone=ZONE, limit=5, before=before, time_limit_s=0.0)
            found += page.stories
            pages += 1
            assert page.exhausted == (page.older is not None)
            if page.older is None:
                break
            before = page.older
        assert (found, pages > 1) == ([made[49], made[99]], True)


def test_a_change_made_while_words_are_read_is_not_lost(store: Store) -> None:
    with store.write() as tx:
        listed(tx)
        one = titled(tx, "Hà Nội")
    with store.read() as tx:
        early = tx.search.behind(9)
    assert early is not None
    with store.write() as tx:
        put(tx, replace(one, retracted="gone"), "retracted")
    index(store)
    with store.write() as tx:
        tx.search.take_in(early)
    index(store)
    with store.read() as tx:
        assert ask(tx, "-nope").stories == ()
        assert tx.search.behind(9) is None


def test_of_several_changes_of_a_story_the_last_one_counts_however_little_is_taken_in_at_once(store: Store) -> None:
    with store.write() as tx:
        listed(tx)
        made = titled(tx, "Hà Nội")
        arrived = arrival("a")
        renamed = replace(arrived, entry=replace(made.lead.entry, title="Sài Gòn"))
        tx.entries.revise_all([(made.lead.entry_id, renamed)], FEED, NOW, 1)
        put(tx, replace(made, lead=replace(made.lead, entry=renamed.entry)), "updated")
    index(store, limit=1)
    with store.read() as tx:
        assert len(ask(tx, '"sài gòn"').stories) == 1


def test_another_version_takes_all_words_in_anew(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with store.write() as tx:
        listed(tx)
        one = published(tx, "a")
    index(store)
    monkeypatch.setattr("feedsvc.store.search.INDEX_VERSION", "another")
    with store.read() as tx:
        behind = tx.search.behind(9)
        assert behind is not None
        assert (behind.is_outdated, behind.readings) == (True, ())
    index(store)
    with store.read() as tx:
        assert ask(tx, "tin").stories == (one,)
        assert tx.search.behind(9) is None


def test_a_renamed_tag_is_found_by_its_new_name(store: Store) -> None:
    with store.write() as tx:
        listed(tx)
        tx.listings.apply([Wanted(kind="tag", id="old-name"), Wanted(kind="source", id="nhandan")], NOW)
        lead = appearance(tx, "a", arrival("a"))
        put(tx, replace(story("a", lead, categories=()), filing=Filing(tags=(Filed(id="old-name", reason="r"),))))
    index(store)
    with store.write() as tx:
        tx.listings.apply([Wanted(kind="tag", id="fresh", was=("old-name",)), Wanted(kind="source", id="nhandan")], NOW)
    index(store)
    with store.read() as tx:
        assert len(ask(tx, "fresh tag:fresh").stories) == 1
        assert ask(tx, "tag:old-name OR old").stories == ()
