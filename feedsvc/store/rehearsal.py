"""What a write would do, without writing: dry runs neither change the store nor keep writers waiting."""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Connection, CursorResult, Dialect, Executable, TextClause, false, null, select

from feedsvc.model import Change, Story
from feedsvc.store.store import Transaction
from feedsvc.store.stories import Stories
from feedsvc.store.work import Work

_NOTHING = select(null()).where(false())


class Rehearsal(Transaction):
    """Reads as the given read transaction does, and takes every write for done: ids are given out, nothing is stored.

    What was written is not read back.
    """

    def __init__(self, tx: Transaction) -> None:
        super().__init__(cast(Connection, _Reading(tx._work.connection)))  # noqa: SLF001 - of this package
        self.stories = self._stories = _Stories(self._work)

    @property
    def told(self) -> tuple[tuple[Story, Change | None], ...]:
        """Return the stories that would have been stored, and what the change log would have said of each."""
        return tuple(self._stories.told)


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

    @property
    def dialect(self) -> Dialect:
        return self._connection.dialect

    def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        writes = not _is_select(statement.text) if isinstance(statement, TextClause) else statement.is_dml
        return self._connection.execute(_NOTHING) if writes else self._connection.execute(statement, parameters)

    def exec_driver_sql(self, statement: str, parameters: Any = None) -> CursorResult[Any]:
        reads = _is_select(statement)
        return self._connection.exec_driver_sql(statement, parameters) if reads else self.execute(_NOTHING)


def _is_select(statement: str) -> bool:
    return statement.split(maxsplit=1)[0].upper() in {"SELECT", "WITH"}
