"""What web pages show of a listing, page by page. Places instead of offsets: what arrives meanwhile moves no page."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from feedsvc.model import ListKind, Story
from feedsvc.store.schema import memberships
from feedsvc.store.stories import Stories
from feedsvc.store.work import Work

_PLACE = re.compile(r"(\d{8}T\d{6}\.\d{6})Z-([0-9a-f]{32})", re.ASCII)
_MOMENT = "%Y%m%dT%H%M%S.%f"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a story stands in the order of all pages; the text of it fits into an address."""

    sort_at: datetime
    id: UUID

    @classmethod
    def of(cls, story: Story) -> Self:
        return cls(story.sort_at, story.id)

    @classmethod
    def parse(cls, text: str | None) -> Self | None:
        """Read what `str()` wrote, None where it is anything else: people edit addresses."""
        found = _PLACE.fullmatch(text or "")
        if found is None:
            return None
        try:
            return cls(datetime.strptime(found[1], _MOMENT).replace(tzinfo=UTC), UUID(found[2]))
        except ValueError:
            return None

    def __str__(self) -> str:
        # strftime writes years before 1000 with fewer digits.
        return f"{self.sort_at.year:04}{self.sort_at:%m%dT%H%M%S.%f}Z-{self.id.hex}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingPage:
    """Some stories of a listing, newest first; `newer` and `older` say where the pages beside it begin."""

    stories: tuple[Story, ...]
    #: given as `after`; None: nothing is newer
    newer: Place | None
    #: given as `before`; None: nothing is older
    older: Place | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """The neighbours of a story in a listing."""

    newer: Story | None
    older: Story | None


class Pages:
    """Announced stories by `sort_at`, then id."""

    def __init__(self, work: Work, stories: Stories) -> None:
        self._work, self._stories = work, stories

    def listing(
        self, kind: ListKind, id: str, *, limit: int, before: Place | None = None, after: Place | None = None
    ) -> ListingPage:
        """Return the newest stories of a listing, those just before a place, or those just after one.

        Where fewer than `limit` come after the place, it is the first page.
        """
        number = self._work.names.number(kind, id)
        if number is None:
            return ListingPage(stories=(), newer=None, older=None)
        if after is not None:
            places = self._newer(number, after, limit + 1)
            if len(places) <= limit:
                return self.listing(kind, id, limit=limit)
            chosen = places[:limit][::-1]
            return ListingPage(stories=self._load(chosen), newer=chosen[0], older=chosen[-1])
        places = self._older(number, before, limit + 1)
        chosen = places[:limit]
        # Before the oldest there is nothing to show, but a way back.
        newest = chosen[0] if chosen else before
        newer = newest if before is not None and newest is not None and self._newer(number, newest, 1) else None
        older = chosen[-1] if len(places) > limit else None
        return ListingPage(stories=self._load(chosen), newer=newer, older=older)

    def around(self, kind: ListKind, id: str, story: Story) -> Around:
        """Return a story's neighbours in a listing, whether it is in it or not."""
        number = self._work.names.number(kind, id)
        if number is None:
            return Around(newer=None, older=None)
        newer, older = self._newer(number, Place.of(story), 1), self._older(number, Place.of(story), 1)
        found = self._stories.get([place.id for place in (*newer, *older)])
        return Around(newer=found.get(newer[0].id) if newer else None, older=found.get(older[0].id) if older else None)

    def more(self, kind: ListKind, id: str, *, but: UUID, limit: int) -> tuple[Story, ...]:
        """Return the newest stories of a listing but one."""
        number = self._work.names.number(kind, id)
        if number is None:
            return ()
        places = self._older(number, None, limit + 1)
        return self._load([place for place in places if place.id != but][:limit])

    def _newer(self, number: int, place: Place, limit: int) -> list[Place]:
        """Return the places after one, the nearest first."""
        beyond = _beyond(place, newer=True)
        return self._places(number, beyond, limit, newest_first=False)

    def _older(self, number: int, place: Place | None, limit: int) -> list[Place]:
        """Return the places before one, or all, the newest first."""
        beyond = () if place is None else _beyond(place, newer=False)
        return self._places(number, beyond, limit, newest_first=True)

    def _places(
        self, number: int, conditions: Sequence[ColumnElement[bool]], limit: int, *, newest_first: bool
    ) -> list[Place]:
        order = [memberships.c.sort_at, memberships.c.story_id]
        query = (
            select(*order)
            .where(memberships.c.listing == number, memberships.c.announced.is_not(None), *conditions)
            .order_by(*(column.desc() if newest_first else column for column in order))
            .limit(limit)
        )
        return [Place(row.sort_at, row.story_id) for row in self._work.connection.execute(query)]

    def _load(self, places: Sequence[Place]) -> tuple[Story, ...]:
        found = self._stories.get([place.id for place in places])
        # A story whose text was pruned a moment ago is left out.
        return tuple(found[place.id] for place in places if place.id in found)


def _beyond(place: Place, *, newer: bool) -> tuple[ColumnElement[bool], ...]:
    at, id = memberships.c.sort_at, memberships.c.story_id
    # The first condition is what an index can seek by; SQLite does not see it in the second.
    if newer:
        return at >= place.sort_at, or_(at > place.sort_at, id > place.id)
    return at <= place.sort_at, or_(at < place.sort_at, id < place.id)
