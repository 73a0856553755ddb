"""What became of articles: entries by address, stories as the log has them, and where documents hold them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select

from feedsvc.model import Checked, Entry, Evidence, ListKind
from feedsvc.store.codec import decode
from feedsvc.store.fingerprints import key_hash
from feedsvc.store.schema import contents, entries, entry_keys, listings, memberships, names, stories
from feedsvc.store.work import AnyRow, Work, chunks

_ENTRIES = (
    select(entries, names.c.id.label("source_id"), contents.c.payload)
    .join(names, names.c.number == entries.c.source)
    .outerjoin(contents, contents.c.entry_id == entries.c.id)
    .order_by(entries.c.first_seen_at, entries.c.id)
)
_SOURCES = select(names.c.number).where(names.c.kind == "source")
_ALIVE = stories.c.retracted.is_(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedEntry(Checked):
    """A stored entry with what was decided of it."""

    id: int
    source_id: str
    story_id: UUID | None
    #: None: retention took its text
    entry: Entry | None
    first_seen_at: datetime
    #: of the current revision, from 1
    revision: int
    revised_at: datetime
    skipped: str | None
    withdrawn: str | None
    evidence: Evidence | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedStory(Checked):
    """A story as the change log has it, which outlives its text."""

    id: UUID
    lead_id: int
    #: the sequence of its `new` change
    announced: int | None
    announced_at: datetime | None
    retracted: str | None
    #: None also where nobody was ever told of the story
    retracted_at: datetime | None
    replaced_by: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing(Checked):
    """An announced story's place in the documents of one listing."""

    kind: ListKind
    id: str
    #: None: the documents over all languages
    language: str | None
    #: how many were announced after it, counted up to the limit that was asked for
    newer: int
    #: the last announcement there
    newest_at: datetime


class Tracing:
    """Reads only."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def entries_by(self, keys: Collection[str]) -> tuple[TracedEntry, ...]:
        """Return the entries of all sources that go by one of these keys, oldest first."""
        hashes = [key_hash(key) for key in keys]
        found = select(entry_keys.c.entry_id).where(entry_keys.c.source.in_(_SOURCES), entry_keys.c.key.in_(hashes))
        return self._entries(entries.c.id.in_(found))

    def entries_of(self, story_id: UUID) -> tuple[TracedEntry, ...]:
        """Return all entries of a story, oldest first."""
        return self._entries(entries.c.story_id == story_id)

    def stories(self, ids: Collection[UUID]) -> tuple[TracedStory, ...]:
        """Return those that there are, in the order asked for."""
        found: dict[UUID, TracedStory] = {}
        for part in chunks(ids):
            rows = self._work.connection.execute(select(stories).where(stories.c.id.in_(part)))
            found |= {row.id: _story(row) for row in rows}
        return tuple(found[id] for id in dict.fromkeys(ids) if id in found)

    def standings(self, story_id: UUID, languages: Sequence[str], most: int) -> tuple[Standing, ...]:
        """Return where a story stands in each open listing: over all languages, then in its own if it is among these.

        `most` ends the counting.
        """
        query = (
            select(memberships, names.c.kind, names.c.id)
            .join(names, names.c.number == memberships.c.listing)
            .join(listings, listings.c.number == memberships.c.listing)
            .where(memberships.c.story_id == story_id, memberships.c.announced.is_not(None))
            .where(listings.c.closed_at.is_(None))
            .order_by(memberships.c.listing)
        )
        rows = self._work.connection.execute(query).all()
        asked = [(row, code) for row in rows for code in (None, *(each for each in languages if each == row.language))]
        return tuple(self._standing(row, language, most) for row, language in asked)

    def count_stories(self) -> int:
        """Return how many stories there are that are not retracted."""
        return self._work.connection.execute(select(func.count()).select_from(stories).where(_ALIVE)).scalar_one()

    def stories_after(self, id: UUID | None, limit: int) -> tuple[UUID, ...]:
        """Return the next stories that are not retracted, in the order of their ids."""
        query = select(stories.c.id).where(_ALIVE).order_by(stories.c.id).limit(limit)
        if id is not None:
            query = query.where(stories.c.id > id)
        return tuple(self._work.connection.execute(query).scalars())

    def _entries(self, chosen: ColumnElement[bool]) -> tuple[TracedEntry, ...]:
        return tuple(_entry(row) for row in self._work.connection.execute(_ENTRIES.where(chosen)))

    def _standing(self, row: AnyRow, language: str | None, most: int) -> Standing:
        beside = [memberships.c.listing == row.listing, memberships.c.announced.is_not(None)]
        if language is not None:
            beside.append(memberships.c.language == language)
        run = self._work.connection.execute
        newer = select(memberships.c.story_id).where(*beside, memberships.c.announced > row.announced).limit(most)
        return Standing(
            kind=row.kind,
            id=row.id,
            language=language,
            newer=run(select(func.count()).select_from(newer.subquery())).scalar_one(),
            newest_at=run(_newest(beside)).scalar_one(),
        )


def _newest(beside: Sequence[ColumnElement[bool]]) -> Select[Any]:
    query = select(stories.c.announced_at).join(memberships, memberships.c.story_id == stories.c.id).where(*beside)
    return query.order_by(memberships.c.announced.desc()).limit(1)


def _story(row: AnyRow) -> TracedStory:
    return TracedStory(
        id=row.id,
        lead_id=row.lead_id,
        announced=row.announced,
        announced_at=row.announced_at,
        retracted=row.retracted,
        retracted_at=row.retracted_at,
        replaced_by=row.replaced_by,
    )


def _entry(row: AnyRow) -> TracedEntry:
    return TracedEntry(
        id=row.id,
        source_id=row.source_id,
        story_id=row.story_id,
        entry=decode(Entry, row.payload) if row.payload is not None else None,
        first_seen_at=row.first_seen_at,
        revision=row.revision,
        revised_at=row.revised_at,
        skipped=row.skipped,
        withdrawn=row.withdrawn,
        evidence=decode(Evidence, row.evidence) if row.evidence is not None else None,
    )
