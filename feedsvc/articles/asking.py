"""From an article's address to what its page says, or all its pages."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urldefrag, urlsplit

from feedsvc.errors import FetchError, IsolationError, ParseError
from feedsvc.extract.article import joined
from feedsvc.fetch import authority_of
from feedsvc.model import Article, Document, Entry, Source

#: further pages of one article that are asked for
FURTHER_PARTS = 5
#: time after which no further one is begun: the article is published as far as it is there
FURTHER = timedelta(seconds=60)

#: of what is read as a page; where nothing is said, its bytes decide
_PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml", "application/xml", "text/xml", "text/plain", ""})


class Pages(Protocol):
    """The part of `fetch.Client` that asks for pages. Raises FetchError."""

    async def get_page(self, href: str, now: datetime) -> Document: ...


class PageReader(Protocol):
    """Runs `read_article` where it can be killed. Raises IsolationError and ParseError."""

    def __call__(self, document: Document, source: Source, hint: Entry | None) -> Awaitable[Article]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Asks for one article's pages, one after the other."""

    source: Source
    #: in its feed's words
    entry: Entry
    pages: Pages
    reader: PageReader
    now: datetime

    async def ask(self, href: str) -> Article:
        """Return what the entry's page says, with its further parts where the source's selectors find them.

        Raises FetchError; one that is not retryable where there is no page to be read.
        """
        clock = asyncio.get_running_loop().time
        deadline = clock() + FURTHER.total_seconds()
        first = await self._part(href)
        parts, asked = [first], {urldefrag(href).url, urldefrag(first.url).url}
        while (link := _next(parts[-1])) is not None and link not in asked and len(parts) <= FURTHER_PARTS:
            asked.add(link)
            parts.append(await self._further(link, first, in_time=clock() <= deadline))
        return replace(first, next_link=None) if len(parts) == 1 else await asyncio.to_thread(joined, parts)

    async def _further(self, href: str, first: Article, *, in_time: bool) -> Article:
        problem = "those before it took too long"
        if in_time:
            try:
                return await self._part(href)
            except FetchError as error:
                problem = error.problem
        return Article(url=first.url, fetched_at=first.fetched_at, notes=(f"its page {href} is missing: {problem}",))

    async def _part(self, href: str) -> Article:
        document = await self.pages.get_page(href, self.now)
        kind = (document.content_type or "").partition(";")[0].strip().lower()
        if kind not in _PAGE_TYPES:
            raise FetchError("page", f"it is no page but {kind}", retryable=False, status=document.status)
        if _is_front(document.url) and not _is_front(href):
            # So many sites answer for what is not there any more.
            raise FetchError("page", "its address leads to the front page", retryable=False, status=document.status)
        try:
            return await self.reader(document, self.source, self.entry)
        except (ParseError, IsolationError) as error:
            raise FetchError("page", f"it could not be read: {error}", retryable=False) from error


def _is_front(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path in {"", "/"} and not parts.query


def _next(part: Article) -> str | None:
    """Return where an article goes on, on the same site."""
    link = urldefrag(part.next_link or "").url
    return link if link and authority_of(link) == authority_of(part.url) else None
