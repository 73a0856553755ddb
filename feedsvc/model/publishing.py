"""Stories, the change log, and the documents made of them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from feedsvc.model.checked import Checked
from feedsvc.model.recognition import Filing
from feedsvc.model.upstream import Enclosure, Entry, FeedInfo, Person, Picture, Term

ListKind = Literal["all", "category", "tag", "source"]
ChangeKind = Literal["new", "updated", "retracted"]
Format = Literal["rss", "atom", "json"]
FORMATS: tuple[Format, ...] = ("rss", "atom", "json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Appearance(Checked):
    """One entry of a story."""

    entry_id: int
    source_id: str
    entry: Entry
    #: the feed as it described itself when this revision was stored
    feed: FeedInfo
    first_seen_at: datetime
    #: the publisher took it back: why; such an entry only keeps the lead of a story that has no other
    withdrawn: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story(Checked):
    """The entries that carry the same article."""

    id: UUID
    lead: Appearance
    #: the other appearances, by first_seen_at then entry id
    others: tuple[Appearance, ...] = ()
    language: str | None = None
    filing: Filing = Filing()
    first_seen_at: datetime
    #: None: stored and filed, not announced
    announced_at: datetime | None = None
    #: moves only when title or text changed in substance
    updated_at: datetime
    #: newest first by this, then id: published, else updated, else first_seen_at; never in the future
    sort_at: datetime
    #: why it was withdrawn
    retracted: str | None = None

    @property
    def appearances(self) -> tuple[Appearance, ...]:
        return (self.lead, *self.others)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """A source as a reader sees it beside a story."""

    source_id: str
    title: str
    #: the feed's address and its web page
    url: str
    home: str | None
    #: the source's own page of the article
    link: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedStory(Checked):
    """What may be shown of a story, under the leading source's policy. `summary` is plain text, `content` safe HTML."""

    id: UUID
    link: str | None
    title: str
    summary: str | None
    content: str | None
    language: str | None
    authors: tuple[Person, ...]
    contributors: tuple[Person, ...]
    published: datetime | None
    updated: datetime
    #: when the publisher says that it last changed
    edited: datetime | None = None
    #: the one date of formats that have one: published, else what the publisher says of the last update
    dated: datetime | None
    pictures: tuple[Picture, ...]
    enclosures: tuple[Enclosure, ...]
    terms: tuple[Term, ...]
    categories: tuple[str, ...]
    tags: tuple[str, ...]
    comments: str | None
    rights: str | None
    licence: str | None
    attribution: str | None
    #: the leading source's feed, for atom:source
    feed: FeedInfo
    credit: Credit
    #: the other sources that carry it
    also: tuple[Credit, ...]
    #: whether search engines may index our page of it
    index: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Checked):
    """One line of the change log; `sequence` is in commit order, without gaps, from 1."""

    sequence: int
    kind: ChangeKind
    story_id: UUID
    reason: str | None = None
    replaced_by: UUID | None = None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Checked):
    """Something that has documents: all stories, a category, a tag or a source."""

    kind: ListKind
    #: "all" for the kind all
    id: str
    #: names its feeds for ever, whatever its id becomes
    uuid: UUID
    opened_at: datetime
    #: set when it left the configuration
    closed_at: datetime | None = None
    #: the last change that touched it, and its time
    touched: int = 0
    touched_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A category or tag as a document shows it."""

    id: str
    title: str
    scheme: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputFeed(Checked):
    """One document before rendering. Stories newest first. Addresses are absolute."""

    #: urn:uuid:…
    id: str
    title: str
    description: str
    #: the address of this document by format
    self_urls: tuple[tuple[Format, str], ...]
    #: the web page that shows the same
    home_url: str
    site_title: str
    site_url: str
    language: str | None
    #: when the content last changed
    updated: datetime
    ttl: timedelta
    icon: str | None
    rights: str | None
    #: address of the CSS stylesheet
    stylesheet: str
    #: prefix of a story's page: id appended
    story_url: str
    #: every category's, then every tag's
    labels: tuple[Label, ...]
    stories: tuple[PublishedStory, ...]
    generator: str

    def self_url(self, format: Format) -> str:
        return dict(self.self_urls)[format]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot(Checked):
    """One rendered document. `etag` is weak and the same for every encoding."""

    path: str
    media_type: str
    body: bytes
    gzip: bytes
    br: bytes
    etag: str
    last_modified: datetime
    max_age: timedelta
