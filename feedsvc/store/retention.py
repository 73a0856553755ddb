"""Forgetting what is old, without ever taking it for new again."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, delete, func, select

from feedsvc.store.fingerprints import delete_fingerprints
from feedsvc.store.pictures import forget_unshown
from feedsvc.store.rows import findables
from feedsvc.store.schema import (
    articles,
    attempts,
    changes,
    contents,
    entries,
    entry_revisions,
    filings,
    kept_documents,
    memberships,
    page_tasks,
    story_pictures,
)
from feedsvc.store.search_marks import mark_forgotten
from feedsvc.store.work import AnyRow, Work, chunks

#: entries in one call: writers wait for it
BATCH = 2000

#: pictures in one call: SQLite reads each to its end to free its pages
PICTURES_BATCH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """How much one call took away. While there are entries or pictures among it, there may be more."""

    entries: int
    changes: int
    attempts: int
    pictures: int = 0


class Pruning:
    """An entry's identity, hashes and story stay for ever; its text, revisions and listings go."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def prune(
        self, *, entries_before: datetime, changes_before: datetime, attempts_before: datetime, keep: int = 500
    ) -> Pruned:
        """Take away what is older; of entries one batch, and one of the pictures that no story shows any more.

        A story goes when all its entries are old, and none while it is among the last `keep` of a listing or of a
        language in it: documents hold those, and a document changes only when its stories do.
        """
        self._prune_log(kept_documents.c.number, kept_documents.c.at, attempts_before)
        return Pruned(
            entries=self._prune_entries(entries_before, keep),
            changes=self._prune_log(changes.c.sequence, changes.c.at, changes_before),
            attempts=self._prune_log(attempts.c.number, attempts.c.at, attempts_before),
            pictures=forget_unshown(self._work, PICTURES_BATCH),
        )

    def _prune_log(self, number: Column[int], at: Column[datetime], before: datetime) -> int:
        """Delete from the log's beginning up to the first line that is young enough: nothing beyond it is looked at."""
        first_kept = select(number).where(at >= before).order_by(number).limit(1).scalar_subquery()
        beyond = select(func.max(number) + 1).scalar_subquery()
        result = self._work.connection.execute(delete(number.table).where(number < func.coalesce(first_kept, beyond)))
        return result.rowcount

    def _prune_entries(self, before: datetime, keep: int) -> int:
        pruned, last = 0, 0
        old = select(entries.c.id, entries.c.story_id).join(contents, contents.c.entry_id == entries.c.id)
        old = old.where(entries.c.first_seen_at < before).order_by(contents.c.entry_id).limit(BATCH)
        protection = _Protection(self._work, keep)
        while pruned < BATCH:
            rows = self._work.connection.execute(old.where(contents.c.entry_id > last)).all()
            if not rows:
                break
            last = rows[-1].id
            outdated = self._outdated({row.story_id for row in rows if row.story_id}, before, protection)
            gone = [row.id for row in rows if row.story_id is None or row.story_id in outdated]
            pruned += self._forget(gone, outdated)
        return pruned

    def _outdated(self, ids: Collection[UUID], before: datetime, protection: "_Protection") -> set[UUID]:
        """Return those of these stories that no document holds and that nothing joined lately."""
        found = set(ids)
        for part in chunks(ids):
            lately = select(entries.c.story_id).where(entries.c.story_id.in_(part), entries.c.first_seen_at >= before)
            found -= set(self._work.connection.execute(lately).scalars())
            listed = select(memberships).where(memberships.c.story_id.in_(part), memberships.c.announced.is_not(None))
            rows = self._work.connection.execute(listed).all()
            found -= {row.story_id for row in rows if protection.covers(row)}
        return found

    def _forget(self, ids: Sequence[int], story_ids: Collection[UUID]) -> int:
        run = self._work.connection.execute
        feeds: set[int] = set()
        for part in chunks(ids):
            delete_fingerprints(self._work, findables(self._work, part))
            for table in (articles, page_tasks):
                run(delete(table).where(table.c.entry_id.in_(part)))
            for table in (contents, entry_revisions):
                feeds |= set(run(select(table.c.feed).where(table.c.entry_id.in_(part))).scalars())
                run(delete(table).where(table.c.entry_id.in_(part)))
        for stories_part in chunks(story_ids):
            for table in (memberships, filings, story_pictures):
                run(delete(table).where(table.c.story_id.in_(stories_part)))
        mark_forgotten(self._work, story_ids)
        self._work.feeds.forget_unused(feeds)
        return len(ids)


class _Protection:
    """Knows from which announcement on a listing's stories are kept whatever their age."""

    def __init__(self, work: Work, keep: int) -> None:
        self._work, self._keep = work, keep
        self._first: dict[tuple[int, str | None], int] = {}

    def covers(self, membership: AnyRow) -> bool:
        in_all = self._first_kept(membership.listing, None)
        in_language = self._first_kept(membership.listing, membership.language)
        return bool(membership.announced >= min(in_all, in_language))

    def _first_kept(self, listing: int, language: str | None) -> int:
        if (listing, language) not in self._first:
            query = select(memberships.c.announced)
            query = query.where(memberships.c.listing == listing, memberships.c.announced.is_not(None))
            if language is not None:
                query = query.where(memberships.c.language == language)
            query = query.order_by(memberships.c.announced.desc()).offset(max(self._keep, 1) - 1).limit(1)
            # Fewer than that: all are kept.
            self._first[listing, language] = self._work.connection.execute(query).scalar() or 0
        return self._first[listing, language]
