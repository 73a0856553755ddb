"""Asks a site for what it offers: the page, what it links to, lists of feeds, well-known addresses, sitemaps."""

from collections.abc import Iterable
from contextlib import suppress
from urllib.parse import urljoin

from feedsvc.discover import addresses
from feedsvc.discover.asking import OVERLOADED, Answer, Asking
from feedsvc.discover.leads import Lead, Leads
from feedsvc.discover.looking import SeenFeed, SeenList, SeenPage, SeenSitemap, Unread
from feedsvc.discover.offers import Finds, offers
from feedsvc.discover.values import Configured, Deps, Discovery, Failure
from feedsvc.errors import FetchError
from feedsvc.fetch import allowed, read_robots
from feedsvc.model import Document
from feedsvc.parse import Page, named_sitemaps

#: sitemaps that robots.txt names, and those of an index, that are opened
MAX_SITEMAPS = 3
MAX_CHILDREN = 2
#: that are told
MAX_FAILURES = 50


async def discover(typed: str, deps: Deps, configured: Configured) -> Discovery:
    """Find what a site offers, best first.

    Raises FetchError when the address is none, is refused, or brings nothing at all.
    """
    search = _Search(deps, configured)
    is_answer = await search.begin(addresses.to_try(typed))
    if not is_answer:
        await search.follow_leads()
        await search.look_for_sitemaps()
    finds = search.finds()
    offered = offers(finds, configured, deps.now())
    if not offered and search.refused is not None:
        raise search.refused
    return Discovery(
        url=finds.asked,
        offers=offered,
        failures=tuple(search.failures),
        requests=search.asking.requests,
        cut_short=search.asking.cut_short,
    )


class _Search:
    """What is known so far."""

    def __init__(self, deps: Deps, configured: Configured) -> None:
        self.asking = Asking(deps, configured.timezone)
        self.failures: list[Failure] = []
        #: why the address itself could not be read, though its host answered
        self.refused: FetchError | None = None
        self._asked = ""
        self._page: Page | None = None
        self._list: SeenList | None = None
        self._leads = Leads()
        self._feeds: list[tuple[Lead, Answer, SeenFeed]] = []
        self._sitemaps: list[tuple[Answer, SeenSitemap]] = []
        self._unasked_sitemaps: list[str] = []
        self._robots: Document | None = None
        self._has_asked_robots = False

    def finds(self) -> Finds:
        return Finds(
            asked=self._asked,
            page=self._page,
            list=self._list,
            feeds=tuple(self._feeds),
            sitemaps=tuple(self._sitemaps),
            unasked_feeds=self._leads.left(self._asked),
            unasked_sitemaps=tuple(self._unasked_sitemaps),
        )

    async def begin(self, tried: Iterable[str]) -> bool:
        """Read the address that was asked for; say whether it is itself a feed or sitemap."""
        answer = await self._first_answer(tried)
        if answer is None:
            return False
        self._asked = addresses.with_path(answer.document.url)
        self._leads.is_new(self._asked)
        match answer.seen:
            case SeenFeed():
                self._feeds.append((Lead(href=answer.address, grade="given"), answer, answer.seen))
                return True
            case SeenSitemap():
                await self._take_sitemap(answer, answer.seen)
                return True
            case SeenPage(page=page, list=found):
                self._page, self._list = page, found
                self._add_links(page, is_listed=False)
            case Unread(problem=problem):
                self.failures.append(Failure(url=self._asked, problem=problem))
        return False

    async def _first_answer(self, tried: Iterable[str]) -> Answer | None:
        """Raises FetchError where no server answers, or one that wants to be left alone."""
        first: FetchError | None = None
        for address in tried:
            try:
                return await self.asking.ask(address)
            except FetchError as error:
                first = first or error
                if error.status is not None:
                    # The server refuses this page, not therefore its feeds.
                    self.refused, self._asked = error, address
                    break
                if not error.retryable:
                    break
        if first is not None and (self.refused is None or self.refused.status in OVERLOADED):
            raise self.refused or first
        return None

    async def follow_leads(self) -> None:
        """Read what the page links to, and only where that brings no feed, well-known addresses."""
        await self._follow()
        if not self._feeds:
            await self._ask_robots()
            self._leads.add_well_known(self._asked, self._may_guess)
            await self._follow()

    async def _follow(self) -> None:
        held_back = []
        while lead := self._leads.take(self._asked):
            if self.asking.may(lead.href, "feeds"):
                await self._try(lead)
            else:
                held_back.append(lead)
        for lead in held_back:
            self._leads.put_back(lead)

    async def _try(self, lead: Lead) -> None:
        problem = ""
        for address in filter(None, (addresses.encrypted(lead.href, self._asked), lead.href)):
            try:
                answer = await self.asking.ask(address)
            except FetchError as error:
                problem = error.problem
                continue
            is_moved = addresses.key(answer.document.url) != addresses.key(lead.href)
            is_known = is_moved and not self._leads.is_new(answer.document.url)
            problem = "" if is_known else self._take(lead, answer)
            break
        if problem and (lead.grade == "announced" or lead.is_listed) and len(self.failures) < MAX_FAILURES:
            self.failures.append(Failure(url=lead.href, problem=problem))

    def _take(self, lead: Lead, answer: Answer) -> str:
        """Keep what an answer brings; return why it is no feed, "" for one."""
        match answer.seen:
            case SeenFeed():
                self._feeds.append((lead, answer, answer.seen))
            case SeenSitemap():
                self._sitemaps.append((answer, answer.seen))
            case SeenPage(page=page):
                if not lead.is_listed:
                    self._add_links(page, is_listed=True)
                return "an HTML page, not a feed"
            case Unread(problem=problem):
                return problem
        return ""

    def _add_links(self, page: Page, *, is_listed: bool) -> None:
        for link in page.links:
            self._leads.add(link, is_listed=is_listed)

    async def look_for_sitemaps(self) -> None:
        """Read robots.txt, what it names, and else /sitemap.xml."""
        await self._ask_robots()
        named = tuple(filter(addresses.is_usable, named_sitemaps(self._robots) if self._robots else ()))
        guess = urljoin(self._asked, "/sitemap.xml")
        wanted = sorted(named, key=lambda href: "news" not in href) or [guess] * self._may_guess(guess)
        for number, address in enumerate(wanted):
            if number < MAX_SITEMAPS and self.asking.may(address, "sitemaps"):
                await self._try_sitemap(address, is_child=False)
            elif named:
                self._unasked_sitemaps.append(address)

    async def _ask_robots(self) -> None:
        """Read robots.txt, once. What it does not allow is not guessed; what the site names itself is asked."""
        robots = urljoin(self._asked, "/robots.txt")
        if self._has_asked_robots or not self.asking.may(robots, "sitemaps"):
            return
        self._has_asked_robots = True
        with suppress(FetchError):
            self._robots = await self.asking.document(robots)

    def _may_guess(self, address: str) -> bool:
        return self._robots is None or allowed(read_robots(self._robots, self._robots.fetched_at), address)

    async def _try_sitemap(self, address: str, *, is_child: bool) -> None:
        try:
            answer = await self.asking.ask(address)
        except FetchError:
            return
        if not self._leads.is_new(answer.document.url) or not isinstance(answer.seen, SeenSitemap):
            return
        if not is_child:
            await self._take_sitemap(answer, answer.seen)
        elif answer.seen.kind == "news":
            # Another part of the whole is no better than the whole.
            self._sitemaps.append((answer, answer.seen))

    async def _take_sitemap(self, answer: Answer, seen: SeenSitemap) -> None:
        self._sitemaps.append((answer, seen))
        for child in seen.children[:MAX_CHILDREN]:
            if addresses.is_usable(child) and self.asking.may(child, "sitemaps"):
                await self._try_sitemap(child, is_child=True)
