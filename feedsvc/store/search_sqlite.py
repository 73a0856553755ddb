"""The full-text table in SQLite: FTS5, whose rows are read newest first as fast as in any order."""

import sqlite3
import time
from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

#: Virtual machine steps between two looks at the clock. Few: all of a common beginning is read in some hundreds.
_STEPS = 100

_FIND = """
SELECT search_words.rowid, search_keys.story_id
FROM search_words CROSS JOIN search_keys ON search_keys.number = search_words.rowid
WHERE search_words MATCH ? AND search_words.rowid >= ? AND search_words.rowid < ?
ORDER BY search_words.rowid DESC LIMIT ?
"""


class SqliteWords:
    """The words of stories by number."""

    AND, OR = " AND ", " OR "

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def term(self, word: str, *, prefix: bool) -> str:
        return f'"{word}" *' if prefix else f'"{word}"'

    def put(self, rows: Sequence[tuple[int, Iterable[str]]]) -> None:
        if rows:
            values = [(number, " ".join(words)) for number, words in rows]
            self._connection.exec_driver_sql("INSERT INTO search_words (rowid, words) VALUES (?, ?)", values)

    def remove(self, numbers: Iterable[int]) -> None:
        if values := [(number,) for number in numbers]:
            self._connection.exec_driver_sql("DELETE FROM search_words WHERE rowid = ?", values)

    def newest(
        self, expression: str, between: tuple[int, int], count: int, seconds: float
    ) -> list[tuple[int, UUID]] | None:
        """Return the newest stories with these words, from one number up to below another; None: not in time."""
        end = time.monotonic() + seconds
        driver = self._connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
        try:
            rows = self._connection.exec_driver_sql(_FIND, (expression, *between, count)).all()
        except OperationalError as error:
            if getattr(error.orig, "sqlite_errorname", None) != "SQLITE_INTERRUPT":
                raise
            return None
        finally:
            driver.set_progress_handler(None, 0)
        return [(number, UUID(bytes=id)) for number, id in rows]
