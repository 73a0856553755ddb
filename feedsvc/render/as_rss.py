"""RSS 2.0, as the RSS Advisory Board's profile wants it."""

from typing import Any

from lxml.etree import _Element as Element

from feedsvc.model import Enclosure, OutputFeed, PublishedStory
from feedsvc.render.addresses import address, has_plain_host, language_tag, media_type
from feedsvc.render.body import headline, labels, name, origin
from feedsvc.render.text import as_html, clean, looks_like_markup, marked, plain, rfc822, said, unmark
from feedsvc.render.xml import (
    CREATIVE_COMMONS,
    DC,
    DCTERMS,
    MEDIA,
    XML_LANG,
    EntryExtension,
    FeedExtension,
    add,
    add_entry,
    add_media,
    generator,
    style,
)

#: what the profile allows in a channel's image
_IMAGE_TYPES = frozenset({"image/gif", "image/jpeg", "image/png"})


def rss(feed: OutputFeed) -> bytes:
    """Return the RSS 2.0 document of a feed."""
    made = generator(feed, _Channel, _Item)
    # feedgen takes the last link that it is given for <link>, so self comes first.
    made.link(href=clean(feed.self_url("rss")), rel="self", type="application/rss+xml")
    made.link(href=clean(feed.home_url), rel="alternate")
    title = said(feed.title) or feed.home_url
    made.title(_words(title))
    made.description(_words(said(feed.description) or title))
    if rights := said(feed.rights):
        made.copyright(_words(rights))
    made.ttl(max(1, -(-int(feed.ttl.total_seconds()) // 60)))
    if language := language_tag(feed.language):
        made.language(language)
    icon = address(feed.icon)
    if icon and media_type(None, icon, "image/png") in _IMAGE_TYPES:
        made.image(url=icon, title=made.title(), link=clean(feed.home_url))
    for story in feed.stories:
        _add_item(made, feed, story)
    return unmark(bytes(made.rss_str(pretty=True)))


def _add_item(made: Any, feed: OutputFeed, story: PublishedStory) -> None:
    item, text = add_entry(made, feed, story)
    item.title(_words(headline(story)))
    if url := origin(story):
        item.link(href=url)
    if text.summary:
        item.summary(clean(text.summary))
    if text.content:
        item.content(text.content)
    for label in labels(feed, story):
        item.category(term=_words(label.title), scheme=clean(label.scheme))
    for term in story.terms:
        if word := said(term.term):
            item.category(term=_words(word), scheme=said(term.scheme))
    if comments := address(story.comments):
        item.comments(comments)
    if url := address(story.credit.url):
        item.source(url=url, title=_words(said(story.credit.title) or url))


def _words(text: str) -> str:
    """Return plain text; text that speaks of markup is escaped once more: readers take it for HTML, whatever it is."""
    return plain(as_html(text) if looks_like_markup(text) else text)


class _Channel(FeedExtension):
    def extend_ns(self) -> dict[str, str]:
        return {"dc": DC, "dcterms": DCTERMS, "media": MEDIA, "creativeCommons": CREATIVE_COMMONS}

    def extend_rss(self, root: Element) -> Element:
        style(root, self.feed)
        if language := language_tag(self.feed.language):
            root.set(XML_LANG, language)
        add(root[0], "lastBuildDate", rfc822(self.feed.updated))
        return root


class _Item(EntryExtension):
    def extend_rss(self, item: Element) -> Element:
        story = self.story
        for person in story.authors:
            # <author> is for mail addresses only.
            if called := name(person):
                add(item, f"{{{DC}}}creator", called)
        for person in story.contributors:
            if called := name(person):
                add(item, f"{{{DC}}}contributor", called)
        if story.dated:
            add(item, "pubDate", rfc822(story.dated))
        if summary := said(story.summary):
            # The same without markup, for those who show text, our own stylesheet among them.
            add(item, f"{{{DCTERMS}}}abstract").text = marked(summary)
        if language := language_tag(story.language):
            add(item, f"{{{DC}}}language", language)
        if rights := said(story.rights):
            add(item, f"{{{DC}}}rights").text = _words(rights)
        if licence := address(story.licence):
            add(item, f"{{{CREATIVE_COMMONS}}}license", licence)
        self._add_media(item)
        return item

    def _add_media(self, item: Element) -> None:
        first = next((enclosure for enclosure in self.story.enclosures if _can_be_enclosure(enclosure)), None)
        further = tuple(enclosure for enclosure in self.story.enclosures if enclosure is not first)
        if first and (url := address(first.href)):
            # An unknown length is written as 0.
            add(item, "enclosure", url=url, length=str(max(0, first.length or 0)), type=media_type(first.type, url))
        # feedparser takes a media:description for the item's content, unless it has seen content before.
        caption = "description" if self.body.content and self.body.summary else "title"
        add_media(item, self.story.pictures, further, caption)


def _can_be_enclosure(enclosure: Enclosure) -> bool:
    url = address(enclosure.href)
    return url is not None and has_plain_host(url)
