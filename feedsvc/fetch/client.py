"""One request: for a source, a picture, a page, or with a form: redirects, limits, validators, translated errors."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

import aiohttp
from yarl import URL

from feedsvc.errors import FetchError
from feedsvc.fetch import headers as heads
from feedsvc.fetch.address import AddressError, authority, gives_up_tls, host, redirected, web_address, without_user
from feedsvc.fetch.connection import Connection, trace
from feedsvc.fetch.credentials import credentials
from feedsvc.fetch.decode import Body, CorruptBodyError, TooLargeError, UnknownCodingError
from feedsvc.fetch.faults import FAULTS, answered, is_the_proxys, short, translate
from feedsvc.fetch.freshness import read_freshness
from feedsvc.fetch.guard import Guard, literal, unguarded
from feedsvc.fetch.rate import Rate
from feedsvc.fetch.resolve import Resolver
from feedsvc.fetch.robots import MAX_BYTES as MAX_ROBOTS_BYTES
from feedsvc.fetch.robots import Permission, Sites, permission
from feedsvc.fetch.turns import Slot, Turn, Turns
from feedsvc.model import Document, FetchLimits, FetchState, FormAnswer, NotModified, Source

MAX_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PERMANENT = frozenset({301, 308})
#: what a form is sent on after; others say that something else is to be got (RFC 9110, section 15.4)
REPEATED = frozenset({307, 308})
#: of one line: some sites need 10 KB for their Content-Security-Policy
MAX_HEADER_BYTES = 16_384
MAX_HEADERS = 128
#: connections of this process at once
MAX_CONNECTIONS = 256
#: of a picture, after decompression
MAX_PICTURE_BYTES = 5_000_000
#: of an answer that refuses a form, after decompression, and of what is told of it
MAX_REFUSAL_BYTES, MAX_REFUSAL_LETTERS = 16_384, 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ask:
    """What is asked for, and within which limits."""

    #: whom errors name
    id: str
    url: str
    #: what is sent beside who we are, by the address that it is sent to
    headers: Callable[[URL], dict[str, str]]
    is_conditional: bool = False
    #: what is sent by POST
    form: bytes | None = None
    #: the site of each address is asked whether we may
    heeds_robots: bool = False
    limits: FetchLimits
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hop:
    """One request of a chain of redirects."""

    url: URL
    #: every redirect before it was permanent, and none gave up TLS
    is_permanent: bool
    redirects: int
    #: seconds that are left for this and all that follow
    time_left_s: float


@dataclass(slots=True)
class _Trail:
    """Whom the last request was to, and whether an answer to it began."""

    authority: str | None = None
    is_answered: bool = False


_Answer = Document | NotModified | FormAnswer


class Client:
    """All requests of one process and loop go through one of these, used as `async with`.

    No cookies are kept, no proxies or netrc of the environment used, no Referer sent.

    Where a proxy is configured, it alone is contacted, and finds out where names lead: the guard sees only addresses
    that are written as such.
    """

    def __init__(self, limits: FetchLimits, user_agent: str) -> None:
        self._limits = limits
        self._user_agent = user_agent
        self._guard = Guard(limits.allow_private)
        self._turns = Turns(Rate(limits.rate), limits.per_host, self._is_unlimited)
        self._sites = Sites(self._get_robots)

    async def __aenter__(self) -> Self:
        self._resolver = Resolver()
        connector = aiohttp.TCPConnector(
            ssl=ssl.create_default_context(),
            resolver=self._resolver,
            socket_factory=self._guard if self._limits.proxy is None else unguarded,
            limit=MAX_CONNECTIONS,
            ttl_dns_cache=60,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={
                "User-Agent": self._user_agent,
                "Accept-Encoding": heads.ACCEPT_ENCODING,
            },
            # One limit for all phases of all hops is kept here, by asyncio.timeout.
            timeout=aiohttp.ClientTimeout(total=None),
            auto_decompress=False,
            trust_env=False,
            proxy=self._limits.proxy,
            max_line_size=MAX_HEADER_BYTES,
            max_field_size=MAX_HEADER_BYTES,
            max_headers=MAX_HEADERS,
            trace_configs=[trace()],
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._session.close()

    @asynccontextmanager
    async def turn(self, host: str, slot: Slot | None = None) -> AsyncIterator["InTurn"]:
        """Wait until a request to `host` may be made, and yield what makes it.

        Until the end its place at the host it asked last, and in the room for all, are not others'.
        """
        async with Turn(self._turns, slot) as turn:
            await turn.wait(host)
            yield InTurn(self, turn)

    async def get(
        self, source: Source, state: FetchState, now: datetime, turn: Turn | None = None
    ) -> Document | NotModified:
        """Ask a source for its document, conditionally where `state` holds validators. Raises FetchError."""
        known = heads.validators(state)
        ask = _Ask(
            id=source.id,
            url=state.effective_url or source.url,
            headers=lambda url: {"Accept": heads.ACCEPT} | known | credentials(source, url),
            is_conditional=bool(known),
            limits=self._limits,
            now=now,
        )
        found = await self._get(ask, turn)
        assert not isinstance(found, FormAnswer), "asked without a form"
        return found

    async def get_picture(self, href: str, now: datetime) -> Document:
        """Ask for a picture, without credentials, not even those in the address. Raises FetchError."""
        limits = replace(self._limits, max_body_bytes=min(self._limits.max_body_bytes, MAX_PICTURE_BYTES))
        ask = _Ask(id="picture", url=href, headers=lambda _: {"Accept": heads.ACCEPT_PICTURE}, limits=limits, now=now)
        return await self._get_document(ask)

    async def get_page(self, href: str, now: datetime) -> Document:
        """Ask for a page that a feed links to, if its site allows it, without credentials. Raises FetchError."""
        ask = _Ask(
            id="page",
            url=href,
            headers=lambda _: {"Accept": heads.ACCEPT_PAGE},
            heeds_robots=True,
            limits=self._limits,
            now=now,
        )
        return await self._get_document(ask)

    async def post_form(
        self, url: str, fields: Mapping[str, str] | Sequence[tuple[str, str]], now: datetime
    ) -> FormAnswer:
        """Send a form, as to a WebSub hub, without credentials, not even those in the address.

        Whatever is answered is a value, but for redirects that a form does not follow. Raises FetchError.
        """
        headers = {"Accept": "*/*", "Content-Type": "application/x-www-form-urlencoded"}
        ask = _Ask(
            id="hub", url=url, headers=lambda _: headers, form=urlencode(fields).encode(), limits=self._limits, now=now
        )
        found = await self._get(ask)
        assert isinstance(found, FormAnswer), "asked with a form"
        return found

    async def permission(self, href: str, now: datetime) -> Permission:
        """Say whether a site's robots.txt allows us to fetch one of its pages; it is asked for at most once an hour."""
        return permission(await self._sites.robots(href, now), href)

    async def _get_robots(self, url: str, now: datetime) -> Document:
        limits = replace(self._limits, max_body_bytes=min(self._limits.max_body_bytes, MAX_ROBOTS_BYTES))
        ask = _Ask(id="robots.txt", url=url, headers=lambda _: {"Accept": heads.ACCEPT_ROBOTS}, limits=limits, now=now)
        return await self._get_document(ask)

    async def _get_document(self, ask: _Ask) -> Document:
        found = await self._get(ask)
        assert isinstance(found, Document), "asked unconditionally"
        return found

    async def _get(self, ask: _Ask, turn: Turn | None = None) -> _Answer:
        if turn is None:
            async with Turn(self._turns) as own:
                return await self._get(ask, own)
        trail = _Trail()
        try:
            return await self._follow(ask, turn, trail)
        except FetchError as error:
            error.authority = trail.authority
            raise
        except FAULTS as exc:
            fault = translate(ask.id, exc, ask.limits)
            if not is_the_proxys(exc, ask.limits):
                fault.authority, fault.is_unreachable = trail.authority, fault.retryable and not trail.is_answered
            raise fault from exc

    async def _follow(self, ask: _Ask, turn: Turn, trail: _Trail) -> _Answer:
        url = without_user(web_address(ask.url))
        hop = _Hop(url=url, is_permanent=True, redirects=0, time_left_s=ask.limits.timeout.total_seconds())
        while True:
            trail.authority, trail.is_answered = authority(hop.url), False
            if ask.heeds_robots:
                # Its robots.txt may be at the host that is held, or at one that waits for it.
                await turn.leave()
                if (refusal := (await self.permission(str(hop.url), ask.now)).refusal) is not None:
                    raise FetchError(ask.id, refusal, retryable=True)
            await turn.begin(host(hop.url))
            found = await self._request(ask, hop, trail)
            if not isinstance(found, _Hop):
                return found
            hop = found

    async def _request(self, ask: _Ask, hop: _Hop, trail: _Trail) -> _Answer | _Hop:
        loop = asyncio.get_running_loop()
        started = loop.time()
        if self._limits.proxy is not None and (address := literal(host(hop.url))) is not None:
            self._guard.check(address)
        connection = Connection()
        request = self._session.request(
            "GET" if ask.form is None else "POST",
            hop.url,
            data=ask.form,
            headers=ask.headers(hop.url),
            allow_redirects=False,
            trace_request_ctx=connection,
            middlewares=(connection.ask,),
        )
        async with asyncio.timeout(hop.time_left_s), request as response:
            trail.is_answered = True
            if response.status in REDIRECTS:
                left = hop.time_left_s - (loop.time() - started)
                return _next_hop(ask, response, hop, left)
            if ask.form is not None:
                return await _form_answer(hop, response, ask.now)
            return await self._answer(ask, hop, response)

    async def _answer(self, ask: _Ask, hop: _Hop, response: aiohttp.ClientResponse) -> Document | NotModified:
        header = heads.lines(response.raw_headers)
        etag = heads.validator(response.raw_headers, b"etag")
        last_modified = heads.validator(response.raw_headers, b"last-modified")
        fresh = read_freshness(header, ask.now)
        moved_to = str(hop.url) if hop.redirects and hop.is_permanent else None
        if response.status == 304 and ask.is_conditional:
            return NotModified(
                url=str(hop.url),
                etag=etag,
                last_modified=last_modified,
                freshness=fresh,
                moved_to=moved_to,
                fetched_at=ask.now,
            )
        # 203 is a 200 that a proxy has changed; any other status does not bring the document.
        if response.status not in {200, 203}:
            raise answered(ask.id, response.status, fresh, ask.limits)
        return Document(
            url=str(hop.url),
            status=response.status,
            body=await _body(response, header, ask.limits.max_body_bytes),
            content_type=heads.first(header, "content-type"),
            content_language=heads.first(header, "content-language"),
            content_location=heads.first(header, "content-location"),
            etag=etag,
            last_modified=last_modified,
            links=heads.read_links(header.get("link", ()), str(hop.url)),
            freshness=fresh,
            moved_to=moved_to,
            fetched_at=ask.now,
        )

    async def _is_unlimited(self, host: str) -> bool:
        """Say whether all addresses of a host are in networks of our own."""
        if not self._guard.allows_private:
            return False
        if self._limits.proxy is not None:
            return (address := literal(host)) is not None and self._guard.is_private(address)
        try:
            async with asyncio.timeout(self._limits.timeout.total_seconds()):
                addresses = await self._resolver.addresses(host)
        except OSError:  # TimeoutError is one
            # The request itself will say so.
            return True
        return all(self._guard.is_private(address) for address in addresses)


class InTurn:
    """A client whose first request to the host that it waited for is made at once."""

    def __init__(self, client: Client, turn: Turn) -> None:
        self._client, self._turn = client, turn

    async def get(self, source: Source, state: FetchState, now: datetime) -> Document | NotModified:
        """As the client's."""
        return await self._client.get(source, state, now, self._turn)


async def _body(response: aiohttp.ClientResponse, header: Mapping[str, tuple[str, ...]], max_body_bytes: int) -> bytes:
    body = Body(header.get("content-encoding", ()), max_body_bytes)
    if (response.content_length or 0) > max_body_bytes:
        raise TooLargeError
    async for chunk in response.content.iter_any():
        body.add(chunk)
    return body.finished()


async def _form_answer(hop: _Hop, response: aiohttp.ClientResponse, now: datetime) -> FormAnswer:
    header = heads.lines(response.raw_headers)
    return FormAnswer(
        url=str(hop.url),
        status=response.status,
        text="" if response.ok else short(await _beginning(response, header), MAX_REFUSAL_LETTERS),
        retry_at=read_freshness(header, now).retry_at,
    )


async def _beginning(response: aiohttp.ClientResponse, header: Mapping[str, tuple[str, ...]]) -> str:
    """Return what can be read of an answer whose status has said what matters."""
    body = Body((), MAX_REFUSAL_BYTES)
    with suppress(CorruptBodyError, TooLargeError, UnknownCodingError, aiohttp.ClientPayloadError):
        body = Body(header.get("content-encoding", ()), MAX_REFUSAL_BYTES)
        async for chunk in response.content.iter_chunked(4096):
            body.add(chunk)
    return body.so_far().decode("utf-8", "replace")


def _next_hop(ask: _Ask, response: aiohttp.ClientResponse, hop: _Hop, time_left_s: float) -> _Hop:
    def refused(problem: str) -> FetchError:
        return FetchError(ask.id, problem, retryable=True, status=response.status)

    answered = f"answered {response.status}"
    location = heads.first(heads.lines(response.raw_headers), "location")
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
    return _Hop(
        url=url,
        is_permanent=hop.is_permanent and response.status in PERMANENT and not gives_up_tls(hop.url, url),
        redirects=hop.redirects + 1,
        time_left_s=time_left_s,
    )
