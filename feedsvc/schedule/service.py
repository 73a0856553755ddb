"""The scheduler process. `next_fetch_at` in the store is the only schedule; a restart polls nothing early."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from feedsvc import articles, illustrate, publish
from feedsvc.engine.local import LocalRunner, release_dead, utc_now
from feedsvc.errands import Fetching
from feedsvc.fetch import Client
from feedsvc.model import Article, PictureFile, Source, SourceUpdate
from feedsvc.revisions import InForce, Stamp, stamp
from feedsvc.schedule.pages import means_of, pages_of
from feedsvc.schedule.polling import client_of, runner_with, user_agent
from feedsvc.schedule.receiving import Receiving
from feedsvc.store import Store, WantedPage, WantedPicture
from feedsvc.websub import Asking

log = structlog.get_logger()

#: attempts are kept this long, for the status page and drift
ATTEMPTS_KEPT = timedelta(days=30)

#: after the start: also a process that is restarted every day keeps house
FIRST_HOUSEKEEPING = timedelta(minutes=5)

#: batches of old entries taken away in one go; others write between two
PRUNED_AT_ONCE = 100

#: stories whose words search takes in between two looks at whether the process is to end
INDEXED_AT_ONCE = 1000

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
    _client: Client = field(init=False)
    _runner: LocalRunner = field(init=False)
    _pages: Fetching[WantedPage, Article] = field(init=False)
    _pictures: Fetching[WantedPicture, PictureFile] = field(init=False)
    _asking: Asking = field(init=False)
    _receiving: Receiving = field(init=False)
    #: hosts whose slots were taken when a poll asked for one in the last second
    _refused_hosts: set[str] = field(default_factory=set)
    _open: AsyncExitStack = field(default_factory=AsyncExitStack)
    #: polls of former revisions that are being finished
    _leaving: set[asyncio.Task[None]] = field(default_factory=set)

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set, then finish the polls under way."""
        await asyncio.to_thread(release_dead, self.store)
        await self._adopt(await asyncio.to_thread(self._stamped))
        jobs = AsyncIOScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        tick, publishing, follow, keep_house = map(_Job, (self._tick, self._publish, self._follow, self._keep_house))
        index, picture, introduce = map(_Job, (self._index, self._fetch_pictures, self._introduce))
        ask, receive, page = map(_Job, (self._ask_hubs, self._receive, self._fetch_pages))
        jobs.add_job(tick.run, "interval", seconds=1, id="tick", next_run_time=utc_now())
        jobs.add_job(publishing.run, "interval", seconds=1, id="publish", next_run_time=utc_now())
        # Beside publishing, which never waits until search has taken in all words anew.
        jobs.add_job(index.run, "interval", seconds=1, id="index", next_run_time=utc_now())
        jobs.add_job(follow.run, "interval", seconds=1, id="follow")
        jobs.add_job(introduce.run, "interval", minutes=10, id="introduce")
        jobs.add_job(page.run, "interval", seconds=1, id="pages")
        jobs.add_job(picture.run, "interval", seconds=1, id="pictures")
        jobs.add_job(ask.run, "interval", seconds=1, id="ask_hubs")
        jobs.add_job(receive.run, "interval", seconds=1, id="receive")
        soon = utc_now() + FIRST_HOUSEKEEPING
        jobs.add_job(keep_house.run, "interval", hours=6, id="keep_house", next_run_time=soon)
        jobs.start()
        try:
            await stop.wait()
        finally:
            jobs.pause()
            for job in (tick, publishing, index, follow, introduce, keep_house, page, picture, ask, receive):
                await job.end()
            jobs.shutdown(wait=False)
            await self._open.aclose()
            await asyncio.gather(*self._leaving)
            await self._publish()
            await self._index()

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
        client = await self._open.enter_async_context(await client_of(self.store, self._current))
        self._runner = await self._open.enter_async_context(runner_with(client, self.store, self._current))
        self._client = client
        means = means_of(client, self._runner, self._polled_hosts)
        self._pages = pages_of(means, self._runner, self._current)
        self._pictures = illustrate.fetching(means)
        self._open.push_async_callback(self._pages.close)
        self._open.push_async_callback(self._pictures.close)
        self._take_up_hubs(client)
        self._stamp = now
        leaving = asyncio.create_task(before.aclose())
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)

    def _take_up_hubs(self, client: Client) -> None:
        settings = self._current.settings
        pushable = {source.id: source for source in settings.sources if source.kind == "feed" and not source.paused}
        base_url = settings.site.base_url
        self._asking = Asking(store=self.store, client=client, base_url=base_url, sources=pushable, now=utc_now)
        self._receiving = Receiving(deps=self._runner.deps, sources=pushable, now=utc_now)
        self._open.push_async_callback(self._asking.close)
        self._open.push_async_callback(self._receiving.idle)

    async def _ask_hubs(self) -> None:
        await self._asking.start()

    async def _receive(self) -> None:
        await self._receiving.start()

    async def _tick(self) -> None:
        """Start what is due; never wait for it."""
        sources = {source.id: source for source in self._current.settings.sources if not source.paused}
        due = await asyncio.to_thread(self._due, sources, self._runner.busy())
        self._refused_hosts.clear()
        for source_id in due:
            self._runner.submit(sources[source_id]).add_done_callback(partial(self._polled, sources[source_id]))

    def _polled(self, source: Source, poll: "asyncio.Task[SourceUpdate | None]") -> None:
        if not poll.cancelled() and poll.exception() is None and poll.result() is None:
            self._refused_hosts.add(self._runner.host(source))

    def _polled_hosts(self) -> set[str]:
        """Return the hosts that polls wait for: a picture that took a slot there would come before them."""
        busy, limits = self._runner.busy(), self._current.settings.fetch
        polls = Counter(self._runner.host(source) for source in self._current.settings.sources if source.id in busy)
        return self._refused_hosts | {host for host, count in polls.items() if count > limits.per_host}

    def _due(self, sources: Mapping[str, Source], busy: Collection[str]) -> list[str]:
        """Return what may be polled now; of hosts that are left alone nothing, of those to be tried one source."""
        now = utc_now()
        with self.store.read() as tx:
            pauses = tx.hosts.pauses()
            at = {id: self._runner.authority(source) for id, source in sources.items()} if pauses else {}
            left_alone = {authority for authority, pause in pauses.items() if now < pause.until}
            left_alone |= {at[id] for id in busy if id in at and at[id] in pauses}
            free = tuple(id for id in sources if id not in busy and at.get(id) not in left_alone)
            due = tx.schedule.due(free, now, DUE_AT_ONCE)
        # Of a dict the last value counts: so the first of each host that is to be tried.
        tries = {at[id]: id for id in reversed(due) if at.get(id) in pauses}
        return [id for id in due if at.get(id) not in pauses or tries[at[id]] == id]

    async def _publish(self) -> None:
        changed = await asyncio.to_thread(publish.refresh, self.store, self._current.edition, utc_now())
        if changed:
            log.info("published", documents=len(changed))

    async def _index(self) -> None:
        await asyncio.to_thread(publish.index, self.store, INDEXED_AT_ONCE)

    async def _fetch_pages(self) -> None:
        """Announce what waited long enough for its page, and start fetching pages; never wait for them."""
        await asyncio.to_thread(articles.release_overdue, self.store, self._runner.deps, utc_now())
        self._pages.start()

    async def _fetch_pictures(self) -> None:
        """Take in what the log says of pictures, and start fetching them; never wait for it."""
        await asyncio.to_thread(illustrate.follow, self.store, self._current.edition, utc_now())
        self._pictures.start()

    async def _introduce(self) -> None:
        """Say for how many we read: others may have come since the client was made."""
        self._client.introduce(await asyncio.to_thread(user_agent, self.store, self._current))

    async def _keep_house(self) -> None:
        for _ in range(PRUNED_AT_ONCE):
            if not await asyncio.to_thread(self._prune):
                break

    def _prune(self) -> bool:
        """Take away one batch of what is old; say whether there may be more."""
        now, settings = utc_now(), self._current.settings
        with self.store.write() as tx:
            pruned = tx.retention.prune(
                entries_before=now - settings.retention.entries,
                changes_before=now - settings.retention.changes,
                attempts_before=now - ATTEMPTS_KEPT,
                keep=settings.publish.max_entries,
            )
        return pruned.entries > 0 or pruned.pictures > 0
