"""`feedsvc migrate`"""

import os
from pathlib import Path

import click

from feedsvc import settings
from feedsvc.store import open_store


@click.command()
@click.pass_obj
def migrate(folder: Path) -> None:
    """Create the store, or bring it to this version's schema.

    \b
    Example:
      feedsvc migrate
    """
    store = open_store(settings.storage_url(folder, os.environ))
    try:
        store.migrate()
    finally:
        store.close()
    click.echo("the store has this version's schema")
