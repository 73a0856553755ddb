"""`feedsvc scheduler`"""

import asyncio
import signal
from pathlib import Path

import click
import uvloop

from feedsvc.cli.opening import opened
from feedsvc.cli.parents import follow_parent
from feedsvc.cli.watch import watch
from feedsvc.schedule import Scheduling


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
