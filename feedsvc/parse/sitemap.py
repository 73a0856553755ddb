"""Sitemaps, and where robots.txt says they are. Source: https://www.sitemaps.org/protocol.html, Google's news form."""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import islice
from typing import Literal
from zoneinfo import ZoneInfo

from lxml import etree

from feedsvc.errors import ParseError
from feedsvc.model import Document, Picture, Source
from feedsvc.parse.addresses import absolute
from feedsvc.parse.charset import decode
from feedsvc.parse.media import distinct_pictures
from feedsvc.parse.reading import Reading
from feedsvc.parse.texts import clean, language_tag

#: the protocol's own limits, of one document after decompression
MAX_URLS = 50_000
MAX_BYTES = 50_000_000
#: of robots.txt (RFC 9309, section 2.5)
MAX_ROBOTS_BYTES = 512_000
MAX_NAMED = 100
#: of one page
MAX_PICTURES, MAX_KEYWORDS = 20, 50

_ROOT = re.compile(r"<(?:[\w.-]{1,40}:)?(urlset|sitemapindex)(?=[\s>/])")
_MAX_JUNK_CHARS = 20_000
_NAMED = re.compile(r"^[ \t]*sitemap[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class SitemapUrl:
    """A page, or of an index a sitemap. The fields below `pictures` are those of the news form."""

    href: str
    updated: datetime | None = None
    pictures: tuple[Picture, ...] = ()
    published: datetime | None = None
    title: str | None = None
    language: str | None = None
    #: the publication's name
    name: str | None = None
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitemap:
    """A sitemap as read, in document order; `index`: its addresses are those of sitemaps."""

    kind: Literal["news", "pages", "index"]
    urls: tuple[SitemapUrl, ...]
    #: why it is only read in part, in words
    problem: str | None = None


def read_sitemap(document: Document, source: Source) -> Sitemap:
    """Read a sitemap or an index of them, gzipped or not. Raises ParseError for everything else.

    Elements count by their local names, since publishers misspell the namespaces. No entity is expanded.
    """
    plain, problem = _plain(document.body)
    text = decode(plain, document.content_type).text
    root = _ROOT.search(text, 0, _MAX_JUNK_CHARS)
    if root is None or "<html" in text[: root.start()].lower():
        raise ParseError(source.id, f"not a sitemap: {problem}" if problem else "not a sitemap")
    # What stands before the root goes, declarations of entities with it: lxml walks into those it does not expand.
    body = text[root.start() :].encode("utf-8", "replace")
    reading = Reading(base=document.url, zone=ZoneInfo(source.timezone), fetched_at=document.fetched_at)
    try:
        urls = tuple(islice((url for element in _elements(body) if (url := _url(element, reading))), MAX_URLS))
    except etree.XMLSyntaxError as exc:
        raise ParseError(source.id, f"not a sitemap: {exc.msg}") from exc
    is_news = any(url.title or url.published for url in urls)
    kind: Literal["news", "pages", "index"] = "news" if is_news else "pages"
    return Sitemap(kind="index" if root[1] == "sitemapindex" else kind, urls=urls, problem=problem)


def named_sitemaps(document: Document) -> tuple[str, ...]:
    """Return the addresses that a robots.txt names, each once."""
    text = decode(document.body[:MAX_ROBOTS_BYTES], document.content_type).text
    found = (absolute(match[1], document.url) for match in _NAMED.finditer(text))
    return tuple(dict.fromkeys(href for href in found if href))[:MAX_NAMED]


def _plain(body: bytes) -> tuple[bytes, str | None]:
    """Unpack what is stored gzipped; of one that is damaged or too large, the part before, and say so."""
    if not body.startswith(b"\x1f\x8b"):
        return body, None
    stream = zlib.decompressobj(wbits=31)
    try:
        plain = stream.decompress(body, MAX_BYTES)
    except zlib.error:
        return b"", "its gzip is damaged"
    if stream.unconsumed_tail:
        return plain, f"larger than {MAX_BYTES // 1_000_000} MB unpacked: only the beginning is read"
    return plain, None if stream.eof else "its gzip ends too early"


def _elements(body: bytes) -> Iterator[etree._Element]:
    """Yield each `url` and `sitemap`, and forget each at once."""
    events = etree.iterparse(
        BytesIO(body), recover=True, resolve_entities=False, load_dtd=False, no_network=True, remove_comments=True
    )
    for _, element in events:
        if _local(element) in {"url", "sitemap"}:
            yield element
            element.clear()
            parent = element.getparent()
            if parent is not None:
                del parent[: parent.index(element)]


def _fields(element: etree._Element) -> dict[str, str]:
    """Return its own texts and those of its news; pictures and videos inside have a `loc` and a `title` too."""
    news = [each for part in element if _local(part) == "news" for each in part.iter()]
    return {_local(part): part.text for part in (*news, *element) if isinstance(part.text, str)}


def _local(element: etree._Element) -> str:
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _pictures(element: etree._Element, reading: Reading) -> Iterator[Picture]:
    """Yield the pictures of the image form. Source: Google's image sitemaps."""
    for image in islice((part for part in element if _local(part) == "image"), MAX_PICTURES):
        said = {_local(part): part.text for part in image if isinstance(part.text, str)}
        if href := absolute(said.get("loc"), reading.base):
            yield Picture(href=href, caption=clean(said.get("caption")) or clean(said.get("title")))


def _url(element: etree._Element, reading: Reading) -> SitemapUrl | None:
    fields = _fields(element)
    href = absolute(fields.get("loc"), reading.base)
    if href is None:
        return None
    return SitemapUrl(
        href=href,
        updated=reading.date(fields.get("lastmod")),
        pictures=distinct_pictures(_pictures(element, reading)),
        published=reading.date(fields.get("publication_date")),
        title=clean(fields.get("title")),
        language=language_tag(fields.get("language")),
        name=clean(fields.get("name")),
        keywords=tuple(word for each in fields.get("keywords", "").split(",")[:MAX_KEYWORDS] if (word := clean(each))),
    )
