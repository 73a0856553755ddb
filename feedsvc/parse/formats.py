"""What a feed's format is called."""

import re

from feedsvc.model import Document
from feedsvc.parse.charset import decode
from feedsvc.parse.reading import NotAFeedError
from feedsvc.parse.sniffing import sniff

_ROOT = re.compile(r"<(?:[\w.-]+:)?(rss|feed|rdf|channel)\b", re.IGNORECASE)
_NAMES = {"rss": "RSS", "feed": "Atom", "rdf": "RSS 1.0", "channel": "CDF"}


def format_name(document: Document) -> str | None:
    """Return how people call the format of a feed; None: it has no name."""
    try:
        sniffed = sniff(decode(document.body, document.content_type).text)
    except NotAFeedError:
        return None
    if sniffed.kind == "json":
        return "JSON Feed"
    root = _ROOT.match(sniffed.text)
    return _NAMES[root[1].lower()] if root else None
