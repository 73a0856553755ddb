"""One request, for a source, a picture or a page, or with a form: in its turn, guarded, within limits."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

import aiohttp
from yarl import URL

from feedsvc.errors import FetchError
from feedsvc.fetch import headers as heads
from feedsvc.fetch.address import authority, authority_of, host, web_address, without_user
from feedsvc.fetch.answer import Answer, answer, form_answer
from feedsvc.fetch.chain import REDIRECTS, Ask, Hop, Trail, next_hop
from feedsvc.fetch.connection import Connection, Connector, trace
from feedsvc.fetch.credentials import credentials
from feedsvc.fetch.faults import FAULTS, is_the_proxys, translate
from feedsvc.fetch.guard import Guard, literal, unguarded
from feedsvc.fetch.rate import Rate
from feedsvc.fetch.resolve import Resolver
from feedsvc.fetch.robots import MAX_BYTES as MAX_ROBOTS_BYTES
from feedsvc.fetch.robots import Permission, Sites, Spacing, permission
from feedsvc.fetch.turns import Slot, Turn, Turns
from feedsvc.model import Document, FetchLimits, FetchState, FormAnswer, NotModified, Source

#: of one line: some sites need 10 KB for their Content-Security-Policy
MAX_HEADER_BYTES = 16_384
MAX_HEADERS = 128
#: connections of this process at once
MAX_CONNECTIONS = 256
#: of a picture, after decompression
MAX_PICTURE_BYTES = 5_000_000


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
        self._spacing = Spacing()

    async def __aenter__(self) -> Self:
        self._resolver = Resolver()
        connector = Connector(
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

    def introduce(self, user_agent: str) -> None:
        """Say from now on that we are somebody else."""
        self._session.headers["User-Agent"] = user_agent

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
        ask = Ask(
            id=source.id,
            url=state.effective_url or source.url,
            headers=lambda url: {"Accept": heads.ACCEPT} | known | credentials(source, url),
            is_conditional=bool(known),
            max_age=state.fresh_for,
            limits=self._limits,
            now=now,
        )
        found = await self._get(ask, turn)
        assert not isinstance(found, FormAnswer), "asked without a form"
        return found

    async def get_picture(self, href: str, now: datetime) -> Document:
        """Ask for a picture, without credentials, not even those in the address. Raises FetchError."""
        limits = replace(self._limits, max_body_bytes=min(self._limits.max_body_bytes, MAX_PICTURE_BYTES))
        ask = Ask(id="picture", url=href, headers=lambda _: {"Accept": heads.ACCEPT_PICTURE}, limits=limits, now=now)
        return await self._get_document(ask)

    async def get_page(self, href: str, now: datetime) -> Document:
        """Ask for a page that a feed links to, if its site allows it, without credentials. Raises FetchError.

        Waits for as long as the site's Crawl-delay says, see `page_wait_s`.
        """
        ask = Ask(
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
        ask = Ask(
            id="hub", url=url, headers=lambda _: headers, form=urlencode(fields).encode(), limits=self._limits, now=now
        )
        found = await self._get(ask)
        assert isinstance(found, FormAnswer), "asked with a form"
        return found

    def page_wait_s(self, href: str) -> float:
        """Return for how many seconds a page would have to wait for its site's Crawl-delay, as far as it is known."""
        return self._spacing.wait_s(authority_of(href))

    async def permission(self, href: str, now: datetime) -> Permission:
        """Say whether a site's robots.txt allows us to fetch one of its pages; it is asked for at most once an hour."""
        return permission(await self._sites.robots(href, now), href)

    async def _get_robots(self, url: str, now: datetime) -> Document:
        limits = replace(self._limits, max_body_bytes=min(self._limits.max_body_bytes, MAX_ROBOTS_BYTES))
        ask = Ask(
            id="robots.txt",
            url=url,
            headers=lambda _: {"Accept": heads.ACCEPT_ROBOTS},
            # RFC 9309, section 2.5: what lies beyond the beginning need not be read, and is no error.
            may_be_cut=True,
            limits=limits,
            now=now,
        )
        return await self._get_document(ask)

    async def _get_document(self, ask: Ask) -> Document:
        found = await self._get(ask)
        assert isinstance(found, Document), "asked unconditionally"
        return found

    async def _get(self, ask: Ask, turn: Turn | None = None) -> Answer:
        if turn is None:
            async with Turn(self._turns) as own:
                return await self._get(ask, own)
        trail = Trail()
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

    async def _follow(self, ask: Ask, turn: Turn, trail: Trail) -> Answer:
        url = without_user(web_address(ask.url))
        hop = Hop(url=url, is_permanent=True, redirects=0, time_left_s=ask.limits.timeout.total_seconds())
        while True:
            trail.authority, trail.is_answered = authority(hop.url), False
            if ask.heeds_robots:
                await self._begin_page(ask, hop, turn)
            else:
                await turn.begin(host(hop.url))
            found = await self._request(ask, hop, trail)
            if not isinstance(found, Hop):
                return found
            await turn.rest(found.wait_s)
            hop = found

    async def _begin_page(self, ask: Ask, hop: Hop, turn: Turn) -> None:
        # Its robots.txt may be at the host that is held, or at one that waits for it.
        await turn.leave()
        said = await self.permission(str(hop.url), ask.now)
        if said.refusal is not None:
            raise FetchError(ask.id, said.refusal, retryable=said.is_unknown)
        async with self._spacing.place(authority(hop.url), said.delay):
            await turn.begin(host(hop.url))

    async def _request(self, ask: Ask, hop: Hop, trail: Trail) -> Answer | Hop:
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
                following = next_hop(ask, response, hop, left)
                if following.is_permanent and await self._leads_inside(hop.url, following.url):
                    return replace(following, is_permanent=False)
                return following
            if ask.form is not None:
                return await form_answer(hop, response, ask.now)
            return await answer(ask, hop, response)

    async def _leads_inside(self, one: URL, other: URL) -> bool:
        """Say whether a redirect leads from the Internet into a network of our own, which it may, but not for good."""
        if host(one) == host(other) or not any(await self._are_ours(host(other))):
            return False
        return not all(await self._are_ours(host(one)))

    async def _is_unlimited(self, host: str) -> bool:
        return all(await self._are_ours(host))

    async def _are_ours(self, host: str) -> tuple[bool, ...]:
        """Say of each address of a host whether it is in a network of our own; of none where it leads nowhere."""
        if not self._guard.allows_private:
            return (False,)
        if self._limits.proxy is not None:
            return ((address := literal(host)) is not None and self._guard.is_private(address),)
        try:
            async with asyncio.timeout(self._limits.timeout.total_seconds()):
                addresses = await self._resolver.addresses(host)
        except OSError:  # TimeoutError is one
            # The request itself will say so.
            return ()
        return tuple(self._guard.is_private(address) for address in addresses)


class InTurn:
    """A client whose first request to the host that it waited for is made at once."""

    def __init__(self, client: Client, turn: Turn) -> None:
        self._client, self._turn = client, turn

    async def get(self, source: Source, state: FetchState, now: datetime) -> Document | NotModified:
        """As the client's."""
        return await self._client.get(source, state, now, self._turn)
