"""OPML 2.0 (http://opml.org/spec2.opml): a list of feeds, for import into readers."""

from dataclasses import dataclass
from datetime import datetime

from lxml import etree
from lxml.etree import _Element as Element

from feedsvc.render.text import plain, rfc822, said, unmark
from feedsvc.render.xml import add


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


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlineGroup:
    """Feeds under one heading."""

    title: str
    outlines: tuple[Outline, ...]


def opml(title: str, owner: str | None, updated: datetime, groups: tuple[OutlineGroup, ...]) -> bytes:
    """Return a list of feeds; a group without feeds is left out. Text is from the configuration."""
    root = etree.Element("opml", version="2.0")
    head = add(root, "head")
    add(head, "title", title)
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
    add(
        parent,
        "outline",
        type="rss",
        text=title,
        title=title,
        xmlUrl=outline.xml_url,
        htmlUrl=outline.html_url,
        description=plain(description) if description else None,
        language=outline.language,
        category=",".join(outline.categories) or None,
    )
