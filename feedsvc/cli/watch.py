"""Watches the configuration folder and puts it in force when it changes."""

import asyncio
from contextlib import aclosing, suppress
from dataclasses import dataclass
from pathlib import Path

import structlog
from watchfiles import awatch

from feedsvc.cli.opening import record
from feedsvc.settings import CONFIG_FILES
from feedsvc.store import Store

log = structlog.get_logger()

#: what the system does not announce is seen after this: a replaced folder, a file behind a link or on a network share
LOOK_MS = 2000

#: before trying again after watching failed, and between looks for a folder that is gone
PAUSE_S = 0.5


@dataclass(frozen=True, slots=True)
class Look:
    """What tells cheaply whether the folder or one of its files is another one; None for what is not there."""

    folder: tuple[int, int] | None
    files: tuple[tuple[int, int, int] | None, ...]


async def watch(store: Store, folder: Path, stop: asyncio.Event) -> None:
    """Record the folder after each change until `stop` is set; a broken one is told and the last good one stays."""
    recorded: Look | None = None
    polling = False
    while not stop.is_set():
        # At each start of watching too, since the system announces nothing of what was saved before.
        recorded = await asyncio.to_thread(_catch_up, store, folder, recorded)
        try:
            await _change(folder, recorded, stop, polling=polling)
        except FileNotFoundError:
            # The folder is gone, which was told when it was noticed: look again until it is back.
            await _pause(stop)
        except OSError as error:
            log.warning("the system does not announce changes; comparing the folder's files instead", error=str(error))
            polling = True
            await _pause(stop)
        except Exception as error:
            # Whatever it is: a scheduler that goes on but hears of no change would be worse.
            log.exception("watching the configuration folder failed; trying again", error=str(error))
            await _pause(stop)


async def _change(folder: Path, recorded: Look | None, stop: asyncio.Event, *, polling: bool) -> None:
    """Return when the folder differs from what was recorded, or on `stop`."""
    wakes = awatch(
        folder,
        stop_event=stop,
        step=100,
        debounce=400,
        recursive=False,
        rust_timeout=LOOK_MS,
        yield_on_timeout=True,
        force_polling=polling or None,
    )
    async with aclosing(wakes):
        async for _ in wakes:
            if await asyncio.to_thread(_look, folder) != recorded:
                return


def _catch_up(store: Store, folder: Path, recorded: Look | None) -> Look | None:
    """Record the folder if it changed; return what is recorded now, which is the old one when that failed."""
    # Looked at before it is read: what is saved while it is read differs at the next look.
    look = _look(folder)
    if look == recorded:
        return recorded
    try:
        record(store, folder)
    except Exception as error:
        log.exception("the configuration could not be recorded; trying again", error=str(error))
        return recorded
    return look


def _look(folder: Path) -> Look:
    files: list[tuple[int, int, int] | None] = []
    for name in CONFIG_FILES:
        try:
            found = (folder / name).stat()
            files.append((found.st_mtime_ns, found.st_size, found.st_ino))
        except OSError:
            files.append(None)
    try:
        itself = folder.stat()
    except OSError:
        return Look(None, tuple(files))
    return Look((itself.st_dev, itself.st_ino), tuple(files))


async def _pause(stop: asyncio.Event) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), PAUSE_S)
