"""Which element feedparser reads as what, in a feed, an entry and a medium, and what it does nothing with."""

from collections.abc import Callable, Mapping

from feedsvc.parse.nodes import HANDLED, Node, Unusual, text_of
from feedsvc.parse.quick_parts import Thing
from feedsvc.parse.quick_values import Scope

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
OF_FEED: Mapping[str, _Reader] = {
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
OF_ENTRY: Mapping[str, _Reader] = {
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
OF_MEDIA: Mapping[str, _Reader] = {
    "media_category": Thing.media_category,
    "media_description": Thing.description,
    "media_keywords": Thing.media_keywords,
    "media_title": Thing.media_title,
}
MEDIA = ("media_content", "media_group")
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


def pass_over(node: Node, readers: Mapping[str, _Reader]) -> None:
    """Make sure that nothing in an element matters."""
    name = node.name
    if name in _IGNORED:
        text_of(node)
    elif name in HANDLED or name in _TRAPS or name in readers:
        raise Unusual(f"the element {name}")
    else:
        for child in node.children:
            pass_over(child, readers)
