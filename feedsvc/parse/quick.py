"""Ordinary well-formed feeds in the form that feedparser gives them, without feedparser.

Nothing here decides anything: it finds what feedparser would find, or that the document is unusual, and then feedparser
reads it. tests/parse/test_quick.py compares the two.
"""

import re
from collections.abc import Callable, Iterator, Mapping

from feedsvc.parse.fields import Fields, Shape
from feedsvc.parse.nodes import ATOM, HANDLED, RSS_0_90, RSS_1_0, Node, Unusual, read_tree, text_of
from feedsvc.parse.quick_parts import Rules, Scope, Thing, joined, said, within

_Reader = Callable[[Thing, Node, Scope], None]

_BOTH: Mapping[str, _Reader] = {
    "author": Thing.author,
    "category": Thing.category,
    "cc_license": Thing.cc_licence,
    "contributor": Thing.contributor,
    "copyright": Thing.rights,
    "creativecommons_license": Thing.licence,
    "dc_author": Thing.author,
    "dc_contributor": Thing.dc_contributor,
    "dc_creator": Thing.author,
    "dc_date": Thing.updated,
    "dc_description": Thing.description,
    "dc_language": Thing.language,
    "dc_rights": Thing.rights,
    "dc_subject": Thing.category,
    "dc_title": Thing.title,
    "dcterms_issued": Thing.published,
    "dcterms_modified": Thing.updated,
    "description": Thing.description,
    "guid": Thing.guid,
    "id": Thing.guid,
    "issued": Thing.published,
    "itunes_author": Thing.author,
    "itunes_image": Thing.itunes_image,
    "itunes_keywords": Thing.itunes_keywords,
    "itunes_summary": Thing.summary,
    "keywords": Thing.category,
    "language": Thing.language,
    "lastbuilddate": Thing.updated,
    "link": Thing.link,
    "managingeditor": Thing.author,
    "media_category": Thing.media_category,
    "media_keywords": Thing.media_keywords,
    "modified": Thing.updated,
    "pubdate": Thing.published,
    "published": Thing.published,
    "rights": Thing.rights,
    "summary": Thing.summary,
    "title": Thing.title,
    "updated": Thing.updated,
}
_OF_FEED: Mapping[str, _Reader] = {
    **_BOTH,
    "admin_generatoragent": Thing.generator_agent,
    "generator": Thing.generator,
    "icon": Thing.plain,
    "itunes_category": Thing.itunes_category,
    "itunes_owner": Thing.owner,
    "itunes_subtitle": Thing.subtitle,
    "logo": Thing.plain,
    "subtitle": Thing.subtitle,
    "sy_updatefrequency": Thing.plain,
    "sy_updateperiod": Thing.plain,
    "tagline": Thing.subtitle,
    "ttl": Thing.plain,
}
_OF_ENTRY: Mapping[str, _Reader] = {
    **_BOTH,
    "comments": Thing.plain,
    "content": Thing.content,
    "content_encoded": Thing.encoded,
    "enclosure": Thing.enclosure,
    "feedburner_origlink": Thing.plain,
    "itunes_category": Thing.itunes_category,
    "itunes_duration": Thing.plain,
    "itunes_subtitle": Thing.subtitle,
    "media_description": Thing.description,
    "media_title": Thing.media_title,
}
_OF_MEDIA: Mapping[str, _Reader] = {
    "media_category": Thing.media_category,
    "media_description": Thing.description,
    "media_keywords": Thing.media_keywords,
    "media_title": Thing.media_title,
}
_MEDIA = ("media_content", "media_group")
# Of what feedparser does something with, this leaves no trace in what we take from it.
_IGNORED = frozenset(
    (
        *("cloud", "created", "dc_publisher", "dcterms_created", "dcterms_valid", "email", "expirationdate", "info"),
        *("feedburner_browserfriendly", "georss_box", "georss_line", "georss_point", "georss_polygon"),
        *("admin_errorreportsto", "itunes_block", "itunes_explicit", "webmaster"),
        *("media_credit", "media_license", "media_player", "media_rating", "media_restriction", "media_thumbnail"),
        "name",
    )
)
# feedparser does nothing particular with these, and so keeps them where other things are kept.
_TRAPS = frozenset(("authors", "contributors", "date", "href", "links", "publisher", "publishers"))
_OF_IMAGE = frozenset(("description", "height", "link", "title", "url", "width"))
_OF_FORM = frozenset(("description", "link", "name", "title"))
#: Where `extensions` has something to read.
_EXTENDED = frozenset(
    (
        *("http://search.yahoo.com/mrss", "http://search.yahoo.com/mrss/", "http://purl.org/atompub/tombstones/1.0"),
        *("http://purl.org/syndication/history/1.0", "skiphours", "skipdays"),
    )
)
# Characters that Windows-1252 or a wrong label may stand behind, written out or as references.
_C1 = re.compile(rb"\xc2[\x80-\x9f]")
_DOUBTFUL = re.compile(rb"&#(?:[xX]0*(?:7[fF]|[89a-fA-F][\da-fA-F])|0*(?:1[2-9]\d|2\d\d));")


def read_quickly(body: bytes, language: str | None, base: str) -> Shape:
    """Read a document in UTF-8. Raises Unusual.

    `language` is that of the response's header, `base` what relative addresses are resolved against, or "".
    """
    tree = read_tree(body)
    referred = bool(_DOUBTFUL.search(body))
    rules = Rules(
        is_atom=tree.root.name == "feed",
        is_clean=not (referred or b"\x7f" in body or _C1.search(body)),
        is_doubled=referred or b"\xc2" in body,
    )
    feed = Thing(rules, is_entry=False)
    start = Scope(joined(base, base), language, 1)
    if joined(start.base, start.base) != start.base:
        raise Unusual("the document's address")
    root = tree.root
    scope = said(start, root.attributes or {})
    if language:
        feed.fields["language"] = language
    if root.name in ("feed", "rss") and scope.language:
        feed.fields["language"] = scope.language
    entries: list[Fields] = []
    if root.name == "feed":
        if ATOM not in tree.namespaces or not tree.namespaces.isdisjoint((RSS_0_90, RSS_1_0)):
            raise Unusual("another Atom")
        _read_feed(feed, root, scope, entries)
    elif root.name == "rss":
        channel = _channel(root)
        _read_feed(feed, channel, said(within(scope), channel.attributes or {}), entries)
    elif root.name == "rdf_rdf" and RSS_1_0 in tree.namespaces and ATOM not in tree.namespaces:
        _read_rdf(feed, root, scope, entries)
    else:
        raise Unusual(f"a document of {root.name}")
    is_extended = feed.has_images or not _EXTENDED.isdisjoint(tree.marks)
    return Shape(feed.fields, entries, is_known=True, is_extended=is_extended)


def _channel(root: Node) -> Node:
    if len(root.children) != 1 or root.children[0].name != "channel":
        raise Unusual("no channel, or more than a channel")
    return root.children[0]


def _scoped(node: Node, scope: Scope) -> Iterator[tuple[Node, str, Scope]]:
    """Return the elements inside of one, their names, and what holds for each."""
    scope = within(scope)
    for child in node.children:
        yield child, child.name, scope if child.attributes is None else said(scope, child.attributes)


def _read_feed(feed: Thing, node: Node, scope: Scope, entries: list[Fields]) -> None:
    _refuse_cdf(node)
    for child, name, holding in _scoped(node, scope):
        if name in ("item", "entry"):
            entries.append(_entry(feed, child, holding))
        elif reader := _OF_FEED.get(name):
            reader(feed, child, holding)
        elif name == "image":
            _read_image(feed, child, holding)
        elif name == "textinput":
            _read_form(feed, child, holding)
        else:
            _pass_over(child, _OF_FEED)


def _read_rdf(feed: Thing, root: Node, scope: Scope, entries: list[Fields]) -> None:
    """Outside the channel feedparser keeps entries only."""
    if [child.name for child in root.children].count("channel") != 1:
        raise Unusual("no channel, or several")
    for child, name, holding in _scoped(root, scope):
        if name == "channel":
            _read_feed(feed, child, holding, entries)
        elif name == "item":
            entries.append(_entry(feed, child, holding))
        elif name == "image":
            _read_image(Thing(feed.rules, is_entry=False), child, holding)
        elif name == "textinput":
            _read_form(feed, child, holding)
        else:
            _pass_over(child, _OF_FEED)


def _refuse_cdf(node: Node) -> None:
    if node.attributes and ("href" in node.attributes or "lastmod" in node.attributes):
        raise Unusual("a channel definition")


def _entry(feed: Thing, node: Node, scope: Scope) -> Fields:
    _refuse_cdf(node)
    entry = Thing(feed.rules, is_entry=True)
    entry.has_content = feed.has_content
    if node.attributes and (about := node.attributes.get("rdf:about")):
        entry.fields["id"] = about
    for child, name, holding in _scoped(node, scope):
        if reader := _OF_ENTRY.get(name):
            reader(entry, child, holding)
        elif name in _MEDIA:
            _read_media(entry, child, holding)
        elif name == "source":
            _read_source(entry, child, holding)
        elif name == "image":
            _pass_over_image(entry, child)
        else:
            _pass_over(child, _OF_ENTRY)
    feed.has_content = False
    feed.title_depth = entry.title_depth
    feed.has_images = feed.has_images or entry.has_images
    return entry.fields


def _read_media(entry: Thing, node: Node, scope: Scope) -> None:
    for child, name, holding in _scoped(node, scope):
        if reader := _OF_MEDIA.get(name):
            reader(entry, child, holding)
        elif name in _MEDIA:
            _read_media(entry, child, holding)
        else:
            _pass_over(child, _OF_ENTRY)


def _read_source(entry: Thing, node: Node, scope: Scope) -> None:
    """atom:source, which is like a feed, or RSS's source with an address and a title."""
    source = Thing(entry.rules, is_entry=False)
    source.has_content = entry.has_content
    if node.attributes and "url" in node.attributes:
        source.fields["href"] = node.attributes["url"]
    for child, name, holding in _scoped(node, scope):
        reader = _OF_FEED.get(name)
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
    image: Fields = feed.part("image")
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
    entry.has_images = True
    for child in _leaves(node, frozenset(("url",))):
        text_of(child)


def _leaves(node: Node, names: frozenset[str]) -> Iterator[Node]:
    for child in node.children:
        if child.name not in names or child.attributes:
            raise Unusual(f"{child.name} in {node.name}")
        yield child


def _pass_over(node: Node, readers: Mapping[str, _Reader]) -> None:
    """Make sure that nothing in an element matters."""
    name = node.name
    if name in _IGNORED:
        text_of(node)
    elif name in HANDLED or name in _TRAPS or name in readers:
        raise Unusual(f"the element {name}")
    else:
        for child in node.children:
            _pass_over(child, readers)
