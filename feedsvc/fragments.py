"""Safe HTML, as extract writes it, as a tree: what policy and pages take out of it."""

from lxml import etree

#: Left empty by something that went, these go too.
_WRAPPERS = frozenset(("a", "b", "center", "div", "em", "figure", "i", "p", "section", "span", "strong"))


def tree(html: str) -> etree._Element:
    """Return an element that holds the fragment; its own name means nothing."""
    try:
        return etree.fromstring(f"<x>{html}</x>", etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:  # not in the form that extract writes: no picture may slip through for that
        body = etree.fromstring(f"<body>{html}</body>", etree.HTMLParser(no_network=True)).find("body")
        root = etree.Element("x") if body is None else body
        root.tag = "x"
        return root


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
