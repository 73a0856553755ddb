"""What feedparser makes of the elements of a feed or of an entry, one after the other, oddities included."""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import urljoin

from feedparser.api import StrictFeedParser

from feedsvc.parse.addresses import is_ordinary
from feedsvc.parse.dates import is_read
from feedsvc.parse.fields import Fields
from feedsvc.parse.nodes import HANDLED, Node, Unusual, text_of, written
from feedsvc.parse.texts import clean

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
_ADDRESSES = ("comments", "icon", "logo")
_ITUNES = "http://www.itunes.com/"
_MEDIA_SCHEME = "http://search.yahoo.com/mrss/category_schema"

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


class Thing:
    """A feed, an entry or an entry's source in the making."""

    def __init__(self, rules: Rules, *, is_entry: bool) -> None:
        self.fields: Fields = {}
        self.rules = rules
        self.is_entry = is_entry
        #: there was a content, and no entry has ended since
        self.has_content = False
        self.title_depth = -1
        #: an entry of it says `<image>`
        self.has_images = False
        self._depths: dict[str, int] = {}

    def mended(self, text: str) -> str:
        """Undo UTF-8 read as Latin-1, and Windows-1252 labelled Latin-1."""
        if text.isascii():
            return text
        if self.rules.is_doubled:
            with suppress(UnicodeError):
                text = text.encode("latin-1").decode("utf-8")
        return text if self.rules.is_clean or not _C1.search(text) else text.translate(_WINDOWS_1252)

    # Texts that may be marked up

    def title(self, node: Node, scope: Scope) -> None:
        value, detail = self._construct(node, "text/plain", scope)
        if not -1 < self.title_depth <= scope.depth:
            self._keep("title", value, detail, scope)
        if value:
            self.title_depth = scope.depth

    def media_title(self, node: Node, scope: Scope) -> None:
        depth = self.title_depth
        self.title(node, scope)
        self.title_depth = depth

    def description(self, node: Node, scope: Scope) -> None:
        if "summary" in self.fields and not self.has_content:
            self.content(node, scope)
        else:
            self._keep("summary" if self.is_entry else "subtitle", *self._construct(node, "text/html", scope), scope)

    def summary(self, node: Node, scope: Scope) -> None:
        if "summary" in self.fields and not self.has_content:
            self.content(node, scope)
        else:
            self._keep("summary", *self._construct(node, "text/plain", scope), scope)

    def encoded(self, node: Node, scope: Scope) -> None:
        self.content(node, scope, "text/html")

    def subtitle(self, node: Node, scope: Scope) -> None:
        self._keep("subtitle", *self._construct(node, "text/plain", scope), scope)

    def rights(self, node: Node, scope: Scope) -> None:
        self._keep("rights", *self._construct(node, "text/plain", scope), scope)

    def content(self, node: Node, scope: Scope, default: str = "text/plain") -> None:
        self.has_content = True
        value, detail = self._construct(node, default, scope)
        if self.is_entry:
            self._list("content").append(detail)
        self.fields.setdefault("summary", value)

    def _keep(self, key: str, value: str, detail: Fields, scope: Scope) -> None:
        """What is said deeper inside does not replace the value, but the detail."""
        if not self.is_entry or scope.depth <= self._depths.setdefault(key, scope.depth):
            self._depths[key] = scope.depth
            self.fields[key] = value
        self.fields[f"{key}_detail"] = detail

    def _construct(self, node: Node, default: str, scope: Scope) -> tuple[str, Fields]:
        attributes, kind = node.attributes, default
        if attributes is not None:
            kind = _TYPES.get(attributes.get("type", default), "")
            if not kind or "mode" in attributes or "src" in attributes:
                raise Unusual(f"{node.name} of another type")
        if kind == _XHTML:
            value = self._inline(node)
        else:
            value = text_of(node)
            if kind == "text/plain" and not self.rules.is_atom and ("<" in value or "&" in value):
                kind = "text/html" if StrictFeedParser.looks_like_html(value) else kind
        mended = self.mended(value)
        clean = self.rules.is_clean and mended is value
        detail: Fields = {"type": kind, "language": scope.language, "base": scope.base}
        return mended, {**detail, "value": mended, "is_clean": clean}

    def _inline(self, node: Node) -> str:
        """feedparser writes each element out, and leaves out the `div` around all that RFC 4287 asks for."""
        if not self.rules.is_atom:
            raise Unusual("XHTML outside Atom")
        if len(node.children) == 1 and node.children[0].name == "xhtml_div" and not node.own_text().strip():
            node = node.children[0]
        return written(node).strip()

    # Addresses

    def link(self, node: Node, scope: Scope) -> None:
        link = dict(node.attributes) if node.attributes is not None else {}
        rel = link.setdefault("rel", "alternate")
        type = link.setdefault("type", "application/atom+xml" if rel == "self" else "text/html")
        value = text_of(node)
        if "href" in link:
            link["href"] = joined(scope.base, link["href"])
            if rel == "alternate" and _TYPES.get(type) in ("text/html", _XHTML):
                self.fields["link"] = link["href"]
        else:
            value = self.address(value, scope)
            if self.is_entry:
                value = value.replace("&amp;", "&")
            self.fields["link"] = value = _AMPERSAND.sub(r"&\1", value)
            if value or not self.is_entry:
                link["href"] = value
        if not link.get("href", "x") or "url" in link or "uri" in link:
            raise Unusual("a link to nowhere")
        self._list("links").append(dict(link))

    def address(self, value: str, scope: Scope) -> str:
        return self.mended(joined(scope.base, value)) if value else ""

    def guid(self, node: Node, scope: Scope) -> None:
        is_link = node.attributes is None or node.attributes.get("ispermalink", "true") == "true"
        value = text_of(node)
        self.fields["id"] = value = self.address(value, scope) if is_link else self.mended(value)
        if is_link:
            self.fields.setdefault("link", value)

    def enclosure(self, node: Node, scope: Scope) -> None:
        link: Fields = dict(node.attributes or {})
        href = next((link[name] for name in ("url", "uri", "href") if name in link), None)
        if href:
            link["href"] = href
        self._list("links").append({**link, "rel": "enclosure"})

    def licence(self, node: Node, scope: Scope) -> None:
        value = self.mended(text_of(node))
        self._list("links").append({"rel": "license", "href": value} if value else {"rel": "license"})

    def cc_licence(self, node: Node, scope: Scope) -> None:
        value = (node.attributes or {}).get("rdf:resource")
        self._list("links").append({"rel": "license", "href": value} if value else {"rel": "license"})

    def itunes_image(self, node: Node, scope: Scope) -> None:
        attributes = node.attributes or {}
        text_of(node)
        if href := attributes.get("href") or attributes.get("url"):
            self.fields["image"] = {"href": href}

    # Plain values

    def date(self, key: str, node: Node) -> None:
        value = text_of(node)
        if not is_read(clean(value) or ""):
            raise Unusual("a date in a rare form")
        self.fields[key] = value

    def published(self, node: Node, scope: Scope) -> None:
        self.date("published", node)

    def updated(self, node: Node, scope: Scope) -> None:
        self.date("updated", node)

    def language(self, node: Node, scope: Scope) -> None:
        self.fields["language"] = self.mended(text_of(node))

    def generator(self, node: Node, scope: Scope) -> None:
        self.fields["generator"] = self.mended(text_of(node))

    def generator_agent(self, node: Node, scope: Scope) -> None:
        self.fields["generator"] = self.mended((node.attributes or {}).get("rdf:resource", "").strip())

    def plain(self, node: Node, scope: Scope) -> None:
        """An element that feedparser has no rule for; with an attribute it would keep the attributes instead."""
        if node.attributes:
            raise Unusual(f"{node.name} with attributes")
        value = text_of(node)
        self.fields[node.name] = self.address(value, scope) if node.name in _ADDRESSES else self.mended(value)

    # People

    def author(self, node: Node, scope: Scope) -> None:
        self._list("authors").append({})
        for key, child in _parts_of_person(node):
            value = self._value(key, child, scope)
            # what an earlier author was divided into: feedparser writes the later one over it
            self.part("author_detail")[key] = value
            self._author_part(key, value)
        self.fields["author"] = self.mended(node.own_text().strip())
        self._divide_author()

    def owner(self, node: Node, scope: Scope) -> None:
        """feedparser writes the owner of a podcast over the last author."""
        for key, child in _parts_of_person(node, "itunes_"):
            self._author_part(key, self._value(key, child, scope))

    def contributor(self, node: Node, scope: Scope) -> None:
        self._list("contributors").append({key: self._value(key, part, scope) for key, part in _parts_of_person(node)})

    def dc_contributor(self, node: Node, scope: Scope) -> None:
        self._list("contributors").append({"name": text_of(node)})

    def _value(self, key: str, node: Node, scope: Scope) -> str:
        value = text_of(node)
        if key == "href":
            value = self.address(value, said(scope, node.attributes or {}))
            if not self.is_entry:  # a source takes it for its own
                self.fields["href"] = value
        return value

    def _author_part(self, key: str, value: str) -> None:
        self._divide_author()
        authors = self._list("authors")
        if not authors:
            authors.append({})
        authors[-1][key] = value

    def _divide_author(self) -> None:
        """A last author of whom nothing is known yet gets what was last said of any."""
        authors = self._list("authors")
        last = authors[-1] if authors else {}
        if last:
            name, email = last.get("name"), last.get("email")
            if name or email:
                self.fields["author"] = f"{name} ({email})" if name and email else name or email
        elif isinstance(author := self.fields.get("author"), str) and author:
            last.update(_divided(author))
            self.fields.setdefault("author_detail", last)

    # Labels

    def category(self, node: Node, scope: Scope) -> None:
        self._category(node.attributes or {}, node)

    def media_category(self, node: Node, scope: Scope) -> None:
        self._category({"scheme": _MEDIA_SCHEME, **(node.attributes or {})}, node)

    def itunes_category(self, node: Node, scope: Scope) -> None:
        self._label((node.attributes or {}).get("text"), _ITUNES, None)
        for child in node.children:
            if child.name != "itunes_category":
                raise Unusual(f"{child.name} in a category")
            self.itunes_category(child, scope)
        if node.own_text().strip():
            raise Unusual("text in a category")

    def itunes_keywords(self, node: Node, scope: Scope) -> None:
        self._keywords(node, _ITUNES)

    def media_keywords(self, node: Node, scope: Scope) -> None:
        self._keywords(node, None)

    def _category(self, attributes: dict[str, str], node: Node) -> None:
        scheme = attributes.get("scheme", attributes.get("domain"))
        self._label(attributes.get("term"), scheme, attributes.get("label"))
        value = self.mended(text_of(node))
        tags = self._list("tags")
        if value and tags and not tags[-1]["term"]:
            tags[-1]["term"] = value
        elif value:
            self._label(value, None, None)

    def _keywords(self, node: Node, scheme: str | None) -> None:
        if node.attributes:
            raise Unusual(f"{node.name} with attributes")
        for word in self.mended(text_of(node)).split(","):
            if word.strip():
                self._label(word.strip(), scheme, None)

    def _label(self, term: str | None, scheme: str | None, label: str | None) -> None:
        tag: Fields = {"term": term, "scheme": scheme, "label": label}
        tags = self._list("tags")
        if (term or scheme or label) and tag not in tags:
            tags.append(tag)

    def part(self, key: str) -> Fields:
        found = self.fields.setdefault(key, {})
        assert isinstance(found, dict)
        return found

    def _list(self, key: str) -> list[Fields]:
        found = self.fields.setdefault(key, [])
        assert isinstance(found, list)
        return found


def _parts_of_person(node: Node, prefix: str = "") -> Iterator[tuple[str, Node]]:
    for child in node.children:
        key = _OF_PERSON.get(child.name.removeprefix(prefix))
        if key:
            yield key, child
        elif child.text or child.children or child.name in HANDLED:
            raise Unusual(f"{child.name} in {node.name}")


def _divided(author: str) -> Fields:
    """Return name and e-mail address of an author written in one of the usual ways."""
    if "@" not in author:
        return {"name": author}
    found = next((found for form in _AUTHOR if (found := form.fullmatch(author))), None)
    if not found:
        raise Unusual("an author in a rare form")
    name = author.replace(found["mail"], "").replace("()", "").replace("<>", "").strip()
    name = name.removeprefix("(").removesuffix(")").strip()
    return {"name": name, "email": found["mail"]} if name else {"email": found["mail"]}
