"""Addresses below the site's root."""

import re
from typing import cast

from feedsvc.model import Format, ListKind

CATALOGUE = "/feeds.opml"
STYLESHEET = "/static/feed.css"
STORIES = "/story/"
CALLBACKS = "/websub/"

_FEED = re.compile(r"/feeds/(?:(all)|(category|tag|source)/([^/]+?))(?:/([A-Za-z0-9-]+))?\.(rss|atom|json)")
_PAGE = re.compile(r"/(category|tag|source)/([^/]+)")


def feed_path(kind: ListKind, id: str, format: Format, language: str | None = None) -> str:
    """Return where a document is; `language`: the one with only the stories in it."""
    place = "all" if kind == "all" else f"{kind}/{id}"
    return f"/feeds/{place}/{language}.{format}" if language else f"/feeds/{place}.{format}"


def callback_path(token: str) -> str:
    """Return where the hub of a subscription pushes to."""
    return f"{CALLBACKS}{token}"


def page_path(kind: ListKind, id: str) -> str:
    """Return where the page is that shows the same."""
    return "/" if kind == "all" else f"/{kind}/{id}"


def read_path(path: str) -> tuple[ListKind, str, str] | None:
    """Return kind, id and the rest (to put behind another id) of a feed's or page's address; None: neither.

    The rest of `/feeds/tag/wipo/en.rss` is `/en.rss`; that of a page is empty.
    """
    if found := _FEED.fullmatch(path):
        every, kind, id, language, format = found.groups()
        rest = f"/{language}.{format}" if language else f".{format}"
        return cast(ListKind, every or kind), every or id, rest
    if found := _PAGE.fullmatch(path):
        return cast(ListKind, found[1]), found[2], ""
    return None


def renamed_path(path: str, kind: ListKind, id: str, rest: str) -> str:
    """Return the address that took the place of `path`, which `read_path` took apart."""
    return f"/feeds/{kind}/{id}{rest}" if path.startswith("/feeds/") else page_path(kind, id)
