"""Bytes from a source to a ParsedFeed: RSS, RDF, CDF and Atom by feedparser, JSON Feed by a reader of our own.

Sitemaps and pages with a list come to the same. Also what a site offers: feeds that a page links to, sitemaps, lists.
"""

from feedsvc.parse.formats import format_name
from feedsvc.parse.list_finding import FoundList, find_list
from feedsvc.parse.page_links import GRADES, LinkGrade, Page, PageLink, is_page, looks_like_feed, read_page
from feedsvc.parse.reader import PARSER_VERSION, parse
from feedsvc.parse.sitemap import Sitemap, SitemapUrl, named_sitemaps, read_sitemap
from feedsvc.parse.sitemap_feed import newest_first

__all__ = [
    "GRADES",
    "PARSER_VERSION",
    "FoundList",
    "LinkGrade",
    "Page",
    "PageLink",
    "Sitemap",
    "SitemapUrl",
    "find_list",
    "format_name",
    "is_page",
    "looks_like_feed",
    "named_sitemaps",
    "newest_first",
    "parse",
    "read_page",
    "read_sitemap",
]
