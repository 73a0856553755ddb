"""Where a document says that it is pushed.

Source: the recommendation WebSub, section 4.
"""

from collections.abc import Iterable

from feedsvc import fetch
from feedsvc.model import Document, FeedInfo, HubOffer, Link

#: hubs of one document that are tried
MAX_HUBS = 5
_LONGEST = 2000


def offered(document: Document, info: FeedInfo) -> HubOffer | None:
    """Return the topic and hubs of a document: from its headers, each where these are silent from the document itself.

    Of several the encrypted ones come first, in their order. A document that was copied or filtered by somebody names
    the original's topic, which is more or other than what we were told to read: so it may name one of its own site
    only. The headers are of the server that we asked, and may name any.
    """
    hubs = _hrefs(document.links, "hub") or _hrefs(info.links, "hub")
    own = [href for href in _hrefs(info.links, "self") if fetch.site_of(href) == fetch.site_of(document.url)]
    topics = _hrefs(document.links, "self") or own
    return HubOffer(topic=topics[0], hubs=tuple(hubs[:MAX_HUBS])) if hubs and topics else None


def _hrefs(links: Iterable[Link], rel: str) -> list[str]:
    found = dict.fromkeys(link.href.strip() for link in links if link.rel.lower() == rel)
    usable = [href for href in found if fetch.host_of(href) and len(href) <= _LONGEST and href.isprintable()]
    return sorted(usable, key=lambda href: not href.lower().startswith("https:"))
