"""What is kept of the documents of one source, on both databases."""

from dataclasses import replace
from datetime import UTC, datetime

from feedsvc.model import FetchState, PartState
from feedsvc.store import Store
from feedsvc.store.part_states import unpack

NOW = datetime(2026, 11, 22, 12, 0, 0, 7, tzinfo=UTC)


def test_parts_are_kept_with_the_state_byte_for_byte(store: Store) -> None:
    parts = (
        PartState(
            url="https://paper.example/a.xml", is_news=True, etag='W/"\udce9"', body_hash=b"\0" * 32, read_at=NOW
        ),
        PartState(url="https://paper.example/b.xml", last_modified="yesterday", not_before=NOW),
    )
    state = FetchState(source_id="a", parts=parts)
    with store.write() as tx:
        tx.schedule.save(state)
    with store.write() as tx:
        assert tx.schedule.state("a") == state
        tx.schedule.save(replace(state, parts=()))
        assert tx.schedule.state("a").parts == ()


def test_unknown_forms_count_as_nothing() -> None:
    assert unpack(None) == ()
    assert unpack(b'{"form": 9}') == ()
