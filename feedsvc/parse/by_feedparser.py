"""Any feed by feedparser, the reference for what a document says, and what it leaves out by lxml."""

import io
import warnings
from xml.sax import SAXParseException

import feedparser
from lxml import etree

from feedsvc.parse import fields
from feedsvc.parse.entries import read_entry
from feedsvc.parse.extensions import (
    EntryExtensions,
    FeedExtensions,
    based,
    read_entry_extensions,
    read_feed_extensions,
)
from feedsvc.parse.feed_info import feed_info
from feedsvc.parse.nodes import EXTENSIONS, Node, known_prefix
from feedsvc.parse.reading import Found, NotAFeedError, Reading, XmlText

_DECLARATION = b"<?xml version='1.0' encoding='utf-8'?>"
# What feedparser's code lets through for one malformed document or another.
_FAILURES = (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
#: A document with none of these, nor an image in an item, has nothing that feedparser leaves out.
_MARKS = (
    b"search.yahoo.com/mrss",
    b"rssboard.org/media-rss",
    b"purl.org/atompub/tombstones",
    b"purl.org/syndication/history",
    b"<skipHours",
    b"<skipDays",
)
_FEEDS_OWN = (None, "r", "rss", "atom", "a")


def read_by_feedparser(given: XmlText, reading: Reading) -> Found:
    """The one place where feedparser runs; it gets bytes and never an address to open.

    Unless the document sets bases of its own it is not told the document's either: it would resolve ids against it (RFC
    4287 section 4.2.6.1 wants them as they are), and a feed that moves would have all entries renamed. What it leaves
    relative is resolved after it.
    """
    body = _DECLARATION + given.entities + given.body
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": given.base}
    if given.language:
        headers["content-language"] = given.language
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its own deprecated aliases
            result = feedparser.parse(
                io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
            )
    except _FAILURES as exc:
        raise NotAFeedError(f"a document that feedparser cannot read ({type(exc).__name__}: {str(exc)[:100]})") from exc
    entries = fields.parts(result, "entries")
    root = _recovered(body) if _are_extended(body) else None
    of_feed = FeedExtensions() if root is None else read_feed_extensions(root, reading)
    info = feed_info(fields.part(result, "feed"), reading, of_feed)
    beside = _beside(root, len(entries), reading)
    return Found(
        info=info,
        entries=[read_entry(entry, more, info.language, reading) for entry, more in zip(entries, beside, strict=True)],
        deleted=of_feed.deleted,
        is_known=bool(result.get("version")),
        problem=result.get("bozo_exception") if result.get("bozo") else None,
    )


def _are_extended(document: bytes) -> bool:
    return any(mark in document for mark in _MARKS) or document.find(b"<image", document.find(b"<item")) >= 0


def _beside(root: Node | None, count: int, reading: Reading) -> list[EntryExtensions]:
    """Return each entry's extensions; none where the tree does not show as many entries as feedparser found."""
    found: list[tuple[Node, str]] = []
    if root is not None:
        _gather_entries(root, based(reading.base, root), found)
    if len(found) != count:
        return [EntryExtensions()] * count
    return [read_entry_extensions(node, base, reading) for node, base in found]


def _gather_entries(node: Node, base: str, found: list[tuple[Node, str]]) -> None:
    """Gather entries in document order, and what addresses around each relate to."""
    for child in node.children:
        if child.name in ("item", "entry"):
            found.append((child, base))
        if child.children:
            _gather_entries(child, based(base, child), found)


def _recovered(document: bytes) -> Node | None:
    """Return the tree of a document of which some may be lost; None: all is, or it is too deep."""
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True, huge_tree=False
    )
    try:
        root: etree._Element | None = etree.fromstring(document, parser)
    except etree.XMLSyntaxError:
        return None
    return None if root is None else _node(root)


def _node(element: etree._Element) -> Node:
    attributes = {_key(str(name)): value for name, value in element.attrib.items()}
    node = Node(_name(element), {key: _lower(key, value) for key, value in attributes.items()} or None)
    node.text = element.text or ""
    children = []
    for child in element:
        if isinstance(child.tag, str):
            children.append(_node(child))
            children[-1].tail = child.tail or ""
        elif children:  # an entity that nobody declared
            children[-1].tail += f"{child.text or ''}{child.tail or ''}"
        else:
            node.text += f"{child.text or ''}{child.tail or ''}"
    node.children = children
    return node


def _name(element: etree._Element) -> str:
    uri, _, local = str(element.tag).lower().rpartition("}")
    uri = uri[1:]
    prefix = EXTENSIONS.get(uri) or known_prefix(uri) or ""
    if not prefix and element.prefix not in _FEEDS_OWN:
        prefix = "unknown"
    return f"{prefix}_{local}" if prefix else local


def _key(name: str) -> str:
    """Return an attribute's name; of those in namespaces only `xml:base` matters."""
    uri, _, local = name.rpartition("}")
    return f"{known_prefix(uri[1:].lower()) or 'unknown'}:{local.lower()}" if uri else local.lower()


def _lower(key: str, value: str) -> str:
    return value.lower() if key in ("rel", "type") else value


def problem_of(reason: object, lines_before: int) -> str | None:
    """Say why a document is malformed, in words."""
    if reason is None:
        return None
    if isinstance(reason, SAXParseException):
        where = f"line {(reason.getLineNumber() or 1) + lines_before}, column {reason.getColumnNumber()}"
        return f"not well-formed XML: {reason.getMessage()} ({where})"
    return f"not well-formed XML: {reason}"
