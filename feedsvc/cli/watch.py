"""Watches the configuration folder and puts it in force when it changes."""

import asyncio
from pathlib import Path

import structlog
from watchfiles import awatch

from feedsvc.cli.opening import record
from feedsvc.errors import StoreError
from feedsvc.store import Store

log = structlog.get_logger()


async def watch(store: Store, folder: Path, stop: asyncio.Event) -> None:
    """Record the folder after each change until `stop` is set; a broken one is told and the last good one stays."""
    while not stop.is_set():
        try:
            async for _ in awatch(folder, stop_event=stop, step=100, debounce=400):
                await asyncio.to_thread(record, store, folder)
        except StoreError as error:
            log.error("the configuration could not be recorded", error=str(error))
        except FileNotFoundError:
            # The folder itself was moved or replaced: look again until it is back.
            await asyncio.sleep(1)
