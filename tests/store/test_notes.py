"""Notes, and with them that a transaction commits and undoes."""

import pytest

from feedsvc.store import Store


def test_a_note_is_kept_replaced_and_cleared(store: Store) -> None:
    with store.write() as tx:
        tx.notes.set("served_at", "http://a.example")
        tx.notes.set("served_at", "http://b.example")
    with store.read() as tx:
        assert tx.notes.get("served_at") == "http://b.example"
    with store.write() as tx:
        tx.notes.clear("served_at")
        assert tx.notes.get("served_at") is None


def test_an_exception_undoes_the_transaction(store: Store) -> None:
    def fail() -> None:
        with store.write() as tx:
            tx.notes.set("a", "1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with store.read() as tx:
        assert tx.notes.get("a") is None


def test_a_reader_sees_one_state_whatever_is_written_meanwhile(store: Store) -> None:
    with store.read() as reader:
        assert reader.notes.get("a") is None
        with store.write() as tx:
            tx.notes.set("a", "1")
        assert reader.notes.get("a") is None
    with store.read() as reader:
        assert reader.notes.get("a") == "1"
