"""Marks on stories whose words search has to read again: made with each change, since indexing is too slow for that."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Select, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from feedsvc.model import Change, Story
from feedsvc.store.columns import NUMBER
from feedsvc.store.schema import memberships, stories, unindexed
from feedsvc.store.search_words import first_number, is_shown, words_of
from feedsvc.store.work import Work

#: the stamp of marks that can wait for all others
ANEW = 0


def mark_changed(work: Work, changed: Iterable[tuple[Story, Change]], numbers: Mapping[tuple[str, str], int]) -> None:
    """Mark what the change log speaks of: what it does not mention is in no list and has no words to be found by.

    `numbers` are those of the stories' listings. Their words go with the marks: filing has just cut the same texts.
    """
    work.insert(unindexed, [_marked(story, change, numbers) for story, change in changed])


def mark_forgotten(work: Work, ids: Collection[UUID]) -> None:
    """Mark stories that lost their text."""
    if ids:
        stamp = work.last("change")
        rows = [{"stamp": stamp, "story_id": id} for id in ids]
        work.connection.execute(_looked_up(work.upsert(unindexed)), rows)


def mark_members(work: Work, listing: int) -> None:
    """Mark the stories of a listing, which goes by another name or number from now on."""
    chosen = select(memberships.c.story_id).where(memberships.c.listing == listing)
    _mark(work, work.last("change"), chosen)


def mark_all(work: Work) -> None:
    """Mark all stories that can be found, and are not marked yet."""
    marked = select(unindexed.c.story_id)
    _mark(work, ANEW, select(stories.c.id).where(stories.c.announced.is_not(None), stories.c.id.not_in(marked)))


def forget_words(work: Work) -> None:
    """Have all that is marked looked up: what was kept with marks is of another version."""
    work.connection.execute(update(unindexed).values(number=None, words=None))


def _marked(story: Story, change: Change, numbers: Mapping[tuple[str, str], int]) -> dict[str, Any]:
    words = " ".join(words_of(story, numbers)) if is_shown(story) else None
    return {
        "stamp": change.sequence,
        "story_id": story.id,
        "number": first_number(story.sort_at) if words else None,
        "words": words,
    }


def _mark(work: Work, stamp: int, chosen: Select[Any]) -> None:
    rows = chosen.add_columns(literal(stamp, NUMBER))
    statement = work.upsert(unindexed).from_select([unindexed.c.story_id, unindexed.c.stamp], rows)
    work.connection.execute(_looked_up(statement))


def _looked_up(statement: "sqlite.Insert | postgresql.Insert") -> Any:
    """Let a mark that is there already forget what was at hand: that is no longer true."""
    return statement.on_conflict_do_update(index_elements=["stamp", "story_id"], set_={"number": None, "words": None})
