"""Connections to SQLite and PostgreSQL that behave alike: who waits for whom, and what goes wrong in words."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DataError, IntegrityError, ProgrammingError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import QueuePool

from feedsvc.errors import StoreError

#: how long a writer waits for the others
PATIENCE_S = 30

#: the writers' order in PostgreSQL; any fixed number
_WRITERS_LOCK = 0x66656564737663

_WRITER_CACHE_KIB = 64 * 1024
_READER_CACHE_KIB = 16 * 1024

_BUSY = f"is locked: somebody has been writing for more than {PATIENCE_S} s"
_NOT_MIGRATED = "lacks tables; `feedsvc migrate` creates them"

_POSTGRESQL_FAULTS = {"55P03": _BUSY, "42P01": _NOT_MIGRATED}

_SQLITE_FAULTS = {
    "SQLITE_NOTADB": "is not an SQLite database",
    "SQLITE_CANTOPEN": "cannot be opened; `feedsvc migrate` creates it",
    "SQLITE_READONLY": "cannot be written: check the permissions of the file and its folder",
    "SQLITE_BUSY": _BUSY,
    "SQLITE_FULL": "cannot grow: the disk is full",
    "SQLITE_CORRUPT": "is damaged; restore a backup",
    "SQLITE_IOERR": "cannot be read or written: the disk reports an error",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """Readers see one consistent snapshot a transaction; writers go one after the other, in all processes."""

    dialect: str
    #: the database in words, without a password
    place: str
    #: None: not a file
    file: Path | None
    reader: Engine
    writer: Engine

    def dispose(self) -> None:
        self.reader.dispose()
        self.writer.dispose()


def connect(address: str) -> Engines:
    """Prepare connections; nothing is opened yet. Raises StoreError for an address that we cannot serve."""
    try:
        url = make_url(address)
    except ArgumentError as error:
        raise StoreError(f"storage.url {address!r} is not an address; {_FORMS}") from error
    match url.get_backend_name():
        case "sqlite":
            return _sqlite(url)
        case "postgresql":
            return _postgresql(url)
        case other:
            raise StoreError(f"storage.url names the database {other}; {_FORMS}")


_FORMS = "use sqlite:///var/feedsvc.db or postgresql://user@host/database"


@contextmanager
def translated(place: str) -> Iterator[None]:
    """Turn the library's exceptions into StoreError, in words for an admin; errors of ours come out as they are."""
    try:
        yield
    except (DataError, IntegrityError, ProgrammingError) as error:
        # What this source's data brought about must not count as a database that is out of order.
        if getattr(error.orig, "sqlstate", None) not in _POSTGRESQL_FAULTS:
            raise
        raise StoreError(_sentence(place, error)) from error
    except SQLAlchemyError as error:
        raise StoreError(_sentence(place, error)) from error
    except sqlite3.Error as error:
        raise StoreError(f"the database {place} {_sqlite_fault(error)}") from error


def _sentence(place: str, error: SQLAlchemyError) -> str:
    if isinstance(error, PoolTimeoutError):
        return f"the database {place} {_BUSY}"
    cause = getattr(error, "orig", None)
    if isinstance(cause, sqlite3.Error):
        return f"the database {place} {_sqlite_fault(cause)}"
    if fault := _POSTGRESQL_FAULTS.get(getattr(cause, "sqlstate", None) or ""):
        return f"the database {place} {fault}"
    # psycopg's first line is the server's message; what follows repeats the statement.
    words = str(cause if cause is not None else error).strip().splitlines()
    return f"the database {place} refused: {words[0] if words else type(error).__name__}"


def _sqlite_fault(error: sqlite3.Error) -> str:
    if str(error).startswith("no such table"):
        return _NOT_MIGRATED
    name = getattr(error, "sqlite_errorname", None) or ""
    faults = (words for prefix, words in _SQLITE_FAULTS.items() if name.startswith(prefix))
    return next(faults, f"refused: {error}")


def _sqlite(url: URL) -> Engines:
    if url.database in {None, "", ":memory:"}:
        raise StoreError(f"storage.url {url} names no file: several processes share the store; {_FORMS}")
    file = Path(str(url.database))

    def opened() -> sqlite3.Connection:
        # mode=rw: a reader that comes first must not leave an empty file. Python's own transactions are off.
        address = f"file:{quote(str(file))}?mode=rw"
        return sqlite3.connect(address, uri=True, timeout=PATIENCE_S, isolation_level=None, check_same_thread=False)

    reader = create_engine("sqlite://", creator=opened, poolclass=QueuePool, max_overflow=20)
    # One connection: the threads of a process queue here instead of polling the file's lock.
    writer = create_engine(
        "sqlite://", creator=opened, poolclass=QueuePool, pool_size=1, max_overflow=0, pool_timeout=PATIENCE_S
    )
    _on_connect(reader, [f"PRAGMA cache_size = -{_READER_CACHE_KIB}", "PRAGMA query_only = ON"])
    _on_connect(
        writer,
        [
            f"PRAGMA cache_size = -{_WRITER_CACHE_KIB}",
            # A commit survives a killed process always, a power cut but for the last ones.
            "PRAGMA synchronous = NORMAL",
            "PRAGMA foreign_keys = ON",
            "PRAGMA temp_store = MEMORY",
            # Each poll writes to pages all over the keys: a longer log writes the same page to the file once for many.
            "PRAGMA wal_autocheckpoint = 8192",
            "PRAGMA journal_size_limit = 67108864",
        ],
    )
    event.listen(writer, "connect", _write_ahead)
    _on_begin(reader, "BEGIN")
    _on_begin(writer, "BEGIN IMMEDIATE")
    return Engines(dialect="sqlite", place=str(file), file=file, reader=reader, writer=writer)


def _postgresql(url: URL) -> Engines:
    place = url.render_as_string(hide_password=True)
    url = url.set(drivername="postgresql+psycopg")
    wait = {} if "connect_timeout" in url.query else {"connect_timeout": 10}
    try:
        # A server that was restarted costs no failed poll: connections are tried before use.
        reader = create_engine(
            url,
            connect_args=wait,
            pool_pre_ping=True,
            max_overflow=20,
            execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
        )
        writer = create_engine(
            url,
            connect_args=wait,
            pool_pre_ping=True,
            pool_size=1,
            max_overflow=0,
            pool_timeout=PATIENCE_S,
            # Each statement must see what the writer before us committed while we waited for our turn.
            isolation_level="READ COMMITTED",
        )
    except ImportError as error:
        raise StoreError("PostgreSQL needs a driver: pip install 'feedsvc[postgres]'") from error
    _on_connect(writer, [f"SET lock_timeout = '{PATIENCE_S}s'", "SET idle_in_transaction_session_timeout = '5min'"])
    # Held until after the commit is visible, so that sequences are in commit order.
    _on_begin(writer, f"SELECT pg_advisory_xact_lock({_WRITERS_LOCK})")
    return Engines(dialect="postgresql", place=place, file=None, reader=reader, writer=writer)


def _on_connect(engine: Engine, statements: list[str]) -> None:
    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for statement in statements:
            cursor.execute(statement)
        cursor.close()
        connection.commit()


def _on_begin(engine: Engine, statement: str) -> None:
    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(statement)


def _write_ahead(connection: sqlite3.Connection, _record: object) -> None:
    """Switch a new file to WAL: readers and the writer do not wait for each other. The file remembers it."""
    deadline = time.monotonic() + PATIENCE_S
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            # Several first starts at once: SQLite refuses here without waiting, whatever its timeout.
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
