"""The change log."""

from datetime import timedelta
from uuid import uuid4

import pytest

from feedsvc.model import Change
from feedsvc.store import Store
from tests.store.make import NOW


def test_sequences_count_from_one_and_go_on_after_everything_was_pruned(store: Store) -> None:
    with store.write() as tx:
        assert (tx.changes.last_sequence(), tx.changes.oldest_sequence()) == (0, 1)
        assert tx.changes.since(0, 10) == ()
        made = [tx.changes.append("new", uuid4(), NOW + timedelta(days=day)) for day in range(3)]
        assert [change.sequence for change in made] == [1, 2, 3]
        assert tx.changes.since(1, 1) == (made[1],)
    with store.write() as tx:
        late = NOW + timedelta(days=1)
        assert tx.retention.prune(entries_before=NOW, changes_before=late, attempts_before=NOW).changes == 1
        assert tx.changes.oldest_sequence() == 2
        late = NOW + timedelta(days=9)
        assert tx.retention.prune(entries_before=NOW, changes_before=late, attempts_before=NOW).changes == 2
    with store.write() as tx:
        assert (tx.changes.last_sequence(), tx.changes.oldest_sequence()) == (3, 4)
        assert tx.changes.append("updated", made[0].story_id, late).sequence == 4


def test_a_change_comes_back_whole(store: Store) -> None:
    change = Change(sequence=1, kind="retracted", story_id=uuid4(), reason="merged\0", replaced_by=uuid4(), at=NOW)
    with store.write() as tx:
        tx.changes.append(change.kind, change.story_id, change.at, reason=change.reason, replaced_by=change.replaced_by)
    with store.read() as tx:
        (found,) = tx.changes.since(0, 9)
    assert found.reason == "merged\ufffd"
    assert (found.replaced_by, found.story_id, found.at) == (change.replaced_by, change.story_id, NOW)


def test_what_is_undone_leaves_no_gap(store: Store) -> None:
    def append(then: Exception | None) -> None:
        with store.write() as tx:
            tx.changes.append("new", uuid4(), NOW)
            if then is not None:
                raise then

    append(None)
    with pytest.raises(LookupError):
        append(LookupError())
    append(None)
    with store.read() as tx:
        assert [change.sequence for change in tx.changes.since(0, 9)] == [1, 2]
