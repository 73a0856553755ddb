"""The scheduler process. `next_fetch_at` in the store is the only schedule; a restart polls nothing early."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from feedsvc import publish
from feedsvc.engine.local import LocalRunner, release_dead, utc_now
from feedsvc.revisions import InForce, Stamp, stamp
from feedsvc.schedule.polling import polling
from feedsvc.store import Store

log = structlog.get_logger()

#: attempts are kept this long, for the status page and drift
ATTEMPTS_KEPT = timedelta(days=30)

#: sources started in one tick
DUE_AT_ONCE = 1000


class _Job:
    """One of the jobs, which can be waited for: apscheduler would cancel what is under way when it shuts down."""

    def __init__(self, work: Callable[[], Awaitable[None]]) -> None:
        self._work, self._busy, self._ended = work, asyncio.Lock(), False

    async def run(self) -> None:
        async with self._busy:
            if not self._ended:
                await self._work()

    async def end(self) -> None:
        async with self._busy:
            self._ended = True


@dataclass(slots=True)
class Scheduling:
    """Ticks, publishes and keeps house until told to stop."""

    store: Store
    #: reads the configuration in force
    in_force: Callable[[], InForce]
    _current: InForce = field(init=False)
    _stamp: Stamp = field(init=False)
    _runner: LocalRunner = field(init=False)
    _open: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set, then finish the polls under way."""
        await asyncio.to_thread(release_dead, self.store)
        await self._adopt(await asyncio.to_thread(self._stamped))
        jobs = AsyncIOScheduler(timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1})
        tick, publishing, follow, keep_house = map(_Job, (self._tick, self._publish, self._follow, self._keep_house))
        jobs.add_job(tick.run, "interval", seconds=1, id="tick", next_run_time=utc_now())
        jobs.add_job(publishing.run, "interval", seconds=1, id="publish", next_run_time=utc_now())
        jobs.add_job(follow.run, "interval", seconds=1, id="follow")
        jobs.add_job(keep_house.run, "interval", hours=6, jitter=600, id="keep_house")
        jobs.start()
        try:
            await stop.wait()
        finally:
            jobs.pause()
            for job in (tick, publishing, follow, keep_house):
                await job.end()
            jobs.shutdown(wait=False)
            await self._open.aclose()
            await self._publish()

    async def _follow(self) -> None:
        """Take up a new revision, or another public address, within a second."""
        now = await asyncio.to_thread(self._stamped)
        if now != self._stamp:
            await self._adopt(now)
            log.info("configuration in force", revision=now.number)

    def _stamped(self) -> Stamp:
        with self.store.read() as tx:
            return stamp(tx)

    async def _adopt(self, now: Stamp) -> None:
        """Go on with the configuration in force; polls under way finish with the one before."""
        before, self._open = self._open, AsyncExitStack()
        self._current = await asyncio.to_thread(self.in_force)
        self._runner = await self._open.enter_async_context(polling(self.store, self._current))
        self._stamp = now
        await before.aclose()

    async def _tick(self) -> None:
        """Start what is due; never wait for it."""
        sources = {source.id: source for source in self._current.settings.sources if not source.paused}
        for source_id in await asyncio.to_thread(self._due, tuple(sources)):
            self._runner.submit(sources[source_id])

    def _due(self, source_ids: tuple[str, ...]) -> tuple[str, ...]:
        with self.store.read() as tx:
            return tx.schedule.due(source_ids, utc_now(), DUE_AT_ONCE)

    async def _publish(self) -> None:
        changed = await asyncio.to_thread(publish.refresh, self.store, self._current.edition, utc_now())
        if changed:
            log.info("published", documents=len(changed))

    async def _keep_house(self) -> None:
        await asyncio.to_thread(self._prune)

    def _prune(self) -> None:
        now, retention = utc_now(), self._current.settings.retention
        with self.store.write() as tx:
            tx.retention.prune(
                entries_before=now - retention.entries,
                changes_before=now - retention.changes,
                attempts_before=now - ATTEMPTS_KEPT,
            )
