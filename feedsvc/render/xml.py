"""What RSS and Atom have in common: feedgen's generator with our extension, and how it becomes bytes.

feedgen's elements are in no namespace (the default one is a bare attribute), so ours are not either.
"""

from html import escape
from typing import Any

from feedgen.ext.base import BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree
from lxml.etree import _Element as Element

from feedsvc.model import Enclosure, OutputFeed, Picture, PublishedStory
from feedsvc.render.addresses import address, media_type
from feedsvc.render.body import Body, body
from feedsvc.render.text import as_html, clean, looks_like_markup, plain, said

ATOM = "http://www.w3.org/2005/Atom"
CREATIVE_COMMONS = "http://backend.userland.com/creativeCommonsRssModule"
DC = "http://purl.org/dc/elements/1.1/"
DCTERMS = "http://purl.org/dc/terms/"
MEDIA = "http://search.yahoo.com/mrss/"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

_EXTENSION = "feedsvc"
_MEDIA_KINDS = frozenset({"image", "audio", "video"})


class FeedExtension(BaseExtension):  # type: ignore[misc]
    """Completes the channel or feed element; feedgen calls it before the entries are added."""

    feed: OutputFeed


class EntryExtension(BaseExtension):  # type: ignore[misc]
    """Completes one item or entry."""

    feed: OutputFeed
    story: PublishedStory
    body: Body


def generator(feed: OutputFeed, of_feed: type[FeedExtension], of_entry: type[EntryExtension]) -> Any:
    """Return feedgen's generator for a feed without its entries."""
    made = FeedGenerator()
    made.register_extension(_EXTENSION, of_feed, of_entry)
    made.feedsvc.feed = feed
    # feedgen writes this date always, the current time where none is set, and switches the locale of the whole process
    # to do so, under the feet of other threads; so RSS gets its dates from our extensions.
    made._FeedGenerator__rss_lastBuildDate = None  # noqa: SLF001
    made.generator(plain(feed.generator))
    return made


def add_entry(made: Any, feed: OutputFeed, story: PublishedStory) -> tuple[Any, Body]:
    """Return a new entry behind those there are; feedgen alone would put it before them."""
    entry = made.add_entry(order="append")
    text = body(feed, story)
    entry.feedsvc.feed, entry.feedsvc.story, entry.feedsvc.body = feed, story, text
    entry.id(story.id.urn)
    return entry, text


def add(parent: Element, tag: str, text: str | None = None, /, **attributes: str | None) -> Element:
    """Append an element of plain text. Attributes are as they are to be written; those that are None are left out."""
    given = {name: value for name, value in attributes.items() if value is not None}
    element: Element = etree.SubElement(parent, tag, given)
    if text is not None:
        element.text = plain(text)
    return element


def style(root: Element, feed: OutputFeed) -> None:
    """Put the stylesheet before the root."""
    href = escape(clean(feed.stylesheet))
    root.addprevious(etree.ProcessingInstruction("xml-stylesheet", f'type="text/css" href="{href}"'))


def add_media(parent: Element, pictures: tuple[Picture, ...], enclosures: tuple[Enclosure, ...], caption: str) -> None:
    """Append Media RSS for pictures and enclosures; `caption` is the element for a picture's caption.

    Not in a media:group: that is for variants of one and the same thing.
    """
    usable = [(url, picture) for picture in pictures if (url := address(picture.href))]
    for url, picture in usable[:1]:
        add(parent, f"{{{MEDIA}}}thumbnail", url=url, width=_size(picture.width), height=_size(picture.height))
    for url, picture in usable:
        _add_picture(parent, url, picture, caption)
    for enclosure in enclosures:
        if url := address(enclosure.href):
            _add_enclosure(parent, url, enclosure)


def _add_picture(parent: Element, url: str, picture: Picture, caption: str) -> None:
    element = add(
        parent,
        f"{{{MEDIA}}}content",
        url=url,
        type=media_type(picture.type, url, "image/jpeg"),
        medium="image",
        width=_size(picture.width),
        height=_size(picture.height),
    )
    _add_words(element, caption, picture.caption)
    if credit := said(picture.credit):
        add(element, f"{{{MEDIA}}}credit", credit, role="photographer")


def _add_enclosure(parent: Element, url: str, enclosure: Enclosure) -> None:
    type = media_type(enclosure.type, url)
    medium = type.split("/")[0]
    element = add(
        parent,
        f"{{{MEDIA}}}content",
        url=url,
        type=type,
        medium=medium if medium in _MEDIA_KINDS else "document",
        fileSize=_size(enclosure.length),
        duration=_size(enclosure.duration),
    )
    _add_words(element, "title", enclosure.title)


def _add_words(element: Element, tag: str, words: str | None) -> None:
    if text := said(words):
        html = looks_like_markup(text)
        add(element, f"{{{MEDIA}}}{tag}", as_html(text) if html else text, type="html" if html else "plain")


def _size(number: int | None) -> str | None:
    return str(number) if number and number > 0 else None
