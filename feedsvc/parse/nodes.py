"""Well-formed XML to a small tree, by the parser that feedparser is built on: both agree on what is well-formed.

Elements are called what feedparser calls them, `dc_creator` whatever the document's prefix is. Where that would depend
on more than the namespace the document is unusual.
"""

from dataclasses import dataclass
from xml.parsers import expat
from xml.sax.saxutils import escape

from feedparser.api import StrictFeedParser

ATOM = "http://www.w3.org/2005/atom"
RSS_1_0 = "http://purl.org/rss/1.0/"
RSS_0_90 = "http://my.netscape.com/rdf/simple/0.9/"

_XLINK = "http://www.w3.org/1999/xlink"  # feedparser makes an attribute of its declaration
_PREFIXES: dict[str, str] = {uri.lower(): prefix.lower() for uri, prefix in StrictFeedParser.namespaces.items()}
_KNOWN_PREFIXES = frozenset(_PREFIXES.values())
#: Namespaces that we read and feedparser does not know, under prefixes of our own.
EXTENSIONS = {
    "http://purl.org/atompub/tombstones/1.0": "at",
    "http://purl.org/syndication/history/1.0": "fh",
    "http://www.rssboard.org/media-rss": "media",
}
# feedparser keeps an element of an unknown namespace as `prefix_local`: with these it would be among its own notes.
_ITS_OWN = frozenset(
    (
        *("author", "copyright", "created", "date", "description", "expired", "generator", "issued", "modified"),
        *("publisher", "published", "rights", "subtitle", "summary", "tagline", "title", "updated", "validity"),
    )
)
# Of an unknown namespace they would be among what we read.
_OURS = frozenset(EXTENSIONS.values())
# It takes an attribute of an unknown namespace for one without.
_ATTRIBUTES = frozenset(
    (
        *("base", "domain", "href", "hreflang", "ispermalink", "label", "lang", "lastmod", "length", "mode", "rel"),
        *("scheme", "src", "term", "text", "title", "type", "uri", "url"),
    )
)
_QUOTE = {'"': "&quot;"}
_MAX_DEPTH = 100

#: Elements that feedparser does something with.
HANDLED = frozenset(
    name.removeprefix("_start_").removeprefix("_end_").lower()
    for name in dir(StrictFeedParser)
    if name.startswith(("_start_", "_end_"))
)


class Unusual(Exception):  # noqa: N818 - nothing is wrong with the document
    """What the quick reading leaves to feedparser, and why."""


class Node:
    """An element: `text` stands before its first child, `tail` after its end."""

    __slots__ = ("attributes", "children", "name", "tail", "text")

    def __init__(self, name: str, attributes: dict[str, str] | None) -> None:
        self.name = name
        self.attributes = attributes
        self.children: list[Node] | tuple[Node, ...] = ()
        self.text = ""
        self.tail = ""

    def own_text(self) -> str:
        """Return the text that stands in no child."""
        return self.text + "".join(child.tail for child in self.children)


@dataclass(slots=True)
class Tree:
    """A document's root element, and the namespaces that this element declares, in lower case.

    `names`: those of all elements of the document.
    """

    root: Node
    namespaces: frozenset[str]
    names: frozenset[str]


def read_tree(body: bytes) -> Tree:
    """Read UTF-8. Raises Unusual for what is not well-formed, declares a document type or is nested too deeply."""
    parser = expat.ParserCreate("utf-8", namespace_separator=" ")
    parser.namespace_prefixes = True
    parser.buffer_text = True
    parser.buffer_size = min(max(len(body), 1), 1 << 20)
    names, keys = ElementNames(), AttributeNames()
    current = document = Node("", None)
    around: list[Node] = []
    closed: Node | None = None  # whose tail is next
    namespaces: frozenset[str] | None = None

    def start(raw: str, attributes: dict[str, str]) -> None:
        nonlocal current, closed, namespaces
        if namespaces is None:
            namespaces = frozenset(names.uris)
        node = Node(names[raw], keys.renamed(attributes) if attributes else None)
        if isinstance(current.children, list):
            current.children.append(node)
        else:
            current.children = [node]
            if len(around) > _MAX_DEPTH:
                raise Unusual("deeply nested")
        around.append(current)
        current, closed = node, None

    def end(_: str) -> None:
        nonlocal current, closed
        closed, current = current, around.pop()

    def text(data: str) -> None:
        if closed is None:
            current.text += data
        else:
            closed.tail += data

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartNamespaceDeclHandler = names.declare
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(body, True)
    except expat.ExpatError as exc:
        raise Unusual(str(exc)) from exc
    assert namespaces is not None
    (root,) = document.children
    return Tree(root, namespaces, frozenset(names.values()))


def text_of(node: Node) -> str:
    """Return what an element without elements in it says."""
    if node.children:
        raise Unusual(f"elements in {node.name}")
    return node.text.strip()


def all_text(node: Node) -> str:
    """Return the text of an element and of all in it."""
    return node.text + "".join(all_text(child) + child.tail for child in node.children)


def written(node: Node) -> str:
    """Return the XHTML inside of an element as feedparser writes it out."""
    pieces: list[str] = []
    _write(node, pieces)
    return "".join(pieces)


def _write(node: Node, pieces: list[str]) -> None:
    pieces.append(escape(node.text))
    for child in node.children:
        tag, attributes = child.name.removeprefix("xhtml_"), child.attributes or {}
        known = tag != child.name and child.name not in HANDLED and tag not in ("math", "svg")
        if not known or any(":" in name for name in attributes):
            raise Unusual(f"{child.name} in XHTML")
        written = "".join(f' {name}="{escape(value, _QUOTE)}"' for name, value in attributes.items())
        pieces.append(f"<{tag}{written}>")
        _write(child, pieces)
        pieces.append(f"</{tag}>")
        pieces.append(escape(child.tail))


class ElementNames(dict[str, str]):
    """feedparser's names by expat's, which are `uri local prefix`, `uri local` or `local`."""

    def __init__(self) -> None:
        super().__init__()
        self.uris: set[str] = set()
        #: the unknown namespaces and their prefixes, "" for the default one
        self._unknown: dict[str, str] = {}
        self._by_prefix: dict[str, str] = {}

    def declare(self, prefix: str | None, uri: str | None) -> None:
        """Take in a declaration. Raises Unusual where names would depend on the order of declarations."""
        if not uri:
            return
        lower, prefix = uri.lower(), (prefix or "").lower()
        self.uris.add(lower)
        known = known_prefix(lower)
        if lower == _XLINK or len(uri.split()) != 1 or " " in uri:
            raise Unusual(f"the namespace {uri}")
        if known is None and self._unknown.setdefault(uri, prefix) != prefix:
            raise Unusual(f"two prefixes of {uri}")
        if known is None:
            ours = EXTENSIONS.get(lower)
            misleading = prefix in _ITS_OWN or (prefix in _OURS and ours is None) or (ours == "media" != prefix)
        else:
            misleading = prefix in _KNOWN_PREFIXES and prefix != known
        if prefix and (misleading or self._by_prefix.setdefault(prefix, uri) != uri):
            raise Unusual(f"the prefix {prefix} of {uri}")

    def __missing__(self, raw: str) -> str:
        uri, local = raw.split(" ")[:2] if " " in raw else ("", raw)
        local = local.lower()
        prefix = known_prefix(uri.lower()) or self._unknown.get(uri, "")
        if not prefix and "_" in local:
            raise Unusual(f"the element {local}")
        name = self[raw] = f"{EXTENSIONS.get(uri.lower(), prefix)}_{local}" if prefix else local
        return name


def known_prefix(uri: str) -> str | None:
    """Return feedparser's prefix of a namespace in lower case, "" for those of feeds themselves; None: it has none."""
    return "" if "backend.userland.com/rss" in uri else _PREFIXES.get(uri)


class AttributeNames(dict[str, str]):
    """feedparser's names of attributes by expat's."""

    def renamed(self, raw: dict[str, str]) -> dict[str, str]:
        """Return attributes, and in lower case the values that feedparser compares in it."""
        found: dict[str, str] = {}
        for name, value in raw.items():
            key = self[name]
            found[key] = value.lower() if key in ("rel", "type") else value
        return found

    def __missing__(self, raw: str) -> str:
        key = raw.lower()
        if " " in key:
            uri, local, document_prefix = key.split(" ")
            prefix = known_prefix(uri)
            if not prefix and local in _ATTRIBUTES:
                raise Unusual(f"the attribute {raw}")
            key = f"{prefix or document_prefix}:{local}"
        elif key in ("base", "lang"):  # feedparser takes them for xml:base and xml:lang
            raise Unusual(f"{key} without a prefix")
        self[raw] = key
        return key


def _refuse_doctype(*_: object) -> None:
    raise Unusual("a document type")
