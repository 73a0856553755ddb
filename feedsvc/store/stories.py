"""Stories: reading them whole, storing them with where they are filed, and picking what a document holds."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, bindparam, case, delete, func, or_, select, update

from feedsvc.model import Appearance, Change, Entry, Filed, Filing, ListKind, Story
from feedsvc.store.codec import decode
from feedsvc.store.fingerprints import insert_fingerprints
from feedsvc.store.rows import findables
from feedsvc.store.schema import contents, entries, filings, listings, memberships, names, stories
from feedsvc.store.search_marks import mark_changed
from feedsvc.store.work import AnyRow, Work, chunks

_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_STORIES = select(stories).where(stories.c.id.in_(_IDS))
_MEMBERSHIPS = select(memberships).where(memberships.c.story_id.in_(_IDS))
_ENTRIES = select(
    entries.c.id,
    entries.c.source,
    entries.c.story_id,
    entries.c.first_seen_at,
    entries.c.withdrawn,
    contents.c.feed,
    contents.c.payload,
).join(contents, contents.c.entry_id == entries.c.id)
_MEMBERS = _ENTRIES.where(entries.c.id.in_(_IDS), entries.c.story_id.is_not(None))
_APPEARANCES = (
    _ENTRIES.join(stories, stories.c.id == entries.c.story_id)
    .where(entries.c.story_id.in_(_IDS), or_(entries.c.withdrawn.is_(None), entries.c.id == stories.c.lead_id))
    .order_by(entries.c.first_seen_at, entries.c.id)
)
_FILINGS = (
    select(filings.c.story_id, filings.c.reason, names.c.kind, names.c.id)
    .join(names, names.c.number == filings.c.label)
    .where(filings.c.story_id.in_(_IDS))
    .order_by(filings.c.position)
)
_OWNERS = select(entries.c.id, entries.c.story_id).where(entries.c.id.in_(_IDS))
_ADOPT = update(entries).where(entries.c.id == bindparam("key")).values(story_id=bindparam("owner"))
_LEAVE = delete(memberships).where(
    memberships.c.story_id == bindparam("key_story"), memberships.c.listing == bindparam("key_listing")
)

#: sets what the row names besides its key
_UPDATE = update(stories).where(stories.c.id == bindparam("key"))
_TOUCH = (
    update(listings)
    .where(listings.c.number == bindparam("key"), listings.c.touched < bindparam("sequence"))
    .values(
        touched=bindparam("sequence"),
        # The clock may have been set back.
        touched_at=case(
            (or_(listings.c.touched_at.is_(None), listings.c.touched_at < bindparam("at")), bindparam("at")),
            else_=listings.c.touched_at,
        ),
    )
)


class Stories:
    """A story's row is never deleted; once announced it stays announced."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def get(self, ids: Collection[UUID]) -> Mapping[UUID, Story]:
        """Return the stories that are there with their leading entry's content; retracted ones too."""
        found: dict[UUID, Story] = {}
        for part in chunks(ids):
            found |= self._load(part)
        return found

    def by_id(self, id: UUID) -> Story | None:
        return self.get([id]).get(id)

    def members(self, entry_ids: Collection[int]) -> Mapping[UUID, Mapping[int, Appearance]]:
        """Return these entries, withdrawn or not, by story; without those of no story or whose content is gone."""
        rows: list[AnyRow] = []
        for part in chunks(entry_ids):
            rows += self._work.connection.execute(_MEMBERS, {"ids": part})
        return self._appearances(rows)

    def put(self, items: Sequence[tuple[Story, Change | None]]) -> None:
        """Store stories as they are now, each once; a change is what the log said of it, and touches the listings.

        An announcement, once stored, is kept whatever the story says. A retracted story leaves all listings. Entries
        among the appearances that belonged to no story or to another one belong to this one from now on.
        """
        run = self._work.connection.execute
        known: dict[UUID, AnyRow] = {}
        before: dict[UUID, dict[int, tuple[Any, ...]]] = {}
        for part in chunks(story.id for story, _ in items):
            known |= {row.id: row for row in run(_STORIES, {"ids": part})}
        for part in chunks(known):
            for row in run(_MEMBERSHIPS, {"ids": part}):
                before.setdefault(row.story_id, {})[row.listing] = (row.announced, row.language, row.sort_at)
            run(delete(filings).where(filings.c.story_id.in_(part)))
        numbers = self._numbers(story for story, _ in items)
        rows = {story.id: _row(story, change, known.get(story.id)) for story, change in items}
        self._work.insert(stories, [row for id, row in rows.items() if id not in known])
        if changed := [_changed(row) for id, row in rows.items() if id in known]:
            run(_UPDATE, changed)
        self._work.insert(filings, [row for story, _ in items for row in _filing_rows(story, numbers)])
        after = {story.id: _memberships(story, rows[story.id], numbers) for story, _ in items}
        self._put_memberships(before, after)
        self._adopt(story for story, _ in items)
        mark_changed(self._work, [(story, change) for story, change in items if change is not None], numbers)
        self._touch((change, {*before.get(story.id, ()), *after[story.id]}) for story, change in items if change)

    def end(self, id: UUID, replaced_by: UUID) -> None:
        """End a story that nobody was told of, before its entries join another one; its id is never used again."""
        run = self._work.connection.execute
        run(update(stories).where(stories.c.id == id).values(retracted="merged", replaced_by=replaced_by))
        for table in (memberships, filings):
            run(delete(table).where(table.c.story_id == id))

    def latest(  # noqa: PLR0913 - what names a document, and its limits
        self, kind: ListKind, id: str, *, language: str | None, entries: int, window: timedelta, max_entries: int
    ) -> tuple[Story, ...]:
        """Return what a document holds, newest first by `sort_at`, then id.

        Membership is by announcement: the last `entries`, and all that were announced within `window` before the last
        one, at most `max_entries`.
        """
        listing = self._work.names.number(kind, id)
        if listing is None:
            return ()
        query = (
            select(memberships.c.story_id, stories.c.announced_at)
            .join(stories, stories.c.id == memberships.c.story_id)
            .where(memberships.c.listing == listing, memberships.c.announced.is_not(None))
        )
        if language is not None:
            query = query.where(memberships.c.language == language)
        rows = self._work.connection.execute(query.order_by(memberships.c.announced.desc()).limit(max_entries)).all()
        chosen = [
            row.story_id
            for i, row in enumerate(rows)
            if i < entries or row.announced_at >= rows[0].announced_at - window
        ]
        found = self.get(chosen).values()
        return tuple(sorted(found, key=lambda story: (story.sort_at, story.id), reverse=True))

    def counts(self, kind: ListKind) -> Mapping[str, int]:
        """Return how many announced stories each listing of a kind has; those without any are left out."""
        query = (
            select(names.c.id, func.count())
            .join(memberships, memberships.c.listing == names.c.number)
            .where(names.c.kind == kind, memberships.c.announced.is_not(None))
            .group_by(names.c.id)
        )
        return {row[0]: row[1] for row in self._work.connection.execute(query)}

    def _load(self, ids: Sequence[UUID]) -> dict[UUID, Story]:
        run = self._work.connection.execute
        members = self._appearances(run(_APPEARANCES, {"ids": ids}).all())
        filed: dict[UUID, dict[str, list[Filed]]] = {}
        for row in run(_FILINGS, {"ids": ids}):
            by_kind = filed.setdefault(row.story_id, {})
            by_kind.setdefault(row.kind, []).append(Filed(id=row.id, reason=row.reason))
        found = {}
        for row in run(_STORIES, {"ids": ids}):
            mine = members.get(row.id, {})
            if row.lead_id in mine:
                found[row.id] = _story(row, mine, filed.get(row.id, {}))
        return found

    def _appearances(self, rows: Sequence[AnyRow]) -> Mapping[UUID, Mapping[int, Appearance]]:
        feeds = self._work.feeds.load(row.feed for row in rows)
        sources = self._work.names.of({row.source for row in rows})
        found: dict[UUID, dict[int, Appearance]] = {}
        for row in rows:
            found.setdefault(row.story_id, {})[row.id] = Appearance(
                entry_id=row.id,
                source_id=sources[row.source][1],
                entry=decode(Entry, row.payload),
                feed=feeds[row.feed],
                first_seen_at=row.first_seen_at,
                withdrawn=row.withdrawn,
            )
        return found

    def _numbers(self, items: Iterable[Story]) -> Mapping[tuple[str, str], int]:
        return self._work.names.numbers(name for story in items for name in _listed(story))

    def _put_memberships(
        self, before: Mapping[UUID, Mapping[int, Any]], after: Mapping[UUID, Mapping[int, tuple[Any, ...]]]
    ) -> None:
        """Write the difference only: most updates change no key."""
        gone = [
            {"key_story": id, "key_listing": listing}
            for id, old in before.items()
            for listing in old
            if old[listing] != after[id].get(listing)
        ]
        if gone:
            self._work.connection.execute(_LEAVE, gone)
        rows = [
            {"story_id": id, "listing": listing, "announced": row[0], "language": row[1], "sort_at": row[2]}
            for id, new in after.items()
            for listing, row in new.items()
            if before.get(id, {}).get(listing) != row
        ]
        self._work.insert(memberships, rows)

    def _adopt(self, items: Iterable[Story]) -> None:
        owner = {appearance.entry_id: story.id for story in items for appearance in story.appearances}
        moved: list[AnyRow] = []
        for part in chunks(owner):
            rows = self._work.connection.execute(_OWNERS, {"ids": part})
            moved += [row for row in rows if row.story_id != owner[row.id]]
        if moved:
            self._work.connection.execute(_ADOPT, [{"key": row.id, "owner": owner[row.id]} for row in moved])
        # What was skipped until now could not be found.
        insert_fingerprints(self._work, findables(self._work, [row.id for row in moved if row.story_id is None]))

    def _touch(self, touched: Iterable[tuple[Change, Collection[int]]]) -> None:
        last: dict[int, Change] = {}
        for change, numbers in touched:
            for number in numbers:
                if number not in last or last[number].sequence < change.sequence:
                    last[number] = change
        rows = [{"key": number, "sequence": change.sequence, "at": change.at} for number, change in last.items()]
        if rows:
            self._work.connection.execute(_TOUCH, rows)


def _listed(story: Story) -> list[tuple[str, str]]:
    """Return the names of all listings that a story belongs in."""
    return [
        ("all", "all"),
        *(("category", filed.id) for filed in story.filing.categories),
        *(("tag", filed.id) for filed in story.filing.tags),
        *(("source", appearance.source_id) for appearance in story.appearances),
    ]


def _memberships(
    story: Story, row: Mapping[str, Any], numbers: Mapping[tuple[str, str], int]
) -> dict[int, tuple[int | None, str | None, datetime]]:
    if story.retracted is not None:
        return {}
    return {numbers[name]: (row["announced"], story.language, story.sort_at) for name in _listed(story)}


def _row(story: Story, change: Change | None, known: AnyRow | None) -> dict[str, Any]:
    announced = change.sequence if change is not None and change.kind == "new" else None
    announced_at = story.announced_at
    replaced_by = change.replaced_by if change is not None else None
    retracted_at = change.at if change is not None and change.kind == "retracted" else None
    if known is not None:
        announced = known.announced or announced
        announced_at = known.announced_at or announced_at
        if story.retracted is not None:
            replaced_by = replaced_by or known.replaced_by
            retracted_at = retracted_at or known.retracted_at
    return {
        "id": story.id,
        "lead_id": story.lead.entry_id,
        "language": story.language,
        "first_seen_at": story.first_seen_at,
        "announced": announced,
        "announced_at": announced_at,
        "updated_at": story.updated_at,
        "sort_at": story.sort_at,
        "retracted": story.retracted,
        "retracted_at": retracted_at,
        "replaced_by": replaced_by,
    }


def _changed(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an update may set: an id and a first sight are given once."""
    return {"key": row["id"]} | {name: value for name, value in row.items() if name not in {"id", "first_seen_at"}}


def _filing_rows(story: Story, numbers: Mapping[tuple[str, str], int]) -> list[dict[str, Any]]:
    filed = [("category", each) for each in story.filing.categories] + [("tag", each) for each in story.filing.tags]
    rows = {
        numbers[kind, each.id]: {"label": numbers[kind, each.id], "position": position, "reason": each.reason}
        for position, (kind, each) in enumerate(filed)
    }
    return [row | {"story_id": story.id} for row in rows.values()]


def _story(row: AnyRow, members: Mapping[int, Appearance], filed: Mapping[str, list[Filed]]) -> Story:
    return Story(
        id=row.id,
        lead=members[row.lead_id],
        others=tuple(appearance for id, appearance in members.items() if id != row.lead_id),
        language=row.language,
        filing=Filing(categories=tuple(filed.get("category", ())), tags=tuple(filed.get("tag", ()))),
        first_seen_at=row.first_seen_at,
        announced_at=row.announced_at,
        updated_at=row.updated_at,
        sort_at=row.sort_at,
        retracted=row.retracted,
    )
