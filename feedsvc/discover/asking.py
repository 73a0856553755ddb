"""One request at a time, within bounds on requests and time: whoever is asked has not invited us."""

import asyncio
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from feedsvc.discover.looking import Seen, Unread
from feedsvc.discover.values import Deps
from feedsvc.errors import FetchError, IsolationError
from feedsvc.model import Document, FetchState, LocalText, NotModified, Source

#: in all, and those of them that are for feeds: the rest is for robots.txt and sitemaps
REQUESTS = 40
FEED_REQUESTS = 32
#: after so long nothing more is asked
TIME_S = 90.0
FEED_TIME_S = 60.0
#: failures of the connection, after which a host is left alone
MAX_DEAD = 2
#: answers by which a host asks to be left alone
OVERLOADED = frozenset({429, 503})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of one request."""

    #: as it was asked for
    address: str
    document: Document
    seen: Seen

    @property
    def lasting(self) -> str:
        """The address to keep: the one asked for, or where permanent redirects led."""
        return self.document.moved_to or self.address


class Asking:
    """Counts what it asks. `cut_short`: why something was not asked, in words."""

    def __init__(self, deps: Deps, timezone: str) -> None:
        self._deps = deps
        self._timezone = timezone
        self._failed: dict[str, int] = {}
        self._started = asyncio.get_running_loop().time()
        self.requests = 0
        self.cut_short: str | None = None

    def may(self, address: str, purpose: Literal["feeds", "sitemaps"]) -> bool:
        """Say whether there is still room for a request, and the host is not to be left alone."""
        most, time_s = (FEED_REQUESTS, FEED_TIME_S) if purpose == "feeds" else (REQUESTS, TIME_S)
        host = _host(address)
        if self._failed.get(host, 0) >= MAX_DEAD:
            reason = f"{host} does not answer any more"
        elif self.requests >= most:
            reason = f"enough after {self.requests} requests"
        elif asyncio.get_running_loop().time() - self._started > time_s:
            reason = f"enough after {time_s:g} s"
        else:
            return True
        self.cut_short = self.cut_short or reason
        return False

    async def document(self, address: str) -> Document:
        """Raises FetchError."""
        self._deps.tell(address)
        self.requests += 1
        source = self._source(address)
        try:
            found = await self._deps.http.get(source, FetchState(source_id=source.id), self._deps.now())
        except FetchError as error:
            self._note(address, error)
            raise
        assert not isinstance(found, NotModified), "asked without validators"
        return found

    async def ask(self, address: str) -> Answer:
        """Request a document and look at it. Raises FetchError."""
        document = await self.document(address)
        try:
            seen = await self._deps.looker(document, self._source(address))
        except IsolationError as error:
            seen = Unread(problem=error.problem)
        return Answer(address=address, document=document, seen=seen)

    def _note(self, address: str, error: FetchError) -> None:
        host = _host(address)
        if error.status in OVERLOADED:
            self._failed[host] = MAX_DEAD
        elif error.status is None and error.retryable:
            self._failed[host] = self._failed.get(host, 0) + 1

    def _source(self, address: str) -> Source:
        return Source(id=address, title=LocalText(by_language=()), url=address, timezone=self._timezone)


def _host(address: str) -> str:
    try:
        return urlsplit(address).netloc
    except ValueError:
        return address
