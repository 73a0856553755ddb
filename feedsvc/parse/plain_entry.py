"""An entry made of what nearly all entries are made of, straight to Entry.

What it leaves is read with `Thing` and mapped as feedparser's reading is; the two agree.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from feedsvc.model import Content, Enclosure, Entry, Person, Picture, Term
from feedsvc.parse import fields
from feedsvc.parse.addresses import absolute, base_of
from feedsvc.parse.dates import is_read
from feedsvc.parse.elements import OF_ENTRY, pass_over
from feedsvc.parse.entries import attachments
from feedsvc.parse.extensions import EntryExtensions, read_entry_extensions
from feedsvc.parse.feed_info import people
from feedsvc.parse.nodes import Node, Unusual, text_of
from feedsvc.parse.quick_parts import Thing
from feedsvc.parse.quick_values import (
    Rules,
    Scope,
    construct,
    divided,
    is_page,
    joined,
    parts_of_person,
    said,
    unescaped,
    within,
)
from feedsvc.parse.reading import Reading
from feedsvc.parse.texts import language_tag, plain_text

_IN_MEDIA = frozenset(
    (
        *("media_content", "media_credit", "media_group", "media_rating", "media_text", "media_thumbnail"),
        "media_title",
    )
)
#: Authors of one entry; of more the longer way makes less.
_MAX_AUTHORS = 10


class NotPlain(Exception):  # noqa: N818 - nothing is wrong with the entry
    """It has to be read the longer way."""


class Shared:
    """What the entries of a document have in common, and what has been made of their words already."""

    def __init__(self, rules: Rules, reading: Reading, language: str | None, *, has_media: bool) -> None:
        self.rules = rules
        self.reading = reading
        self.language = language
        self.has_media = has_media
        self.moments: dict[str, datetime | None] = {}
        self.people: dict[tuple[tuple[str, object], ...], tuple[Person, ...]] = {}
        self.terms: dict[str, Term] = {}
        self.bases: dict[str, str] = {}

    def moment(self, value: str) -> datetime | None:
        """Read a time. Raises Unusual where feedparser may read more than we do."""
        if value in self.moments:
            return self.moments[value]
        moment = self.moments[value] = self.reading.date(value)
        if moment is None and not is_read(value):
            raise Unusual("a date in a rare form")
        return moment

    def author(self, said: fields.Fields) -> tuple[Person, ...]:
        """Read what is said of a person, which most feeds say in each entry again."""
        key = tuple(said.items())
        if key not in self.people:
            self.people[key] = people([said], self.reading)
        return self.people[key]

    def content(self, value: str, kind: str, scope: Scope) -> Content | None:
        """Return a text with what holds for it."""
        if not value:
            return None
        if scope.base not in self.bases:
            self.bases[scope.base] = base_of(scope.base, self.reading.base)
        language = language_tag(scope.language) if scope.language else None
        return Content(
            value=value, type="text" if kind == "text/plain" else "html", language=language, base=self.bases[scope.base]
        )


class PlainEntry:
    """Each method reads one element; what comes a second time, and would have to be weighed, is not plain."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._guid: str | None = None
        #: of the page, by a link and by a guid that is one
        self._address: str | None = None
        self._permalink: str | None = None
        self._has_other_links = False
        self._title: str | None = None
        self._title_scope: Scope | None = None
        self._title_depth = -1
        self._summary: Content | None = None
        self._summary_scope: Scope | None = None
        self._content: Content | None = None
        self._content_scope: Scope | None = None
        self._authors: tuple[Person, ...] | None = None
        self._terms: dict[Term, None] | None = None
        self._published: datetime | None = None
        self._updated: datetime | None = None
        self._comments: str | None = None
        self._has_guid = self._has_media = self._has_media_title = False
        #: what is not so common
        self._rest: Thing | None = None

    def read(self, node: Node, scope: Scope, base: str) -> tuple[Entry, int]:
        """Return the entry, and how deep its title stands, -1 without one. Raises NotPlain or Unusual.

        `scope` holds for the entry, `base` around it for its media.
        """
        if node.attributes and (about := node.attributes.get("rdf:about")):
            self._guid = about.strip() or None
        inside = within(scope)
        for child in node.children:
            reader = _READERS.get(child.name)
            if reader is not None:
                reader(self, child, inside if child.attributes is None else said(inside, child.attributes))
            elif child.name in _LEFT or (child.children and self._shared.has_media):
                raise NotPlain
            else:
                pass_over(child, OF_ENTRY)
        return self._made(node, base), self._title_depth

    def _text(self, value: str) -> str:
        """Return a text that needs no mending, the same."""
        rules = self._shared.rules
        if rules.is_doubled and rules.mended(value) is not value:
            raise NotPlain
        return value

    def title(self, node: Node, scope: Scope) -> None:
        if self._title_scope:
            raise NotPlain
        value, kind = construct(node, "text/plain", self._shared.rules)
        if self._text(value):
            self._title = value if kind == "text/plain" else plain_text(value)
            self._title_depth = scope.depth
        self._title_scope = scope

    def description(self, node: Node, scope: Scope) -> None:
        if self._summary_scope:
            raise NotPlain
        self._summary = self._construct(node, "text/html", scope)
        self._summary_scope = scope

    def summary(self, node: Node, scope: Scope) -> None:
        if self._summary_scope:
            raise NotPlain
        self._summary = self._construct(node, "text/plain", scope)
        self._summary_scope = scope

    def encoded(self, node: Node, scope: Scope) -> None:
        self.content(node, scope, "text/html")

    def content(self, node: Node, scope: Scope, default: str = "text/plain") -> None:
        if self._content_scope:
            raise NotPlain
        self._content = self._construct(node, default, scope)
        self._content_scope = scope

    def _construct(self, node: Node, default: str, scope: Scope) -> Content | None:
        if node.children and self._shared.has_media:  # marked up, it could be taken for a caption
            raise NotPlain
        value, kind = construct(node, default, self._shared.rules)
        return self._shared.content(self._text(value), kind, scope)

    def link(self, node: Node, scope: Scope) -> None:
        value, attributes = text_of(node), node.attributes
        if attributes is None:
            if not value:
                raise NotPlain
            self._has_other_links = self._has_other_links or self._address is not None
            self._address = unescaped(self._text(joined(scope.base, value)), is_entry=True)
            return
        href, rel = attributes.get("href"), attributes.get("rel", "alternate")
        if not href or "url" in attributes or "uri" in attributes:
            raise NotPlain
        if rel == "enclosure":
            self.rest(node, scope)
        elif rel == "alternate":
            is_first = self._address is None
            if is_page(attributes.get("type", "text/html")):
                self._address = joined(scope.base, href)
            self._has_other_links = self._has_other_links or not is_first or self._address is None
        elif "alternate" in rel or not rel.strip():
            self._has_other_links = True

    def guid(self, node: Node, scope: Scope) -> None:
        if self._has_guid:
            raise NotPlain
        self._has_guid = True
        value = text_of(node)
        if node.attributes is None or node.attributes.get("ispermalink", "true") == "true":
            self._permalink = value = joined(scope.base, value) if value else ""
        self._guid = self._text(value).strip() or None

    def comments(self, node: Node, scope: Scope) -> None:
        if node.attributes:
            raise NotPlain
        value = text_of(node)
        self._comments = absolute(self._text(joined(scope.base, value)), self._shared.reading.base) if value else None

    def published(self, node: Node, scope: Scope) -> None:
        self._published = self._shared.moment(text_of(node))

    def updated(self, node: Node, scope: Scope) -> None:
        self._updated = self._shared.moment(text_of(node))

    def author(self, node: Node, scope: Scope) -> None:
        if not node.children:
            self._named(self._text(node.text.strip()))
            return
        if self._authors is not None:
            raise NotPlain
        if node.own_text().strip():
            raise NotPlain
        person: fields.Fields = {}
        for key, part in parts_of_person(node):
            value = text_of(part)
            if key == "href":
                value = self._text(joined(said(scope, part.attributes or {}).base, value)) if value else ""
            person[key] = value
        self._authors = self._shared.author(person)

    def _named(self, author: str) -> None:
        """Add an author in one string. feedparser mixes several up unless each is a name and nothing else."""
        authors = self._shared.author(divided(author)) if author else ()
        if self._authors is None:
            self._authors = authors
        elif "@" in author or any(one.email or one.uri for one in self._authors) or len(self._authors) > _MAX_AUTHORS:
            raise NotPlain
        else:
            self._authors = tuple(dict.fromkeys((*self._authors, *authors)))

    def keywords(self, node: Node, scope: Scope) -> None:
        if node.attributes:
            raise NotPlain
        words = (word.strip() for word in self._text(text_of(node)).split(","))
        self._terms = {**(self._terms or {}), **{Term(term=word): None for word in words if word}}

    def category(self, node: Node, scope: Scope) -> None:
        attributes, value = node.attributes, self._text(text_of(node))
        if attributes is None:
            if not value:
                return
            term = self._shared.terms.get(value)
            if term is None:
                term = self._shared.terms[value] = Term(term=value)
        else:
            word, label = attributes.get("term", "").strip(), attributes.get("label", "").strip() or None
            scheme = attributes.get("scheme", attributes.get("domain", "")).strip() or None
            if bool(word) == bool(value) or (value and "term" in attributes):
                raise NotPlain
            term = Term(term=word or value, scheme=scheme, label=label)
        if self._terms is None:
            self._terms = {}
        self._terms.setdefault(term)

    def medium(self, node: Node, scope: Scope) -> None:
        self._has_media = True
        self._has_media_title = self._has_media_title or node.name == "media_title"
        if node.name not in _IN_MEDIA:
            raise NotPlain
        for child in node.children:
            self.medium(child, scope)

    def rest(self, node: Node, scope: Scope) -> None:
        if self._rest is None:
            self._rest = Thing(self._shared.rules, is_entry=True)
        _REST[node.name](self._rest, node, scope)

    def _made(self, node: Node, base: str) -> Entry:
        reading, rest = self._shared.reading, self._rest.fields if self._rest else None
        link = absolute(self._permalink if self._address is None else self._address, reading.base)
        if (link is None and self._has_other_links) or (self._has_media_title and self._title_depth < 0):
            raise NotPlain
        has_attachments = self._has_media or (rest and ("links" in rest or "image" in rest))
        pictures, enclosures = self._attachments(node, base) if has_attachments else ((), ())
        return Entry(
            guid=self._guid,
            link=link,
            title=self._title,
            authors=self._authors or (),
            published=self._published,
            updated=self._updated,
            summary=self._summary,
            content=self._content,
            pictures=pictures,
            enclosures=enclosures,
            terms=tuple(self._terms) if self._terms else (),
            language=self._language(),
            rights=fields.words(rest, "rights") if rest else None,
            canonical_link=absolute(rest.get("feedburner_origlink"), reading.base) if rest else None,
            comments=self._comments,
        )

    def _attachments(self, node: Node, base: str) -> tuple[tuple[Picture, ...], tuple[Enclosure, ...]]:
        reading = self._shared.reading
        found = read_entry_extensions(node, base, reading) if self._has_media else EntryExtensions()
        entry = dict(self._rest.fields) if self._rest else {}
        for key, scope in (("summary_detail", self._summary_scope), ("title_detail", self._title_scope)):
            entry[key] = {"base": scope.base} if scope else {}
        return attachments(entry, found, reading)

    def _language(self) -> str | None:
        """Return what is said of this entry in particular."""
        for scope in (self._content_scope, self._summary_scope, self._title_scope):
            if scope and scope.language and (language := language_tag(scope.language)):
                return None if language.lower() == (self._shared.language or "").lower() else language
        return None


_REST: Mapping[str, Callable[[Thing, Node, Scope], None]] = {
    "copyright": Thing.rights,
    "dc_rights": Thing.rights,
    "enclosure": Thing.enclosure,
    "feedburner_origlink": Thing.plain,
    "itunes_duration": Thing.plain,
    "itunes_image": Thing.itunes_image,
    "link": Thing.link,
    "rights": Thing.rights,
}
_READERS: Mapping[str, Callable[[PlainEntry, Node, Scope], None]] = {
    **dict.fromkeys(_REST, PlainEntry.rest),
    "author": PlainEntry.author,
    "category": PlainEntry.category,
    "comments": PlainEntry.comments,
    "content": PlainEntry.content,
    "content_encoded": PlainEntry.encoded,
    "dc_creator": PlainEntry.author,
    "dc_date": PlainEntry.updated,
    "dc_description": PlainEntry.description,
    "dc_subject": PlainEntry.category,
    "dcterms_issued": PlainEntry.published,
    "dcterms_modified": PlainEntry.updated,
    "description": PlainEntry.description,
    "guid": PlainEntry.guid,
    "id": PlainEntry.guid,
    "issued": PlainEntry.published,
    "itunes_author": PlainEntry.author,
    "itunes_summary": PlainEntry.summary,
    "link": PlainEntry.link,
    "media_content": PlainEntry.medium,
    "media_group": PlainEntry.medium,
    "media_keywords": PlainEntry.keywords,
    "media_thumbnail": PlainEntry.medium,
    "modified": PlainEntry.updated,
    "pubdate": PlainEntry.published,
    "published": PlainEntry.published,
    "summary": PlainEntry.summary,
    "title": PlainEntry.title,
    "updated": PlainEntry.updated,
}
#: What else feedparser reads in an entry.
_LEFT = frozenset((*OF_ENTRY, "image", "source"))
