"""What is kept of a source between polls, and what one request brought."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from feedsvc.model.checked import Checked
from feedsvc.model.upstream import FeedInfo, Link

Outcome = Literal["changed", "unchanged", "not-modified", "failed", "gone", "held", "refused", "skipped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm(Checked):
    """What is known of when a source publishes."""

    #: whose hours they are
    zone: str
    #: the first publication known of, and the latest
    since: datetime
    last: datetime
    #: entries up to `last`, older ones fading: in a short, a middle and a long memory
    counts: tuple[float, ...] = (0.0, 0.0, 0.0)
    #: how well each memory foretold what came, as logarithms
    proofs: tuple[float, ...] = (0.0, 0.0, 0.0)
    #: how often something was published in each hour of the local week, from Monday 0:00
    hours: bytes = bytes(168)
    #: the rate in each of these hours as believed, relative to its mean: 8 steps to a doubling, 128 is the mean
    shape: bytes = bytes((128,)) * 168


@dataclass(frozen=True, slots=True, kw_only=True)
class Band(Checked):
    """One measure as it usually is, on a scale of its own."""

    mean: float = 0.0
    #: mean distance from the mean
    spread: float = 0.0
    #: how many times it was measured; older ones fade
    weight: float = 0.0
    #: measured last
    last: float = 0.0
    #: how often in a row it was outside, since when
    strikes: int = 0
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """What came since the last measuring, where it takes several entries to measure."""

    entries: int = 0
    #: sum over them, on the scale of `Usual.words`
    words: float = 0.0
    copies: int = 0
    pages: int = 0
    pages_read: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual(Checked):
    """What is usual for a source; see drift.py."""

    #: of a document: how many entries, how many of them new, and which share of them has a date
    entries: Band = Band()
    new: Band = Band()
    dated: Band = Band()
    #: of new entries: how long their text is, which share of them are copies, which share of their pages could be read
    words: Band = Band()
    copies: Band = Band()
    pages: Band = Band()
    portion: Portion = Portion()
    #: the longest time between two publications; what was long ago fades
    longest_s: float = 0.0
    #: how many such times are known
    gaps: int = 0
    #: when a poll last found something new
    found_at: datetime | None = None
    #: how often it was released; long ago fades
    releases: float = 0.0
    #: an admin released it: its next document is taken as it is
    released: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PartState(Checked):
    """What is kept between polls of one of the documents that an index lists."""

    url: str
    #: it lists the news of two days, as Google wants it
    is_news: bool = False
    #: validators, byte for byte as received
    etag: str | None = None
    last_modified: str | None = None
    #: SHA-256 of the last body that was read
    body_hash: bytes | None = None
    #: when its entries were last read or confirmed; None: never
    read_at: datetime | None = None
    #: the earliest that the server wants it asked again
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchState(Checked):
    """What is kept of a source between polls."""

    source_id: str
    #: validators, byte for byte as received
    etag: str | None = None
    last_modified: str | None = None
    #: SHA-256 of the last body that was read
    body_hash: bytes | None = None
    #: the parser that read it; another version makes the next request unconditional
    parser_version: str | None = None
    #: where it is asked instead of its configured address: permanent redirects led there for days
    effective_url: str | None = None
    #: where they lead since when, in so many polls on end; not for long enough yet
    moved_to: str | None = None
    moved_since: datetime | None = None
    moved_polls: int = 0
    #: where an admin does not want it asked
    move_refused: str | None = None
    next_fetch_at: datetime | None = None
    #: the last max-age: a 304 without Cache-Control leaves it as it was
    fresh_for: timedelta | None = None
    #: the earliest that the server allows (Retry-After); not even `--force` goes before
    not_before: datetime | None = None
    last_fetch_at: datetime | None = None
    last_success_at: datetime | None = None
    #: in a row
    failures: int = 0
    #: the last failure in words; None after a success
    error: str | None = None
    #: the publisher answered 410, or an admin disabled it: why
    disabled: str | None = None
    #: suspicious, not republished until released: why
    held: str | None = None
    #: read, but not as usual: in which ways, in words
    degraded: str | None = None
    #: the feed as its last document described it: ttl and skip hints also hold after a 304
    info: FeedInfo | None = None
    #: None until there was a document
    rhythm: Rhythm | None = None
    #: of a source of several documents, those beside its own that were asked for last
    parts: tuple[PartState, ...] = ()
    usual: Usual | None = None
    #: there is a subscription at a hub; read with the state, kept elsewhere
    subscribed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness(Checked):
    """When the publisher wants to be asked again; None where it did not say."""

    #: lifetime by Cache-Control or Expires, less Age
    fresh_for: timedelta | None = None
    #: of Cache-Control, or the one before, where a 304 had none
    max_age: timedelta | None = None
    #: Retry-After, absolute
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document(Checked):
    """A fetched representation."""

    url: str
    status: int
    body: bytes
    content_type: str | None
    content_language: str | None = None
    content_location: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    #: links from the Link header
    links: tuple[Link, ...] = ()
    freshness: Freshness = Freshness()
    #: set when every redirect on the way was permanent and none gave up TLS
    moved_to: str | None = None
    fetched_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified(Checked):
    """A 304. Validators it carried replace the stored ones; None: it carried none."""

    url: str
    etag: str | None = None
    last_modified: str | None = None
    freshness: Freshness = Freshness()
    #: as a document's
    moved_to: str | None = None
    fetched_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FormAnswer(Checked):
    """What was said to a form that we sent."""

    #: who answered, after redirects
    url: str
    status: int
    #: the beginning of what it said, in one printable line; "" unless the status is one of failure
    text: str = ""
    #: Retry-After, absolute
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt(Checked):
    """One poll of one source, or one push to it, as it is reported."""

    source_id: str
    at: datetime
    outcome: Outcome
    status: int | None = None
    entries: int = 0
    new: int = 0
    changed: int = 0
    copies: int = 0
    #: entries that the publisher took back
    withdrawn: int = 0
    seconds: float = 0.0
    error: str | None = None
    #: a hub brought it, nobody was asked
    pushed: bool = False


EventKind = Literal["moved", "moved-back", "gone", "returned", "held", "released", "degraded", "recovered"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceEvent(Checked):
    """What was decided about a source beside the configuration; `what` in words, `who` an admin or the publisher."""

    source_id: str
    at: datetime
    kind: EventKind
    who: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact(Checked):
    """How a host answered; `trouble` in words where it did not, or wanted to be left alone."""

    #: host and port
    authority: str
    trouble: str | None = None
    #: Retry-After
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HostPause(Checked):
    """A host that is left alone. After `until` one source at a time tries it."""

    #: host and port
    authority: str
    since: datetime
    until: datetime
    #: tries in a row that failed
    failures: int
    why: str
