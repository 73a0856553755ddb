"""What a write would do, without writing: dry runs neither change the store nor keep writers waiting."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Connection, CursorResult, Dialect, Executable, Label, TextClause, case, false, null, select
from sqlalchemy.sql.visitors import replacement_traverse

from feedsvc.model import Change, Story
from feedsvc.store.entries import Entries
from feedsvc.store.schema import entries
from feedsvc.store.store import Transaction
from feedsvc.store.stories import Stories
from feedsvc.store.work import Work

_NOTHING = select(null()).where(false())


class Rehearsal(Transaction):
    """Reads as the given read transaction does, and takes every write for done: ids are given out, nothing is stored.

    Of what was written only withdrawals are read back: a poll decides the rest without looking at its own writing.
    """

    def __init__(self, tx: Transaction) -> None:
        reading = _Reading(tx._work.connection)  # noqa: SLF001 - of this package
        super().__init__(cast(Connection, reading))
        self.entries = _Entries(self._work, reading)
        self.stories = self._stories = _Stories(self._work)

    @property
    def told(self) -> tuple[tuple[Story, Change | None], ...]:
        """Return the stories that would have been stored, and what the change log would have said of each."""
        return tuple(self._stories.told)


class _Entries(Entries):
    def __init__(self, work: Work, reading: "_Reading") -> None:
        super().__init__(work)
        self._reading = reading

    def withdraw(self, reasons: Mapping[int, str | None]) -> None:
        self._reading.withdrawn |= reasons


class _Stories(Stories):
    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self.told: list[tuple[Story, Change | None]] = []

    def put(self, items: Sequence[tuple[Story, Change | None]]) -> None:
        self.told += items


class _Reading:
    """The part of a connection that transactions use. The one behind it refuses whatever slips through."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        #: as which entries are read, by id
        self.withdrawn: dict[int, str | None] = {}

    @property
    def dialect(self) -> Dialect:
        return self._connection.dialect

    def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        if statement.is_dml or (isinstance(statement, TextClause) and not _is_select(statement.text)):
            return self._connection.execute(_NOTHING)
        return self._connection.execute(self._as_withdrawn(statement), parameters)

    def exec_driver_sql(self, statement: str, parameters: Any = None) -> CursorResult[Any]:
        reads = _is_select(statement)
        return self._connection.exec_driver_sql(statement, parameters) if reads else self.execute(_NOTHING)

    def _as_withdrawn(self, statement: Executable) -> Executable:
        if not self.withdrawn:
            return statement

        def withdrawn(element: Any, **_: object) -> Label[Any] | None:
            return self._withdrawn() if element is entries.c.withdrawn else None

        return cast(Executable, replacement_traverse(cast(Any, statement), {}, withdrawn))

    def _withdrawn(self) -> Label[Any]:
        by_reason: dict[str | None, list[int]] = {}
        for id, why in self.withdrawn.items():
            by_reason.setdefault(why, []).append(id)
        given = [(entries.c.id.in_(ids), why) for why, ids in by_reason.items()]
        return case(*given, else_=entries.c.withdrawn).label("withdrawn")


def _is_select(statement: str) -> bool:
    return statement.split(maxsplit=1)[0].upper() in {"SELECT", "WITH"}
