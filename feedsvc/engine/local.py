"""Runs polls in this process: at most one per source, each when it is its turn at its host."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol

import structlog

from feedsvc.engine.isolation import Workers
from feedsvc.extract.article import read_article
from feedsvc.fetch import authority_of, host_of
from feedsvc.model import Article, Document, Entry, FetchLimits, FetchState, Source, SourceUpdate
from feedsvc.reading import Reading, read
from feedsvc.store import Claim, Store, Transaction
from feedsvc.update import Deps, Http, poll

log = structlog.get_logger()

#: a claim outlives the longest poll by this much; then whoever comes may take it
LEASE_MARGIN = timedelta(seconds=60)

#: how often a redirect's host is tried whose slots others have
SLOT_PAUSE_S = 0.5

#: polls at once of sources that failed last time: hundreds of hosts that hang would take the room of those that answer
DOUBTFUL_AT_ONCE = 16

#: a document that takes longer than this to read, or so much of a processor, is poisonous; 10 MB of feed take 5 s
READ_TIMEOUT_S, READ_CPU_S = 30.0, 20.0
PAGE_TIMEOUT_S, PAGE_CPU_S = 20.0, 15.0


@dataclass(frozen=True, slots=True)
class Readers:
    """Read in worker processes that are killed when they hang. Raise ParseError and IsolationError."""

    documents: Workers
    #: they have workers of their own: a heap of pages keeps no feed waiting
    pages: Workers

    async def read(self, document: Document, source: Source, marks: bytes = b"") -> Reading:
        """Read a feed, or what stands for one."""
        return await self.documents.run(read, document, source, marks, timeout_s=READ_TIMEOUT_S, cpu_s=READ_CPU_S)

    async def read_page(self, document: Document, source: Source, hint: Entry | None) -> Article:
        """Read an article's page."""
        return await self.pages.run(read_article, document, source, hint, timeout_s=PAGE_TIMEOUT_S, cpu_s=PAGE_CPU_S)


@asynccontextmanager
async def isolated_readers() -> AsyncIterator[Readers]:
    async with (
        Workers("feedsvc.reading") as documents,
        Workers("feedsvc.extract.article.page", fewer=1) as pages,
    ):
        yield Readers(documents, pages)


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


class Turns(Protocol):
    """The part of `fetch.Client` that a runner uses."""

    def turn(self, host: str, slot: Callable[[str | None], Awaitable[None]]) -> AbstractAsyncContextManager[Http]: ...


@dataclass(slots=True)
class LocalRunner:
    """Polls sources on the running loop."""

    deps: Deps
    readers: Readers
    limits: FetchLimits
    client: Turns
    #: where sources are asked that moved from their configured address, by id
    moved: dict[str, str] = field(default_factory=dict)
    now: Callable[[], datetime] = utc_now
    _tasks: dict[str, asyncio.Task[SourceUpdate | None]] = field(default_factory=dict)
    #: those of them that have not claimed anything yet
    _waiting: set[str] = field(default_factory=set)
    #: sources whose last poll by this runner failed, and the places that these share
    _doubtful: set[str] = field(default_factory=set)
    _doubts: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(DOUBTFUL_AT_ONCE))

    def submit(self, source: Source, *, force: bool = False) -> asyncio.Task[SourceUpdate | None]:
        """Start a poll unless one of this source is under way.

        The result is None when it cannot be claimed: another process has it, or all slots of its host, or another
        revision is in force by now.
        """
        if source.id not in self._tasks:
            task = asyncio.create_task(self._poll(source, force), name=f"poll {source.id}")
            self._tasks[source.id] = task
            self._waiting.add(source.id)
            task.add_done_callback(lambda done: self._done(source.id, done))
        return self._tasks[source.id]

    def busy(self) -> frozenset[str]:
        """Return the sources whose polls are under way or waiting for their host."""
        return frozenset(self._tasks)

    def host(self, source: Source) -> str:
        """Return the host that a source is asked at."""
        return host_of(self.moved.get(source.id, source.url))

    def authority(self, source: Source) -> str:
        """Return host and port that a source is asked at."""
        return authority_of(self.moved.get(source.id, source.url))

    async def drain(self) -> None:
        """Wait until every poll under way has ended; those that only wait for their turn are given up."""
        for source_id in self._waiting:
            self._tasks[source_id].cancel()
        while self._tasks:
            await asyncio.wait(tuple(self._tasks.values()))

    def _done(self, source_id: str, task: asyncio.Task[SourceUpdate | None]) -> None:
        self._tasks.pop(source_id, None)
        self._waiting.discard(source_id)
        if not task.cancelled() and (error := task.exception()) is not None:
            # The database refused: the claim runs out and the source is due again.
            log.error("poll not recorded", source=source_id, error=str(error))

    async def _poll(self, source: Source, force: bool) -> SourceUpdate | None:
        if source.id not in self._doubtful:
            return await self._poll_in_turn(source, force)
        async with self._doubts:
            return await self._poll_in_turn(source, force)

    async def _poll_in_turn(self, source: Source, force: bool) -> SourceUpdate | None:
        host = self.host(source)

        async def slot(other: str | None) -> None:
            while not await self.deps.writes.write(partial(self._move_slot, source, other)):  # noqa: ASYNC110 - the database has no events
                await asyncio.sleep(SLOT_PAUSE_S)

        # Only whose turn it is claims: a thousand sources of one host would outlive their leases waiting.
        async with self.client.turn(host, slot) as http:
            self._waiting.discard(source.id)
            state = await self.deps.writes.write(partial(self._claim, self._wish(source, host, force=force)))
            if state is None:
                return None
            update = await poll(source, state, replace(self.deps, http=http), self.now())
        self._note_move(update)
        if update.attempt.outcome == "failed":
            self._doubtful.add(source.id)
        else:
            self._doubtful.discard(source.id)
        return update

    def _note_move(self, update: SourceUpdate) -> None:
        source_id, url = update.attempt.source_id, update.state.effective_url
        if url is not None:
            self.moved[source_id] = url
        else:
            self.moved.pop(source_id, None)

    def _claim(self, wish: Claim, tx: Transaction) -> FetchState | None:
        # By the rules of a former revision nothing is recorded: so nobody is asked either.
        if tx.revisions.latest_number() != self.deps.revision or not tx.schedule.claim(wish):
            return None
        return tx.schedule.state(wish.source_id)

    def _move_slot(self, source: Source, host: str | None, tx: Transaction) -> bool:
        """Give up the slot that a source's claim has, or take one of the host that a redirect leads to."""
        if host is None:
            tx.schedule.leave_host(source.id, self.deps.holder)
            return True
        return tx.schedule.enter_host(self._wish(source, host))

    def _wish(self, source: Source, host: str, *, force: bool = False) -> Claim:
        now = self.now()
        return Claim(
            source_id=source.id,
            host=host,
            authority=self.authority(source),
            holder=self.deps.holder,
            now=now,
            until=now + self.limits.timeout + LEASE_MARGIN,
            per_host=self.limits.per_host,
            force=force,
        )
