"""Sitemaps as sources: of a list of pages its entries, of an index the sitemaps that are worth asking for."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import groupby, islice
from urllib.parse import urlsplit

from feedsvc.errors import ParseError
from feedsvc.model import Document, Entry, FeedInfo, Link, ParsedFeed, Part, Source, Term
from feedsvc.parse.charset import decode
from feedsvc.parse.hosts import is_same_site
from feedsvc.parse.reading import MAX_ENTRIES, NotAFeedError
from feedsvc.parse.sitemap import Sitemap, SitemapUrl, read_sitemap
from feedsvc.parse.sniffing import sniff

#: of an index, the best first
MAX_PARTS = 50
#: the grade of a sitemap that is called after Google's news form
NEWS = 2

_NEWS = re.compile(r"google-?_?news|news-?_?sitemap|sitemap-?_?news")
#: what lists other pages than articles
_OTHERS = re.compile(
    r"categor|chuyen-?muc|(?<![a-z])(?:tags?|topics?|authors?|tac-?gia|users?|pages?|images?|videos?|static|misc|"
    r"events?|products?)(?![a-z])"
)
_YEAR_MONTH = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d{2})[-_./]?(?P<month>1[0-2]|0?[1-9])?(?:[-_./]?(?P<day>\d{1,2}))?(?!\d)"
)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def read_sitemap_feed(document: Document, source: Source) -> ParsedFeed:
    """Read a sitemap's pages as entries, or where further ones are. Raises ParseError.

    Of more pages than a document may have entries the newest stay, else those at both ends: some sites add in front,
    some behind.
    """
    try:
        sitemap = read_sitemap(document, source)
    except ParseError as error:
        raise _hinted(error, document, source) from error
    name = next((url.name for url in sitemap.urls if url.name), None)
    language = next((url.language for url in sitemap.urls if url.language), None)
    home = Link(href=_home(document.url), type="text/html")
    info = FeedInfo(title=name, language=language, links=(home,))
    if sitemap.kind == "index":
        return ParsedFeed(info=info, entries=(), parts=_parts(sitemap, document.url, source), problem=sitemap.problem)
    pages = [url for url in sitemap.urls if urlsplit(url.href).path.strip("/") or urlsplit(url.href).query]
    return ParsedFeed(info=info, entries=tuple(_entry(url) for url in _newest(pages)), problem=sitemap.problem)


def newest_first(urls: Sequence[SitemapUrl]) -> tuple[SitemapUrl, ...]:
    """Return an index's sitemaps: those of news, then the rest, in each the latest by its date or by its name.

    Where nothing tells, the ends come before the middle. Those of other things than articles are the last.
    """
    graded = sorted(urls, key=lambda url: -grade(url.href))
    if any(map(_when, urls)):
        return tuple(sorted(graded, key=lambda url: (-grade(url.href), -(_when(url) or _LONG_AGO).timestamp())))
    groups = groupby(graded, key=lambda url: grade(url.href))
    return tuple(url for _, group in groups for url in _ends(list(group)))


def grade(href: str) -> int:
    """Grade a sitemap by its name: Google's news form lists two days, which is what a poll wants."""
    name = _name(href)
    if _NEWS.search(name):
        return NEWS
    return 1 if "news" in name else -1 if _OTHERS.search(name) else 0


def _hinted(error: ParseError, document: Document, source: Source) -> ParseError:
    try:
        sniff(decode(document.body, document.content_type).text)
    except NotAFeedError:
        return error
    return ParseError(source.id, f"{error.problem}; it looks like a feed: leave `kind` out, or write kind: feed")


def _parts(sitemap: Sitemap, index: str, source: Source) -> tuple[Part, ...]:
    own = [url for url in sitemap.urls if is_same_site(url.href, index)]
    if sitemap.urls and not own:
        raise ParseError(source.id, "an index whose sitemaps are all on other sites, which it may not speak for")
    ranked = {url.href: Part(href=url.href, is_news=grade(url.href) == NEWS) for url in newest_first(own)}
    return tuple(ranked.values())[:MAX_PARTS]


def _newest(urls: Sequence[SitemapUrl]) -> Iterable[SitemapUrl]:
    distinct = list({url.href: url for url in urls}.values())
    if len(distinct) > MAX_ENTRIES and not any(url.published or url.updated for url in distinct):
        return islice(_ends(distinct), MAX_ENTRIES)
    return sorted(distinct, key=lambda url: url.published or url.updated or _LONG_AGO, reverse=True)[:MAX_ENTRIES]


def _ends(urls: Sequence[SitemapUrl]) -> Iterable[SitemapUrl]:
    """Yield the first, the last, the second, the last but one, and so on."""
    for at in range((len(urls) + 1) // 2):
        yield urls[at]
        if at != len(urls) - 1 - at:
            yield urls[-1 - at]


def _entry(url: SitemapUrl) -> Entry:
    return Entry(
        link=url.href,
        title=url.title,
        published=url.published,
        updated=url.updated,
        pictures=url.pictures,
        terms=tuple(Term(term=word) for word in url.keywords),
        language=url.language,
    )


def _when(url: SitemapUrl) -> datetime | None:
    """Return when a sitemap changed last, else the month or day that its name tells."""
    if url.updated is not None:
        return url.updated
    found = _YEAR_MONTH.search(_name(url.href))
    if found is None:
        return None
    try:
        return datetime(int(found["year"]), int(found["month"] or 1), int(found["day"] or 1), tzinfo=UTC)
    except ValueError:
        return None


def _name(href: str) -> str:
    parts = urlsplit(href.lower())
    return f"{parts.path}?{parts.query}"


def _home(url: str) -> str:
    return urlsplit(url)._replace(path="/", query="", fragment="").geturl()
