"""OPML 1.0, 1.1 and 2.0 (http://opml.org/spec2.opml): lists of feeds that other programs write."""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html.entities import html5

from lxml import etree
from lxml.etree import _Element as Element

from feedsvc.errors import ParseError, printable
from feedsvc.model import ListedFeed, SourceKind
from feedsvc.parse.addresses import absolute
from feedsvc.parse.charset import decode
from feedsvc.parse.texts import clean, plain_text

#: bytes; the largest list of a reader's user seen has 0.5 MB
MAX_BYTES = 10_000_000
#: more outlines are no list that anybody keeps
MAX_OUTLINES = 10_000
#: folders inside each other
MAX_DEPTH = 32
_MAX_TITLE = 300
#: in the lists that we write: what OPML has no word for
NAMESPACE = "urn:feedsvc:opml"

_ROOT = re.compile(r"<(?:[\w.-]+:)?opml[\s>/]", re.IGNORECASE)
_ELEMENT = re.compile(r"<([A-Za-z_][\w.:-]{0,60})")
#: a comment or script's warning before the list is passed over up to here
_MAX_BEFORE = 20_000
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]{1,8})|([0-9]{1,8}));")
_BARE = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});)")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_XML_ENTITIES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_FEED_SCHEME = re.compile(r"^feed:(?:(?://)?(?=https?:)|(?=//))", re.IGNORECASE)
#: what the type of an outline says that is no feed; other types are names that programs give to feeds
_NO_FEEDS = {
    "link": "a link to a page, not a feed; `feedsvc discover` finds the feeds of a page",
    "include": "a link to another list, which has to be imported by itself",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unusable:
    """An outline that names no feed, and why."""

    title: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedList:
    """What a list names, in its order. `problem`: it is malformed, and this is what could be read."""

    title: str | None
    feeds: tuple[ListedFeed, ...]
    unusable: tuple[Unusable, ...]
    problem: str | None = None


def read_opml(body: bytes, name: str) -> FeedList:
    """Read a list; ParseError, which begins with `name`, for what is none.

    Titles are plain text on one line, addresses absolute http(s). There are no entities but HTML's.
    """
    if len(body) > MAX_BYTES:
        raise ParseError(name, f"larger than {MAX_BYTES // 10**6} MB")
    decoded = decode(body, None)
    text = decoded.text
    start = _ROOT.search(text, 0, _MAX_BEFORE)
    if start is None:
        raise ParseError(name, f"not an OPML list: {_instead(text)}")
    root, problem = _tree(text[start.start() :], text.count("\n", 0, start.start()))
    if root is None:
        raise ParseError(name, f"not an OPML list that can be read: {problem}")
    # What we wrote ourselves is taken at its word: others escape titles twice, or label them with anything.
    reader = _Reader(is_ours=NAMESPACE in root.nsmap.values())
    outlines = list(_outlines(root))
    read = [reader.read(element, folders) for element, folders in outlines[:MAX_OUTLINES]]
    if len(outlines) > MAX_OUTLINES:
        problem = f"more than {MAX_OUTLINES} outlines; the rest is left out"
    title = root.findtext("head/title")
    return FeedList(
        title=_title(title) or None,
        feeds=tuple(each for each in read if isinstance(each, ListedFeed)),
        unusable=tuple(each for each in read if isinstance(each, Unusable)),
        problem=problem or decoded.problem,
    )


def _instead(text: str) -> str:
    element = _ELEMENT.search(text, 0, _MAX_BEFORE)
    if element and text.lstrip("\ufeff \t\r\n").startswith("<"):
        name = element[1]
        if name.lower() in {"rss", "feed", "rdf:rdf"}:
            return f"it is a feed itself (<{name}>); put its address into sources.yaml"
        return f"it begins with <{name}>"
    beginning = " ".join(text[:60].split())
    return f"it begins with “{printable(beginning)}”" if beginning else "it is empty"


def _tree(text: str, lines_before: int) -> tuple[Element | None, str | None]:
    """Return the root and what is wrong with the document.

    The text begins with the root element: without a document type there are no entities to expand and nothing to load.
    """
    # NUL ends a document for libxml2, and any other character that XML forbids the outline it stands in.
    text = _FORBIDDEN.sub("", text)
    text = _BARE.sub("&amp;", _REFERENCE.sub(_allowed, _ENTITY.sub(_character, text)))
    parser = etree.XMLParser(encoding="utf-8", recover=True, resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        return None, str(error)
    faults = [
        f"not well-formed XML: {error.message} (line {error.line + lines_before})"
        for error in parser.error_log
        # Attributes with a prefix that nobody declared are read all the same.
        if error.type_name != "NS_ERR_UNDEFINED_NAMESPACE"
    ]
    return root, faults[0] if faults else None


def _allowed(found: re.Match[str]) -> str:
    number = int(found[1], 16) if found[1] else int(found[2])
    return found[0] if number <= sys.maxunicode and not _FORBIDDEN.match(chr(number)) else ""


def _character(found: re.Match[str]) -> str:
    return found[0] if found[1] in _XML_ENTITIES else html5.get(f"{found[1]};", found[0])


def _outlines(root: Element) -> Iterator[tuple[Element, tuple[str, ...]]]:
    """Yield the outlines that have an address, or nothing inside, each with the folders around it."""
    waiting: list[tuple[Element, tuple[str, ...]]] = [(root, ())]
    while waiting:
        element, folders = waiting.pop()
        inner = [child for child in element if isinstance(child.tag, str)]
        if _local(str(element.tag)) == "outline":
            attributes = _attributes(element)
            if not inner or _address(attributes):
                yield element, folders
            if len(folders) < MAX_DEPTH:
                folders = (*folders, _title(attributes.get("text") or attributes.get("title")))
        waiting += [(child, folders) for child in reversed(inner)]


@dataclass(frozen=True, slots=True)
class _Reader:
    is_ours: bool

    def read(self, element: Element, folders: tuple[str, ...]) -> ListedFeed | Unusable:
        attributes = _attributes(element)
        cleaned = clean if self.is_ours else _title
        title = next((found for key in ("title", "text") if (found := cleaned(attributes.get(key)))), "")
        written = _address(attributes)
        # An address may hold a password, and a message is not to repeat that.
        called = title or ("" if "@" in written else printable(written[:100])) or "without a title"
        kind = _kind(element.get(f"{{{NAMESPACE}}}kind"))
        if not written:
            return Unusable(title=called, reason="no address")
        if kind is None and (reason := _NO_FEEDS.get(attributes.get("type", "").strip().lower())):
            return Unusable(title=called, reason=reason)
        url = absolute(_http(written), "")
        if url is None:
            return Unusable(title=called, reason="not an http or https address")
        labels = [part.strip() for path in attributes.get("category", "").split(",") for part in path.split("/")]
        feed = ListedFeed(
            title=title or None,
            url=written if self.is_ours else url,
            kind=kind or "feed",
            language=clean(attributes.get("language")),
            labels=tuple(dict.fromkeys(label for label in (*folders, *labels) if label)),
        )
        if not self.is_ours:
            return feed
        # Its headings are for people.
        own = tuple(dict.fromkeys(label for label in labels if label))
        return replace(feed, labels=own, id=element.get(f"{{{NAMESPACE}}}id"))


def _attributes(element: Element) -> dict[str, str]:
    """Return the attributes without a namespace by their names in lower case: programs disagree on `xmlUrl`."""
    return {str(key).lower(): str(value) for key, value in element.attrib.items() if not str(key).startswith("{")}


def _address(attributes: dict[str, str]) -> str:
    return next((found for key in ("xmlurl", "url", "feedurl") if (found := attributes.get(key, "").strip())), "")


def _http(written: str) -> str:
    """`feed://host/` means `http://host/`, and `feed:https://host/` the address in it."""
    inner = _FEED_SCHEME.sub("", written)
    return f"http:{inner}" if inner != written and inner.startswith("//") else inner


def _kind(written: str | None) -> SourceKind | None:
    match written:
        case "feed" | "sitemap" | "page":
            return written
    return None


def _title(written: str | None) -> str:
    """Return a title on one line. It is read as HTML once more: many programs escape twice."""
    line = " ".join((plain_text(clean(written)) or "").split())
    return line if len(line) <= _MAX_TITLE else line[: _MAX_TITLE - 1].rstrip() + "…"


def _local(tag: str) -> str:
    return tag.rpartition("}")[2].lower()
