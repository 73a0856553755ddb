"""Reads what hubs pushed."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import structlog

from feedsvc.model import Push, Source
from feedsvc.update import Deps, receive

log = structlog.get_logger()

#: read at once; polls want to be read, too
AT_ONCE = 4


@dataclass(slots=True, kw_only=True)
class Receiving:
    """Of each source one push at each start, in order: a hub that floods us delays its own source alone."""

    deps: Deps
    #: what may be pushed, by id
    sources: Mapping[str, Source]
    now: Callable[[], datetime]
    _tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    async def start(self) -> None:
        """Begin to read what is waiting; never wait for it."""
        waiting = await asyncio.to_thread(self._waiting)
        if strays := waiting - self.sources.keys():
            await asyncio.to_thread(self._forget, strays)
        ready = sorted(waiting & self.sources.keys() - self._tasks.keys())
        for source_id in ready[: AT_ONCE - len(self._tasks)]:
            task = asyncio.create_task(self._receive(self.sources[source_id]), name=f"push {source_id}")
            self._tasks[source_id] = task
            task.add_done_callback(partial(self._done, source_id))

    async def idle(self) -> None:
        """Wait until nothing is under way."""
        while self._tasks:
            await asyncio.wait(tuple(self._tasks.values()))

    def _done(self, source_id: str, task: asyncio.Task[None]) -> None:
        del self._tasks[source_id]
        if not task.cancelled() and (error := task.exception()) is not None:
            # The database refused: it is still there to be read.
            log.error("push not recorded", source=source_id, error=str(error))

    async def _receive(self, source: Source) -> None:
        found = await asyncio.to_thread(self._next, source.id)
        if found is not None:
            await receive(source, *found, self.deps, self.now())

    def _waiting(self) -> frozenset[str]:
        with self.deps.store.read() as tx:
            return tx.pushes.waiting()

    def _next(self, source_id: str) -> tuple[int, Push] | None:
        with self.deps.store.read() as tx:
            return tx.pushes.next(source_id)

    def _forget(self, source_ids: frozenset[str]) -> None:
        """Drop what nobody will read, unless another configuration knows better."""
        with self.deps.store.write() as tx:
            if tx.revisions.latest_number() == self.deps.revision:
                tx.pushes.forget(source_ids)
