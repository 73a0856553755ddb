"""Search in the query language, newest first.

The full-text table yields a superset, `query.matches` decides, so rules and search always agree. Stories go by a
number that sorts as they do; pages go on below one. Words are taken in beside ingest, from marks (see `search_marks`).
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from uuid import UUID

from sqlalchemy import bindparam, delete, or_, select

from feedsvc.model import Story
from feedsvc.query import Query, fold, matches, story_subject
from feedsvc.store.columns import EPOCH
from feedsvc.store.notes import Notes
from feedsvc.store.pages import Place
from feedsvc.store.schema import changes, names, search_keys, stories, unindexed
from feedsvc.store.search_marks import forget_words, mark_all
from feedsvc.store.search_postgres import PostgresWords
from feedsvc.store.search_sqlite import SqliteWords
from feedsvc.store.search_words import (
    CROWD,
    FIRST,
    INDEX_VERSION,
    LAST,
    TIES,
    asked,
    first_number,
    is_shown,
    published_range,
    sorted_otherwise,
    words_of,
)
from feedsvc.store.stories import Stories
from feedsvc.store.work import AnyRow, Work, chunks

#: one page may take this long, and a little more for the stories that were being read by then
TIME_LIMIT_S = 0.25

#: of these stories one page looks at no more
EXAMINED_AT_MOST = 2000

#: read at once: few at first, since most queries match most of what the full-text table yields
_CHUNKS = (32, 64, 128)

#: what the full-text table gets at least, when the time is nearly over
_LEAST_S = 0.02

#: bits of the id that tell apart stories of the same instant; more where those are taken
_TRIES = (10, 16, 22, 28)

#: note: of which version the index is
_VERSION = "search index"

#: marks, the newest first; `is_known`: the words may be older than what is found already, or not to be found any more
_BEHIND = (
    select(unindexed, or_(search_keys.c.number.is_not(None), stories.c.retracted.is_not(None)).label("is_known"))
    .outerjoin(search_keys, search_keys.c.story_id == unindexed.c.story_id)
    .outerjoin(stories, stories.c.id == unindexed.c.story_id)
    .order_by(unindexed.c.stamp.desc(), unindexed.c.story_id.desc())
)
_FORGET = delete(unindexed).where(unindexed.c.stamp == bindparam("at"), unindexed.c.story_id == bindparam("story"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    """Some stories that a query matches, newest first."""

    stories: tuple[Story, ...]
    #: given as `before`: older ones may match; None: none does
    older: Place | None
    #: the time or the number of stories that one page may cost was used up before the page was full
    exhausted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What search has to know of a story now; no words: it is not to be found."""

    story_id: UUID
    #: the least number that it may have
    number: int
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """What search does not know yet, as of a sequence."""

    as_of: int
    marks: tuple[tuple[int, UUID], ...]
    readings: tuple[Reading, ...]
    #: the words in the index are those of another version
    is_outdated: bool


class Search:
    """Finds announced stories that are not retracted."""

    def __init__(self, work: Work, stories: Stories, notes: Notes) -> None:
        self._work, self._stories, self._notes = work, stories, notes
        kind = PostgresWords if work.dialect == "postgresql" else SqliteWords
        self._words: PostgresWords | SqliteWords = kind(work.connection)

    def page(
        self,
        query: Query,
        *,
        zone: tzinfo,
        limit: int,
        before: Place | None = None,
        time_limit_s: float = TIME_LIMIT_S,
    ) -> SearchPage:
        """Return the newest stories that match, or those before a place that an earlier page gave.

        `zone` is the site's. Every page gets on: an exhausted one may be empty, but goes on behind what it looked at.
        """
        end = time.monotonic() + time_limit_s
        found: list[tuple[Place, Story]] = []
        examined = 0
        for chunk, is_last in self._chunks(query, zone, LAST if before is None else self._number(before), end):
            examined += len(chunk)
            found_here = self._stories.get([place.id for place in chunk])
            for place in chunk:
                story = found_here.get(place.id)
                if story is not None and is_shown(story) and matches(query, story_subject(story, zone)):
                    found.append((place, story))
                if len(found) > limit:
                    shown = found[:limit]
                    return SearchPage(stories=tuple(s for _, s in shown), older=shown[-1][0], exhausted=False)
            if not is_last and (examined >= EXAMINED_AT_MOST or time.monotonic() > end):
                return SearchPage(stories=tuple(story for _, story in found), older=chunk[-1], exhausted=True)
        return SearchPage(stories=tuple(story for _, story in found), older=None, exhausted=False)

    def behind(self, limit: int) -> Behind | None:
        """Return what is to be taken in, at most so many stories, the newest changes first; None: nothing."""
        rows = self._work.connection.execute(_BEHIND.limit(limit)).all()
        marks = tuple((row.stamp, row.story_id) for row in rows)
        newest = {row.story_id: row for row in reversed(rows)}
        version = self._notes.get(_VERSION)
        is_outdated = version != INDEX_VERSION
        if not marks and not is_outdated:
            return None
        readings = tuple(self._readings(newest.values(), trusted=version in {None, INDEX_VERSION}))
        return Behind(as_of=self._work.last("change"), marks=marks, readings=readings, is_outdated=is_outdated)

    def take_in(self, found: Behind) -> int:
        """Store what `behind` read in an earlier transaction, so that none that writes has to wait for the reading.

        What has changed since keeps its marks. Returns how many stories were taken in or out.
        """
        run = self._work.connection.execute
        changed = set(run(select(changes.c.story_id).where(changes.c.sequence > found.as_of)).scalars())
        readings = [each for each in found.readings if each.story_id not in changed]
        if found.is_outdated:
            # While those that are taken in now still have their marks, which are theirs alone.
            mark_all(self._work)
            if self._notes.get(_VERSION) is not None:
                forget_words(self._work)
            self._notes.set(_VERSION, INDEX_VERSION)
        if marks := [{"at": stamp, "story": id} for stamp, id in found.marks if id not in changed]:
            run(_FORGET, marks)
        known: dict[UUID, int] = {}
        for part in chunks(each.story_id for each in readings):
            rows = run(select(search_keys).where(search_keys.c.story_id.in_(part)))
            known |= {row.story_id: row.number for row in rows}
        self._words.remove(known.values())
        kept = {each.story_id: known[each.story_id] for each in readings if _keeps(each, known.get(each.story_id))}
        gone = [number for id, number in known.items() if id not in kept]
        for numbers in chunks(gone):
            run(delete(search_keys).where(search_keys.c.number.in_(numbers)))
        given = self._given([each for each in readings if each.words and each.story_id not in kept])
        self._work.insert(search_keys, [{"number": number, "story_id": id} for id, number in given.items()])
        known |= given
        self._words.put([(known[each.story_id], each.words) for each in readings if each.words])
        return len(readings)

    def _chunks(self, query: Query, zone: tzinfo, below: int, end: float) -> Iterator[tuple[list[Place], bool]]:
        """Yield what may match, newest first, and whether it was the last."""
        words = asked(query, self._words, self._named)
        low, high = published_range(query, zone)
        # Outside the range of dates only those are asked for that do not stand where they were published.
        otherwise = sorted_otherwise(words, self._words)
        parts = [(otherwise, high, LAST), (words, low, high), (otherwise, FIRST, low)]
        if low >= high:
            parts = [(otherwise, FIRST, LAST)]
        parts = [(expression, first, min(beyond, below)) for expression, first, beyond in parts]
        parts = [part for part in parts if part[1] < part[2]]
        sizes = iter(_CHUNKS)
        for number, (expression, first, beyond) in enumerate(parts, start=1):
            while True:
                size = next(sizes, _CHUNKS[-1])
                chunk = self._newest(expression, (first, beyond), size, end)
                is_last_of_part = len(chunk) < size
                if chunk or number == len(parts):
                    yield [_place(*each) for each in chunk], is_last_of_part and number == len(parts)
                if is_last_of_part:
                    break
                beyond = chunk[-1][0]  # noqa: PLW2901 - goes on below

    def _newest(
        self, expression: str | None, between: tuple[int, int], count: int, end: float
    ) -> Sequence[tuple[int, UUID]]:
        if expression is not None:
            seconds = max(end - time.monotonic(), _LEAST_S)
            found = self._words.newest(expression, between, count, seconds)
            if found is not None:
                return found
        # What is too much for the full-text table, such as all words with a common beginning, is likely in any story.
        number = search_keys.c.number
        query = select(search_keys).where(number >= between[0], number < between[1])
        rows = self._work.connection.execute(query.order_by(number.desc()).limit(count))
        return [(row.number, row.story_id) for row in rows]

    def _named(self, kind: str, folded: str) -> Sequence[int]:
        rows = self._work.connection.execute(select(names.c.number, names.c.id).where(names.c.kind == kind))
        return [row.number for row in rows if fold(row.id) == folded]

    def _number(self, place: Place) -> int:
        """Return the number that a place was made of, or one near it where its story has moved or gone."""
        query = select(search_keys.c.number).where(search_keys.c.story_id == place.id)
        number: int | None = self._work.connection.execute(query).scalar()
        if number is not None and _place(number, place.id) == place:
            return number
        return first_number(place.sort_at) + _tie(place.id, _TRIES[0])

    def _readings(self, rows: Iterable[AnyRow], *, trusted: bool) -> Iterator[Reading]:
        unknown = []
        for row in rows:
            # The mark of a later change may have been taken in and forgotten, with others of its time.
            if row.words is None or row.is_known or not trusted:
                unknown.append(row.story_id)
            else:
                yield Reading(story_id=row.story_id, number=row.number, words=tuple(row.words.split(" ")))
        known = self._stories.get(unknown) if unknown else {}
        yield from (self._reading(id, known.get(id)) for id in unknown)

    def _reading(self, id: UUID, story: Story | None) -> Reading:
        if story is None or not is_shown(story):
            return Reading(story_id=id, number=0, words=())
        listed = [("source", each.source_id) for each in story.appearances]
        listed += [("category", filed.id) for filed in story.filing.categories]
        listed += [("tag", filed.id) for filed in story.filing.tags]
        words = words_of(story, self._work.names.numbers(listed))
        return Reading(story_id=id, number=first_number(story.sort_at), words=words)

    def _given(self, readings: Sequence[Reading]) -> Mapping[UUID, int]:
        """Give each story the number of its instant and the beginning of its id, or one nearby that is free."""
        tries = {each.story_id: [each.number + _tie(each.story_id, bits) for bits in _TRIES] for each in readings}
        taken = self._taken(number for numbers in tries.values() for number in numbers)
        given: dict[UUID, int] = {}
        for id, numbers in tries.items():
            number = next((number for number in numbers if number not in taken), numbers[-1])
            while number in taken or (number > numbers[-1] and self._taken([number])):
                number += 1
            given[id] = number
            taken.add(number)
        return given

    def _taken(self, numbers: Iterable[int]) -> set[int]:
        found: set[int] = set()
        for part in chunks(numbers):
            query = select(search_keys.c.number).where(search_keys.c.number.in_(part))
            found |= set(self._work.connection.execute(query).scalars())
        return found


def _keeps(reading: Reading, number: int | None) -> bool:
    """Tell whether a story's number is still one of its instant."""
    return bool(reading.words) and number is not None and 0 <= number - reading.number < CROWD


def _tie(id: UUID, bits: int) -> int:
    return id.int >> (128 - bits)


def _place(number: int, id: UUID) -> Place:
    return Place(EPOCH + timedelta(microseconds=number // TIES), id)
