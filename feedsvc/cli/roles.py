"""`feedsvc web`, `scheduler`, `worker` and `migrate`: the roles of `run`, apart."""

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import uvloop
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from feedsvc import revisions, settings
from feedsvc.cli.opening import opened
from feedsvc.cli.ports import base_url, check_port
from feedsvc.cli.watch import watch
from feedsvc.schedule import Scheduling
from feedsvc.store import open_store

#: names the process to follow into its end; set by `run` for its children
PARENT = "FEEDSVC_PARENT"

host_option = click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
port_option = click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port.")


@click.command()
@host_option
@port_option
@click.pass_obj
def web(folder: Path, host: str, port: int) -> None:
    """Serve feeds and pages. Reads the store, never fetches.

    \b
    Example:
      feedsvc web --host 0.0.0.0 --port 8080
    """
    check_port(host, port)
    with opened(folder) as service, service.store.write() as tx:
        revisions.served_at(tx, base_url(host, port))
    follow_parent()
    os.environ["FEEDSVC_CONFIG"] = str(folder)
    os.environ["FEEDSVC_SERVER"] = str(os.getpid())
    server = Granian(
        "feedsvc.cli.serving:application",
        factory=True,
        interface=Interfaces.WSGI,
        address=host,
        port=port,
        workers=1,
        log_level=LogLevels.warning,
        websockets=False,
    )
    server.serve()


@click.command()
@click.pass_obj
def scheduler(folder: Path) -> None:
    """Poll sources when they are due, publish what changed, and watch the configuration folder.

    \b
    Example:
      feedsvc scheduler
    """
    with opened(folder) as service:
        follow_parent()
        uvloop.run(_schedule(Scheduling(store=service.store, in_force=service.in_force), folder))


async def _schedule(scheduling: Scheduling, folder: Path) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    watching = asyncio.create_task(watch(scheduling.store, folder, stop))
    try:
        await scheduling.run(stop)
    finally:
        stop.set()
        await watching


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


def follow_parent() -> None:
    """End this process when the one that started it has died, even by `kill -9`: nobody would stop it otherwise."""
    parent = os.environ.get(PARENT)
    if parent is not None:
        end_with(int(parent), lambda: os.kill(os.getpid(), signal.SIGTERM))


def end_with(parent: int, end: Callable[[], Any]) -> None:
    """Call `end` once `parent` is no longer this process's parent."""

    def wait() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        end()

    threading.Thread(target=wait, name="following the parent", daemon=True).start()
