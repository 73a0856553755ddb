"""Several processes on one store: first starts at once, one order of commits, and a death in the middle."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from feedsvc.errors import StoreError
from feedsvc.store import Store, open_store
from tests.servers.databases import Databases
from tests.store.make import NOW
from tests.store.process import ROUNDS, SOURCES


def start(url: str, act: str, name: str) -> "subprocess.Popen[str]":
    script = Path(__file__).with_name("process.py")
    return subprocess.Popen([sys.executable, str(script), url, act, name], stdout=subprocess.PIPE, text=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database that nobody has migrated; in SQLite of a file that is not there."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/var/feedsvc.db"
        return
    databases: Databases = request.getfixturevalue("databases")
    url = databases.create()
    yield url
    databases.drop(url)


def follow(url: str, running: "list[subprocess.Popen[str]]") -> list[int]:
    """Read the log while others write it; return all sequences in the order in which they were seen."""
    seen: list[int] = []
    done = False
    with open_store(url) as store:
        while not done:
            done = all(process.poll() is not None for process in running)
            try:
                with store.read() as tx:
                    seen += [change.sequence for change in tx.changes.since(seen[-1] if seen else 0, 1000)]
            except StoreError:
                # Nobody has created the tables yet.
                assert not seen
    return seen


def test_first_starts_at_once_then_one_order_for_all(empty_url: str) -> None:
    processes = [start(empty_url, "race", name) for name in "ab"]
    seen = follow(empty_url, processes)
    got = [line.split() for process in processes for line in process.communicate()[0].splitlines()]
    assert [process.returncode for process in processes] == [0, 0]
    total = 2 * 2 * ROUNDS
    # A reader never saw 2 before 1, and nothing was given out twice or left out.
    assert seen == list(range(1, total + 1))
    assert sorted(int(sequence) for _, sequence, _ in got) == seen
    wins = Counter(source for _, _, source in got if source != "-")
    assert wins == dict.fromkeys((f"s{i}" for i in range(SOURCES)), 1)


def test_a_process_killed_in_a_transaction_leaves_nothing_and_holds_up_nobody(store: Store, store_url: str) -> None:
    process = start(store_url, "hang", "victim")
    assert process.stdout is not None
    assert process.stdout.readline() == "in the middle\n"
    process.kill()
    process.communicate()
    with store.write() as tx:
        assert tx.changes.last_sequence() == 0
        assert tx.notes.get("a") is None
        assert tx.changes.append("new", uuid4(), NOW).sequence == 1
