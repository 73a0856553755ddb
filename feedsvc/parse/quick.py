"""Ordinary well-formed feeds, without feedparser.

Nothing here decides anything: it finds what feedparser would find, or that the document is unusual, and then feedparser
reads it. tests/parse/test_quick.py compares the two.
"""

import re
from collections.abc import Iterator

from feedsvc.model import Entry
from feedsvc.parse.elements import MEDIA, OF_ENTRY, OF_FEED, OF_MEDIA, pass_over
from feedsvc.parse.entries import read_entry
from feedsvc.parse.extensions import (
    OF_FEEDS,
    EntryExtensions,
    FeedExtensions,
    based,
    read_entry_extensions,
    read_feed_extensions,
)
from feedsvc.parse.feed_info import feed_info
from feedsvc.parse.nodes import ATOM, RSS_0_90, RSS_1_0, Node, Tree, Unusual, read_tree, text_of
from feedsvc.parse.plain_entry import NotPlain, PlainEntry, Shared
from feedsvc.parse.quick_parts import Thing
from feedsvc.parse.quick_values import Rules, Scope, joined, said, within
from feedsvc.parse.reading import Found, Reading, XmlText
from feedsvc.parse.texts import language_tag

_OF_IMAGE = frozenset(("description", "height", "link", "title", "url", "width"))
_OF_FORM = frozenset(("description", "link", "name", "title"))
_LANGUAGES = ("language", "dc_language")
# Characters that Windows-1252 or a wrong label may stand behind, written out or as references. Apart, for a search is
# ten times faster when all that is looked for begins alike.
_C1 = re.compile(rb"\xc2[\x80-\x9f]")
_C1_REFERENCE = re.compile(rb"&#(?:[xX]0*(?:7[fF]|[89][\da-fA-F])|0*1(?:2[7-9]|[345]\d));")
_LATIN_REFERENCE = re.compile(rb"&#(?:[xX]0*[89a-fA-F][\da-fA-F]|0*(?:1[2-9]\d|2\d\d));")


def read_quickly(given: XmlText, reading: Reading) -> Found:
    """Read a document. Raises Unusual."""
    if given.entities:
        raise Unusual("entities")
    tree = read_tree(given.body)
    root = tree.root
    start = Scope(joined(given.base, given.base), given.language, 1)
    if joined(start.base, start.base) != start.base:
        raise Unusual("the document's address")
    scope = said(start, root.attributes or {})
    document = _Document(tree, given, reading)
    if root.name in ("feed", "rss") and scope.language:
        document.feed.fields["language"] = scope.language
    elif given.language:
        document.feed.fields["language"] = given.language
    document.read(root, scope)
    return document.found()


class _Document:
    """A document while it is read."""

    def __init__(self, tree: Tree, given: XmlText, reading: Reading) -> None:
        body, latin = given.body, _LATIN_REFERENCE.search(given.body)
        self._tree = tree
        self._reading = reading
        self._rules = Rules(
            is_atom=tree.root.name == "feed",
            is_clean=not (b"\x7f" in body or _C1.search(body) or _C1_REFERENCE.search(body)),
            is_doubled=b"\xc2" in body or latin is not None,
        )
        self._has_media = any(name.startswith("media_") for name in tree.names)
        self.feed = Thing(self._rules, is_entry=False)
        self._entries: list[Entry] = []
        self._shared = Shared(self._rules, reading, None, has_media=self._has_media)

    def found(self) -> Found:
        """Return all that was read."""
        extended = any(name.startswith(OF_FEEDS) for name in self._tree.names)
        of_feed = read_feed_extensions(self._tree.root, self._reading) if extended else FeedExtensions()
        info = feed_info(self.feed.fields, self._reading, of_feed)
        if info.language != self._shared.language:
            raise Unusual("another language than was expected")
        return Found(info=info, entries=self._entries, deleted=of_feed.deleted, is_known=True)

    def read(self, root: Node, scope: Scope) -> None:
        """Read all that is in the root element."""
        namespaces, base = self._tree.namespaces, based(self._reading.base, root)
        if root.name == "feed":
            if ATOM not in namespaces or not namespaces.isdisjoint((RSS_0_90, RSS_1_0)):
                raise Unusual("another Atom")
            self._read_feed(root, scope, base)
        elif root.name == "rss":
            if len(root.children) != 1 or root.children[0].name != "channel":
                raise Unusual("no channel, or more than a channel")
            channel = root.children[0]
            self._read_feed(channel, said(within(scope), channel.attributes or {}), base)
        elif root.name == "rdf_rdf" and RSS_1_0 in namespaces and ATOM not in namespaces:
            self._read_rdf(root, scope, base)
        else:
            raise Unusual(f"a document of {root.name}")

    def _read_feed(self, node: Node, scope: Scope, base: str) -> None:
        _refuse_cdf(node)
        self._expect_language(node)
        base = based(base, node)
        for child, name, holding in _scoped(node, scope):
            if name in ("item", "entry"):
                self._read_entry(child, holding, base)
            elif reader := OF_FEED.get(name):
                reader(self.feed, child, holding)
            elif name == "image":
                _read_image(self.feed, child, holding)
            elif name == "textinput":
                _read_form(self.feed, child, holding)
            else:
                pass_over(child, OF_FEED)

    def _read_rdf(self, root: Node, scope: Scope, base: str) -> None:
        """Outside the channel feedparser keeps entries only."""
        channels = [child for child in root.children if child.name == "channel"]
        if len(channels) != 1:
            raise Unusual("no channel, or several")
        self._expect_language(channels[0])
        for child, name, holding in _scoped(root, scope):
            if name == "channel":
                self._read_feed(child, holding, base)
            elif name == "item":
                self._read_entry(child, holding, base)
            elif name == "image":
                _read_image(Thing(self._rules, is_entry=False), child, holding)
            elif name == "textinput":
                _read_form(self.feed, child, holding)
            else:
                pass_over(child, OF_FEED)

    def _expect_language(self, channel: Node) -> None:
        """Find the feed's language, which may stand behind its entries."""
        language = self.feed.fields.get("language")
        for child in channel.children:
            if child.name in _LANGUAGES:
                language = self._rules.mended(text_of(child))
        self._shared.language = language_tag(language)

    def _read_entry(self, node: Node, scope: Scope, base: str) -> None:
        _refuse_cdf(node)
        if self._rules.is_clean and not self.feed.has_content:
            try:
                entry, self.feed.title_depth = PlainEntry(self._shared).read(node, scope, base)
            except NotPlain:
                pass
            else:
                self._entries.append(entry)
                return
        self._entries.append(self._longer_way(node, scope, base))

    def _longer_way(self, node: Node, scope: Scope, base: str) -> Entry:
        entry = Thing(self._rules, is_entry=True)
        entry.has_content = self.feed.has_content
        if node.attributes and (about := node.attributes.get("rdf:about")):
            entry.fields["id"] = about
        is_extended = self._has_media
        for child, name, holding in _scoped(node, scope):
            if reader := OF_ENTRY.get(name):
                reader(entry, child, holding)
            elif name in MEDIA:
                _read_media(entry, child, holding)
            elif name == "source":
                _read_source(entry, child, holding)
            elif name == "image":
                _pass_over_image(entry, child)
                is_extended = True
            else:
                pass_over(child, OF_ENTRY)
        self.feed.has_content = False
        self.feed.title_depth = entry.title_depth
        more = read_entry_extensions(node, base, self._reading) if is_extended else EntryExtensions()
        return read_entry(entry.fields, more, self._shared.language, self._reading)


def _scoped(node: Node, scope: Scope) -> Iterator[tuple[Node, str, Scope]]:
    """Return the elements inside of one, their names, and what holds for each."""
    scope = within(scope)
    for child in node.children:
        yield child, child.name, scope if child.attributes is None else said(scope, child.attributes)


def _refuse_cdf(node: Node) -> None:
    if node.attributes and ("href" in node.attributes or "lastmod" in node.attributes):
        raise Unusual("a channel definition")


def _read_media(entry: Thing, node: Node, scope: Scope) -> None:
    for child, name, holding in _scoped(node, scope):
        if reader := OF_MEDIA.get(name):
            reader(entry, child, holding)
        elif name in MEDIA:
            _read_media(entry, child, holding)
        else:
            pass_over(child, OF_ENTRY)


def _read_source(entry: Thing, node: Node, scope: Scope) -> None:
    """atom:source, which is like a feed, or RSS's source with an address and a title."""
    source = Thing(entry.rules, is_entry=False)
    source.has_content = entry.has_content
    if node.attributes and "url" in node.attributes:
        source.fields["href"] = node.attributes["url"]
    for child, name, holding in _scoped(node, scope):
        reader = OF_FEED.get(name)
        # feedparser takes the text of an element that says all in attributes for the source's
        says_all = "href" in (child.attributes or {}) or name in ("admin_generatoragent", "cc_license")
        if reader is None or (says_all and child.text):
            raise Unusual(f"{name} in a source")
        reader(source, child, holding)
    if title := source.mended(node.own_text().strip()):
        source.fields["title"] = title
    entry.fields["source"] = source.fields
    entry.title_depth, entry.has_content = source.title_depth, source.has_content


def _read_image(feed: Thing, node: Node, scope: Scope) -> None:
    image = feed.part("image")
    feed.title_depth = -1
    for child in _leaves(node, _OF_IMAGE):
        value = text_of(child)
        if child.name == "url":
            image["href"] = feed.address(value, scope)
        elif child.name == "title" and value:
            feed.title_depth = scope.depth + 1


def _read_form(feed: Thing, node: Node, scope: Scope) -> None:
    feed.title_depth = -1
    for child in _leaves(node, _OF_FORM):
        if text_of(child) and child.name == "title":
            feed.title_depth = scope.depth + 1


def _pass_over_image(entry: Thing, node: Node) -> None:
    """`<image>` in an item: feedparser takes nothing from it but that a new title may come."""
    entry.title_depth = -1
    for child in _leaves(node, frozenset(("url",))):
        text_of(child)


def _leaves(node: Node, names: frozenset[str]) -> Iterator[Node]:
    for child in node.children:
        if child.name not in names or child.attributes:
            raise Unusual(f"{child.name} in {node.name}")
        yield child
