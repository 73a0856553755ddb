"""What polls came to."""

from collections.abc import Mapping

from sqlalchemy import bindparam, select, update

from feedsvc.model import Attempt
from feedsvc.store.schema import attempts, fetch_states, names
from feedsvc.store.work import AnyRow, Work

_COUNTED = ("at", "outcome", "status", "entries", "new", "changed", "copies", "withdrawn", "seconds", "error")
_ATTEMPTS = select(attempts, names.c.id.label("source_id")).join(names, names.c.number == attempts.c.source)
_REMEMBER = update(fetch_states).where(fetch_states.c.source == bindparam("key")).values(attempt=bindparam("number"))


class Attempts:
    """Numbered from 1, in commit order."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, attempt: Attempt) -> None:
        source, number = self._work.names.given("source", attempt.source_id), self._work.take("attempt")
        row = {name: getattr(attempt, name) for name in _COUNTED}
        self._work.insert(attempts, [{"number": number, "source": source, "pushed": int(attempt.pushed), **row}])
        if attempt.pushed:
            return  # what polls came to is what is told of a source
        if self._work.connection.execute(_REMEMBER, {"key": source, "number": number}).rowcount == 0:
            self._work.insert(fetch_states, [{"source": source, "failures": 0, "attempt": number}])

    def after(self, number: int, limit: int) -> tuple[tuple[int, Attempt], ...]:
        """Return what came after `number`, in order, each with its own number."""
        query = _ATTEMPTS.where(attempts.c.number > number).order_by(attempts.c.number).limit(limit)
        return tuple((row.number, _attempt(row)) for row in self._work.connection.execute(query))

    def last(self) -> int:
        """Return the number of the last attempt, 0 where there is none."""
        return self._work.last("attempt")

    def latest(self) -> Mapping[str, Attempt]:
        """Return each source's last poll."""
        query = _ATTEMPTS.join(fetch_states, fetch_states.c.attempt == attempts.c.number)
        return {row.source_id: _attempt(row) for row in self._work.connection.execute(query)}


def _attempt(row: AnyRow) -> Attempt:
    counted = {name: row._mapping[name] for name in _COUNTED}  # noqa: SLF001
    return Attempt(source_id=row.source_id, pushed=bool(row.pushed), **counted)
