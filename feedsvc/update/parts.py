"""The further documents of a source: the sitemaps of an index, the next pages of a list."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from feedsvc import dedup
from feedsvc.errors import FetchError, IsolationError, NothingListedError, SourceError
from feedsvc.model import Arrival, Document, FetchState, Freshness, NotModified, Part, PartState, Source
from feedsvc.reading import Reading
from feedsvc.update.deps import Deps

#: of an index in one poll
MAX_SITEMAPS = 3
#: of a list in one poll, its first page included
MAX_PAGES = 5
#: after so many seconds no further document is asked for: the claim of a poll is a lease
TIME_S = 30.0
#: a sitemap of news holds two days: after a longer pause the others tell what was missed
NEWS_FOR = timedelta(hours=36)
#: what is dated so long before the last poll was there then, in an archive that was not read
ARCHIVED = timedelta(days=2)
#: answers by which a host wants to be left alone
_OVERLOADED = frozenset({429, 503})
_GONE = frozenset({404, 410})
_SURE = frozenset({"guid", "link", "post"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What further documents brought; `states` to keep for the next poll."""

    readings: tuple[Reading, ...] = ()
    states: tuple[PartState, ...] = ()
    #: what could not be read, in words
    problem: str | None = None
    #: the first one of a request
    error: FetchError | None = None
    #: something was asked for, and nothing came
    is_failure: bool = False


async def bring(source: Source, state: FetchState, main: Reading | None, deps: Deps, now: datetime) -> Brought:
    """Ask for what the source's own document lists; `main` is its reading, None: it is as it was."""
    asking = _Asking(source, state, deps, now)
    if source.kind == "page" and main is not None:
        await asking.next_pages(main)
    if source.kind == "sitemap":
        known = {each.url: each for each in state.parts}
        listed = main.parts if main is not None else [Part(href=p.url, is_news=p.is_news) for p in state.parts]
        parts = [known.get(p.href) or PartState(url=p.href, is_news=p.is_news) for p in listed[:MAX_SITEMAPS]]
        await asking.sitemaps(parts)
    return asking.brought()


class _Asking:
    """Asks for one after the other, each when it is the source's turn at that host."""

    def __init__(self, source: Source, state: FetchState, deps: Deps, now: datetime) -> None:
        self._source, self._state, self._deps, self._now = source, state, deps, now
        self._until = asyncio.get_running_loop().time() + TIME_S
        self._readings: list[Reading] = []
        self._states: list[PartState] = []
        self._problems: list[str] = []
        self._error: FetchError | None = None
        #: documents that were read, or are known to be as they were
        self._confirmed = 0

    def brought(self) -> Brought:
        return Brought(
            readings=tuple(self._readings),
            states=tuple(self._states),
            problem=f"not all could be read: {'; '.join(self._problems)}" if self._problems else None,
            # That an index names what is gone says nothing of the index.
            error=None if self._error is not None and self._error.status in _GONE else self._error,
            is_failure=bool(self._problems) and not self._confirmed,
        )

    async def sitemaps(self, parts: Sequence[PartState]) -> None:
        """Ask for these in turn; where those of news bring some, they are enough."""
        seen_at = self._state.last_success_at
        missed = seen_at is not None and self._now - seen_at > NEWS_FOR
        has_news = False
        for part in parts:
            if self._is_over() or (has_news and not part.is_news and not missed):
                self._states.append(part)
                continue
            count = len(self._readings)
            confirmed = self._confirmed
            self._states.append(await self._sitemap(part))
            new = self._readings[count:]
            is_there = bool(new[0].arrivals) if new else self._confirmed > confirmed
            has_news = has_news or (part.is_news and is_there)

    async def next_pages(self, first: Reading) -> None:
        """Follow the links to older entries: of a first poll until there are enough, later while all are new."""
        seen, page, count = {self._source.url}, first, len(first.arrivals)
        for _ in range(MAX_PAGES - 1):
            following = next((part.href for part in page.parts if part.href not in seen), None)
            if following is None or self._is_over() or not await self._is_more_wanted(page, count):
                return
            seen.add(following)
            fetched = await self._get(PartState(url=following))
            reading = await self._read(fetched, following) if isinstance(fetched, Document) else None
            if reading is None:
                return
            self._readings.append(reading)
            page, count = reading, count + len(reading.arrivals)

    def _is_over(self) -> bool:
        error = self._error
        wants_rest = error is not None and (error.status in _OVERLOADED or error.is_unreachable)
        return wants_rest or asyncio.get_running_loop().time() > self._until

    async def _is_more_wanted(self, page: Reading, count: int) -> bool:
        if self._state.info is None:
            return self._source.backfill is None or count < self._source.backfill
        return await asyncio.to_thread(self._is_all_new, page.arrivals)

    def _is_all_new(self, arrivals: Sequence[Arrival]) -> bool:
        with self._deps.store.read() as tx:
            known = tx.entries.known(self._source.id, [key for arrival in arrivals for key in arrival.keys])
        return not dedup.matched(arrivals, known)

    async def _sitemap(self, part: PartState) -> PartState:
        """Ask for a sitemap unless its server wants it left alone; return what to keep of it."""
        if part.not_before is not None and self._now < part.not_before:
            self._confirmed += 1
            return part
        fetched = await self._get(part)
        if isinstance(fetched, FetchError):
            freshness = fetched.freshness if isinstance(fetched.freshness, Freshness) else Freshness()
            return replace(part, not_before=freshness.retry_at)
        asked = replace(part, not_before=_not_before(fetched.freshness, self._now), read_at=self._now)
        if isinstance(fetched, NotModified):
            self._confirmed += 1
            return replace(
                asked, etag=fetched.etag or part.etag, last_modified=fetched.last_modified or part.last_modified
            )
        asked = replace(asked, etag=fetched.etag, last_modified=fetched.last_modified)
        digest: bytes | None = sha256(fetched.body).digest()
        if digest != part.body_hash:
            reading = await self._read(fetched, part.url)
            if reading is None:
                return part
            if not reading.arrivals:
                # Asked for in full again: by a 304 nobody would know that there is nothing in it.
                asked, digest = replace(asked, etag=None, last_modified=None), None
            self._readings.append(
                with_backlog(reading, self._source, self._state, self._now) if part.read_at is None else reading
            )
        self._confirmed += 1
        return replace(asked, body_hash=digest)

    async def _get(self, part: PartState) -> Document | NotModified | FetchError:
        # By the source's state, so that credentials go to its own origin only, wherever a part may be.
        state = FetchState(
            source_id=self._source.id, effective_url=part.url, etag=part.etag, last_modified=part.last_modified
        )
        try:
            return await self._deps.http.get(self._source, state, self._now)
        except FetchError as error:
            self._problems.append(f"{part.url}: {error.problem}")
            self._error = self._error or error
            return error

    async def _read(self, document: Document, url: str) -> Reading | None:
        try:
            reading = await self._deps.reader(document, self._source)
        except NothingListedError:
            # The list ends before this page.
            return None
        except (SourceError, IsolationError) as error:
            self._problems.append(f"{url}: {error.problem}")
            return None
        if self._source.kind == "sitemap" and reading.parts:
            self._problems.append(f"{url}: an index inside an index, which is not followed")
        return reading


def with_backlog(reading: Reading, source: Source, state: FetchState, now: datetime) -> Reading:
    """Return a document that is read for the first time with its older entries marked as such.

    A source that is known already takes an archive in without announcing it; of entries without dates as many count as
    new as of a first poll.
    """
    since = (state.last_success_at or now) - ARCHIVED
    undated = source.backfill
    marked = []
    for arrival in reading.arrivals:
        at = arrival.entry.published or arrival.entry.updated
        is_new = at >= since if at is not None else undated is None or undated > 0
        if at is None and undated:
            undated -= 1
        marked.append(arrival if is_new else replace(arrival, is_backlog=True))
    return replace(reading, arrivals=tuple(marked))


def joined(readings: Sequence[Reading]) -> Reading | None:
    """Return what several documents of one source say; of an entry that is in two, the one with a title counts."""
    if len(readings) < 2:
        return next(iter(readings), None)
    first = readings[0]
    named = next((each.info for each in readings if each.info.title), first.info)
    return replace(
        first,
        info=first.info if first.info.title else replace(first.info, title=named.title, language=named.language),
        arrivals=_distinct(arrival for reading in readings for arrival in reading.arrivals),
        problem=next((each.problem for each in readings if each.problem), None),
        skipped=sum(each.skipped for each in readings),
        marks=None,
    )


def _distinct(arrivals: Iterable[Arrival]) -> tuple[Arrival, ...]:
    kept: list[Arrival] = []
    places: dict[str, int] = {}
    for arrival in arrivals:
        names = [key for key in arrival.keys if dedup.kind_of(key) in _SURE]
        at = next((places[key] for key in names if key in places), None)
        if at is None:
            at = len(kept)
            kept.append(arrival)
        elif kept[at].entry.is_bare and not arrival.entry.is_bare:
            kept[at] = arrival
        for key in names:
            places.setdefault(key, at)
    return tuple(kept)


def _not_before(freshness: Freshness, now: datetime) -> datetime | None:
    fresh_until = now + freshness.fresh_for if freshness.fresh_for else None
    return max((at for at in (freshness.retry_at, fresh_until) if at is not None), default=None)
