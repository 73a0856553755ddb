"""What fetches the pages of articles, beside the polls or after the last of them."""

import asyncio
from collections.abc import Callable, Collection
from datetime import datetime

from feedsvc import articles
from feedsvc.engine.local import LocalRunner, utc_now
from feedsvc.errands import Fetching, Means
from feedsvc.fetch import Client
from feedsvc.model import Article
from feedsvc.revisions import InForce
from feedsvc.store import Store, WantedPage
from feedsvc.update import Deps

#: how often it is looked whether another process has fetched what it took
PAUSE_S = 0.2


def means_of(
    client: Client,
    runner: LocalRunner,
    polled: Callable[[], Collection[str]] = tuple,
    now: Callable[[], datetime] = utc_now,
) -> Means:
    deps = runner.deps
    return Means(store=deps.store, client=client, limits=runner.limits, holder=deps.holder, polled=polled, now=now)


def pages_of(means: Means, runner: LocalRunner, current: InForce) -> Fetching[WantedPage, Article]:
    sources = {source.id: source for source in current.settings.sources}
    return articles.fetching(means, sources, runner.readers.read_page, runner.deps)


async def work_off(fetching: Fetching[WantedPage, Article], deps: Deps, since: datetime) -> None:
    """Fetch what is due, and announce what stories of polls since then wait for, also where there is no page.

    Each page is tried once, none where the host wants to be left alone, and none is waited for longer than
    `fetch.hold`.
    """
    clock = asyncio.get_running_loop().time
    end = clock() + deps.hold.total_seconds()
    while (left_s := end - clock()) > 0:
        fetching.start()
        await asyncio.wait([asyncio.create_task(fetching.idle())], timeout=left_s)
        if not await asyncio.to_thread(_untried, deps.store, since):
            break
        await asyncio.sleep(PAUSE_S)
    await fetching.close()
    await asyncio.to_thread(_announce, deps, since)
    while await asyncio.to_thread(articles.release_overdue, deps.store, deps, utc_now()):
        pass


def _untried(store: Store, since: datetime) -> bool:
    with store.read() as tx:
        return tx.articles.untried(since, utc_now())


def _announce(deps: Deps, since: datetime) -> None:
    with deps.store.read() as tx:
        if not tx.articles.waiting(since):
            return
    with deps.store.write() as tx:
        if tx.revisions.latest_number() == deps.revision:
            articles.let_go(tx.articles.waiting(since), tx, deps, utc_now())
