"""Pages that list articles, read by the selectors of their source."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from urllib.parse import urldefrag
from zoneinfo import ZoneInfo

from lxml import etree

from feedsvc import css
from feedsvc.dates import plausible
from feedsvc.errors import NothingListedError, ParseError
from feedsvc.model import Content, Document, Entry, FeedInfo, Link, ParsedFeed, Part, Picture, Selectors, Source
from feedsvc.parse.addresses import absolute, base_of
from feedsvc.parse.hosts import is_same_site
from feedsvc.parse.markup import root_of, words_in
from feedsvc.parse.texts import language_tag
from feedsvc.told_dates import Told, told

#: of one page; longer lists are a site's index
MAX_ITEMS = 1_000
#: what a selector finds inside one entry, that is looked at
_MOST_FOUND = 20

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
#: where pages keep the address of a picture that is loaded when it comes into view
_SOURCES = ("data-src", "data-original", "data-lazy-src", "data-lazy", "data-url", "src", "content", "href")
_SETS = ("data-srcset", "data-lazy-srcset", "srcset")
_IN_STYLE = re.compile(r"url\(\s*[\"']?([^\"')]{1,4000})", re.IGNORECASE)
_TIMES = ("datetime", "content")
_UNIX = re.compile(r"\d{10}(?:\d{3})?")
_SPACER = re.compile(r"^data:|(?:^|/)(?:spacer|blank|placeholder|loading|pixel|1x1)\b", re.IGNORECASE)


def read_listing(document: Document, source: Source) -> ParsedFeed:
    """Read the entries that a page lists, each address once, and where the list goes on.

    An entry has a link; one without a title waits for its page. A time that has passed (`2 hours ago`) is told
    otherwise at each poll: it becomes `updated`, which is compared with nothing. Raises ParseError, and
    NothingListedError where `select.list` brings no entry.
    """
    root = root_of(document)
    select = source.select or Selectors()
    if root is None or select.list is None:
        raise ParseError(source.id, "there is no page in the document" if root is None else "select.list is missing")
    etree.strip_elements(root, "script", "style", "template", "noscript", with_tail=False)
    base = base_of(next((b.get("href") for b in root.iter("base") if b.get("href")), None), document.url)
    language = language_tag(root.get("lang"))
    items = css.found(select.list, root)[:MAX_ITEMS]
    reader = _Items(select, base, document.fetched_at, ZoneInfo(source.timezone), source.language or language)
    entries = _distinct(entry for item in items if (entry := reader.entry(item)) is not None)
    if not entries:
        without = f" with a link in its {len(items)} elements" if items else ""
        raise NothingListedError(source.id, f"the selector list “{select.list}” matches nothing{without}")
    home = Link(href=document.url, type="text/html")
    return ParsedFeed(
        info=FeedInfo(title=words_in(next(root.iter("title"), None)), links=(home,), language=language),
        entries=entries,
        parts=tuple(_next(root, select, base, document.url)),
    )


class _Items:
    """Reads the items of one page."""

    def __init__(
        self, select: Selectors, base: str, fetched_at: datetime, zone: ZoneInfo, language: str | None
    ) -> None:
        self._select, self._base, self._fetched_at, self._zone = select, base, fetched_at, zone
        # English is written in both orders.
        self._day_first = language is None or language.partition("-")[0].lower() != "en"

    def entry(self, item: etree._Element) -> Entry | None:
        link = self._link(item)
        if link is None:
            return None
        href, anchor = link
        when = next(self._dates(item), None)
        at = when.at if when else None
        summary = self._words(item, self._select.summary)
        return Entry(
            link=href,
            title=self._title(item, anchor, href),
            published=None if when is None or when.is_vague else at,
            updated=at if when is not None and when.is_vague else None,
            summary=Content(value=summary, type="text", base=self._base) if summary else None,
            pictures=tuple(islice(self._pictures(item), 1)),
        )

    def _found(self, item: etree._Element, selector: str | None) -> list[etree._Element]:
        return css.found(selector, item)[:_MOST_FOUND] if selector else []

    def _link(self, item: etree._Element) -> tuple[str, etree._Element] | None:
        """Return the first address that is not the page's own, and the element that has it."""
        candidates = css.found(self._select.link, item) if self._select.link else [item, *item.iterdescendants("a")]
        for element in islice(candidates, _MOST_FOUND):
            anchor = _anchor(element)
            said = anchor.get("href", "").strip() if anchor is not None else ""
            href = absolute(said, self._base) if not said.startswith("#") else None
            if anchor is not None and href is not None:
                return urldefrag(href).url, anchor
        return None

    def _title(self, item: etree._Element, anchor: etree._Element, href: str) -> str | None:
        """Return the words of what is selected; else of the link, of another one to the same page, or of a heading."""
        if self._select.title:
            return self._words(item, self._select.title)
        same = (a for a in item.iter("a") if self._leads_to(a, href))
        headings = islice(item.iter(*_HEADINGS), _MOST_FOUND)
        inner = next(anchor.iter(*_HEADINGS), None)
        elements = ([inner] if inner is not None else [], [anchor], islice(same, _MOST_FOUND), headings)
        shown = next((words for each in elements for e in each if (words := words_in(e))), None)
        return shown or anchor.get("title") or next((i.get("alt") for i in anchor.iter("img") if i.get("alt")), None)

    def _leads_to(self, anchor: etree._Element, href: str) -> bool:
        there = absolute(anchor.get("href"), self._base)
        return there is not None and urldefrag(there).url == href

    def _words(self, item: etree._Element, selector: str | None) -> str | None:
        return next((words for element in self._found(item, selector) if (words := words_in(element))), None)

    def _dates(self, item: etree._Element) -> Iterator[Told]:
        for element in self._found(item, self._select.date):
            for said in _said(element):
                found = self._date(said)
                if found is not None and plausible(found.at, self._fetched_at):
                    yield found

    def _date(self, said: str) -> Told | None:
        if _UNIX.fullmatch(said):
            return Told(datetime.fromtimestamp(int(said[:10]), UTC))
        return told(said, self._zone, self._fetched_at, day_first=self._day_first)

    def _pictures(self, item: etree._Element) -> Iterator[Picture]:
        for found in self._found(item, self._select.picture):
            for element in (found, *islice(found.iter("img", "source"), _MOST_FOUND)):
                hrefs = (absolute(each, self._base) for each in _addresses(element) if not _SPACER.search(each))
                yield from (Picture(href=href) for href in hrefs if href)


def _anchor(element: etree._Element) -> etree._Element | None:
    """Return the element with the address: itself, one inside, or one around."""
    if element.get("href"):
        return element
    return next((a for a in (*islice(element.iterdescendants("a"), 1), *element.iterancestors("a"))), None)


def _said(element: etree._Element) -> Iterator[str]:
    """Yield what can be a date in an element, the likeliest first: for machines, then for people."""
    yield from (value for name in _TIMES if (value := element.get(name)))
    yield from (value for name, value in element.items() if name.startswith("data-") and _UNIX.fullmatch(value))
    yield from filter(None, (words_in(element), element.get("title")))
    if element.tag != "time":
        yield from (value for time in islice(element.iter("time"), 3) if (value := time.get("datetime")))


def _addresses(element: etree._Element) -> Iterator[str]:
    names = _SOURCES if element.tag in {"img", "source", "meta", "link"} else _SOURCES[:-1]
    yield from (value for name in names if (value := element.get(name)))
    yield from (_largest(value) for name in _SETS if (value := element.get(name)))
    if found := _IN_STYLE.search(element.get("style") or ""):
        yield found[1]


def _largest(srcset: str) -> str:
    """Return the address with the largest width or density; the standard separates candidates by comma and space."""

    def size(candidate: str) -> float:
        number = re.search(r"\s(\d{1,5}(?:\.\d{1,3})?)[wx]$", candidate)
        return float(number[1]) if number else 0.0

    candidates = [each.strip() for each in re.split(r",\s+", srcset[:10_000])]
    return max(candidates, key=size).partition(" ")[0]


def _distinct(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return each address once; a teaser and a line below it are one entry, of which each may say a part."""
    kept: dict[str, Entry] = {}
    for entry in entries:
        assert entry.link is not None
        known = kept.get(entry.link)
        kept[entry.link] = (
            entry
            if known is None
            else replace(
                known,
                title=known.title or entry.title,
                published=known.published or entry.published,
                updated=known.updated or entry.updated,
                summary=known.summary or entry.summary,
                pictures=known.pictures or entry.pictures,
            )
        )
    return tuple(kept.values())


def _next(root: etree._Element, select: Selectors, base: str, here: str) -> Iterator[Part]:
    for element in css.found(select.next, root)[:1] if select.next else ():
        anchor = _anchor(element)
        href = absolute(anchor.get("href"), base) if anchor is not None else None
        if href is not None and urldefrag(href).url != urldefrag(here).url and is_same_site(href, here):
            yield Part(href=urldefrag(href).url)
