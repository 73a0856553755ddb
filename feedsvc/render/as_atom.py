"""Atom 1.0 (RFC 4287)."""

from copy import deepcopy
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from lxml import etree
from lxml.etree import _Element as Element

from feedsvc.model import Credit, FeedInfo, Label, OutputFeed, Person, PublishedStory, Term
from feedsvc.render.addresses import (
    address,
    first_address,
    identifier,
    is_mail_address,
    language_tag,
    media_type,
    scheme_name,
)
from feedsvc.render.body import Body, headline, labels, name, origin, page
from feedsvc.render.text import as_html, clean, looks_like_markup, plain, rfc3339, said, unmark, untagged
from feedsvc.render.xml import (
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

_XHTML = "http://www.w3.org/1999/xhtml"
_HTML_TYPE = "text/html"
_MEDIA_TYPE = "application/atom+xml"
#: before that a feed's date is a clock that was never set
_FIRST_YEAR = datetime(1990, 1, 1, tzinfo=UTC)


def atom(feed: OutputFeed) -> bytes:
    """Return the Atom 1.0 document of a feed."""
    made = generator(feed, _Feed, _Entry)
    made.id(clean(feed.id))
    made.title(plain(said(feed.title) or feed.home_url))
    made.updated(feed.updated.replace(microsecond=0))
    if subtitle := said(feed.description):
        made.subtitle(plain(subtitle))
    if rights := said(feed.rights):
        made.rights(plain(rights))
    made.link(href=clean(feed.self_url("atom")), rel="self", type=_MEDIA_TYPE)
    made.link(href=clean(feed.home_url), rel="alternate", type=_HTML_TYPE)
    # For entries whose source is unknown; the others inherit from their source.
    made.author(name=plain(said(feed.site_title) or feed.site_url), uri=address(feed.site_url))
    if icon := address(feed.icon):
        made.icon(icon)
    if language := language_tag(feed.language):
        made.language(language)
    for story in feed.stories:
        _add_entry(made, feed, story)
    return unmark(bytes(made.atom_str(pretty=True)))


def _add_entry(made: Any, feed: OutputFeed, story: PublishedStory) -> None:
    entry, text = add_entry(made, feed, story)
    entry.title(plain(headline(story)))
    entry.updated(story.updated.replace(microsecond=0))
    if story.published:
        entry.published(story.published.replace(microsecond=0))
    # feedgen demands it here and drops all but its address later.
    entry.link(href=page(feed, story))
    if content := text.content or _instead(text, story):
        entry.content(content, type="html")
    if rights := said(story.rights):
        entry.rights(plain(rights))


def _instead(text: Body, story: PublishedStory) -> str | None:
    """Return the summary to stand as content where there is no alternate link: Atom wants one of them (4.1.2)."""
    return None if origin(story) else text.summary


class _Feed(FeedExtension):
    def extend_ns(self) -> dict[str, str]:
        return {"media": MEDIA}

    def extend_atom(self, root: Element) -> Element:
        style(root, self.feed)
        _declare_markup(root)
        return root


class _Entry(EntryExtension):
    def extend_atom(self, entry: Element) -> Element:
        feed, story = self.feed, self.story
        if language := language_tag(story.language):
            entry.set(XML_LANG, language)
        for element in entry.iterchildren("link"):
            entry.remove(element)
        _declare_markup(entry)
        if not _instead(self.body, story):
            _add_summary(entry, self.body)
        _add_links(entry, feed, story)
        for person in story.authors:
            _add_person(entry, "author", person)
        for person in story.contributors:
            _add_person(entry, "contributor", person)
        _add_categories(entry, labels(feed, story), story.terms)
        _add_source(entry, feed, story)
        # feedparser takes a media:description for the entry's content, unless it has seen content before.
        add_media(entry, story.pictures, (), "description" if self.body.content else "title")
        return entry


def _add_summary(entry: Element, body: Body) -> None:
    """Append the summary as XHTML, which browsers show as it is: it is all of our own making."""
    if not body.paragraphs and not body.credit:
        return
    div = etree.SubElement(etree.SubElement(entry, "summary", type="xhtml"), f"{{{_XHTML}}}div", nsmap={None: _XHTML})
    for paragraph in body.paragraphs:
        add(div, f"{{{_XHTML}}}p", paragraph)
    if body.credit:
        line = etree.SubElement(div, f"{{{_XHTML}}}p")
        add(line, f"{{{_XHTML}}}a", body.credit.words, href=body.credit.href)


def _add_links(entry: Element, feed: OutputFeed, story: PublishedStory) -> None:
    if url := origin(story):
        add(entry, "link", rel="alternate", type=_HTML_TYPE, href=url, hreflang=language_tag(story.language))
    add(entry, "link", rel="related", type=_HTML_TYPE, href=page(feed, story))
    for credit in (story.credit, *story.also):
        if url := address(credit.url):
            add(entry, "link", rel="via", href=url, title=_label(credit.title))
    if comments := address(story.comments):
        add(entry, "link", rel="replies", type=_HTML_TYPE, href=comments)
    if licence := address(story.licence):
        add(entry, "link", rel="license", href=licence)
    for enclosure in story.enclosures:
        if url := address(enclosure.href):
            length = str(enclosure.length) if enclosure.length and enclosure.length > 0 else None
            type, title = media_type(enclosure.type, url), _label(enclosure.title)
            add(entry, "link", rel="enclosure", href=url, type=type, length=length, title=title)


def _add_person(parent: Element, tag: str, person: Person) -> None:
    called = name(person)
    if not called:
        return
    element = add(parent, tag)
    add(element, "name", called)
    if uri := address(person.uri):
        add(element, "uri", uri)
    if person.email and is_mail_address(person.email):
        add(element, "email", person.email)


def _add_categories(parent: Element, labels: list[Label], terms: tuple[Term, ...]) -> None:
    for label in labels:
        add(parent, "category", term=label.id, scheme=clean(label.scheme), label=_label(label.title))
    for term in terms:
        if word := said(term.term):
            add(parent, "category", term=plain(word), scheme=scheme_name(term.scheme), label=_label(term.label))


def _add_source(entry: Element, feed: OutputFeed, story: PublishedStory) -> None:
    """Append where the entry came from, as RFC 4287 section 4.2.11 wants it."""
    source = deepcopy(_source(story.feed, story.credit))
    for updated in source.iterchildren("updated"):
        updated.text = rfc3339(_source_updated(story.feed, feed, story))
    entry.append(source)


@lru_cache(maxsize=256)
def _source(info: FeedInfo, credit: Credit) -> Element:
    """Return an atom:source, to be copied and dated: most entries of a document share theirs with others."""
    source = etree.Element("source")
    if language := language_tag(info.language):
        source.set(XML_LANG, language)
    add(source, "id", identifier(info.id, info.link("self"), credit.url))
    add(source, "title", said(info.title) or said(credit.title) or credit.source_id)
    if subtitle := said(info.subtitle):
        add(source, "subtitle", subtitle)
    add(source, "updated")
    _add_source_links(source, info, credit)
    # An entry without an author has its source's; so there is always one.
    publisher = (Person(name=credit.title, uri=credit.home), Person(name=credit.source_id))
    for person in list(filter(name, info.authors)) or list(filter(name, publisher))[:1]:
        _add_person(source, "author", person)
    for person in info.contributors:
        _add_person(source, "contributor", person)
    _add_categories(source, [], info.terms)
    if rights := said(info.rights):
        add(source, "rights", rights)
    for tag, href in (("icon", info.icon), ("logo", info.logo)):
        if url := address(href):
            add(source, tag, url)
    _declare_markup(source)
    return source


def _add_source_links(source: Element, info: FeedInfo, credit: Credit) -> None:
    if url := first_address(info.link("self"), credit.url):
        add(source, "link", rel="self", href=url)
    if url := first_address(info.link("alternate"), credit.home):
        add(source, "link", rel="alternate", type=_HTML_TYPE, href=url)
    if url := first_address(info.link("license")):
        add(source, "link", rel="license", href=url)


def _source_updated(info: FeedInfo, feed: OutputFeed, story: PublishedStory) -> datetime:
    """Return the upstream feed's own time where it is plausible."""
    if info.updated and _FIRST_YEAR <= info.updated <= feed.updated:
        return info.updated
    return story.updated


def _label(words: str | None) -> str | None:
    text = said(words)
    return plain(untagged(text)) or None if text else None


def _declare_markup(parent: Element) -> None:
    """Make plain text that speaks of markup HTML, so that nobody has to guess."""
    for element in parent.iterchildren("title", "subtitle", "rights"):
        words = (element.text or "").replace(plain("&"), "&").replace(plain("<"), "<")
        if looks_like_markup(words):
            element.set("type", "html")
            element.text = plain(as_html(words))
