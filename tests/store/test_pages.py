"""Pages of a listing: every story once, whatever arrives in between."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedsvc.model import Story
from feedsvc.store import Place, Store, Transaction
from tests.store.make import NOW, appearance, arrival, listed, put, story

HOUR = timedelta(hours=1)


def announced(tx: Transaction, hour: int, category: str = "trade", *, quiet: bool = False) -> Story:
    name = str(uuid4())
    lead = appearance(tx, name, arrival(name))
    made = story(name, lead, categories=(category,), announced=not quiet, sort_at=NOW + hour * HOUR)
    return put(tx, made, None if quiet else "new")


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    hours=st.lists(st.tuples(st.integers(-3, 3), st.booleans()), max_size=14),
    late=st.lists(st.integers(-3, 3), max_size=3),
    limit=st.integers(1, 5),
)
def test_going_on_shows_every_story_once_newest_first(
    store: Store, hours: list[tuple[int, bool]], late: list[int], limit: int
) -> None:
    here = f"c{uuid4()}"
    with store.write() as tx:
        listed(tx, categories=[here])
        made = [announced(tx, hour, here, quiet=quiet) for hour, quiet in hours]
    expected = sorted((one for one in made if one.announced_at), key=Place.of, reverse=True)
    with store.read() as tx:
        first = page = tx.pages.listing("category", here, limit=limit)
    shown = [*page.stories]
    with store.write() as tx:
        newcomers = [announced(tx, hour, here) for hour in late]
    with store.read() as tx:
        while page.older is not None:
            page = tx.pages.listing("category", here, limit=limit, before=page.older)
            shown += page.stories
        last = page
        seen = [one for one in newcomers if expected and first.older and Place.of(one) < first.older]
        assert shown == sorted([*expected, *seen], key=Place.of, reverse=True)
        if last is not first:
            assert last.newer == Place.of(last.stories[0])
        back = [*last.stories]
        while page.newer is not None:
            page = tx.pages.listing("category", here, limit=limit, after=page.newer)
            back = [*(one for one in page.stories if one not in back), *back]
        if last is not first:
            assert back == sorted([*expected, *newcomers], key=Place.of, reverse=True)
            assert page.stories == tuple(back[:limit])


def test_the_first_page_has_nothing_newer_and_a_place_beyond_the_end_leads_back(store: Store) -> None:
    with store.write() as tx:
        listed(tx)
        made = [announced(tx, hour) for hour in (3, 2, 1)]
    end, beyond = Place.of(made[-1]), Place(NOW + 99 * HOUR, UUID(int=0))
    with store.read() as tx:
        first = tx.pages.listing("category", "trade", limit=2)
        assert (first.stories, first.newer, first.older) == (tuple(made[:2]), None, Place.of(made[1]))
        past = tx.pages.listing("category", "trade", limit=2, before=end)
        assert (past.stories, past.newer, past.older) == ((), end, None)
        assert tx.pages.listing("category", "trade", limit=2, before=beyond) == first
        assert tx.pages.listing("category", "trade", limit=2, after=beyond) == first
        assert tx.pages.listing("category", "nowhere", limit=2).stories == ()


def test_neighbours_and_more(store: Store) -> None:
    with store.write() as tx:
        listed(tx, categories=["trade", "other"])
        newest, middle, oldest = (announced(tx, hour) for hour in (3, 2, 1))
        elsewhere = announced(tx, 2, "other")
        announced(tx, 2, quiet=True)
    with store.read() as tx:
        around = tx.pages.around("category", "trade", middle)
        assert (around.newer, around.older) == (newest, oldest)
        assert tx.pages.around("category", "trade", newest).newer is None
        assert tx.pages.around("category", "other", middle).older in {elsewhere, None}
        assert tx.pages.more("category", "trade", but=newest.id, limit=1) == (middle,)
        assert tx.pages.more("category", "trade", but=oldest.id, limit=9) == (newest, middle)
        assert tx.pages.more("tag", "nope", but=oldest.id, limit=9) == ()
    with store.write() as tx:
        put(tx, replace(middle, retracted="gone"), "retracted")
        around = tx.pages.around("category", "trade", middle)
        assert (around.newer, around.older) == (newest, oldest)


@given(st.datetimes(timezones=st.just(UTC)), st.uuids())
def test_a_place_survives_an_address(at: datetime, id: UUID) -> None:
    assert Place.parse(str(Place(at, id))) == Place(at, id)


@pytest.mark.parametrize(
    "text", [None, "", "x", "20260309T011500.000000Z", "20261399T011500.000000Z-" + "0" * 32, "٢" * 8 + "T"]
)
def test_what_is_no_place_is_none(text: str | None) -> None:
    assert Place.parse(text) is None


@given(st.text())
def test_any_text_is_a_place_or_none(text: str) -> None:
    found = Place.parse(text)
    assert found is None or str(found) == text
