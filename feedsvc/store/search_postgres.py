"""The full-text table in PostgreSQL: a tsvector without positions under a GIN index."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

_QUERY_CANCELED = "57014"

# A plan made for any words would be wrong for most: a rare word wants its index, a common one the newest rows.
_LIMIT = "SELECT set_config('statement_timeout', %s, true), set_config('plan_cache_mode', 'force_custom_plan', true)"

_FIND = """
SELECT search_words.number, search_keys.story_id
FROM search_words JOIN search_keys ON search_keys.number = search_words.number
WHERE search_words.words @@ %s::tsquery AND search_words.number >= %s AND search_words.number < %s
ORDER BY search_words.number DESC LIMIT %s
"""


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
        run = self._connection.exec_driver_sql
        # What times out ends its transaction, unless a savepoint keeps it; going back to it also undoes the settings.
        savepoint = self._connection.begin_nested()
        try:
            run(_LIMIT, (str(max(1, round(seconds * 1000))),))
            rows = run(_FIND, (expression, *between, count)).all()
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) != _QUERY_CANCELED:
                raise
            return None
        finally:
            savepoint.rollback()
        return [(number, id) for number, id in rows]
