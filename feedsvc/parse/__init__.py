"""Bytes from a source to a ParsedFeed: RSS, RDF, CDF and Atom by feedparser, JSON Feed by a reader of our own.

Also what a site offers: the feeds that a page links to, and sitemaps.
"""

from feedsvc.parse.formats import format_name
from feedsvc.parse.page_links import GRADES, LinkGrade, Page, PageLink, is_page, looks_like_feed, read_page
from feedsvc.parse.reader import PARSER_VERSION, parse
from feedsvc.parse.sitemap import Sitemap, SitemapUrl, named_sitemaps, read_sitemap

__all__ = [
    "GRADES",
    "PARSER_VERSION",
    "LinkGrade",
    "Page",
    "PageLink",
    "Sitemap",
    "SitemapUrl",
    "format_name",
    "is_page",
    "looks_like_feed",
    "named_sitemaps",
    "parse",
    "read_page",
    "read_sitemap",
]
