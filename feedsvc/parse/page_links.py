"""HTML pages: what they link to that may be a feed."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urldefrag, urlsplit

from lxml import etree

from feedsvc.model import Document
from feedsvc.parse.addresses import absolute, base_of
from feedsvc.parse.markup import root_of, words_in
from feedsvc.parse.texts import clean, language_tag

#: how sure a link is: the page says that it is a feed; its address looks like one; a word near it hints at one
LinkGrade = Literal["announced", "likely", "possible"]
GRADES: tuple[LinkGrade, ...] = ("announced", "likely", "possible")

#: links of one page that are kept, the surer ones first
MAX_LINKS = 500
_MAX_TEXT = 120
#: texts inside a link that are looked at: there may be 300,000 links
_MOST_PARTS = 50

_FEED_TYPES = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json", "text/rss"}
)
#: of these, feeds are only a part (JSON: also WordPress' own interface, and oEmbed)
_BROAD_TYPES = frozenset({"application/xml", "text/xml", "application/json", "application/rss", "application/atom"})
_LIKELY = re.compile(
    r"\.(?:rss|atom|rdf)$"
    r"|/(?:rss|atom|rdf|feed|feeds)(?:\.(?:xml|json|php|aspx?|html?))?/?$"
    r"|/(?:rss|feed|feeds|rss-?feeds?)/[^?]+$"
    r"|/(?:index|posts?|news|blog|all|default)\.xml$"
    r"|(?:rss|atom|feed)[^/?]{0,30}\.(?:xml|json)$"
    r"|\?(?:[^#]*&)?(?:feed|format|type|alt|output)=(?:rss2?|atom|rdf|feed|jsonfeed)\b",
)
_FEED_HOST = re.compile(r"^(?:feeds?|rss)[0-9]?\.")
_POSSIBLE = re.compile(r"\.xml$|[/_-](?:rss|feed|atom)s?(?:\.\w{2,5})?/?$")
_WORDS = re.compile(r"\b(?:rss|atom feed|json feed|web ?feeds?|news ?feeds?|xml feed)\b", re.IGNORECASE)
_NO_FEED = re.compile(
    r"\.(?:css|js|png|jpe?g|gif|svg|webp|ico|pdf|docx?|xlsx?|zip|gz|mp[34]|m4a|woff2?|apk|exe)$|sitemap|oembed|wp-json"
    r"|opensearch|manifest|/opml|\.opml$"
)
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|title|meta|div|script|table|center)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLink:
    """A link that may lead to a feed, without its fragment."""

    href: str
    grade: LinkGrade
    #: the words of the link, or its title
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a page offers."""

    title: str | None = None
    language: str | None = None
    #: the surest first, then as they stand in the page; each address once
    links: tuple[PageLink, ...] = ()


def is_page(document: Document) -> bool:
    """Say whether a document that is no feed can be read as a page."""
    said = (document.content_type or "").partition(";")[0].strip().lower()
    return said in {"text/html", "application/xhtml+xml"} or _HTML.search(document.body[:2000]) is not None


def read_page(document: Document) -> Page:
    """Read a page of any quality; what cannot be read is not there."""
    root = root_of(document)
    if root is None:
        return Page(links=_kept(_from_header(document)))
    base = base_of(next((b.get("href") for b in root.iter("base") if b.get("href")), None), document.url)
    return Page(
        title=words_in(next(root.iter("title"), None), _MOST_PARTS),
        language=language_tag(root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang")),
        links=_kept([*_from_header(document), *_from_page(root, base)]),
    )


def _from_header(document: Document) -> Iterator[PageLink]:
    for link in document.links:
        if _is_announced(link.rel, link.type, link.href):
            yield PageLink(href=urldefrag(link.href).url, grade="announced", text=clean(link.title))


def _from_page(root: etree._Element, base: str) -> Iterator[PageLink]:
    for element in root.iter("link", "a", "area"):
        # Resolving is the costly part: 300,000 links fit into one page.
        href = absolute(element.get("href"), base)
        if href is None:
            continue
        href = urldefrag(href).url
        words = words_in(element, _MOST_PARTS)
        text = clean(element.get("title")) if element.tag == "link" else words or clean(element.get("title"))
        grade = _grade(element, href, text)
        if grade is not None:
            yield PageLink(href=href, grade=grade, text=text[:_MAX_TEXT] if text else None)


def _grade(element: etree._Element, href: str, text: str | None) -> LinkGrade | None:
    rel, type = element.get("rel") or "", element.get("type")
    if _is_announced(rel, type, href):
        return "announced"
    if element.tag == "link":
        return None
    return looks_like_feed(href) or ("possible" if text and _WORDS.search(text) and not _is_other(href) else None)


def looks_like_feed(href: str) -> LinkGrade | None:
    """Grade an address by its look alone."""
    if _is_other(href):
        return None
    parts = urlsplit(href)
    place = parts.path.lower() + (f"?{parts.query.lower()}" if parts.query else "")
    if _LIKELY.search(place) or _LIKELY.search(parts.path.lower()) or _FEED_HOST.match(parts.hostname or ""):
        return "likely"
    return "possible" if _POSSIBLE.search(parts.path.lower()) else None


def _is_other(href: str) -> bool:
    return _NO_FEED.search(urlsplit(href).path.lower()) is not None


def _is_announced(rel: str, type: str | None, href: str) -> bool:
    relations, media_type = rel.lower().split(), (type or "").partition(";")[0].strip().lower()
    if "feed" in relations and "stylesheet" not in relations:
        return True
    if "alternate" not in relations:
        return media_type in _FEED_TYPES
    return media_type in _FEED_TYPES or (media_type in _BROAD_TYPES and looks_like_feed(href) is not None)


def _kept(links: Iterable[PageLink]) -> tuple[PageLink, ...]:
    found: dict[str, PageLink] = {}
    for link in links:
        before = found.get(link.href)
        if before is None or GRADES.index(link.grade) < GRADES.index(before.grade):
            found[link.href] = link
    return tuple(sorted(found.values(), key=lambda link: GRADES.index(link.grade))[:MAX_LINKS])
