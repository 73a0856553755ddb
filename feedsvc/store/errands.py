"""Addresses that are asked beside the polls, of pictures and pages: who asks one now, and when it is due again."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Select, Table, bindparam, delete, func, select, update

from feedsvc.model import Checked
from feedsvc.store.columns import EPOCH
from feedsvc.store.schema import host_slots, page_tasks, pictures
from feedsvc.store.work import Work

_COUNT_SLOTS = (
    select(func.count())
    .select_from(host_slots)
    .where(host_slots.c.host == bindparam("of"), host_slots.c.held_until > bindparam("now"))
)
_FREE = delete(host_slots).where(host_slots.c.taken_by == bindparam("by"))
_TAKEN = select(host_slots.c.taken_by).where(host_slots.c.holder == bindparam("by"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease(Checked):
    """Who asks, from now until when others may take it over, should the holder die."""

    holder: str
    now: datetime
    until: datetime
    #: how many may contact the host at a time
    per_host: int


class Errands:
    """The rows of one table that each name an address, its host, and when it is due."""

    def __init__(self, table: Table, key: Column[Any]) -> None:
        self._table, self._key = table, key
        #: in the names of slots, before the key
        self._word = f"{table.name} "
        self._update = update(table).where(key == bindparam("at"))
        self._lease = self._update.where(table.c.next_fetch_at <= bindparam("now")).values(
            next_fetch_at=bindparam("until")
        )
        self._postpone = (
            update(table)
            .where(table.c.host == bindparam("of"), table.c.next_fetch_at < bindparam("until"))
            .values(next_fetch_at=bindparam("until"))
        )

    def due(self, query: Select[Any], now: datetime, per_host: int, but: Collection[str]) -> Select[Any]:
        """Narrow a query of rows to those that are due at a host with a free slot, none of those in `but`."""
        full = (
            select(host_slots.c.host)
            .where(host_slots.c.held_until > now)
            .group_by(host_slots.c.host)
            .having(func.count() >= per_host)
        )
        host = self._table.c.host
        query = query.where(self._table.c.next_fetch_at <= now, host.not_in(full))
        return query.where(host.not_in(tuple(but))) if but else query

    def take(self, work: Work, key: Any, host: str, lease: Lease) -> bool:
        """Take what is due, with a slot of its host, until the lease ends. Say no where somebody was faster."""
        run = work.connection.execute
        is_full = run(_COUNT_SLOTS, {"of": host, "now": lease.now}).scalar_one() >= lease.per_host
        if is_full or run(self._lease, {"at": key, "now": lease.now, "until": lease.until}).rowcount == 0:
            return False
        # The slot of one who died may still be there.
        self._free(work, key)
        by = {"taken_by": self._taken_by(key), "holder": lease.holder, "held_until": lease.until}
        work.insert(host_slots, [{"host": host, **by}])
        return True

    def end(self, work: Work, key: Any, **values: Any) -> None:
        """Store what became of what was taken, and give up its slot."""
        work.connection.execute(self._update.values(values), {"at": key})
        self._free(work, key)

    def postpone(self, work: Work, host: str, until: datetime) -> None:
        """Leave a host alone for a while."""
        work.connection.execute(self._postpone, {"of": host, "until": until})

    def taken(self, work: Work, now: datetime) -> set[Any]:
        """Return the keys of what somebody asks for now."""
        held = select(host_slots.c.taken_by).where(host_slots.c.held_until > now)
        names = work.connection.execute(held.where(host_slots.c.taken_by.startswith(self._word))).scalars()
        return {self._read(name) for name in names}

    def recall(self, work: Work, holder: str) -> None:
        """Let what a process holds that died be due again at once; its slots stay."""
        taken = work.connection.execute(_TAKEN, {"by": holder}).scalars().all()
        keys = [self._read(name) for name in taken if name.startswith(self._word)]
        if keys:
            work.connection.execute(self._update.values(next_fetch_at=EPOCH), [{"at": key} for key in keys])

    def _free(self, work: Work, key: Any) -> None:
        work.connection.execute(_FREE, {"by": self._taken_by(key)})

    def _taken_by(self, key: Any) -> str:
        return f"{self._word}{key.hex() if isinstance(key, bytes) else key}"

    def _read(self, taken_by: str) -> Any:
        name = taken_by.removeprefix(self._word)
        return int(name) if self._key.type.python_type is int else bytes.fromhex(name)


PICTURES = Errands(pictures, pictures.c.key)
PAGES = Errands(page_tasks, page_tasks.c.entry_id)
