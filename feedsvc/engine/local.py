"""Runs polls in this process: at most one per source, `per_host` per host, and a bounded number in all."""

import asyncio
import os
import socket
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import structlog

from feedsvc.engine.isolation import run_isolated
from feedsvc.model import Document, FetchLimits, Source, SourceUpdate
from feedsvc.reading import Reading, read
from feedsvc.store import Claim, Store
from feedsvc.update import Deps, poll

log = structlog.get_logger()

#: requests and readings under way at once, over all hosts
AT_ONCE = 64

#: a claim outlives the longest poll by this much; then whoever comes may take it
LEASE_MARGIN = timedelta(seconds=60)


#: a document that takes longer than this to read is poisonous
READ_TIMEOUT_S = 30.0


async def isolated_reader(document: Document, source: Source) -> Reading:
    """Read a document in a worker process that is killed when it hangs. Raises ParseError and IsolationError."""
    return await run_isolated(read, document, source, timeout_s=READ_TIMEOUT_S)


def utc_now() -> datetime:
    return datetime.now(UTC)


def holder() -> str:
    """Name this process in claims, so that another one on this machine can tell whether it is still there."""
    return f"{socket.gethostname()} {os.getpid()} {_started(os.getpid())}"


def is_dead(name: str) -> bool:
    """Say whether the process that a claim names ran on this machine and is gone; unknown forms count as alive."""
    host, _, rest = name.partition(" ")
    pid, _, started = rest.partition(" ")
    return host == socket.gethostname() and pid.isdecimal() and _started(int(pid)) != started


def _started(pid: int) -> str:
    """Return when a process started, in a form that only compares; "" when there is no such process."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as stat:  # noqa: PTH123 - /proc has no path semantics
            # Field 22, counted behind the command's name, which may hold spaces and parentheses (proc(5)).
            return stat.read().rpartition(b")")[2].split()[19].decode()
    except OSError:
        pass
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        return "running"
    return "running"


def release_dead(store: Store) -> None:
    """Free the claims of processes of this machine that died with a poll under way."""
    with store.read() as tx:
        dead = [name for name in tx.schedule.holders() if is_dead(name)]
    if dead:
        with store.write() as tx:
            for name in dead:
                tx.schedule.release(name)


@dataclass(slots=True)
class LocalRunner:
    """Polls sources on the running loop."""

    deps: Deps
    limits: FetchLimits
    now: Callable[[], datetime] = utc_now
    _tasks: dict[str, asyncio.Task[SourceUpdate | None]] = field(default_factory=dict)
    _hosts: dict[str, asyncio.Semaphore] = field(init=False)
    _room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _closing: bool = False

    def __post_init__(self) -> None:
        self._hosts = defaultdict(lambda: asyncio.Semaphore(self.limits.per_host))

    def submit(self, source: Source, *, force: bool = False) -> asyncio.Task[SourceUpdate | None]:
        """Start a poll unless one of this source is under way; the result is None when another process has it."""
        if source.id not in self._tasks:
            task = asyncio.create_task(self._poll(source, force), name=f"poll {source.id}")
            self._tasks[source.id] = task
            task.add_done_callback(lambda done: self._done(source.id, done))
        return self._tasks[source.id]

    def busy(self) -> frozenset[str]:
        """Return the sources whose polls are under way or waiting for their host."""
        return frozenset(self._tasks)

    async def drain(self) -> None:
        """Wait until every poll under way has ended; those that only wait for their host are given up."""
        self._closing = True
        while self._tasks:
            await asyncio.wait(tuple(self._tasks.values()))

    def _done(self, source_id: str, task: asyncio.Task[SourceUpdate | None]) -> None:
        self._tasks.pop(source_id, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            # The database refused: the claim runs out and the source is due again.
            log.error("poll not recorded", source=source_id, error=str(error))

    async def _poll(self, source: Source, force: bool) -> SourceUpdate | None:
        host = urlsplit(source.url).hostname or ""
        async with self._hosts[host], self._room:
            if self._closing or not await asyncio.to_thread(self._claim, source, host, force):
                return None
            return await poll(source, self.deps, self.now())

    def _claim(self, source: Source, host: str, force: bool) -> bool:
        now = self.now()
        claim = Claim(
            source_id=source.id,
            host=host,
            holder=self.deps.holder,
            now=now,
            until=now + self.limits.timeout + LEASE_MARGIN,
            per_host=self.limits.per_host,
            force=force,
        )
        with self.deps.store.write() as tx:
            return tx.schedule.claim(claim)
