"""Opens what every command works on: the folder, the store, the revision in force."""

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from feedsvc import revisions, settings
from feedsvc.errors import FolderChangedError, InvalidConfigError
from feedsvc.revisions import InForce
from feedsvc.store import Store, open_store


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """An open store with a configuration in force."""

    folder: Path
    store: Store

    def in_force(self) -> InForce:
        return revisions.in_force(self.store, self.folder, os.environ)


@contextmanager
def opened(folder: Path) -> Iterator[Service]:
    """Open and migrate the store, creating it where there is none, and record the folder where it differs.

    Raises InvalidConfigError when the folder is broken and no good revision is there to go on with.
    """
    store = open_store(settings.storage_url(folder, os.environ))
    try:
        if store.is_blank():
            # A broken folder leaves no empty database behind.
            settings.load(folder, os.environ)
        store.migrate()
        record(store, folder)
        yield Service(folder=folder, store=store)
    finally:
        store.close()


def record(store: Store, folder: Path) -> None:
    """Put the folder in force if it differs and is valid; say either, and what is wrong otherwise."""
    try:
        files, parsed = settings.load(folder, os.environ)
    except InvalidConfigError as error:
        with store.read() as tx:
            number = tx.revisions.latest_number()
        if number == 0:
            raise
        revisions.refuse(store, error)
        click.secho(f"{error}\nfeedsvc: {folder} is broken; revision {number} stays in force", fg="red", err=True)
        return
    try:
        new = revisions.record(store, files, parsed, who=who(), now=datetime.now(UTC))
    except FolderChangedError:
        record(store, folder)
        return
    if new is not None:
        click.echo(f"feedsvc: recorded {folder} as configuration revision {new}", err=True)


def who() -> str:
    """Return the name to put on a revision."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return str(os.getuid())
