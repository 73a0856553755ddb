"""What discovery works with, and what it comes to."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from feedsvc.discover.looking import Sample, Seen
from feedsvc.model import Checked, Document, FetchState, NotModified, Source, SourceKind


class Http(Protocol):
    """The part of `fetch.Client` that discovery uses."""

    async def get(self, source: Source, state: FetchState, now: datetime) -> Document | NotModified: ...


class Looker(Protocol):
    """Runs `look` where it can be killed. Raises IsolationError."""

    def __call__(self, document: Document, source: Source) -> Awaitable[Seen]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Deps:
    """What discovery works with, built by the command."""

    http: Http
    looker: Looker
    now: Callable[[], datetime]
    #: hears every address before it is asked
    tell: Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """What of a configuration matters here; the defaults are for none."""

    sources: tuple[Source, ...] = ()
    languages: tuple[str, ...] = ("vi", "en")
    #: of dates without one
    timezone: str = "Asia/Ho_Chi_Minh"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer(Checked):
    """Something that can be made a source. What is not `verified` is known by its address only."""

    kind: SourceKind
    url: str
    title: str
    verified: bool
    language: str | None = None
    #: RSS, Atom, JSON Feed, news sitemap, …
    format: str | None = None
    entries: int | None = None
    latest: datetime | None = None
    #: entries a day, over the newest ones
    per_day: float | None = None
    #: what its entries are made of
    made_of: Literal["articles", "podcast", "comments"] = "articles"
    #: how much text most entries bring; None for what is no feed
    text: Literal["full", "summary", "none"] | None = None
    #: address of a better offer with the same entries
    same_as: str | None = None
    #: id of the configured source with this address
    configured_as: str | None = None
    notes: tuple[str, ...] = ()
    #: entries as its selectors read them; of a page only
    sample: tuple[Sample, ...] = ()
    #: the entry for sources.yaml
    source: Source

    @property
    def is_good(self) -> bool:
        """Say whether articles were read in it, with their titles, and brings what no better one brings."""
        is_new = self.same_as is None and self.configured_as is None
        is_titled = self.kind != "sitemap" or self.format == "news sitemap"
        return is_titled and self.verified and self.made_of == "articles" and bool(self.entries) and is_new


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A feed that the site names, and why it is none."""

    url: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """Everything found, the best first."""

    #: the address that answered
    url: str
    offers: tuple[Offer, ...]
    failures: tuple[Failure, ...] = ()
    requests: int = 0
    #: why some addresses were not asked; None: all were
    cut_short: str | None = None
