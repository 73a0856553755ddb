"""What the tests run in processes of their own: `python process.py ADDRESS race|hang NAME`."""

import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from feedsvc.store import Claim, Store, Wanted, open_store

ROUNDS = 12
SOURCES = 6
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def race(store: Store, name: str) -> None:
    """Create the tables, append to the log, claim sources; print what was got."""
    store.migrate()
    with store.write() as tx:
        tx.listings.apply([Wanted(kind="source", id=f"s{number}") for number in range(SOURCES)], NOW)
    lines: list[str] = []

    def work(thread: str) -> None:
        for round in range(ROUNDS):
            with store.write() as tx:
                change = tx.changes.append("new", uuid4(), NOW, reason=thread)
                source = f"s{round % SOURCES}"
                claim = Claim(
                    source_id=source, host=source, holder=thread, now=NOW, until=NOW + timedelta(hours=1), per_host=1
                )
                won = tx.schedule.claim(claim)
            lines.append(f"{thread} {change.sequence} {source if won else '-'}")

    threads = [threading.Thread(target=work, args=(f"{name}{i}",)) for i in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(*lines, sep="\n")  # noqa: T201


def hang(store: Store, name: str) -> None:
    """Stop in the middle of a transaction."""
    with store.write() as tx:
        tx.changes.append("new", uuid4(), NOW, reason=name)
        tx.changes.since(0, 9)
        tx.notes.set("a", "1")
        print("in the middle", flush=True)  # noqa: T201
        time.sleep(60)


if __name__ == "__main__":
    address, act, called = sys.argv[1:]
    with open_store(address) as opened:
        {"race": race, "hang": hang}[act](opened, called)
