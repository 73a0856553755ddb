"""The database: its file, its room."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from feedsvc.doctor.finding import Finding, error, fine, many, warning
from feedsvc.store import Store

_SQLITE = "sqlite:///"
#: less is too little for a day, and for what SQLite writes beside the file meanwhile
_LEAST_FREE_BYTES = 1_000_000_000
_MUCH_FREE = 0.05


def file(url: str) -> Iterator[Finding]:
    """Look at SQLite's file and its folder."""
    if not url.startswith(_SQLITE):
        return
    path = Path(url.removeprefix(_SQLITE).partition("?")[0])
    if not path.exists():
        return
    status, folder = path.stat(), path.parent
    if not os.access(path, os.W_OK) or not os.access(folder, os.W_OK):
        yield error(
            "store", f"{path} or its folder cannot be written by this user", f"chown it to who runs feedsvc: {folder}"
        )
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        yield error("store", f"others on this machine may change {path}", f"chmod go-w {path}")
    elif status.st_mode & stat.S_IROTH:
        yield warning(
            "store", f"everybody on this machine may read {path}, and it holds secrets of hubs", f"chmod o= {path}"
        )
    disk = shutil.disk_usage(folder)
    size = sum(each.stat().st_size for each in (path, path.with_name(f"{path.name}-wal")) if each.exists())
    room = f"{path} takes {_bytes(size)}, {_bytes(disk.free)} are free"
    if disk.free < _LEAST_FREE_BYTES:
        yield error("store", f"the disk is nearly full: {room}", "make room, or shorten `retention.entries`")
    elif disk.free < max(_MUCH_FREE * disk.total, size / 2):
        yield warning("store", f"the disk fills up: {room}", "make room, or shorten `retention.entries`")
    else:
        yield fine("store", room)


def contents(store: Store) -> Iterator[Finding]:
    with store.read() as tx:
        size, stories = tx.figures.size_bytes(), sum(tx.stories.counts("all").values())
    yield fine(
        "store", f"{store.dialect} holds {many(stories, 'announced story', 'announced stories')} in {_bytes(size)}"
    )


def kept(store: Store) -> Iterator[Finding]:
    """Name the documents that workers could not read: they cost one poll each, and may be attacks."""
    with store.read() as tx:
        found = tx.kept_documents.list()
    for each in found:
        yield warning(
            "documents",
            f"document {each.number} of {each.source_id}, {each.at:%Y-%m-%d %H:%M} UTC, "
            f"{_bytes(each.size)}{', cut,' if each.is_cut else ''} from {each.url}: {each.why}",
            f"`feedsvc doctor --document {each.number} > FILE` writes what came; open it with care",
            each.source_id,
        )


def _bytes(size: int) -> str:
    for unit, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size >= unit:
            return f"{size / unit:,.1f} {name}"
    return many(size, "byte")
