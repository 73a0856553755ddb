"""Attempts and revisions of the configuration: two logs."""

from dataclasses import replace
from datetime import timedelta

from feedsvc.model import Attempt
from feedsvc.store import Revision, Store
from tests.store.make import NOW

ATTEMPT = Attempt(
    source_id="a",
    at=NOW,
    outcome="changed",
    status=200,
    entries=9,
    new=3,
    changed=2,
    copies=1,
    withdrawn=4,
    seconds=0.25,
)


def test_attempts_are_read_in_order_and_the_latest_by_source(store: Store) -> None:
    failed = replace(ATTEMPT, outcome="failed", status=None, error="timed out\0")
    other = replace(ATTEMPT, source_id="b")
    with store.write() as tx:
        assert (tx.attempts.last(), tx.attempts.latest()) == (0, {})
        for attempt in (ATTEMPT, other, failed):
            tx.attempts.add(attempt)
    with store.read() as tx:
        stored = replace(failed, error="timed out\ufffd")
        assert tx.attempts.after(0, 9) == ((1, ATTEMPT), (2, other), (3, stored))
        assert tx.attempts.after(1, 1) == ((2, other),)
        assert tx.attempts.latest() == {"a": stored, "b": other}
        assert tx.attempts.last() == 3


def test_old_attempts_go_and_their_numbers_do_not_come_back(store: Store) -> None:
    with store.write() as tx:
        tx.attempts.add(ATTEMPT)
        assert tx.retention.prune(entries_before=NOW, changes_before=NOW, attempts_before=NOW).attempts == 0
        late = NOW + timedelta(days=1)
        assert tx.retention.prune(entries_before=NOW, changes_before=NOW, attempts_before=late).attempts == 1
        assert tx.attempts.latest() == {}
        tx.attempts.add(ATTEMPT)
        assert tx.attempts.after(0, 9) == ((2, ATTEMPT),)


def test_revisions_are_numbered_and_keep_their_files_to_the_letter(store: Store) -> None:
    files = (("feedsvc.yaml", "site: {title: Tin}\r\n"), ("sources.yaml", ""))
    with store.write() as tx:
        assert (tx.revisions.latest(), tx.revisions.latest_number()) == (None, 0)
        assert tx.revisions.append(files, who="root", at=NOW, diff="+ site") == 1
        assert tx.revisions.append(files[:1], who="root", at=NOW, diff="- sources") == 2
    with store.read() as tx:
        assert tx.revisions.latest() == Revision(number=2, at=NOW, who="root", diff="- sources", files=files[:1])
        assert [revision.files for revision in tx.revisions.history(9)] == [files[:1], files]
        assert tx.revisions.latest_number() == 2
