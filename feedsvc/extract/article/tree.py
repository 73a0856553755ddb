"""A page's bytes to a tree of bounded size and depth."""

import codecs
import re
from collections.abc import Iterator
from itertools import dropwhile, islice

from lxml import etree

from feedsvc.extract.elements import named
from feedsvc.extract.guard import ATTRIBUTES
from feedsvc.extract.plain import fit
from feedsvc.model import Document

#: Characters of a page that are read, once scripts and styles are out.
MAX_CHARS = 2_000_000
MAX_ELEMENTS = 30_000
#: With them.
MAX_RAW = 15_000_000

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_BE, "utf-16-be"), (codecs.BOM_UTF16_LE, "utf-16-le"))
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?\s*([\w:.-]{1,40})", re.IGNORECASE)
_META = re.compile(rb"<meta[^>]{1,300}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE)
#: The WHATWG standard looks for the charset in the first 1,024 bytes; pages that put it later are common.
_META_WITHIN = 4096
#: What is labelled with the left is written in the right (WHATWG Encoding Standard, section 4.2).
_SUPERSETS = {"ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030"}

_SILENT = re.compile(
    r"<!--(?:-?>|.*?(?:--!?>|\Z))|<(?P<name>style|script)\b(?![^>]{0,200}ld\+json)[^>]*+"
    r"(?:>.*?(?:</(?P=name)\b[^>]*+>?|\Z)|\Z)",
    re.IGNORECASE | re.DOTALL,
)
#: libxml2 compares each attribute of an element with all before: 100,000 of them cost minutes.
_LONG_TAG = re.compile(rf"<([a-zA-Z][\w:-]{{0,30}})(?=[\s/])({ATTRIBUTES})>?")
#: Soft hyphens and spaces without width stand inside words, and would make others of them.
_UNSEEN = re.compile("[\xad\u200b\u2060\ufeff]+")
_LONG = 1_500
_ATTRIBUTE = re.compile(r"([\w:-]{1,40})\s*=\s*(\"[^\"]{0,2000}\"|'[^']{0,2000}'|[^\s\"'>]{1,2000})")
_MAX_ATTRIBUTES = 30
_OF_HEAD = named("base head link meta noscript script style template title")


def decoded(document: Document) -> str:
    """Return the page as text: byte order mark, else charset parameter, else `<meta>`, else UTF-8. Never fails.

    A label that valid UTF-8 contradicts is passed over: text in another charset is next to never that by accident.
    """
    body = document.body
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    for label in _labels(document):
        try:
            name = codecs.lookup(label).name
            return body.decode(_SUPERSETS.get(name, name), "replace") if _is_text(name) else body.decode("cp1252")
        except (LookupError, ValueError):
            continue
    text = body.decode("utf-8", "replace")
    bad = text.count("\N{REPLACEMENT CHARACTER}")
    return text if sum(not char.isascii() for char in text) >= 4 * bad else body.decode("cp1252", "replace")


def _labels(document: Document) -> Iterator[str]:
    if header := _CHARSET.search(document.content_type or ""):
        yield header[1]
    if meta := _META.search(document.body, 0, _META_WITHIN):
        yield meta[1].decode("ascii")


def _is_text(name: str) -> bool:
    """Is this a charset that begins as ASCII does? Python has codecs that are none, and some take quadratic time."""
    if name.startswith(("utf-16", "utf-32", "utf-7", "utf-8")) or name in ("idna", "punycode", "undefined"):
        return False
    try:
        return b"<html>".decode(name) == "<html>"
    except (LookupError, ValueError):
        return False


def tree_of(page: str) -> etree._Element | None:
    """Return the page's root, without what is never seen; None where there is no element at all."""
    kept = _UNSEEN.sub("", _SILENT.sub(" ", fit(page[:MAX_RAW]))[:MAX_CHARS])
    kept = _LONG_TAG.sub(_shortened, kept)
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        root = etree.fromstring(kept.encode("utf-8", "ignore"), parser)
    except (etree.XMLSyntaxError, ValueError):  # nothing in it
        return None
    if root is None:
        return None
    return _bounded(_with_body(root))


def _with_body(root: etree._Element) -> etree._Element:
    """Put the page into a body where its tag is left out, as HTML allows: for newer elements libxml2 makes none."""
    if root.tag != "html" or root.find("body") is not None or root.find("frameset") is not None:
        return root
    head = root.find("head")
    children = [*(head if head is not None else ()), *(child for child in root if child is not head)]
    etree.SubElement(root, "body").extend(list(dropwhile(lambda child: child.tag in _OF_HEAD, children)))
    return root


def _shortened(tag: re.Match[str]) -> str:
    if len(tag[0]) <= _LONG:
        return tag[0]
    attributes: dict[str, str] = {}
    for name, value in _ATTRIBUTE.findall(tag[2][: 20 * _LONG]):
        if len(attributes) < _MAX_ATTRIBUTES:
            attributes.setdefault(name.lower(), value)
    return f"<{tag[1]} {' '.join(f'{name}={value}' for name, value in attributes.items())}>"


def _bounded(root: etree._Element) -> etree._Element:
    """Cut what comes after so many elements: libxml2 bounds the depth (255), the rest of such a page is no article."""
    surplus = list(islice(root.iterdescendants(), MAX_ELEMENTS, None))
    inside = set(surplus)
    for element in surplus:
        parent = element.getparent()
        if parent is not None and parent not in inside:
            parent.remove(element)
    return root
