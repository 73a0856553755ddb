"""OPML 2.0 (http://opml.org/spec2.opml): a list of feeds, for import into readers."""

from dataclasses import dataclass
from datetime import datetime

from lxml import etree
from lxml.etree import _Element as Element

from feedsvc.render.text import plain, rfc822, said, unmark
from feedsvc.render.xml import add

#: for what OPML has no word for: the id of a source, and its kind where it is no feed
NAMESPACE = "urn:feedsvc:opml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """One feed of a list."""

    title: str
    xml_url: str
    html_url: str | None = None
    description: str | None = None
    language: str | None = None
    #: slash-delimited, as OPML's category wants them
    categories: tuple[str, ...] = ()
    #: the id of a source of ours
    id: str | None = None
    #: of a source that is no feed: sitemap or page. Readers pass over such a line
    kind: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlineGroup:
    """Feeds under one heading."""

    title: str
    outlines: tuple[Outline, ...]


def opml(title: str, owner: str | None, updated: datetime | None, groups: tuple[OutlineGroup, ...]) -> bytes:
    """Return a list of feeds; a group without feeds is left out. Text is from the configuration."""
    is_ours = any(outline.id for group in groups for outline in group.outlines)
    root = etree.Element("opml", version="2.0", nsmap={"feedsvc": NAMESPACE} if is_ours else None)
    head = add(root, "head")
    add(head, "title", title)
    if updated:
        add(head, "dateModified", rfc822(updated))
    if owner:
        add(head, "ownerName", owner)
    body = add(root, "body")
    for group in groups:
        if group.outlines:
            parent = add(body, "outline", text=plain(group.title))
            for outline in group.outlines:
                _add_outline(parent, outline)
    document = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return unmark(document)


def _add_outline(parent: Element, outline: Outline) -> None:
    title = plain(said(outline.title) or outline.xml_url)
    description = said(outline.description)
    is_feed = outline.kind is None
    element = add(
        parent,
        "outline",
        type="rss" if is_feed else "link",
        text=title,
        title=title,
        xmlUrl=outline.xml_url if is_feed else None,
        url=None if is_feed else outline.xml_url,
        htmlUrl=outline.html_url,
        description=plain(description) if description else None,
        language=outline.language,
        category=",".join(outline.categories) or None,
    )
    for key, value in (("id", outline.id), ("kind", outline.kind)):
        if value:
            element.set(f"{{{NAMESPACE}}}{key}", value)
