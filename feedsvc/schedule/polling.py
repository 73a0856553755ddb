"""Builds what polls need from the configuration in force."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from feedsvc import fetch, filing, readership
from feedsvc.engine.local import LocalRunner, holder, isolated_reader, utc_now
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
    settings = current.settings
    rules = filing.compile_rules(settings.sources, settings.categories, settings.tags, settings.site.timezone)
    deps = Deps(
        http=client,
        reader=isolated_reader,
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
    runner = LocalRunner(deps=deps, limits=settings.fetch, client=client, moved=moved)
    try:
        yield runner
    finally:
        await runner.drain()


def _moved(store: Store) -> dict[str, str]:
    with store.read() as tx:
        return dict(tx.schedule.moved())
