"""What is kept of a source's rhythm, on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from feedsvc.model import FetchState
from feedsvc.rhythm import Publication, learned
from feedsvc.store import Store
from feedsvc.store.rhythms import pack, unpack

NOW = datetime(2026, 11, 22, 12, 0, 0, 7, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(
    st.lists(st.builds(Publication, at=MOMENTS, is_timed=st.booleans())), st.sampled_from(["UTC", "Asia/Ho_Chi_Minh"])
)
def test_what_was_learned_comes_back(publications: list[Publication], zone: str) -> None:
    rhythm = learned(None, publications, zone, NOW)
    assert unpack(pack(rhythm)) == rhythm


def test_nothing_known_and_unknown_forms() -> None:
    assert pack(None) is None
    assert unpack(None) is None
    assert unpack(b"\xff whatever") is None


def test_a_rhythm_is_kept_with_the_state(store: Store) -> None:
    rhythm = learned(None, [Publication(at=NOW - timedelta(hours=n)) for n in range(9)], "Asia/Ho_Chi_Minh", NOW)
    state = FetchState(source_id="a", rhythm=rhythm)
    with store.write() as tx:
        tx.schedule.save(state)
    with store.write() as tx:
        assert tx.schedule.state("a") == state
        tx.schedule.save(replace(state, rhythm=None))
        assert tx.schedule.state("a").rhythm is None
