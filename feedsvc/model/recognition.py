"""What makes entries comparable, and what an arrival turned out to be."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from feedsvc.model.checked import Checked
from feedsvc.model.fetching import Attempt, FetchState
from feedsvc.model.upstream import Entry

VerdictKind = Literal["new", "changed", "unchanged", "copy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What makes two texts comparable."""

    #: of the method; fingerprints of different versions are never compared
    version: int
    #: words of normalised text
    words: int
    #: SHA-256 of title and text after normalising; equal means the same in substance
    text_hash: bytes
    #: SHA-256 of everything that we publish of the entry; equal means nothing to do
    content_hash: bytes
    #: MinHash bands, each a signed 64-bit number; empty where the text is too short to compare
    bands: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """An entry as it came, with what identity and comparing need."""

    entry: Entry
    #: identity inside the source, strongest first
    keys: tuple[str, ...]
    #: normalised addresses under which other sources may carry the same article
    link_keys: tuple[str, ...]
    fingerprint: Fingerprint
    #: why it is not published (the source's `skip`); None: it is
    skipped: str | None = None
    #: it comes of an archive that was not read before: stored and filed, not announced
    is_backlog: bool = False
    #: it stood just so in an earlier document and was not read again: of the entry only names and dates are there, of
    #: the fingerprint only version and `content_hash`
    is_brief: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEntry:
    """A stored entry of the same source, found by one of its keys."""

    id: int
    keys: tuple[str, ...]
    story_id: UUID | None
    fingerprint: Fingerprint
    skipped: str | None = None
    #: the publisher took it back: why
    withdrawn: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEntry:
    """An entry of a source with what it said last."""

    known: KnownEntry
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate(Checked):
    """A stored entry of any source that may carry the same article."""

    id: int
    source_id: str
    story_id: UUID
    #: the sources that the story has entries of
    story_sources: tuple[str, ...]
    entry: Entry
    link_keys: tuple[str, ...]
    fingerprint: Fingerprint
    first_seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Why an entry was put where it is."""

    #: guid, link, text
    kind: str
    #: one sentence for an admin
    detail: str
    score: float | None = None
    #: the stored entry that it was compared with
    entry_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an arrival is. `entry_id` for changed and unchanged; `story_id` for all but new."""

    kind: VerdictKind
    entry_id: int | None = None
    story_id: UUID | None = None
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """One category or tag of a story, with the reason in words."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """Where a story belongs, in the order of the configuration."""

    categories: tuple[Filed, ...] = ()
    tags: tuple[Filed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryChange:
    """What became of one arrival."""

    arrival: Arrival
    verdict: Verdict
    story_id: UUID | None
    filing: Filing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceUpdate:
    """What one poll of one source came to."""

    attempt: Attempt
    state: FetchState
    changes: tuple[EntryChange, ...] = ()
