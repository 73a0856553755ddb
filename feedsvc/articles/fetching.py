"""Asks for the pages that are wanted, beside the polls."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from feedsvc import drift
from feedsvc.articles.arriving import arrive, let_go
from feedsvc.articles.asking import FURTHER, Asker, PageReader
from feedsvc.errands import Fetching, Manner, Means, is_unreachable
from feedsvc.errors import FetchError
from feedsvc.fetch import Client
from feedsvc.model import Article, Source
from feedsvc.store import Articles, Transaction, WantedPage
from feedsvc.update import Deps

log = structlog.get_logger()

#: under way at once, over all hosts
AT_ONCE = 16
#: after the first failure: a story waits for its page, though not for long
FIRST_PAUSE = timedelta(minutes=2)
#: for reading, and for asking a site what it allows
MARGIN = timedelta(seconds=60)


def fetching(
    means: Means, sources: Mapping[str, Source], reader: PageReader, deps: Deps
) -> Fetching[WantedPage, Article]:
    """Return what fetches wanted pages, those that stories wait for first."""
    longest = FURTHER + MARGIN + 2 * means.limits.timeout
    manner = Manner(name="page", at_once=AT_ONCE, longest=longest, first_pause=FIRST_PAUSE)
    errand = _Pages(client=means.client, sources=sources, reader=reader, deps=deps)
    return Fetching(means=means, manner=manner, errand=errand)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pages:
    client: Client
    #: those of the configuration, by id
    sources: Mapping[str, Source]
    reader: PageReader
    deps: Deps

    def shelf(self, tx: Transaction) -> Articles:
        return tx.articles

    def is_current(self, tx: Transaction) -> bool:
        # By the rules of a former revision nothing is recorded.
        return tx.revisions.latest_number() == self.deps.revision

    async def fetch(self, wanted: WantedPage, now: datetime) -> Article:
        source = self.sources.get(wanted.source_id)
        if source is None or not source.full_text:
            why = "the source left the configuration" if source is None else "full_text is off by now"
            raise FetchError("page", why, retryable=False)
        asker = Asker(source=source, entry=wanted.entry, pages=self.client, reader=self.reader, now=now)
        return await asker.ask(wanted.href)

    def keep(self, wanted: WantedPage, found: Article, tx: Transaction, now: datetime) -> None:
        tx.articles.done(wanted)
        self._learn(wanted, found.content is not None, tx, now)
        self._space(wanted, tx, now)
        contribution = arrive(wanted.entry_id, found, tx, self.deps, now)
        if contribution is not None:
            log.info("page", href=wanted.href, text=contribution.origin, why=contribution.reason)

    def fail(self, wanted: WantedPage, error: FetchError, tx: Transaction, now: datetime) -> None:
        self._space(wanted, tx, now)
        task = tx.articles.tasks([wanted.entry_id]).get(wanted.entry_id)
        if task is not None and task.next_fetch_at is None:
            self._learn(wanted, False, tx, now)
        # Nobody waits for a page that cannot come in time, or for a host that is not there: it may come later.
        let_go(tx.articles.hopeless(wanted.host, now, is_there=not is_unreachable(error)), tx, self.deps, now)

    def _learn(self, wanted: WantedPage, is_read: bool, tx: Transaction, now: datetime) -> None:
        """Note for the source's next poll whether its pages can still be read."""
        state = tx.schedule.state(wanted.source_id)
        tx.schedule.learn(replace(state, usual=drift.with_page(state.usual, is_read, now)))

    def _space(self, wanted: WantedPage, tx: Transaction, now: datetime) -> None:
        """Leave a site alone for its Crawl-delay: who waited for it with a slot of the host would keep polls out."""
        if wait_s := self.client.page_wait_s(wanted.href):
            tx.articles.postpone(wanted.host, now + timedelta(seconds=wait_s))
