"""robots.txt: whether a page may be fetched by a program that found its address itself, how often, under which licence.

Source: RFC 9309; the License line is of Really Simple Licensing (RSL 1.0, section 4). Sources are not asked about: an
admin named them, as a reader of a feed does. Nor are pictures: the feed itself shows them, and an admin has said for
each source whether they may be shown.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from urllib.parse import urlsplit

from protego import Protego

from feedsvc.errors import FetchError
from feedsvc.fetch.turns import Lines
from feedsvc.model import Checked, Document, Freshness

#: by what name robots.txt knows us; the first word of our User-Agent
AGENT = "feedsvc"
#: what is read of it (RFC 9309, section 2.5), and received at most
READ_BYTES, MAX_BYTES = 512_000, 2_000_000
#: how long it holds (section 2.4), whatever its server says
SHORTEST, LONGEST = timedelta(hours=1), timedelta(hours=24)
#: the longest Crawl-delay that is kept to (no standard: RFC 9309 leaves it to each program); more counts as this
LONGEST_DELAY = timedelta(minutes=1)
#: sites that are remembered
MAX_SITES = 5_000
MAX_LICENCES = 20

_LICENCE = re.compile(r"^[ \t]*license[ \t]*:[ \t]*(https?://[^\s#]+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Robots(Checked):
    """A site's robots.txt; one that is not there has no text."""

    text: str = ""
    #: it could not be read although it may be there: why; nothing is allowed meanwhile
    problem: str | None = None
    #: that may pass
    is_passing: bool = True
    #: addresses of licences, for all of the site
    licences: tuple[str, ...] = ()
    #: wanted between two of our requests for its pages
    delay: timedelta = timedelta()
    fresh_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission(Checked):
    """What a site says of fetching one of its pages; `refusal` in words, None: it may be fetched."""

    refusal: str | None = None
    #: it is refused because nobody knows: trying later may help
    is_unknown: bool = False
    licences: tuple[str, ...] = ()
    #: what we keep between two pages of the site: its Crawl-delay
    delay: timedelta = timedelta()


def allowed(robots: Robots, url: str, agent: str = AGENT) -> bool:
    """Say whether a program of this name may fetch an address."""
    if robots.problem is not None:
        return False
    return not robots.text or _rules(robots.text).can_fetch(url, agent)


def permission(robots: Robots, url: str) -> Permission:
    site = urlsplit(url).netloc.rpartition("@")[2]
    refusal = None
    if robots.problem is not None:
        refusal = f"the robots.txt of {site} cannot be read: {robots.problem}"
    elif not allowed(robots, url):
        refusal = f"the robots.txt of {site} does not allow {AGENT} to fetch it"
    unknown = robots.problem is not None and robots.is_passing
    return Permission(refusal=refusal, is_unknown=unknown, licences=robots.licences, delay=robots.delay)


def read_robots(document: Document, now: datetime) -> Robots:
    """Never fails: what cannot be understood says nothing."""
    text = document.body[:READ_BYTES].decode("utf-8", "replace").removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
    licences = tuple(dict.fromkeys(match[1] for match in _LICENCE.finditer(text)))[:MAX_LICENCES]
    delay = (
        min(timedelta(seconds=min(_rules(text).crawl_delay(AGENT) or 0, 1e6)), LONGEST_DELAY) if text else timedelta()
    )
    return Robots(text=text, licences=licences, delay=delay, fresh_until=now + _lifetime(document.freshness))


def without_robots(error: FetchError, now: datetime) -> Robots:
    """Return what a failure means: a refusal is no rule (section 2.3.1.3), a server in trouble no permission (…4)."""
    fresh = error.freshness if isinstance(error.freshness, Freshness) else Freshness()
    if error.status is not None and error.status < 500 and error.status != 429:
        return Robots(fresh_until=now + _lifetime(fresh))
    at = max(now + SHORTEST, fresh.retry_at or now)
    return Robots(problem=error.problem, is_passing=error.retryable, fresh_until=min(at, now + LONGEST))


class Sites:
    """The robots.txt of each site, asked for once in its lifetime however many want to know."""

    def __init__(self, ask: Callable[[str, datetime], Awaitable[Document]]) -> None:
        """`ask` requests an address. Raises FetchError."""
        self._ask = ask
        self._known: dict[str, Robots] = {}
        self._lines = Lines(1)

    async def robots(self, url: str, now: datetime) -> Robots:
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"
        async with self._lines.place(site):
            known = self._known.get(site)
            if known is None or known.fresh_until <= now:
                known = await self._anew(site, known, now)
                if len(self._known) >= MAX_SITES:
                    del self._known[next(iter(self._known))]
                self._known[site] = known
            return known

    async def _anew(self, site: str, known: Robots | None, now: datetime) -> Robots:
        try:
            return read_robots(await self._ask(f"{site}/robots.txt", now), now)
        except FetchError as error:
            found = without_robots(error, now)
        if found.problem is not None and known is not None and known.problem is None:
            # Yesterday's rules are better than none (section 2.4).
            return replace(known, fresh_until=found.fresh_until)
        return found


class Spacing:
    """Keeps the pages of a site apart. Who waits for its time holds nothing else."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._free_at: dict[str, float] = {}
        self._lines = Lines(1)

    def wait_s(self, site: str) -> float:
        """Return after how many seconds a page may be asked for, if nobody comes before."""
        return max(0.0, self._free_at.get(site, 0.0) - self._clock())

    @asynccontextmanager
    async def place(self, site: str, delay: timedelta) -> AsyncIterator[None]:
        """Wait for the time of the next request to a site; it is made at the end of this."""
        if not delay:
            yield
            return
        async with self._lines.place(site):
            while wait_s := self.wait_s(site):  # noqa: ASYNC110 - time has no events
                await asyncio.sleep(wait_s)
            yield
            now = self._clock()
            if len(self._free_at) >= MAX_SITES:
                self._free_at = {name: at for name, at in self._free_at.items() if at > now}
            self._free_at[site] = now + delay.total_seconds()


def _lifetime(freshness: Freshness) -> timedelta:
    return LONGEST if freshness.fresh_for is None else min(max(freshness.fresh_for, SHORTEST), LONGEST)


@lru_cache(maxsize=64)
def _rules(text: str) -> Protego:
    return Protego.parse(text)
