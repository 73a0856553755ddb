"""Which stored entries may be the same article as arrivals."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, select

from feedsvc.model import Arrival, Candidate, Entry
from feedsvc.store.codec import decode
from feedsvc.store.fingerprints import Findable, sharing, unpack_texts
from feedsvc.store.rows import FOUND_BY, fingerprint_of
from feedsvc.store.schema import articles, contents, entries, stories
from feedsvc.store.work import AnyRow, Work, chunks

#: candidates of one arrival
MAX_CANDIDATES = 50

_FIRST = (
    select(entries.c.id)
    .where(entries.c.first_seen_at < bindparam("since"))
    .order_by(entries.c.first_seen_at.desc(), entries.c.id.desc())
    .limit(1)
)
_PUBLISHED = (
    select(entries.c.id, entries.c.story_id)
    .join(stories, stories.c.id == entries.c.story_id)
    .where(
        entries.c.id.in_(bindparam("ids", expanding=True)),
        entries.c.source != bindparam("source"),
        entries.c.withdrawn.is_(None),
        stories.c.retracted.is_(None),
    )
)
_MEMBERS = (
    select(entries.c.story_id, entries.c.source)
    .distinct()
    .where(entries.c.story_id.in_(bindparam("ids", expanding=True)), entries.c.withdrawn.is_(None))
    .order_by(entries.c.source)
)
_LOAD = (
    select(
        entries.c.id,
        entries.c.source,
        entries.c.story_id,
        entries.c.first_seen_at,
        *FOUND_BY,
        func.coalesce(articles.c.fingerprint_version, entries.c.fingerprint_version).label("fingerprint_version"),
        entries.c.words,
        entries.c.text_hash,
        entries.c.content_hash,
        contents.c.payload,
    )
    .join(contents, contents.c.entry_id == entries.c.id)
    .outerjoin(articles, articles.c.entry_id == entries.c.id)
    .where(entries.c.id.in_(bindparam("ids", expanding=True)))
)


class Candidates:
    """Finds candidates for many arrivals at once, as they are now: several polls may share the transaction."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._first: dict[datetime, int] = {}

    def find(self, arrivals: Sequence[Arrival], source_id: str, since: datetime) -> list[tuple[Candidate, ...]]:
        """Return candidates for each, the likeliest first."""
        asked = [Findable(0, arrival.link_keys, arrival.fingerprint.bands) for arrival in arrivals]
        shared = sharing(self._work, asked, self._first_since(since))
        published = self._published({id for each in shared for id in each}, source_id)
        chosen = [[id for id in each if id in published][:MAX_CANDIDATES] for each in shared]
        loaded = self._loaded({id for ids in chosen for id in ids}, published)
        return [tuple(loaded[id] for id in ids if id in loaded) for ids in chosen]

    def _first_since(self, since: datetime) -> int:
        """Return the first id of the window, so that the tables of keys need no times.

        Ids are given in the order of commits, times when polls begin: a slow poll's entries are older than their
        neighbours. So the window begins behind the last entry that is too old, not at the oldest that is not.
        """
        if since not in self._first:
            found: int | None = self._work.connection.execute(_FIRST, {"since": since}).scalar()
            self._first[since] = 0 if found is None else found + 1
        return self._first[since]

    def _published(self, ids: Collection[int], source_id: str) -> Mapping[int, tuple[int, ...]]:
        """Return those that belong to a published story that has nothing of the source yet: the story's sources."""
        source = self._work.names.number("source", source_id) or 0
        run = self._work.connection.execute
        rows: list[AnyRow] = []
        for part in chunks(ids):
            rows += run(_PUBLISHED, {"ids": part, "source": source})
        members: dict[UUID, tuple[int, ...]] = {}
        for stories_part in chunks(row.story_id for row in rows):
            for story_id, member in run(_MEMBERS, {"ids": stories_part}):
                members[story_id] = (*members.get(story_id, ()), member)
        return {row.id: members[row.story_id] for row in rows if source not in members[row.story_id]}

    def _loaded(self, ids: Collection[int], members: Mapping[int, tuple[int, ...]]) -> Mapping[int, Candidate]:
        names = self._work.names.of({source for id in ids for source in members[id]})
        found: dict[int, Candidate] = {}
        for part in chunks(ids):
            for row in self._work.connection.execute(_LOAD, {"ids": part}):
                found[row.id] = Candidate(
                    id=row.id,
                    source_id=names[row.source][1],
                    story_id=row.story_id,
                    story_sources=tuple(names[source][1] for source in members[row.id]),
                    entry=decode(Entry, row.payload),
                    link_keys=unpack_texts(row.link_keys),
                    fingerprint=fingerprint_of(row),
                    first_seen_at=row.first_seen_at,
                )
        return found
