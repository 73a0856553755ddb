"""What the configuration says: sources, categories, tags, site and limits."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

Republish = Literal["full", "excerpt", "headline"]
SourceKind = Literal["feed", "sitemap", "page"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalText:
    """A text by language; the key "" holds a text that was given without a language."""

    by_language: tuple[tuple[str, str], ...]

    def in_language(self, language: str) -> str:
        """Return the text in `language`, else the text without a language, else the first one."""
        texts = dict(self.by_language)
        return texts.get(language) or texts.get("") or next(iter(texts.values()), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What of a source's entries may be republished."""

    republish: Republish = "excerpt"
    excerpt_chars: int = 300
    pictures: bool = False
    rights: str | None = None
    #: address of the licence
    licence: str | None = None
    attribution: LocalText | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Auth:
    """Credentials for a source's own origin: basic (`user`, `password_file`) or one header (`header`, `value_file`)."""

    user: str | None = None
    password_file: Path | None = None
    header: str | None = None
    value_file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Selectors:
    """CSS selectors for pages."""

    list: str | None = None
    link: str | None = None
    title: str | None = None
    date: str | None = None
    picture: str | None = None
    summary: str | None = None
    next: str | None = None
    body: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An upstream address that we read, with its policy."""

    id: str
    title: LocalText
    url: str
    kind: SourceKind = "feed"
    language: str | None = None
    every: timedelta = timedelta(hours=1)
    full_text: bool = True
    #: how many entries of the first poll are announced, newest first; None: all
    backfill: int | None = 10
    categories: tuple[str, ...] = ()
    rank: int = 0
    #: a query; what it matches is stored but not published
    skip: str | None = None
    select: Selectors | None = None
    auth: Auth | None = None
    #: IANA name, never None once settings has filled in the site's
    timezone: str = "UTC"
    index: bool = False
    paused: bool = False
    was: tuple[str, ...] = ()
    policy: Policy = Policy()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFeed:
    """A feed as a list of feeds (OPML) names it; nothing of it is checked yet."""

    title: str | None
    url: str
    kind: SourceKind = "feed"
    language: str | None = None
    #: the headings it stands under, outermost first, and other labels of it
    labels: tuple[str, ...] = ()
    #: the source's id, where the list says it
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """One of our categories. `match` is a query or None."""

    id: str
    title: LocalText
    description: LocalText | None = None
    match: str | None = None
    was: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A free label that a rule puts on stories."""

    id: str
    title: LocalText
    description: LocalText | None = None
    match: str | None = None
    was: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Who publishes."""

    title: LocalText
    base_url: str | None
    #: BCP 47; the first one names unsuffixed documents
    languages: tuple[str, ...]
    timezone: str
    contact: str | None
    icon: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchLimits:
    """Limits of every outgoing request."""

    #: networks in CIDR form that may be contacted although private
    allow_private: tuple[str, ...] = ()
    #: the address of the HTTP proxy that all of them go through
    proxy: str | None = None
    #: after decompression
    max_body_bytes: int = 15_000_000
    timeout: timedelta = timedelta(seconds=20)
    per_host: int = 1
    #: requests a second and registrable domain
    rate: float = 1.0
    hold: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishLimits:
    """How far a document reaches back, and how long it may be cached."""

    entries: int = 50
    window: timedelta = timedelta(hours=48)
    max_entries: int = 500
    max_age: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long things are kept."""

    entries: timedelta = timedelta(days=400)
    changes: timedelta = timedelta(days=90)
    #: how many revisions of one entry
    revisions: int = 20
