"""The store itself: opening, migrating, transactions."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from feedsvc.errors import StoreError
from feedsvc.store.articles import Articles
from feedsvc.store.attempts import Attempts
from feedsvc.store.changes import Changes
from feedsvc.store.engine import Engines, connect, translated
from feedsvc.store.entries import Entries
from feedsvc.store.figures import Figures
from feedsvc.store.hosts import Hosts
from feedsvc.store.kept_documents import KeptDocuments
from feedsvc.store.last_documents import LastDocuments
from feedsvc.store.listings import Listings
from feedsvc.store.notes import Notes
from feedsvc.store.pages import Pages
from feedsvc.store.pictures import Pictures
from feedsvc.store.retention import Pruning
from feedsvc.store.revisions import Revisions
from feedsvc.store.schedule import Schedule
from feedsvc.store.search import Search
from feedsvc.store.snapshots import Snapshots
from feedsvc.store.source_events import SourceEvents
from feedsvc.store.stories import Stories
from feedsvc.store.subscriptions import Pushes, Subscriptions
from feedsvc.store.tracing import Tracing
from feedsvc.store.work import Work

MIGRATIONS = Path(__file__).parent / "migrations"


class Transaction:
    """One transaction; its parts are of no use after it."""

    def __init__(self, connection: Connection) -> None:
        self._work = work = Work(connection)
        self.revisions = Revisions(work)
        self.listings = Listings(work)
        self.schedule = Schedule(work)
        self.entries = Entries(work)
        self.articles = Articles(work, self.entries)
        self.stories = Stories(work)
        self.pages = Pages(work, self.stories)
        self.changes = Changes(work)
        self.snapshots = Snapshots(work)
        self.attempts = Attempts(work)
        self.kept_documents = KeptDocuments(work)
        self.last_documents = LastDocuments(work)
        self.hosts = Hosts(work)
        self.events = SourceEvents(work)
        self.notes = Notes(work)
        self.search = Search(work, self.stories, self.notes)
        self.figures = Figures(work)
        self.pictures = Pictures(work)
        self.retention = Pruning(work)
        self.subscriptions = Subscriptions(work)
        self.pushes = Pushes(work)
        self.tracing = Tracing(work)

    def finish(self) -> None:
        """Write what was held back until the end."""
        self.changes.flush()
        self._work.finish()


class Store:
    """A database of ours. Threads share one; processes open their own."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    @property
    def dialect(self) -> str:
        """Return sqlite or postgresql."""
        return self._engines.dialect

    def migrate(self) -> None:
        """Create or bring up to date, one transaction a migration. Processes that start at once wait for each other."""
        with translated(self._engines.place):
            self._create_file()
            scripts = ScriptDirectory(str(MIGRATIONS))
            while self._migrate_once(scripts):
                pass

    def is_current(self) -> bool:
        """Say whether the database is there and has the tables of this version; nothing is created."""
        return self._version() == ScriptDirectory(str(MIGRATIONS)).get_current_head()

    def is_blank(self) -> bool:
        """Say whether no version has made its tables yet; nothing is created."""
        return self._version() is None

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Begin a write transaction: one at a time over all processes, committed at the end, undone on an exception.

        Raises StoreError; also when the others write for longer than 30 s.
        """
        with translated(self._engines.place), self._engines.writer.begin() as connection:
            transaction = Transaction(connection)
            yield transaction
            transaction.finish()

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """Begin a transaction that sees one consistent state and writes nothing."""
        with translated(self._engines.place), self._engines.reader.begin() as connection:
            yield Transaction(connection)

    def close(self) -> None:
        self._engines.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _version(self) -> str | None:
        file = self._engines.file
        if file is not None and not file.exists():
            return None
        with translated(self._engines.place), self._engines.reader.begin() as connection:
            return MigrationContext.configure(connection).get_current_revision()

    def _create_file(self) -> None:
        file = self._engines.file
        if file is None:
            return
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            # It holds what hubs sign with, and later more secrets: not for everybody on the machine.
            file.touch(mode=0o640)
        except OSError as error:
            raise StoreError(f"the database {file} cannot be created: {error.strerror or error}") from error

    def _migrate_once(self, scripts: ScriptDirectory) -> bool:
        """Run the next migration, whichever process is first; return False when there is none."""
        with self._engines.writer.begin() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
            following = self._following(scripts, current)
            if following is None:
                return False
            context = MigrationContext.configure(
                connection,
                opts={"fn": lambda revision, _: scripts._upgrade_revs(following.revision, revision)},  # noqa: SLF001
            )
            with Operations.context(context):
                context.run_migrations()
            return True

    def _following(self, scripts: ScriptDirectory, current: str | None) -> Script | None:
        try:
            ahead = list(scripts.walk_revisions(base=current or "base", head="heads"))
        except CommandError as error:
            raise StoreError(
                f"the database {self._engines.place} was made by a newer version of feedsvc ({current})"
            ) from error
        return next((script for script in reversed(ahead) if script.revision != current), None)


def open_store(url: str) -> Store:
    """Open the store at `sqlite:///path` or `postgresql://…`; nothing is created before `migrate`.

    Raises StoreError in words for an admin: what is wrong with the address, the file, its folder or the server.
    """
    engines = connect(url)
    try:
        _try(engines)
    except StoreError:
        engines.dispose()
        raise
    return Store(engines)


def _try(engines: Engines) -> None:
    file = engines.file
    if file is not None and not file.exists():
        # There is nothing to open yet, but what could not be created is better said now.
        folder = next((parent for parent in file.absolute().parents if parent.exists()), None)
        if folder is None or not folder.is_dir():
            raise StoreError(f"the database {file} cannot be created: {folder} is not a folder")
        return
    with translated(engines.place), engines.reader.begin() as connection:
        connection.exec_driver_sql("SELECT 1 FROM sqlite_master LIMIT 1" if file is not None else "SELECT 1")
