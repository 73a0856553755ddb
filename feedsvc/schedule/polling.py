"""Builds what polls need from the configuration in force."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from feedsvc import fetch, filing, readership
from feedsvc.engine.local import LocalRunner, Readers, holder, isolated_readers, utc_now
from feedsvc.revisions import InForce
from feedsvc.store import Store
from feedsvc.update import Deps, Writes


@asynccontextmanager
async def polling(store: Store, current: InForce) -> AsyncIterator[LocalRunner]:
    """Open a client and yield what polls with it; on leaving, polls under way are finished first."""
    async with await client_of(store, current) as client, runner_with(client, store, current) as runner:
        yield runner


async def client_of(store: Store, current: InForce) -> fetch.Client:
    return fetch.Client(current.settings.fetch, await asyncio.to_thread(user_agent, store, current))


def user_agent(store: Store, current: InForce) -> str:
    """Return who we are today."""
    with store.read() as tx:
        subscribers = readership.subscribers(tx, utc_now().date())
    return fetch.user_agent(version("feedsvc"), current.settings.site.contact, subscribers)


@asynccontextmanager
async def runner_with(client: fetch.Client, store: Store, current: InForce) -> AsyncIterator[LocalRunner]:
    """Yield what polls; on leaving, polls under way are finished first."""
    async with isolated_readers() as readers:
        runner = await _runner(client, store, current, readers)
        try:
            yield runner
        finally:
            await runner.drain()


async def _runner(client: fetch.Client, store: Store, current: InForce, readers: Readers) -> LocalRunner:
    settings = current.settings
    rules = filing.compile_rules(settings.sources, settings.categories, settings.tags, settings.site.timezone)
    deps = Deps(
        http=client,
        reader=readers.read,
        store=store,
        revision=current.number,
        rules=rules,
        ranks={source.id: source.rank for source in settings.sources},
        holder=holder(),
        languages=settings.site.languages,
        keep_revisions=settings.retention.revisions,
        hold=settings.fetch.hold,
        writes=Writes(store),
    )
    moved = await asyncio.to_thread(_moved, store)
    return LocalRunner(deps=deps, readers=readers, limits=settings.fetch, client=client, moved=moved)


def _moved(store: Store) -> dict[str, str]:
    with store.read() as tx:
        return dict(tx.schedule.moved())
