"""Single facts that processes tell each other: where the site is served, why a configuration was refused."""

from sqlalchemy import delete, select

from feedsvc.store.schema import notes
from feedsvc.store.work import Work


class Notes:
    """Text by key."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def get(self, key: str) -> str | None:
        found: str | None = self._work.connection.execute(select(notes.c.value).where(notes.c.key == key)).scalar()
        return found

    def set(self, key: str, value: str) -> None:
        statement = self._work.upsert(notes).values(key=key, value=value)
        statement = statement.on_conflict_do_update(index_elements=[notes.c.key], set_={"value": value})
        self._work.connection.execute(statement)

    def clear(self, key: str) -> None:
        self._work.connection.execute(delete(notes).where(notes.c.key == key))
