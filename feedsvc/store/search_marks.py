"""Marks on stories whose words search has to read again: made with each change, since indexing is too slow for that."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Select, literal, select

from feedsvc.model import Change
from feedsvc.store.columns import NUMBER
from feedsvc.store.schema import memberships, stories, unindexed
from feedsvc.store.work import Work

#: the stamp of marks that can wait for all others
ANEW = 0


def mark_changed(work: Work, changes: Iterable[Change]) -> None:
    """Mark what the change log speaks of: what it does not mention is in no list and has no words to be found by."""
    work.insert(unindexed, [{"stamp": each.sequence, "story_id": each.story_id} for each in changes])


def mark_forgotten(work: Work, ids: Collection[UUID]) -> None:
    """Mark stories that lost their text."""
    if ids:
        stamp = work.last("change")
        rows = [{"stamp": stamp, "story_id": id} for id in ids]
        work.connection.execute(work.upsert(unindexed).on_conflict_do_nothing(), rows)


def mark_members(work: Work, listing: int) -> None:
    """Mark the stories of a listing, which goes by another name or number from now on."""
    chosen = select(memberships.c.story_id).where(memberships.c.listing == listing)
    _mark(work, work.last("change"), chosen)


def mark_all(work: Work) -> None:
    """Mark all stories that can be found, and are not marked yet."""
    marked = select(unindexed.c.story_id)
    _mark(work, ANEW, select(stories.c.id).where(stories.c.announced.is_not(None), stories.c.id.not_in(marked)))


def _mark(work: Work, stamp: int, chosen: Select[Any]) -> None:
    rows = chosen.add_columns(literal(stamp, NUMBER))
    statement = work.upsert(unindexed).from_select([unindexed.c.story_id, unindexed.c.stamp], rows)
    work.connection.execute(statement.on_conflict_do_nothing())
