"""Ordinary well-formed feeds in the form that feedparser gives them, without feedparser.

Nothing here decides anything: it finds what feedparser would find, or that the document is unusual, and then feedparser
reads it. tests/parse/test_quick.py compares the two.
"""

import re
from collections.abc import Callable, Iterator, Mapping

from feedsvc.parse.fields import Fields, Shape
from feedsvc.parse.nodes import ATOM, RSS_1_0, Node, Unusual, read_tree
from feedsvc.parse.quick_parts import HANDLED, Rules, Scope, Thing, inside, joined, text_of

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
    "icon": Thing.plain_address,
    "itunes_category": Thing.itunes_category,
    "itunes_owner": Thing.owner,
    "itunes_subtitle": Thing.subtitle,
    "logo": Thing.plain_address,
    "subtitle": Thing.subtitle,
    "sy_updatefrequency": Thing.plain,
    "sy_updateperiod": Thing.plain,
    "tagline": Thing.subtitle,
    "ttl": Thing.plain,
}
_OF_ENTRY: Mapping[str, _Reader] = {
    **_BOTH,
    "comments": Thing.plain_address,
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
# Of what feedparser does something with, this leaves no trace in what we take from it.
_IGNORED = frozenset(
    (
        *("cloud", "created", "dc_publisher", "dcterms_created", "dcterms_valid", "email", "expirationdate", "info"),
        *("feedburner_browserfriendly", "georss_box", "georss_line", "georss_point", "georss_polygon"),
        *("admin_errorreportsto", "itunes_block", "itunes_explicit", "webmaster"),
        *(
            "media_credit",
            "media_license",
            "media_player",
            "media_rating",
            "media_restriction",
            "media_thumbnail",
            "name",
        ),
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
_DOUBTFUL = re.compile(rb"&#(?:[xX]0*(?:7[fF]|[89a-fA-F][\da-fA-F])|0*(?:1[2-9]\d|2\d\d));")


def read_quickly(body: bytes, language: str | None, base: str) -> Shape:
    """Read a document in UTF-8. Raises Unusual.

    `language` is that of the response's header, `base` what relative addresses are resolved against, or "".
    """
    tree = read_tree(body)
    doubtful = b"\xc2" in body or b"\x7f" in body or _DOUBTFUL.search(body)
    rules = Rules(is_atom=tree.root.name == "feed", is_clean=not doubtful)
    feed = Thing(rules, is_entry=False)
    start = Scope(joined(base, base), language, 0)
    if joined(start.base, start.base) != start.base:
        raise Unusual("the document's address")
    root, scope = tree.root, inside(start, tree.root)
    if language:
        feed.fields["language"] = language
    if root.name in ("feed", "rss") and scope.language:
        feed.fields["language"] = scope.language
    entries: list[Fields] = []
    if root.name == "feed":
        if ATOM not in tree.namespaces or RSS_1_0 in tree.namespaces:
            raise Unusual("another Atom")
        _read_feed(feed, root, scope, entries)
    elif root.name == "rss":
        channel = _channel(root)
        _read_feed(feed, channel, inside(scope, channel), entries)
    elif root.name == "rdf_rdf" and RSS_1_0 in tree.namespaces and ATOM not in tree.namespaces:
        _read_rdf(feed, root, scope, entries)
    else:
        raise Unusual(f"a document of {root.name}")
    is_extended = feed.has_images or not _EXTENDED.isdisjoint(tree.marks)
    return Shape(feed.fields, entries, is_known=True, is_extended=is_extended)


def _channel(root: Node) -> Node:
    found = [part for part in root.parts if isinstance(part, Node)]
    if len(found) != 1 or found[0].name != "channel":
        raise Unusual("no channel, or more than a channel")
    return found[0]


def _read_feed(feed: Thing, node: Node, scope: Scope, entries: list[Fields]) -> None:
    _refuse_cdf(node)
    for part in node.parts:
        if isinstance(part, str):
            continue
        name = part.name
        if name in ("item", "entry"):
            entries.append(_entry(feed, part, inside(scope, part)))
        elif reader := _OF_FEED.get(name):
            reader(feed, part, inside(scope, part))
        elif name == "image":
            _read_image(feed, part, inside(scope, part))
        elif name == "textinput":
            _read_form(feed, part, inside(scope, part))
        else:
            _pass_over(part, _OF_FEED)


def _read_rdf(feed: Thing, root: Node, scope: Scope, entries: list[Fields]) -> None:
    """Outside the channel feedparser keeps entries only."""
    channels = 0
    for part in root.parts:
        if isinstance(part, str):
            continue
        within = inside(scope, part)
        if part.name == "channel":
            channels += 1
            _read_feed(feed, part, within, entries)
        elif part.name == "item":
            entries.append(_entry(feed, part, within))
        elif part.name == "image":
            _read_image(Thing(feed.rules, is_entry=False), part, within)
        elif part.name == "textinput":
            _read_form(feed, part, within)
        else:
            _pass_over(part, _OF_FEED)
    if channels != 1:
        raise Unusual("no channel, or several")


def _refuse_cdf(node: Node) -> None:
    if node.attributes and ("href" in node.attributes or "lastmod" in node.attributes):
        raise Unusual("a channel definition")


def _entry(feed: Thing, node: Node, scope: Scope) -> Fields:
    _refuse_cdf(node)
    entry = Thing(feed.rules, is_entry=True)
    entry.has_content = feed.has_content
    if node.attributes and (about := node.attributes.get("rdf:about")):
        entry.fields["id"] = about
    for part in node.parts:
        if isinstance(part, str):
            continue
        name = part.name
        if reader := _OF_ENTRY.get(name):
            reader(entry, part, inside(scope, part))
        elif name in ("media_content", "media_group"):
            _read_media(entry, part, inside(scope, part))
        elif name == "source":
            _read_source(entry, part, inside(scope, part))
        elif name == "image":
            _pass_over_image(entry, part)
        else:
            _pass_over(part, _OF_ENTRY)
    feed.has_content = False
    feed.title_depth = entry.title_depth
    feed.has_images = feed.has_images or entry.has_images
    return entry.fields


def _read_media(entry: Thing, node: Node, scope: Scope) -> None:
    for part in node.parts:
        if isinstance(part, str):
            continue
        if reader := _OF_MEDIA.get(part.name):
            reader(entry, part, inside(scope, part))
        elif part.name in ("media_content", "media_group"):
            _read_media(entry, part, inside(scope, part))
        else:
            _pass_over(part, _OF_ENTRY)


def _read_source(entry: Thing, node: Node, scope: Scope) -> None:
    """atom:source, which is like a feed, or RSS's source with an address and a title."""
    source = Thing(entry.rules, is_entry=False)
    source.has_content = entry.has_content
    if node.attributes and "url" in node.attributes:
        source.fields["href"] = node.attributes["url"]
    for part in node.parts:
        if isinstance(part, Node):
            reader = _OF_FEED.get(part.name)
            # feedparser takes the text of an element that says all in attributes for the source's
            says_all = "href" in (part.attributes or {}) or part.name in ("admin_generatoragent", "cc_license")
            if reader is None or (says_all and part.parts):
                raise Unusual(f"{part.name} in a source")
            reader(source, part, inside(scope, part))
    if said := source.mended("".join(part for part in node.parts if isinstance(part, str)).strip()):
        source.fields["title"] = said
    entry.fields["source"] = source.fields
    entry.title_depth, entry.has_content = source.title_depth, source.has_content


def _read_image(feed: Thing, node: Node, scope: Scope) -> None:
    image: Fields = feed.part("image")
    feed.title_depth = -1
    for part in _leaves(node, _OF_IMAGE):
        value = text_of(part)
        if part.name == "url":
            image["href"] = feed.address(value, scope)
        elif part.name == "title" and value:
            feed.title_depth = scope.depth + 1


def _read_form(feed: Thing, node: Node, scope: Scope) -> None:
    feed.title_depth = -1
    for part in _leaves(node, _OF_FORM):
        if text_of(part) and part.name == "title":
            feed.title_depth = scope.depth + 1


def _pass_over_image(entry: Thing, node: Node) -> None:
    """`<image>` in an item: feedparser takes nothing from it but that a new title may come."""
    entry.title_depth = -1
    entry.has_images = True
    for part in _leaves(node, frozenset(("url",))):
        text_of(part)


def _leaves(node: Node, names: frozenset[str]) -> Iterator[Node]:
    for part in node.parts:
        if isinstance(part, Node):
            if part.name not in names or part.attributes:
                raise Unusual(f"{part.name} in {node.name}")
            yield part


def _pass_over(node: Node, readers: Mapping[str, _Reader]) -> None:
    """Make sure that nothing in an element matters."""
    name = node.name
    if name in _IGNORED:
        text_of(node)
    elif name in HANDLED or name in _TRAPS or name in readers:
        raise Unusual(f"the element {name}")
    else:
        for part in node.parts:
            if isinstance(part, Node):
                _pass_over(part, readers)
