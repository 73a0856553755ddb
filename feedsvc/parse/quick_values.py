"""What feedparser makes of single values, and what holds for them where they stand."""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import urljoin

from feedparser.api import StrictFeedParser

from feedsvc.parse.addresses import is_ordinary
from feedsvc.parse.fields import Fields
from feedsvc.parse.nodes import HANDLED, Node, Unusual, text_of, written

_XHTML = "application/xhtml+xml"
_TYPES = {
    "text": "text/plain",
    "plain": "text/plain",
    "text/plain": "text/plain",
    "html": "text/html",
    "text/html": "text/html",
    "xhtml": _XHTML,
    _XHTML: _XHTML,
}
_AMPERSAND = re.compile(r"&([A-Za-z0-9_]+);")
_C1 = re.compile("[\x80-\x9f]")
_WINDOWS_1252 = {code: bytes([code]).decode("cp1252", "ignore") or None for code in range(0x80, 0xA0)}
# How addresses and names are usually put together; feedparser looks for an address anywhere in the words, and for the
# first four letters only of a top-level domain.
_MAIL = r"(?P<mail>[\w.+-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,4})[A-Za-z]*"
_NAME = r"[^@()<>&]+"
_AUTHOR = (
    re.compile(rf"{_MAIL}(?: \({_NAME}\))?", re.ASCII),
    re.compile(rf"{_NAME} \({_MAIL}\)", re.ASCII),
    re.compile(rf"{_NAME} <{_MAIL}>", re.ASCII),
)
_OF_PERSON = {"name": "name", "email": "email", "uri": "href", "url": "href", "homepage": "href"}


class Scope(NamedTuple):
    """What holds for an element; `depth` is its own."""

    base: str
    language: str | None
    depth: int


class Rules(NamedTuple):
    """What holds for all of a document."""

    is_atom: bool
    #: nowhere there is a control character, which feedparser takes for one of Windows-1252, and we drop
    is_clean: bool
    #: a text may be UTF-8 that was read as Latin-1
    is_doubled: bool

    def mended(self, text: str) -> str:
        """Undo UTF-8 read as Latin-1, and Windows-1252 labelled Latin-1."""
        if text.isascii():
            return text
        if self.is_doubled:
            with suppress(UnicodeError):
                text = text.encode("latin-1").decode("utf-8")
        return text if self.is_clean or not _C1.search(text) else text.translate(_WINDOWS_1252)


def within(scope: Scope) -> Scope:
    """Return what holds for the elements inside one, where they do not say otherwise."""
    return Scope(scope.base, scope.language, scope.depth + 1)


def said(scope: Scope, attributes: dict[str, str]) -> Scope:
    """Return what holds for an element with these attributes."""
    base, language, depth = scope
    if address := attributes.get("xml:base"):
        base = joined(base, address)
        if joined(base, base) != base:  # feedparser does so at every element
            raise Unusual("xml:base")
    if "xml:lang" in attributes:
        language = attributes["xml:lang"] or None
    return Scope(base, language, depth)


def joined(base: str, address: str) -> str:
    """Return an address as feedparser resolves it."""
    if ":///" in address:
        raise Unusual("an address with three slashes")
    if not base or is_ordinary(address):
        return address
    try:
        return urljoin(base, address)
    except ValueError as exc:
        raise Unusual("a broken address") from exc


def construct(node: Node, default: str, rules: Rules) -> tuple[str, str]:
    """Return what a text construct says, and its type."""
    attributes, kind = node.attributes, default
    if attributes is not None:
        kind = _TYPES.get(attributes.get("type", default), "")
        if not kind or "mode" in attributes or "src" in attributes:
            raise Unusual(f"{node.name} of another type")
    if kind == _XHTML:
        return _inline(node, rules), kind
    value = text_of(node)
    if kind == "text/plain" and not rules.is_atom and ("<" in value or "&" in value):
        kind = "text/html" if StrictFeedParser.looks_like_html(value) else kind
    return value, kind


def _inline(node: Node, rules: Rules) -> str:
    """feedparser writes each element out, and leaves out the `div` around all that RFC 4287 asks for."""
    if not rules.is_atom:
        raise Unusual("XHTML outside Atom")
    if len(node.children) == 1 and node.children[0].name == "xhtml_div" and not node.own_text().strip():
        node = node.children[0]
    return written(node).strip()


def is_page(type: str) -> bool:
    """Say whether a type is that of pages."""
    return _TYPES.get(type) in ("text/html", _XHTML)


def unescaped(address: str, *, is_entry: bool) -> str:
    """Return an address in an element's text as feedparser takes it."""
    if "&" not in address:
        return address
    return _AMPERSAND.sub(r"&\1", address.replace("&amp;", "&") if is_entry else address)


def parts_of_person(node: Node, prefix: str = "") -> Iterator[tuple[str, Node]]:
    """Yield what is said of a person, under feedparser's keys."""
    for child in node.children:
        key = _OF_PERSON.get(child.name.removeprefix(prefix))
        if key:
            yield key, child
        elif child.text or child.children or child.name in HANDLED:
            raise Unusual(f"{child.name} in {node.name}")


def divided(author: str) -> Fields:
    """Return name and e-mail address of an author written in one of the usual ways."""
    if "@" not in author:
        return {"name": author}
    found = next((found for form in _AUTHOR if (found := form.fullmatch(author))), None)
    if not found:
        raise Unusual("an author in a rare form")
    name = author.replace(found["mail"], "").replace("()", "").replace("<>", "").strip()
    name = name.removeprefix("(").removesuffix(")").strip()
    return {"name": name, "email": found["mail"]} if name else {"email": found["mail"]}
