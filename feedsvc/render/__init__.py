"""Stories to documents: RSS 2.0, Atom 1.0, JSON Feed 1.1 and OPML, as bytes.

Pure: the same feed gives the same bytes, whatever the clock, the locale, the time zone or the order of a hash. What
comes out is valid whatever publishers wrote, as long as HTML content is safe HTML.
"""

from functools import cache
from importlib.resources import files
from types import MappingProxyType

from feedsvc.model import Format
from feedsvc.render.as_atom import atom
from feedsvc.render.as_json import json_feed
from feedsvc.render.as_opml import Outline, OutlineGroup, opml
from feedsvc.render.as_rss import rss
from feedsvc.render.snapshots import snapshot

#: Changes whenever the same feed would come out as other bytes, so that what is stored is rendered again.
RENDERER_VERSION = "2"

#: as served
MEDIA_TYPES = MappingProxyType[Format, str](
    {
        "rss": "application/rss+xml; charset=utf-8",
        "atom": "application/atom+xml; charset=utf-8",
        "json": "application/feed+json; charset=utf-8",
    }
)
OPML_MEDIA_TYPE = "text/x-opml; charset=utf-8"


@cache
def feed_css() -> bytes:
    """Return the stylesheet that makes RSS and Atom documents readable in browsers."""
    return files(__package__).joinpath("feed.css").read_bytes()


__all__ = [
    "MEDIA_TYPES",
    "OPML_MEDIA_TYPE",
    "RENDERER_VERSION",
    "Outline",
    "OutlineGroup",
    "atom",
    "feed_css",
    "json_feed",
    "opml",
    "rss",
    "snapshot",
]
