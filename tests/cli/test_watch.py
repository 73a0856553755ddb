"""Watching the configuration folder: real files, a real store."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from watchfiles import awatch

from feedsvc.cli import watch as watching
from feedsvc.cli.opening import Service, opened, record
from feedsvc.cli.watch import watch
from feedsvc.errors import StoreError
from feedsvc.revisions import REFUSED
from tests.site import FEEDSVC, as_yaml

pytestmark = pytest.mark.anyio

DEADLINE_S = 20.0


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "LOOK_MS", 200)
    monkeypatch.setattr(watching, "PAUSE_S", 0.05)


def write(folder: Path, category: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "feedsvc.yaml").write_text(as_yaml(dict(FEEDSVC)))
    (folder / "sources.yaml").write_text(as_yaml({"sources": []}))
    categories = [{"id": category, "title": category, "match": "news"}]
    (folder / "categories.yaml").write_text(as_yaml({"categories": categories}))


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    write(tmp_path / "config", "first")
    with opened(tmp_path / "config") as service:
        yield service


@asynccontextmanager
async def watched(service: Service) -> AsyncIterator[None]:
    """Watch; afterwards the watcher must still have been there, and stop promptly."""
    stop = asyncio.Event()
    task = asyncio.create_task(watch(service.store, service.folder, stop))
    try:
        yield
        assert not task.done()
    finally:
        stop.set()
        await asyncio.wait_for(task, 1.5)


async def until(check: Callable[[], bool]) -> None:
    end = time.monotonic() + DEADLINE_S
    while not await asyncio.to_thread(check):
        assert time.monotonic() < end, "timed out"
        await asyncio.sleep(0.02)


def refused(service: Service) -> str | None:
    with service.store.read() as tx:
        return tx.notes.get(REFUSED)


def in_force(service: Service, category: str) -> Awaitable[None]:
    return until(lambda: [each.id for each in service.in_force().settings.categories] == [category])


async def test_a_folder_that_is_replaced_is_followed_and_so_is_what_is_saved_in_it_later(service: Service) -> None:
    config, new = service.folder, service.folder.parent / "new"
    async with watched(service):
        write(new, "second")
        config.rename(config.parent / "old")
        new.rename(config)
        await in_force(service, "second")
        write(config, "third")
        await in_force(service, "third")

        copy = shutil.copytree(config, config.parent / "copy")
        write(copy, "fourth")
        shutil.rmtree(config)
        shutil.copytree(copy, config)
        await in_force(service, "fourth")
        write(config, "fifth")
        await in_force(service, "fifth")


async def test_a_folder_that_is_gone_is_told_once_and_taken_up_when_it_is_back(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    config, away = service.folder, service.folder.parent / "away"
    async with watched(service):
        config.rename(away)
        await until(lambda: refused(service) is not None)
        write(away, "second")
        await asyncio.sleep(5 * watching.PAUSE_S)  # several looks at what is not there
        away.rename(config)
        await in_force(service, "second")
        assert refused(service) is None
    assert capsys.readouterr().err.count("is broken") == 1


async def test_files_behind_a_link_that_is_turned_are_seen(service: Service) -> None:
    config = service.folder
    for name in ("one", "two"):
        write(config.parent / name, name)
    shutil.rmtree(config)
    config.symlink_to("one")
    async with watched(service):
        await in_force(service, "one")
        turned = config.parent / "turned"
        turned.symlink_to("two")
        turned.rename(config)
        await in_force(service, "two")


async def test_without_announcements_the_files_are_compared(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*folders: Path, force_polling: bool | None, **more: Any) -> AsyncIterator[Any]:
        # The limits are the machine's: reaching them for real would take them from every other process.
        if not force_polling:
            raise OSError(28, "OS file watch limit reached")
        return awatch(*folders, force_polling=True, **more)

    monkeypatch.setattr(watching, "awatch", exhausted)
    async with watched(service):
        write(service.folder, "second")
        await in_force(service, "second")
        write(service.folder, "third")
        await in_force(service, "third")


async def test_what_could_not_be_recorded_is_recorded_later(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    failures = [StoreError("locked"), RuntimeError("unforeseen")]

    def failing(*arguments: Any) -> None:
        if failures:
            raise failures.pop()
        record(*arguments)

    monkeypatch.setattr(watching, "record", failing)
    write(service.folder, "second")
    async with watched(service):
        await in_force(service, "second")
    assert not failures
