"""`feedsvc worker`"""

import sys
from pathlib import Path

import click

from feedsvc.cli.opening import opened


@click.command()
@click.pass_obj
def worker(folder: Path) -> None:
    """Run tasks beside the scheduler; needs PostgreSQL.

    \b
    Example:
      FEEDSVC_STORAGE_URL=postgresql://localhost/feedsvc feedsvc worker
    """
    with opened(folder) as service:
        if service.store.dialect == "sqlite":
            reason = "on SQLite the scheduler runs every task itself; a worker needs PostgreSQL (storage.url)"
        else:
            reason = "this version runs every task in the scheduler; workers on several machines are to come"
    click.echo(f"feedsvc: {reason}", err=True)
    sys.exit(2)
