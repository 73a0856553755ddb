"""What the parts of one transaction share."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Connection, Dialect, Row, Table, bindparam, delete, exists, select, update
from sqlalchemy.dialects import postgresql, sqlite

from feedsvc.model import FeedInfo
from feedsvc.store.codec import decode, encode
from feedsvc.store.schema import contents, counters, entry_revisions, feed_infos, fetch_states, names

T = TypeVar("T")

#: a row whose columns are known by name only
AnyRow = Row[*tuple[Any, ...]]

#: values in one IN: SQLite takes 32,766 parameters a statement
CHUNK = 500

_SAVE_COUNTER = update(counters).where(counters.c.name == bindparam("counter")).values(value=bindparam("count"))
_NAMES_BY_ID = select(names.c.number, names.c.kind, names.c.id).where(names.c.id.in_(bindparam("ids", expanding=True)))
_NAMES = select(names.c.number, names.c.kind, names.c.id).where(
    names.c.number.in_(bindparam("numbers", expanding=True))
)
_FEED_BY_HASH = select(feed_infos.c.number).where(feed_infos.c.hash == bindparam("digest"))
_FEEDS = select(feed_infos.c.number, feed_infos.c.payload).where(
    feed_infos.c.number.in_(bindparam("numbers", expanding=True))
)


_Convert = Callable[[Any], Any] | None


@lru_cache(maxsize=256)
def _insert(table: Table, columns: tuple[str, ...], dialect: Dialect) -> tuple[str, tuple[_Convert, ...]]:
    """Return a statement in the driver's words, and what turns each column's values into the driver's.

    The library's own way with many rows costs four times as much: it builds every row's parameters anew.
    """
    mark = "%s" if dialect.name == "postgresql" else "?"
    marks = ", ".join(mark for _ in columns)
    statement = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 - our own names
    types = (table.c[name].type.dialect_impl(dialect) for name in columns)
    return statement, tuple(kind.bind_processor(dialect) for kind in types)


def _converted(values: list[Any], convert: _Convert) -> list[Any]:
    return values if convert is None else [convert(value) for value in values]


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """Cut distinct values into parts that fit one statement."""
    distinct = list(dict.fromkeys(values))
    for start in range(0, len(distinct), size):
        yield distinct[start : start + size]


class Work:
    """One transaction's connection, with numbers, names and feeds that several parts need."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._counters: dict[str, int] = {}
        self._counted: set[str] = set()
        self.names = Names(self)
        self.feeds = Feeds(self)

    @property
    def dialect(self) -> str:
        return self.connection.dialect.name

    def take(self, counter: str, count: int = 1) -> int:
        """Take `count` numbers in a row; return the first. Safe and without gaps in the single-writer order."""
        first = self.last(counter) + 1
        self._counters[counter] += count
        self._counted.add(counter)
        return first

    def last(self, counter: str) -> int:
        """Return the last number taken, 0 where there is none."""
        if not self._counters:
            self._counters = {row.name: row.value for row in self.connection.execute(select(counters))}
        return self._counters[counter]

    def finish(self) -> None:
        """Store the counters; nobody else counts meanwhile."""
        if self._counted:
            rows = [{"counter": name, "count": self._counters[name]} for name in self._counted]
            self.connection.execute(_SAVE_COUNTER, rows)

    def insert(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows that all name the same columns."""
        if rows:
            columns = tuple(rows[0])
            statement, converts = _insert(table, columns, self.connection.dialect)
            values = zip(
                *(_converted([row[name] for row in rows], c) for name, c in zip(columns, converts, strict=True)),
                strict=True,
            )
            self.connection.exec_driver_sql(statement, list(values))

    def upsert(self, table: Table) -> "sqlite.Insert | postgresql.Insert":
        """Return an INSERT that takes `on_conflict_do_…`."""
        return postgresql.insert(table) if self.connection.dialect.name == "postgresql" else sqlite.insert(table)


class Names:
    """The numbers by which tables know sources, categories and tags."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._numbers: dict[tuple[str, str], int] = {}
        self._names: dict[int, tuple[str, str]] = {}

    def number(self, kind: str, id: str) -> int | None:
        """Return the number of a name, None if it was never given."""
        self._look_up([(kind, id)])
        return self._numbers.get((kind, id))

    def numbers(self, wanted: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], int]:
        """Return the numbers of these names, given now where they are new."""
        asked = list(dict.fromkeys(wanted))
        self._look_up(asked)
        new = [name for name in asked if name not in self._numbers]
        if new:
            first = self._work.take("name", len(new))
            rows = [{"number": first + i, "kind": kind, "id": id} for i, (kind, id) in enumerate(new)]
            self._work.insert(names, rows)
            for number, name in enumerate(new, first):
                self._remember(number, name)
        return {name: self._numbers[name] for name in asked}

    def given(self, kind: str, id: str) -> int:
        return self.numbers([(kind, id)])[kind, id]

    def of(self, numbers: Iterable[int]) -> Mapping[int, tuple[str, str]]:
        """Return (kind, id) by number."""
        asked = list(numbers)
        for part in chunks(number for number in asked if number not in self._names):
            for number, kind, id in self._work.connection.execute(_NAMES, {"numbers": part}):
                self._remember(number, (kind, id))
        return {number: self._names[number] for number in asked}

    def forget(self) -> None:
        self._numbers.clear()
        self._names.clear()

    def _look_up(self, asked: Iterable[tuple[str, str]]) -> None:
        for part in chunks(id for kind, id in asked if (kind, id) not in self._numbers):
            # An id is unique in its kind; the same id of another kind does no harm here.
            for number, kind, id in self._work.connection.execute(_NAMES_BY_ID, {"ids": part}):
                self._remember(number, (kind, id))

    def _remember(self, number: int, name: tuple[str, str]) -> None:
        self._numbers[name] = number
        self._names[number] = name


class Feeds:
    """Feeds as they describe themselves, each wording stored once."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._known: dict[int, FeedInfo] = {}
        self._stored: dict[FeedInfo, int] = {}

    def store(self, info: FeedInfo) -> int:
        if info not in self._stored:
            self._stored[info] = self._number(info)
        return self._stored[info]

    def _number(self, info: FeedInfo) -> int:
        payload = encode(info)
        digest = hashlib.sha256(payload).digest()
        number: int | None = self._work.connection.execute(_FEED_BY_HASH, {"digest": digest}).scalar()
        if number is None:
            number = self._work.take("feed")
            self._work.insert(feed_infos, [{"number": number, "hash": digest, "payload": payload}])
        return number

    def forget_unused(self, numbers: Iterable[int]) -> None:
        """Delete those of these that nothing refers to any more."""
        self._stored.clear()
        users = (contents.c.feed, entry_revisions.c.feed, fetch_states.c.feed)
        unused = [~exists().where(column == feed_infos.c.number) for column in users]
        for part in chunks(numbers):
            self._work.connection.execute(delete(feed_infos).where(feed_infos.c.number.in_(part), *unused))

    def load(self, numbers: Iterable[int]) -> Mapping[int, FeedInfo]:
        asked = set(numbers)
        for part in chunks(asked - self._known.keys()):
            for number, payload in self._work.connection.execute(_FEEDS, {"numbers": part}):
                self._known[number] = decode(FeedInfo, payload)
        return {number: self._known[number] for number in asked}
