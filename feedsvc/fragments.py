"""Safe HTML, as extract writes it, as a tree and as plain text: what policy and pages take out of it."""

import re
from html import unescape

from lxml import etree

#: Left empty by something that went, these go too.
_WRAPPERS = frozenset(("a", "b", "center", "div", "em", "figure", "i", "p", "section", "span", "strong"))
_VOID = ("br", "col", "hr", "img", "source", "wbr")
_EMPTY = etree.XPath(f"//*[not(node()) and not({' or '.join(f'self::{name}' for name in _VOID)})]")

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


def take_out(element: etree._Element) -> None:
    """Take an element out, its tail stays; and the wrappers that hold nothing any more."""
    parent = element.getparent()
    if parent is None:  # gone with a wrapper
        return
    before = element.getprevious()
    if element.tail and before is not None:
        before.tail = (before.tail or "") + element.tail
    elif element.tail:
        parent.text = (parent.text or "") + element.tail
    element.tail = None
    parent.remove(element)
    if parent.tag in _WRAPPERS and len(parent) == 0 and not (parent.text or "").strip():
        take_out(parent)
