"""What has documents: all stories, categories, tags, sources; opened, closed and renamed as the configuration says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Table, delete, select, update

from feedsvc.model import Listing, ListKind
from feedsvc.store.documents import drop_documents
from feedsvc.store.schedule import release_sources
from feedsvc.store.schema import (
    attempts,
    entries,
    entry_keys,
    fetch_states,
    filings,
    kept_documents,
    last_documents,
    listings,
    memberships,
    names,
    pushes,
    source_events,
    subscriptions,
)
from feedsvc.store.search_marks import mark_members
from feedsvc.store.work import Work

_LISTINGS = select(listings, names.c.kind, names.c.id).join(names, names.c.number == listings.c.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A listing that the configuration asks for; `was`: ids it had before."""

    kind: ListKind
    id: str
    was: tuple[str, ...] = ()


class Listings:
    """Listings are never deleted: a closed one's addresses answer 410."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def all(self) -> tuple[Listing, ...]:
        """Return all, closed ones included, in the order of their first opening."""
        rows = self._work.connection.execute(_LISTINGS.order_by(listings.c.number))
        return tuple(
            Listing(
                kind=row.kind,
                id=row.id,
                uuid=row.uuid,
                opened_at=row.opened_at,
                closed_at=row.closed_at,
                touched=row.touched,
                touched_at=row.touched_at,
            )
            for row in rows
        )

    def apply(self, wanted: Sequence[Wanted], at: datetime) -> None:
        """Make the open listings the wanted ones.

        A former id that is not itself wanted is renamed, with all that belongs to it; where both exist, the former is
        merged into the new. Documents of closed and renamed listings are dropped; opened, reopened and renamed ones
        are left to be rendered.
        """
        now_called = {(each.kind, each.id) for each in wanted}
        stale = {
            self._rename(each, old)
            for each in wanted
            for old in each.was
            if (each.kind, old) not in now_called and self._work.names.number(each.kind, old) is not None
        }
        numbers = set(self._work.names.numbers(now_called).values())
        known = {row.number: row.closed_at for row in self._work.connection.execute(select(listings))}
        new = [number for number in sorted(numbers) if number not in known]
        reopened = [number for number, closed_at in known.items() if number in numbers and closed_at is not None]
        closed = [number for number, closed_at in known.items() if number not in numbers and closed_at is None]
        self._work.insert(
            listings, [{"number": number, "uuid": uuid4(), "opened_at": at, "touched": 0} for number in new]
        )
        self._set_closed(reopened, None)
        self._set_closed(closed, at)
        # Numbers are unique over all kinds; what is no source holds nothing.
        release_sources(self._work, closed)
        drop_documents(self._work, {*closed, *reopened, *stale})

    def _set_closed(self, numbers: Iterable[int], at: datetime | None) -> None:
        chosen = listings.c.number.in_(list(numbers))
        self._work.connection.execute(update(listings).where(chosen).values(closed_at=at))

    def _rename(self, wanted: Wanted, old: str) -> int:
        """Carry over what `old` has; return the number under which it lives on."""
        number, target = (self._work.names.number(wanted.kind, id) for id in (old, wanted.id))
        assert number is not None
        # A poll under way knows the former id: its result is dropped, and the new id must not wait for it.
        release_sources(self._work, [number])
        if target is not None or wanted.kind == "tag":  # a tag's id is among the words that search looks at
            mark_members(self._work, number)
        if target is None:
            self._work.connection.execute(update(names).where(names.c.number == number).values(id=wanted.id))
            self._work.names.forget()
            return number
        self._merge(number, target)
        return target

    def _merge(self, number: int, target: int) -> None:
        drop_documents(self._work, {number})
        self._move(memberships, "listing", "story_id", number, target)
        self._move(filings, "label", "story_id", number, target)
        self._move(entry_keys, "source", "key", number, target)
        run = self._work.connection.execute
        for table in (entries, attempts, source_events, kept_documents, subscriptions, pushes):
            run(update(table).where(table.c.source == number).values(source=target))
        for table in (last_documents, fetch_states):
            run(delete(table).where(table.c.source == number))
        run(delete(listings).where(listings.c.number == number))
        run(delete(names).where(names.c.number == number))
        self._work.names.forget()

    def _move(self, table: Table, column: str, beside: str, number: int, target: int) -> None:
        """Move rows from one number to another, but for those that the other has already."""
        moved, key = table.c[column], table.c[beside]
        there = table.alias()
        doubled = select(there.c[beside]).where(there.c[column] == target)
        run = self._work.connection.execute
        run(delete(table).where(moved == number, key.in_(doubled)))
        run(update(table).where(moved == number).values({column: target}))
