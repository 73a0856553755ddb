"""Finds the list of articles on a page: what repeats and holds one headline each, by selectors that are tested."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from statistics import mean
from urllib.parse import urldefrag
from zoneinfo import ZoneInfo

from lxml import etree

from feedsvc import css
from feedsvc.errors import ParseError
from feedsvc.model import Document, ParsedFeed, Selectors, Source
from feedsvc.parse.addresses import absolute, base_of
from feedsvc.parse.hosts import is_same_site
from feedsvc.parse.listing import read_listing
from feedsvc.parse.markup import root_of, words_in
from feedsvc.told_dates import told

#: fewer are no list
MIN_ENTRIES = 5
#: links of a page that are looked at, levels above each, and selectors that are tried
_MOST_LINKS, _LEVELS, _MOST_TRIED = 2_000, 6, 60
#: elements of a page, beyond which it is nobody's list; ancestors that are looked at
_MOST_ELEMENTS, _DEEP = 100_000, 50
#: items of a list that are looked at for what they have in common
_LOOKED_AT = 40
#: the share of items that must have something for it to be the list's
_MOST = 0.6
#: letters from which the words of a link are a headline rather than a label
_HEADLINE = 18
_LEAD = 40
#: links of one item to its article: the picture, the headline, `read more`
_MOST_TIMES = 3

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_ASIDE_TAGS = frozenset({"nav", "header", "footer", "aside", "form"})
_ASIDE = re.compile(
    r"(?:(?:site|main|page|top|bottom|left|right|c|global)[-_]?)?(?:nav|menu|footer|header|breadcrumb|sidebar|aside|related|"
    r"popular|most|trending|ads?(?![a-z])|banner|comments?|social|share|login|cookie|tags?(?![a-z])|topbar|copyright)",
    re.IGNORECASE,
)
#: classes that a list keeps: no grid, no state, no utility, nothing that a build tool has made up
_STABLE = re.compile(r"[A-Za-z][A-Za-z-]{2,30}(?:__?[A-Za-z-]{2,30}){0,2}")
_PASSING = re.compile(
    r"^(?:col|row|grid|flex|clear|clearfix|container|wrap|wrapper|active|first|last|odd|even|item-?\d|is|has|js|no|d|w|h|"
    r"m[tblrxy]?|p[tblrxy]?|text|bg|border|rounded|lg|md|sm|xs|lazy|fade|hidden|show|left|right|pull|float)(?:-|$)|[A-Z]{3,}"
)
_NEXT = (
    "a[rel=next]",
    "a.next",
    ".next > a",
    ".pagination-next a",
    ".nav-previous a",
    "a.next-page",
    "a.page-next",
    ".pagination li:last-child a",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundList:
    """Selectors that were tested, and what they bring."""

    select: Selectors
    feed: ParsedFeed


@dataclass(frozen=True, slots=True)
class _Headline:
    anchor: etree._Element
    href: str
    words: str


def find_list(document: Document, source: Source) -> FoundList | None:
    """Return the best list of articles on a page, read by short selectors of tags and classes; None: there is none."""
    root = root_of(document)
    if root is None or sum(1 for _ in islice(root.iter(), _MOST_ELEMENTS)) == _MOST_ELEMENTS:
        return None
    etree.strip_elements(root, "script", "style", "template", "noscript", with_tail=False)
    page = _Page(root, document, source)
    found = [each for selector in page.candidates() if (each := page.tested(selector)) is not None]
    return max(found, key=_worth, default=None)


_Sample = Sequence[tuple[etree._Element, _Headline]]  # noqa: SLF001 - lxml names its elements so
_Parts = Callable[[etree._Element, _Headline], Iterator[etree._Element]]  # noqa: SLF001


class _Page:
    """A page with its headlines."""

    def __init__(self, root: etree._Element, document: Document, source: Source) -> None:
        self._root, self._document, self._source = root, document, source
        base = base_of(next((b.get("href") for b in root.iter("base") if b.get("href")), None), document.url)
        found = list(_headlines(root, base, document.url))
        # What is linked again and again is a label: a topic, an author.
        times = Counter(each.href for each in found)
        self._headlines = {each.anchor: each for each in found if times[each.href] <= _MOST_TIMES}

    def candidates(self) -> list[str]:
        """Return selectors of what stands around headlines often enough, the most frequent first."""
        around: Counter[str] = Counter()
        for headline in self._headlines.values():
            levels = (headline.anchor, *islice(headline.anchor.iterancestors(), _LEVELS))
            around.update({name for level in levels if level.tag not in {"body", "html"} for name in _names(level)})
        return [name for name, count in around.most_common(_MOST_TRIED) if count >= MIN_ENTRIES]

    def tested(self, selector: str) -> FoundList | None:
        """Return what a selector brings, with those for the parts of its items; None: it is no list of articles."""
        items = css.found(selector, self._root)
        own = [(item, [h for a in item.iter("a") if (h := self._headlines.get(a))]) for item in items[:1000]]
        single = [(item, heads[0]) for item, heads in own if len({head.href for head in heads}) == 1]
        if len(single) < max(MIN_ENTRIES, _MOST * len(items)):
            return None
        sample = single[:_LOOKED_AT]
        link = _link(sample)
        if link is None and not _leads_there(sample):
            return None
        select = Selectors(
            list=selector,
            link=link,
            date=self._common(sample, self._dates),
            summary=self._common(sample, _leads),
            picture="img"
            if _is_common(sum(next(item.iter("img"), None) is not None for item, _ in sample), sample)
            else None,
            next=self._next(),
        )
        source = replace(self._source, kind="page", select=select)
        try:
            feed = read_listing(self._document, source)
        except ParseError:
            return None
        titled = [entry for entry in feed.entries if entry.title and entry.link]
        # Read whole, the page must not bring much that was taken out as its frame.
        is_clean = len(feed.entries) <= len(single) / _MOST and len(titled) >= 0.9 * len(feed.entries)
        return FoundList(select=select, feed=feed) if len(titled) >= MIN_ENTRIES and is_clean else None

    def _common(self, sample: _Sample, parts: _Parts) -> str | None:
        """Return the selector of a part that most items have."""
        counts: Counter[str] = Counter()
        for item, headline in sample:
            counts.update({name for part in parts(item, headline) for name in _short_names(part)})
        best = max(counts, key=lambda name: (counts[name], _is_telling(name), -len(name)), default=None)
        return best if best is not None and _is_common(counts[best], sample) else None

    def _dates(self, item: etree._Element, headline: _Headline) -> Iterator[etree._Element]:
        zone, now = ZoneInfo(self._source.timezone), self._document.fetched_at
        for element in islice(item.iterdescendants(etree.Element), 100):
            words = words_in(element) or ""
            said = (element.get("datetime"), words if len(words) <= 80 else None)
            inside = any(child.tag == "time" for child in element)
            if element.tag != "a" and not inside and any(told(each, zone, now) for each in said if each):
                yield element

    def _next(self) -> str | None:
        here = urldefrag(self._document.url).url
        for selector in _NEXT:
            found = css.found(selector, self._root)[:1]
            href = absolute(found[0].get("href"), self._document.url) if found else None
            if href is not None and urldefrag(href).url != here and is_same_site(href, here):
                return selector
        return None


def _headlines(root: etree._Element, base: str, here: str) -> Iterator[_Headline]:
    """Yield the links whose words can be headlines; what frames every page of a site is taken out before."""
    for element in [each for each in root.iter(etree.Element) if _is_aside(each)]:
        _drop(element)
    for anchor in islice(root.iter("a"), _MOST_LINKS):
        href = absolute(anchor.get("href"), base)
        words = words_in(anchor) or ""
        is_heading = any(each.tag in _HEADINGS for each in (*islice(anchor.iterancestors(), 3), *anchor.iter()))
        if href is None or len(words) < (_HEADLINE // 2 if is_heading else _HEADLINE) or " " not in words:
            continue
        address = urldefrag(href).url
        parent = anchor.getparent()
        if parent is not None and parent.tag == "p" and len(words_in(parent) or "") > 2 * len(words):
            continue  # in running text
        if is_same_site(address, here) and address != urldefrag(here).url:
            yield _Headline(anchor, address, words)


def _is_aside(element: etree._Element) -> bool:
    if element.tag in {"html", "body", "main", "article", "h1", "h2", "h3", "h4", "h5", "h6", "a", "time"}:
        return False
    names = [*(element.get("class") or "").split(), element.get("id") or ""]
    if element.tag not in _ASIDE_TAGS and not any(map(_ASIDE.match, names)):
        return False
    # An article has a header and a footer of its own.
    around = islice(element.iterancestors(), _DEEP)
    return element.tag == "nav" or not any(each.tag in {"article", "li"} for each in around)


def _drop(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        element.tail = None
        parent.remove(element)


def _classes(element: etree._Element) -> list[str]:
    names = (element.get("class") or "").split()[:10]
    return [name for name in dict.fromkeys(names) if _STABLE.fullmatch(name) and not _PASSING.match(name)]


def _names(element: etree._Element) -> Iterator[str]:
    """Yield short selectors of an element, by its classes, else by where it stands."""
    classes = _classes(element)
    yield from (f"{element.tag!s}.{name}" for name in classes)
    if classes or not isinstance(element.tag, str):
        return
    path = element.tag
    for above in islice(element.iterancestors(), 3):
        named = [f"{above.tag!s}.{name}" for name in _classes(above)]
        named += [f"#{id}"] if (id := above.get("id")) and _STABLE.fullmatch(id) else []
        yield from (f"{name} > {path}" for name in named)
        if named or above.tag in {"main", "article"}:
            yield from () if named else (f"{above.tag!s} > {path}",)
            return
        path = f"{above.tag!s} > {path}"
    if element.tag in {"article", "li"}:
        yield element.tag


def _short_names(part: etree._Element) -> Iterator[str]:
    """Yield selectors of a part that are enough inside its item."""
    if part.tag == "time":
        yield "time"
        return
    classes = _classes(part)
    yield from (f".{name}" for name in classes)
    if not classes and part.tag in {"p", "small", "em", "i", "span", "td"}:
        yield str(part.tag)


def _leads(item: etree._Element, headline: _Headline) -> Iterator[etree._Element]:
    around = {headline.anchor, *headline.anchor.iterancestors(), *headline.anchor.iter()}
    for element in islice(item.iterdescendants("p", "div", "span", "h4", "td"), 50):
        words = words_in(element) or ""
        if element not in around and len(words) >= _LEAD and headline.words not in words:
            yield element


def _leads_there(sample: _Sample) -> bool:
    """Say whether the first link of an item is mostly the headline's."""
    return _is_nearly_all(sum(next(_anchors(item)).get("href") == h.anchor.get("href") for item, h in sample), sample)


def _link(sample: _Sample) -> str | None:
    """Return what leads to the headline, where the first link of an item mostly leads elsewhere."""
    if _leads_there(sample):
        return None
    counts: Counter[str] = Counter()
    for item, headline in sample:
        names = {f".{name}" for name in _classes(headline.anchor)}
        for above in islice(headline.anchor.iterancestors(), 2):
            names |= {f".{name} a" for name in _classes(above)} | (
                {f"{above.tag!s} a"} if above.tag in _HEADINGS else set()
            )
        names |= {f"a:has({each.tag!s})" for each in headline.anchor.iter(*_HEADINGS)}
        counts.update(name for name in names if css.found(name, item)[:1] == [headline.anchor])
    best = max(counts, key=lambda name: (counts[name], -len(name)), default=None)
    return best if best is not None and _is_nearly_all(counts[best], sample) else None


def _anchors(item: etree._Element) -> Iterator[etree._Element]:
    return (a for a in item.iter("a") if a.get("href"))


def _is_common(count: int, sample: _Sample) -> bool:
    return count >= _MOST * len(sample)


def _is_nearly_all(count: int, sample: _Sample) -> bool:
    return count >= 0.9 * len(sample)


def _is_telling(name: str) -> bool:
    return name == "time" or re.search(r"date|time|ngay|summary|sapo|desc|lead|excerpt|intro", name) is not None


def _worth(found: FoundList) -> tuple[float, int]:
    """Weigh a list: many entries, words long enough for headlines, dates, summaries; of equals the shorter selector."""
    entries = found.feed.entries
    titles = mean(min(len(entry.title or ""), 80) for entry in entries)
    dated = mean(entry.published is not None or entry.updated is not None for entry in entries)
    summed = mean(entry.summary is not None for entry in entries)
    shown = mean(bool(entry.pictures) for entry in entries)
    worth = min(len(entries), 40) * titles * (1 + 0.6 * dated + 0.2 * summed + 0.1 * shown)
    return worth, -len(found.select.list or "")
