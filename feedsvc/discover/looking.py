"""What one document is, in few words: runs in a worker process, for upstream is hostile."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Literal

from feedsvc import extract, parse
from feedsvc.errors import ParseError
from feedsvc.extract.language import detected
from feedsvc.model import Checked, Document, Entry, ParsedFeed, Selectors, Source
from feedsvc.parse import Page

#: entries by which two feeds are compared
COMPARED = 100
#: the newest entries from which the cadence is told
CADENCE_OF = 20
#: characters from which a text counts as an article, not as its summary
FULL_TEXT = 1_000
#: entries of a list that are shown
SAMPLED = 3
#: addresses of an index of sitemaps that come back, the latest first
MAX_CHILDREN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenFeed(Checked):
    """A feed as far as it matters for choosing one."""

    format: str | None
    title: str | None
    rights: str | None
    #: the web page that it says it is of
    home: str | None
    language: str | None
    #: what it says its language is, where its text is in another one
    wrong_language: str | None
    entries: int
    #: links, else guids, of the first entries
    keys: tuple[str, ...]
    dated: int
    latest: datetime | None
    per_day: float | None
    made_of: Literal["articles", "podcast", "comments"]
    text: Literal["full", "summary", "none"]
    problem: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenSitemap(Checked):
    """A sitemap; `children` are an index's, the latest first, those named after news before all."""

    kind: Literal["news", "pages", "index"]
    title: str | None
    language: str | None
    entries: int
    latest: datetime | None
    per_day: float | None
    children: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample(Checked):
    """An entry as it was read."""

    title: str
    link: str
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenList(Checked):
    """A list of articles on a page, as it was read by these selectors."""

    select: Selectors
    title: str | None
    language: str | None
    entries: int
    dated: int
    latest: datetime | None
    per_day: float | None
    text: Literal["full", "summary", "none"]
    sample: tuple[Sample, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPage:
    """An HTML page. `list`: of its articles; None: none was found."""

    page: Page
    list: SeenList | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A document that is nothing of the kind."""

    problem: str


Seen = SeenFeed | SeenSitemap | SeenPage | Unread


def look(document: Document, source: Source) -> Seen:
    """Say what a document is. Raises nothing that a document can cause."""
    try:
        return _feed(extract.clean(parse.parse(document, source), source), document)
    except ParseError as error:
        problem = error.problem
    try:
        return _sitemap(parse.read_sitemap(document, source))
    except ParseError:
        if not parse.is_page(document):
            return Unread(problem=problem)
        return SeenPage(page=parse.read_page(document), list=_list(document, source))


def _feed(feed: ParsedFeed, document: Document) -> SeenFeed:
    entries = feed.entries
    dates = [date for entry in entries if (date := entry.published or entry.updated)]
    said = next((entry.language for entry in entries if entry.language), None) or feed.info.language
    read = detected("\n".join(f"{entry.title or ''}\n{entry.text[:200]}" for entry in entries[:10]))
    is_wrong = said is not None and read is not None and said.partition("-")[0] != read
    return SeenFeed(
        format=parse.format_name(document),
        title=feed.info.title,
        rights=feed.info.rights,
        home=feed.info.link("alternate"),
        language=read if is_wrong else said or read,
        wrong_language=said if is_wrong else None,
        entries=len(entries),
        keys=tuple(key for entry in entries[:COMPARED] if (key := entry.link or entry.guid)),
        dated=len(dates),
        latest=max(dates, default=None),
        per_day=per_day(dates),
        made_of=_made_of(entries, feed.info.title or ""),
        text=_text(entries),
        problem=feed.problem,
    )


def _list(document: Document, source: Source) -> SeenList | None:
    found = parse.find_list(document, source)
    if found is None:
        return None
    feed = extract.clean(found.feed, source)
    dates = [date for entry in feed.entries if (date := entry.published or entry.updated)]
    read = detected("\n".join(entry.title or "" for entry in feed.entries[:20]))
    return SeenList(
        select=found.select,
        title=feed.info.title,
        language=feed.info.language if read is None else read,
        entries=len(feed.entries),
        dated=len(dates),
        latest=max(dates, default=None),
        per_day=per_day(dates),
        text=_text(feed.entries),
        sample=tuple(
            Sample(title=entry.title, link=entry.link, at=entry.published or entry.updated)
            for entry in feed.entries
            if entry.title and entry.link
        )[:SAMPLED],
    )


def per_day(dates: Sequence[datetime]) -> float | None:
    """Return how many a day the newest ones were; None where there are too few to tell."""
    newest = sorted(dates, reverse=True)[:CADENCE_OF]
    if len(newest) < 3:
        return None
    # Pages made in one go carry one time.
    span = newest[0] - newest[-1]
    return (len(newest) - 1) / (span / timedelta(days=1)) if span >= timedelta(minutes=10) else None


def _made_of(entries: Sequence[Entry], title: str) -> Literal["articles", "podcast", "comments"]:
    if not entries:
        return "comments" if _is_of_comments(title) else "articles"
    comments = sum("#comment" in (entry.link or "") for entry in entries)
    if 2 * comments > len(entries) or _is_of_comments(title):
        return "comments"
    spoken = sum(
        any((enclosure.type or "").startswith(("audio/", "video/")) for enclosure in entry.enclosures)
        for entry in entries
    )
    return "podcast" if 2 * spoken > len(entries) else "articles"


def _is_of_comments(title: str) -> bool:
    """WordPress' titles, in English and Vietnamese."""
    return title.lower().startswith(("comments on", "comments for", "bình luận về", "bình luận cho", "phản hồi cho"))


def _text(entries: Sequence[Entry]) -> Literal["full", "summary", "none"]:
    typical = median([len(entry.text) for entry in entries]) if entries else 0
    return "full" if typical >= FULL_TEXT else "summary" if typical >= 40 else "none"


def _sitemap(sitemap: parse.Sitemap) -> SeenSitemap:
    dates = [date for url in sitemap.urls if (date := url.published or url.updated)]
    latest = max(dates, default=None)
    return SeenSitemap(
        kind=sitemap.kind,
        title=next((url.name for url in sitemap.urls if url.name), None),
        language=next((url.language for url in sitemap.urls if url.language), None),
        entries=len(sitemap.urls),
        latest=latest,
        per_day=per_day(dates) if sitemap.kind == "news" else None,
        children=_children(sitemap.urls) if sitemap.kind == "index" else (),
    )


def _children(urls: Sequence[parse.SitemapUrl]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(url.href for url in parse.newest_first(urls)))[:MAX_CHILDREN]
