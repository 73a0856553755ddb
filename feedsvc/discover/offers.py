"""From what was found to offers, best first, each with its source entry."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from feedsvc.discover import addresses, entry
from feedsvc.discover.asking import Answer
from feedsvc.discover.leads import GRADES, Lead
from feedsvc.discover.looking import SeenFeed, SeenList, SeenSitemap
from feedsvc.discover.values import Configured, Offer
from feedsvc.model import LocalText, Source, SourceKind
from feedsvc.parse import Page

#: a feed without anything newer comes after those that live
STALE = timedelta(days=180)
#: the share of common entries from which two feeds are the same
SAME = 0.7
#: of what was not asked
MAX_UNVERIFIED = 100
MAX_UNVERIFIED_SITEMAPS = 5

_MADE_OF = ("articles", "podcast", "comments")
_TEXT = ("full", "summary", "none")
#: where nothing else tells two apart: Atom says what each thing is, RSS leaves it to custom
_FORMATS = ("Atom", "JSON Feed", "RSS", "RSS 1.0", "CDF")
_SITEMAPS = {"news": "news sitemap", "index": "sitemap index", "pages": "sitemap"}
#: ends of feeds' titles that say only that they are feeds
_TAIL = re.compile(r"\s*(?:[-–—|:»]\s*)?\b(?:rss(?: feeds?)?|(?:atom |rss )?feed)\W*$", re.IGNORECASE)
_NO_NAME = re.compile(r"\W*(?:rss|atom|xml|json|feeds?|subscribe|đăng ký|2\.0|1\.0|\W)*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finds:
    """Everything that a search brought; `asked` is the address that answered."""

    asked: str
    page: Page | None
    list: SeenList | None
    feeds: tuple[tuple[Lead, Answer, SeenFeed], ...]
    sitemaps: tuple[tuple[Answer, SeenSitemap], ...]
    unasked_feeds: tuple[Lead, ...]
    unasked_sitemaps: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a document says that its source entry depends on; `host` is the one to credit."""

    host: str
    language: str | None = None
    rights: str | None = None
    per_day: float | None = None
    latest: datetime | None = None


def offers(finds: Finds, configured: Configured, now: datetime) -> tuple[Offer, ...]:
    """Feeds, sitemaps of news, the page's list, other sitemaps; in each what was read before what was not."""
    made = _Made(finds, configured, now)
    used = [id for source in configured.sources for id in (source.id, *source.was)]
    offered = []
    for offer, host in (*made.feeds(), *made.unasked_feeds(), *made.news(), *made.page(), *made.sitemaps()):
        id = entry.id_for(offer.url, host, offer.title, used)
        used.append(id)
        offered.append(replace(offer, source=replace(offer.source, id=id)))
    return tuple(offered)


class _Made:
    """Makes offers of what was found, each with the host that is credited; their ids come last, by their order."""

    def __init__(self, finds: Finds, configured: Configured, now: datetime) -> None:
        self._finds, self._configured, self._now = finds, configured, now
        self._ids = {addresses.key(source.url): source.id for source in configured.sources}
        self._site = finds.page.title if finds.page else None

    def feeds(self) -> Iterator[tuple[Offer, str]]:
        titles = Counter(seen.title for _, _, seen in self._finds.feeds)
        kept: list[tuple[Offer, SeenFeed]] = []
        repeated: list[Offer] = []
        for lead, answer, seen in sorted(self._finds.feeds, key=self._rank):
            offer = self._feed(answer, seen, _title(lead, seen, is_shared=titles[seen.title] > 1))
            better = next((first.url for first, other in kept if _same(other, seen)), None)
            if better is None:
                kept.append((offer, seen))
            else:
                repeated.append(replace(offer, same_as=better))
        for offer in (*(offer for offer, _ in kept), *repeated):
            yield offer, self._host(offer.url)

    def unasked_feeds(self) -> Iterator[tuple[Offer, str]]:
        for lead in self._finds.unasked_feeds[:MAX_UNVERIFIED]:
            host = self._host(lead.href)
            title = entry.title_for(_name(lead.text), host)
            yield self._offer("feed", lead.href, title, Said(host=host)), host

    def news(self) -> Iterator[tuple[Offer, str]]:
        yield from (self._sitemap(answer, seen) for answer, seen in self._finds.sitemaps if seen.kind == "news")

    def sitemaps(self) -> Iterator[tuple[Offer, str]]:
        host = entry.host_of(self._finds.asked)
        for kind in ("index", "pages"):
            yield from (self._sitemap(answer, seen) for answer, seen in self._finds.sitemaps if seen.kind == kind)
        for address in self._finds.unasked_sitemaps[:MAX_UNVERIFIED_SITEMAPS]:
            yield self._offer("sitemap", address, entry.title_for(self._site, host), Said(host=host)), host

    def page(self) -> Iterator[tuple[Offer, str]]:
        """Offer the list of articles on the page itself, where the site has no feed and no sitemap of news."""
        found = self._finds.list
        if found is None or self._finds.feeds or any(seen.kind == "news" for _, seen in self._finds.sitemaps):
            return
        host = entry.host_of(self._finds.asked)
        said = Said(host=host, language=found.language, per_day=found.per_day, latest=found.latest)
        offer = self._offer("page", self._finds.asked, entry.title_for(found.title, host), said)
        undated = found.entries - found.dated
        dates = "its entries have no dates" if not found.dated else f"{undated} of its entries have no date"
        yield (
            replace(
                offer,
                verified=True,
                format="page",
                entries=found.entries,
                text=found.text,
                notes=(dates,) if undated else (),
                sample=found.sample,
                source=replace(offer.source, select=found.select),
            ),
            host,
        )

    def _sitemap(self, answer: Answer, seen: SeenSitemap) -> tuple[Offer, str]:
        host = entry.host_of(self._finds.asked)
        said = Said(host=host, language=seen.language, per_day=seen.per_day, latest=seen.latest)
        offer = self._offer("sitemap", answer.lasting, entry.title_for(seen.title, self._site, host), said)
        notes = ("has no titles: each article's page is asked for its own",) if seen.kind == "pages" else ()
        return replace(offer, verified=True, format=_SITEMAPS[seen.kind], entries=seen.entries, notes=notes), host

    def _rank(self, found: tuple[Lead, Answer, SeenFeed]) -> tuple[object, ...]:
        lead, answer, seen = found
        return (
            lead.grade != "given",
            _MADE_OF.index(seen.made_of),
            seen.entries == 0,
            self._is_stale(seen.latest),
            -addresses.nearness(self._finds.asked, answer.lasting, seen.home),
            2 * seen.dated < seen.entries,
            _TEXT.index(seen.text),
            GRADES.index(lead.grade),
            not addresses.is_encrypted(answer.lasting),
            _FORMATS.index(seen.format) if seen.format in _FORMATS else len(_FORMATS),
            lead.order,
        )

    def _feed(self, answer: Answer, seen: SeenFeed, title: str | None) -> Offer:
        host = self._host(answer.lasting, seen.home)
        said = Said(host=host, language=seen.language, rights=seen.rights, per_day=seen.per_day, latest=seen.latest)
        offer = self._offer("feed", answer.lasting, entry.title_for(title, self._site, host), said)
        return replace(
            offer,
            verified=True,
            format=seen.format,
            entries=seen.entries,
            made_of=seen.made_of,
            text=seen.text,
            configured_as=offer.configured_as or self._ids.get(addresses.key(answer.document.url)),
            notes=tuple(self._notes(seen)),
        )

    def _offer(self, kind: SourceKind, url: str, title: str, said: Said) -> Offer:
        source = Source(
            id="",
            title=LocalText(by_language=(("", title),)),
            url=url,
            kind=kind,
            language=said.language,
            every=entry.every_for(said.per_day, said.latest, self._now),
            policy=entry.policy_for(said.host, said.rights, self._configured.languages),
        )
        return Offer(
            kind=kind,
            url=url,
            title=title,
            verified=False,
            language=said.language,
            latest=said.latest,
            per_day=said.per_day,
            configured_as=self._ids.get(addresses.key(url)),
            source=source,
        )

    def _host(self, url: str, home: str | None = None) -> str:
        """Return the host to credit. A feed that was asked for itself may say where it belongs."""
        return entry.publisher(url, self._finds.asked if self._finds.page else home or self._finds.asked)

    def _is_stale(self, latest: datetime | None) -> bool:
        return latest is not None and self._now - latest > STALE

    def _notes(self, seen: SeenFeed) -> Iterator[str]:
        if seen.made_of != "articles":
            yield "a podcast" if seen.made_of == "podcast" else "comments, not articles"
        if seen.entries == 0:
            yield "valid, but empty"
        elif seen.dated == 0:
            yield "its entries have no dates"
        if self._is_stale(seen.latest):
            yield f"nothing new since {seen.latest:%Y-%m-%d}"
        if seen.wrong_language:
            yield f"says that its language is {seen.wrong_language}, which it is not"
        if seen.problem:
            yield f"readable, but {seen.problem}"


def _title(lead: Lead, seen: SeenFeed, *, is_shared: bool) -> str | None:
    """Return the feed's title; where several feeds of a site have the same one, with the words that led to it."""
    title, name = _TAIL.sub("", seen.title or "").strip() or None, _name(lead.text)
    if title is None or not is_shared or name is None or name.lower() in title.lower():
        return title or name
    return f"{title} – {name}"


def _name(text: str | None) -> str | None:
    """Return the words of a link, unless they say only that it leads to a feed."""
    stripped = _TAIL.sub("", text or "").strip()
    return None if _NO_NAME.fullmatch(stripped) else stripped


def _same(one: SeenFeed, other: SeenFeed) -> bool:
    first, second = set(one.keys), set(other.keys)
    return len(first & second) >= SAME * max(1, len(first | second))
