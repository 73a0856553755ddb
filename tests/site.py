"""A whole feedsvc in a folder, for tests that go from upstream's bytes to published documents."""

import asyncio
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from datetime import timedelta
from io import StringIO
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import feedparser
from ruamel.yaml import YAML

from feedsvc import articles, publish
from feedsvc.cli.opening import Service, opened
from feedsvc.engine.local import utc_now
from feedsvc.model import Change, SourceUpdate
from feedsvc.schedule import client_of, means_of, pages_of, polling, runner_with

#: loopback is private: a test site has to say that it may be read
FEEDSVC: Mapping[str, Any] = {
    "site": {"title": {"vi": "Tin thử", "en": "Test news"}, "base_url": "https://news.example.org"},
    "fetch": {"allow_private": ["127.0.0.0/8"], "per_host": 8},
}


def as_yaml(value: object) -> str:
    out = StringIO()
    YAML(typ="safe", pure=True).dump(value, out)
    return out.getvalue()


def source(id: str, url: str, **more: Any) -> dict[str, Any]:
    """Return a source that announces everything at once and may be shown whole, unless told otherwise."""
    shown = {"policy": {"republish": "full", "pictures": True}}
    defaults = {"title": id.title(), "backfill": "all", "full_text": False, **shown}
    return {"id": id, "url": url, **defaults, **more}


class Site:
    """Writes a configuration, polls, publishes, and reads what was published."""

    def __init__(self, folder: Path, storage_url: str | None = None) -> None:
        self.folder = folder / "config"
        self.folder.mkdir(parents=True, exist_ok=True)
        self._storage = {"storage": {"url": storage_url}} if storage_url else {}
        self._open = ExitStack()
        self.service: Service | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def configure(
        self,
        sources: Iterable[Mapping[str, Any]],
        categories: Iterable[Mapping[str, Any]] = (),
        tags: Iterable[Mapping[str, Any]] = (),
        **sections: Any,
    ) -> Self:
        """Write the folder and put it in force."""
        files = {
            "feedsvc.yaml": {**FEEDSVC, **self._storage, **sections},
            "sources.yaml": {"sources": [dict(each) for each in sources]},
            "categories.yaml": {"categories": [dict(c) for c in categories], "tags": [dict(tag) for tag in tags]},
        }
        for name, value in files.items():
            (self.folder / name).write_text(as_yaml(value), encoding="utf-8")
        self.close()
        return self.open()

    def open(self) -> Self:
        """Start anew on what the folder and the store hold."""
        self.service = self._open.enter_context(opened(self.folder))
        return self

    def close(self) -> None:
        self._open.close()
        self.service = None

    @property
    def _service(self) -> Service:
        assert self.service is not None, "configure() first"
        return self.service

    def poll(self, *ids: str) -> dict[str, SourceUpdate]:
        """Poll these sources, or all, at once, whether due or not; publish; return the updates by source."""
        updates = asyncio.run(self._poll(ids))
        self.publish()
        return updates

    async def _poll(self, ids: Sequence[str]) -> dict[str, SourceUpdate]:
        current = self._service.in_force()
        chosen = [each for each in current.settings.sources if not ids or each.id in ids]
        async with polling(self._service.store, current) as runner:
            updates = await asyncio.gather(*(runner.submit(each, force=True) for each in chosen))
        return {update.attempt.source_id: update for update in updates if update is not None}

    def fetch_pages(self, later: timedelta = timedelta()) -> None:
        """Announce what waits no longer, and fetch the articles' pages that are due so much later; publish."""
        asyncio.run(self._fetch_pages(later))
        self.publish()

    async def _fetch_pages(self, later: timedelta) -> None:
        current, store = self._service.in_force(), self._service.store
        async with await client_of(store, current) as client, runner_with(client, store, current) as runner:
            articles.release_overdue(store, runner.deps, utc_now() + later)
            fetching = pages_of(means_of(client, runner, now=lambda: utc_now() + later), runner, current)
            fetching.start()
            await fetching.idle()

    def publish(self) -> tuple[str, ...]:
        """Render what is behind; return the addresses whose bytes changed."""
        publish.index(self._service.store)
        return publish.refresh(self._service.store, self._service.in_force().edition, utc_now())

    def body(self, path: str) -> bytes:
        with self._service.store.read() as tx:
            snapshot = tx.snapshots.get(path)
        assert snapshot is not None, f"{path} is not published"
        return snapshot.body

    def bodies(self) -> dict[str, bytes]:
        """Return every document by its address."""
        with self._service.store.read() as tx:
            return {snapshot.path: snapshot.body for snapshot in tx.snapshots.since(-1).snapshots}

    def feed(self, path: str) -> Any:
        """Read a document back with feedparser."""
        return feedparser.parse(self.body(path))

    def changes(self) -> tuple[Change, ...]:
        with self._service.store.read() as tx:
            return tx.changes.since(0, 100_000)


#: as `feedsvc` would see it in a shell
ENVIRON = {name: value for name, value in os.environ.items() if not name.startswith("FEEDSVC_")}
