"""HTML pages as trees."""

import re
from itertools import islice

from lxml import etree

from feedsvc.model import Document
from feedsvc.parse.charset import decode
from feedsvc.parse.texts import clean, without_floods

_META = re.compile(rb"<meta[^>]{1,300}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE)
#: the WHATWG standard looks for the charset in the first 1,024 bytes; pages that put it later are common
_META_WITHIN = 4096
#: texts inside one element that are looked at, and characters of each
_MOST_PARTS, _MOST_CHARS = 200, 2_000
#: elements that stand inside a word; all others begin a new one
_IN_WORDS = frozenset({"b", "i", "em", "strong", "u", "mark", "sub", "sup", "font"})


def root_of(document: Document) -> etree._Element | None:
    """Return the root of a page of any quality; None where there is nothing to read."""
    text = without_floods(decoded(document))
    # Of bytes, since lxml refuses text with an encoding declaration. `huge_tree`: pages that close no element are
    # nested hundreds deep, and reading would end at 256; with it at 2,048.
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=True)
    root: etree._Element | None = etree.fromstring(text.encode("utf-8", "replace"), parser) if text.strip() else None
    return root


def decoded(document: Document) -> str:
    """Decode by byte order mark or header, else by the page's own `meta`."""
    said = document.content_type or ""
    if "charset" not in said.lower() and (found := _META.search(document.body[:_META_WITHIN])):
        said = f"text/html; charset={found[1].decode('ascii')}"
    return decode(document.body, said).text.replace("\0", "")


def words_in(element: etree._Element | None, most_parts: int = _MOST_PARTS) -> str | None:
    """Return the words inside as one line; of a hostile page the first of them may be all there are."""
    if element is None:
        return None
    parts = [part[:_MOST_CHARS] for part in islice(element.itertext(), most_parts)]
    inner = islice(element.iterdescendants(), most_parts) if len(parts) > 1 else ()
    joined = ("" if all(each.tag in _IN_WORDS for each in inner) else " ").join(parts)
    return clean(" ".join(joined.split()))
