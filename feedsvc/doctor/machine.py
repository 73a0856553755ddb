"""The machine: versions and the clock."""

import platform
import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta

from feedsvc.doctor.finding import Finding, error, fine
from feedsvc.store import Store

#: clocks of processes on several machines differ a little
_SLACK = timedelta(minutes=5)


def versions() -> Iterator[Finding]:
    yield fine("machine", f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}")


def clock(store: Store, now: datetime) -> Iterator[Finding]:
    with store.read() as tx:
        polled = [state.last_fetch_at for state in tx.schedule.states().values() if state.last_fetch_at is not None]
    last = max(polled, default=None)
    if last is not None and last > now + _SLACK:
        yield error(
            "machine",
            f"the clock says {now:%Y-%m-%d %H:%M} UTC, and the last poll was at {last:%Y-%m-%d %H:%M} UTC",
            "set the clock: nothing is polled before it has caught up",
        )
