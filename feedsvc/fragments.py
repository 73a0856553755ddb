"""Safe HTML, as extract writes it, as a tree and as plain text: what policy and pages take out of it."""

import re
from collections.abc import Iterable
from html import unescape

from lxml import etree

#: Left empty by something that went, these go too.
_WRAPPERS = frozenset(("a", "b", "center", "div", "em", "figure", "i", "p", "section", "span", "strong"))
#: No element of HTML.
_GONE = "x-gone"
_VOID = ("br", "col", "hr", "img", "source", "wbr")
_EMPTY = etree.XPath(f"//*[not(node()[1]) and not({' or '.join(f'self::{name}' for name in _VOID)})]")

_TAG_OR_TEXT = re.compile(r"</?([a-z][a-z0-9]*)[^<>]*>|[^<]+|<", re.IGNORECASE)
#: What is in these stands in a line with what is around them; at the edge of all others a word ends.
_INLINE = frozenset(
    re.findall(
        r"\w+",
        "a abbr b bdi bdo cite code data del dfn em i ins kbd mark q rp rt ruby s samp small span strong sub sup time "
        "u var wbr",
    )
)


def tree(html: str) -> etree._Element:
    """Return an element that holds the fragment; its own name means nothing."""
    try:
        return etree.fromstring(f"<x>{html}</x>", etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:  # not in the form that extract writes: no picture may slip through for that
        body = etree.fromstring(f"<body>{html}</body>", etree.HTMLParser(no_network=True)).find("body")
        root = etree.Element("x") if body is None else body
        root.tag = "x"
        return root


def written(root: etree._Element) -> str:
    """Return the fragment that `tree` read, as extract writes it.

    It is the same in HTML and XML; values stand in double quotes, and neither they nor texts hold "<", ">" or quotes.
    """
    for empty in _EMPTY(root):
        empty.text = ""  # written `<p></p>`: `<p/>` would open a paragraph in HTML
    return etree.tostring(root, encoding="unicode", with_tail=False)[3:-4].strip()


def plain(html: str, limit: int) -> str:
    """Return at most `limit` characters of what a reader sees of safe HTML, on one line.

    The words of two blocks, items or cells never touch. No more is read than it takes: an article may be long.
    """
    pieces, length = [], 0
    for found in _TAG_OR_TEXT.finditer(html):
        name = found[1]
        if name is None:
            # The bars keep the white space at its ends.
            text = " ".join(unescape(f"|{found[0]}|").split())[1:-1]
            pieces.append(text)
            length += len(text.strip())
        elif name.lower() not in _INLINE:
            pieces.append(" ")
        if length > limit:
            break
    return " ".join("".join(pieces).split())[:limit].rstrip()


def take_out(root: etree._Element, elements: Iterable[etree._Element]) -> None:
    """Take elements out, their tails stay; and the wrappers that hold nothing any more.

    All at once: one by one, each would copy the text that has gathered before it, and thousands take half a minute.
    """
    gone = dict.fromkeys(elements)
    #: of parents, how many children stay
    staying: dict[etree._Element, int] = {}
    queue = [*gone]
    while queue:
        parent = queue.pop().getparent()
        if parent is None:
            continue
        staying[parent] = (staying[parent] if parent in staying else len(parent)) - 1
        if staying[parent] == 0 and parent.tag in _WRAPPERS and parent not in gone and not _has_words(parent):
            gone[parent] = None
            queue.append(parent)
    for element in gone:
        element.tag = _GONE
    etree.strip_elements(root, _GONE, with_tail=False)


def _has_words(parent: etree._Element) -> bool:
    return bool((parent.text or "").strip()) or any((child.tail or "").strip() for child in parent)
