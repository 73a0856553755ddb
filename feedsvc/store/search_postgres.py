"""The full-text table in PostgreSQL: a tsvector without positions under a GIN index."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

_QUERY_CANCELED = "57014"

# A plan made for any words would be wrong for most.
_LIMIT = "SELECT set_config('statement_timeout', %s, true), set_config('plan_cache_mode', 'force_custom_plan', true)"

# Walks from the newest where the words are believed to be common. Rare ones are believed to be less rare than they are,
# and among a million stories their walk would last half a second.
_NEWEST = """
SELECT search_words.number, search_keys.story_id
FROM search_words JOIN search_keys ON search_keys.number = search_words.number
WHERE search_words.words @@ %s::tsquery AND search_words.number >= %s AND search_words.number < %s
ORDER BY search_words.number DESC LIMIT %s
"""
# Takes all from the full-text index and sorts them.
_ALL = """
WITH found AS MATERIALIZED
    (SELECT number FROM search_words WHERE words @@ %s::tsquery AND number >= %s AND number < %s)
SELECT newest.number, search_keys.story_id
FROM (SELECT number FROM found ORDER BY number DESC LIMIT %s) AS newest
JOIN search_keys ON search_keys.number = newest.number ORDER BY newest.number DESC
"""

#: of the time, for the walk
_WALKING = 0.25


class PostgresWords:
    """The words of stories by number."""

    AND, OR = " & ", " | "

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def term(self, word: str, *, prefix: bool) -> str:
        return f"'{word}':*" if prefix else f"'{word}'"

    def put(self, rows: Sequence[tuple[int, Iterable[str]]]) -> None:
        if rows:
            values = [(number, list(words)) for number, words in rows]
            statement = "INSERT INTO search_words (number, words) VALUES (%s, array_to_tsvector(%s::text[]))"
            self._connection.exec_driver_sql(statement, values)

    def remove(self, numbers: Iterable[int]) -> None:
        if values := list(numbers):
            self._connection.exec_driver_sql("DELETE FROM search_words WHERE number = ANY(%s)", (values,))

    def newest(
        self, expression: str, between: tuple[int, int], count: int, seconds: float
    ) -> list[tuple[int, UUID]] | None:
        """Return the newest stories with these words, from one number up to below another; None: not in time."""
        asked = (expression, *between, count)
        found = self._timed(_NEWEST, asked, seconds * _WALKING)
        return found if found is not None else self._timed(_ALL, asked, seconds * (1 - _WALKING))

    def _timed(self, statement: str, asked: tuple[str | int, ...], seconds: float) -> list[tuple[int, UUID]] | None:
        run = self._connection.exec_driver_sql
        # What times out ends its transaction, unless a savepoint keeps it; going back to it also undoes the settings.
        savepoint = self._connection.begin_nested()
        try:
            run(_LIMIT, (str(max(1, round(seconds * 1000))),))
            rows = run(statement, asked).all()
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) != _QUERY_CANCELED:
                raise
            return None
        finally:
            savepoint.rollback()
        return [(number, id) for number, id in rows]
