"""What a source says: feeds, entries and their parts, in RFC 4287's words."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from feedsvc.model.checked import Checked


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """RFC 4287 section 3.2; a name that is not said is None, then email or uri is there."""

    name: str | None = None
    uri: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """RFC 4287 section 4.2.7; `href` is absolute where the document allowed to resolve it."""

    href: str
    rel: str = "alternate"
    type: str | None = None
    hreflang: str | None = None
    title: str | None = None
    #: bytes
    length: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A text or HTML construct. Verbatim from parse; after extract HTML is safe, absolute, and `text` is there."""

    value: str
    type: Literal["text", "html"]
    language: str | None = None
    #: the base for relative references in `value`; None once they are absolute
    base: str | None = None
    #: plain text, blocks separated by a newline; None before extract
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A publisher's label, verbatim (atom:category, RSS category, JSON Feed tag)."""

    term: str
    scheme: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture of an entry. Width and height in pixels."""

    href: str
    type: str | None = None
    width: int | None = None
    height: int | None = None
    caption: str | None = None
    credit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFile:
    """A picture's bytes, with what they say of themselves; in pixels."""

    media_type: str
    width: int
    height: int
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """Attached media; `length` in bytes, `duration` in seconds."""

    href: str
    type: str | None = None
    length: int | None = None
    duration: int | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedInfo(Checked):
    """What a feed says of itself; also an entry's upstream atom:source."""

    #: the publisher's identifier, verbatim
    id: str | None = None
    title: str | None = None
    subtitle: str | None = None
    links: tuple[Link, ...] = ()
    updated: datetime | None = None
    rights: str | None = None
    authors: tuple[Person, ...] = ()
    contributors: tuple[Person, ...] = ()
    terms: tuple[Term, ...] = ()
    language: str | None = None
    icon: str | None = None
    logo: str | None = None
    generator: str | None = None
    #: RSS ttl, or the syndication module's period
    ttl: timedelta | None = None
    #: hours (UTC, 0 to 23) and days (0 is Monday) in which the publisher asks not to be read
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    #: RFC 5005: the document holds all entries there are
    complete: bool = False

    def link(self, rel: str) -> str | None:
        """Return the first link with this relation."""
        return next((link.href for link in self.links if link.rel == rel), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Checked):
    """One thing that one source published."""

    guid: str | None = None
    #: the entry's web page
    link: str | None = None
    #: plain text
    title: str | None = None
    authors: tuple[Person, ...] = ()
    contributors: tuple[Person, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    summary: Content | None = None
    content: Content | None = None
    pictures: tuple[Picture, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    terms: tuple[Term, ...] = ()
    language: str | None = None
    rights: str | None = None
    #: what the publisher's page calls its own address
    canonical_link: str | None = None
    #: address of the comments page
    comments: str | None = None
    #: upstream atom:source, or RSS source
    source: FeedInfo | None = None

    @property
    def text(self) -> str:
        """The longest plain text that the publisher gave; "" before extract or without any."""
        texts = [part.text for part in (self.content, self.summary) if part is not None and part.text]
        return max(texts, key=len, default="")

    @property
    def is_bare(self) -> bool:
        """Say whether it is no more than an address, as in a plain sitemap: there is nothing to show of it.

        What a feed names by a guid is an entry, however little it says.
        """
        return not (self.guid or self.title or self.text or self.content or self.summary or self.enclosures)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletedEntry(Checked):
    """RFC 6721 section 3."""

    guid: str
    when: datetime | None = None
    by: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part(Checked):
    """A further document that holds entries of the same source: of an index a sitemap, of a list its next page."""

    href: str
    #: it lists the news of two days, as Google wants it
    is_news: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """One document as read, entries in document order."""

    info: FeedInfo
    entries: tuple[Entry, ...]
    deleted: tuple[DeletedEntry, ...] = ()
    #: why the document is malformed but readable; None: it is well-formed
    problem: str | None = None
    #: entries that could not be read
    skipped: int = 0
    #: where further entries are, the best first
    parts: tuple[Part, ...] = ()
