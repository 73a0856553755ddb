"""One document to one ParsedFeed."""

from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

import feedparser

from feedsvc.errors import ParseError
from feedsvc.model import Document, ParsedFeed, Source
from feedsvc.parse.addresses import base_of
from feedsvc.parse.charset import decode
from feedsvc.parse.json_feed import read_json_feed
from feedsvc.parse.listing import read_listing
from feedsvc.parse.reading import NotAFeedError, Reading
from feedsvc.parse.sitemap_feed import read_sitemap_feed
from feedsvc.parse.sniffing import sniff
from feedsvc.parse.xml_feed import READERS, XmlReader, read_xml_feed

#: Changes when the same bytes may be read otherwise; saved with the validators.
PARSER_VERSION = f"3+feedparser-{feedparser.__version__}"


def parse(document: Document, source: Source, readers: Sequence[XmlReader] = READERS) -> ParsedFeed:
    """Read RSS, RDF, CDF, Atom or JSON Feed, or what else the source's `kind` names; ParseError, in words, for others.

    Texts are verbatim, not sanitised; titles are plain; addresses are absolute http(s). Dates without a zone are in the
    source's; one that cannot be, or lies more than an hour after `document.fetched_at`, is None. `readers` are asked in
    turn for what XML says; they differ in speed only.
    """
    if source.kind == "sitemap":
        return read_sitemap_feed(document, source)
    if source.kind == "page":
        return read_listing(document, source)
    decoded = decode(document.body, document.content_type)
    reading = Reading(
        # RFC 3986 section 5.1 and feedparser; RFC 9110 has taken it back, but who still sends it means it
        base=base_of(document.content_location, document.url),
        zone=ZoneInfo(source.timezone),
        fetched_at=document.fetched_at,
    )
    try:
        sniffed = sniff(decoded.text)
        if sniffed.kind == "json":
            feed = read_json_feed(sniffed.text, reading)
        else:
            feed = read_xml_feed(sniffed, document, reading, readers)
    except NotAFeedError as exc:
        raise ParseError(source.id, str(exc)) from exc
    return feed if feed.problem else replace(feed, problem=decoded.problem)
