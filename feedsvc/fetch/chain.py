"""A chain of redirects: what is asked for, and where each answer leads."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import aiohttp
from yarl import URL

from feedsvc.errors import FetchError
from feedsvc.fetch import headers as heads
from feedsvc.fetch.address import AddressError, gives_up_tls, redirected
from feedsvc.fetch.freshness import read_freshness
from feedsvc.model import FetchLimits

MAX_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PERMANENT = frozenset({301, 308})
#: what a form is sent on after; others say that something else is to be got (RFC 9110, section 15.4)
REPEATED = frozenset({307, 308})
#: the longest Retry-After of a redirect that is waited for at once; after a longer one all is asked anew, when it ends
MAX_REST_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What is asked for, and within which limits."""

    #: whom errors name
    id: str
    url: str
    #: what is sent beside who we are, by the address that it is sent to
    headers: Callable[[URL], dict[str, str]]
    is_conditional: bool = False
    #: of the answer that a 304 would confirm
    max_age: timedelta | None = None
    #: what is sent by POST
    form: bytes | None = None
    #: of what is too large the beginning will do
    may_be_cut: bool = False
    #: the site of each address is asked whether we may
    heeds_robots: bool = False
    limits: FetchLimits
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One request of a chain of redirects."""

    url: URL
    #: every redirect before it was permanent, and none gave up TLS
    is_permanent: bool
    redirects: int
    #: to be waited before it is asked: Retry-After
    wait_s: float = 0.0
    #: seconds that are left for this and all that follow
    time_left_s: float


@dataclass(slots=True)
class Trail:
    """Whom the last request was to, and whether an answer to it began."""

    authority: str | None = None
    is_answered: bool = False


def next_hop(ask: Ask, response: aiohttp.ClientResponse, hop: Hop, time_left_s: float) -> Hop:
    header = heads.lines(response.raw_headers)
    fresh = read_freshness(header, ask.now)

    def refused(problem: str) -> FetchError:
        return FetchError(ask.id, problem, retryable=True, status=response.status, freshness=fresh)

    answered = f"answered {response.status}"
    location = heads.first(header, "location")
    if location is None:
        raise refused(f"{answered} without saying where to")
    if hop.redirects == MAX_REDIRECTS:
        raise refused(f"more than {MAX_REDIRECTS} redirects")
    try:
        url = redirected(hop.url, location)
    except AddressError as exc:
        raise refused(f"{answered} with a target that cannot be requested: {exc}") from exc
    if ask.form is not None and response.status not in REPEATED:
        raise refused(f"{answered} to a form, which is only sent on after 307 and 308")
    if ask.form is not None and gives_up_tls(hop.url, url):
        # It holds the secret that pushes are signed with.
        raise refused(f"{answered} to a form sent over https with a target that is not")
    # RFC 9110 section 10.2.3: with a redirect it is the least time before the redirected request.
    retry_at = fresh.retry_at or ask.now
    wait_s = (retry_at - ask.now).total_seconds()
    if wait_s > min(MAX_REST_S, time_left_s):
        raise refused(f"{answered} and asked to wait until {retry_at:%Y-%m-%d %H:%M:%S} UTC before it is followed")
    return Hop(
        url=url,
        is_permanent=hop.is_permanent and response.status in PERMANENT and not gives_up_tls(hop.url, url),
        redirects=hop.redirects + 1,
        wait_s=wait_s,
        time_left_s=time_left_s - wait_s,
    )
