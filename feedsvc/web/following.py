"""What the web process holds in memory, kept within a quarter of a second of the store."""

import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from feedsvc.errors import FeedsvcError
from feedsvc.model import Listing, ListKind
from feedsvc.revisions import InForce, Stamp, stamp
from feedsvc.store import Store
from feedsvc.web.readers import Readers, keep_noted
from feedsvc.web.shared import Prepared, Served, prepare

log = structlog.get_logger()

#: between two looks at the store; a change is to show within 1 s
INTERVAL_S = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The shared feeds, the listings and the configuration behind them, at one moment."""

    served: Served
    listings: tuple[Listing, ...]
    in_force: InForce


class Following:
    """Holds the latest `View`. One thread looks; requests only read one reference. Another one notes who reads."""

    def __init__(self, store: Store, in_force: Callable[[], InForce]) -> None:
        self._store, self._in_force = store, in_force
        self._version, self._stamp = -1, Stamp(number=-1, served_at=None)
        self._documents: dict[str, Prepared] = {}
        self._base_url: str | None = None
        self._stop = threading.Event()
        self.readers = Readers(datetime.now(UTC).date())
        #: when the store was last read, by the monotonic clock, in seconds
        self.looked_at = time.monotonic()
        self.view = self._look()

    def start(self) -> None:
        """Follow the store until the process ends or `stop` is called."""
        threading.Thread(target=self._follow, name="following", daemon=True).start()
        noting = (self.readers, self._store, self._stop)
        threading.Thread(target=keep_noted, args=noting, name="readers", daemon=True).start()

    def stop(self) -> None:
        self._stop.set()

    def served(self) -> Served:
        return self.view.served

    def look(self) -> None:
        """Take up what the store holds now."""
        self.view = self._look()
        self.looked_at = time.monotonic()

    def _follow(self) -> None:
        failing = False
        try:
            while not self._stop.wait(INTERVAL_S):
                try:
                    self.look()
                    failing = False
                except FeedsvcError as error:
                    # What is in memory is still good: stale feeds beat no feeds.
                    if not failing:
                        log.error("the store cannot be read; serving what is in memory", error=str(error))
                    failing = True
        finally:
            if not self._stop.is_set():
                # An error of ours. Feeds would be stale for ever: better that whoever started us starts anew.
                os.kill(os.getpid(), signal.SIGTERM)

    def _look(self) -> View:
        with self._store.read() as tx:
            now = stamp(tx)
            if tx.snapshots.version() == self._version and now == self._stamp:
                return self.view
        same = now == self._stamp
        in_force = self.view.in_force if same else self._in_force()
        with self._store.read() as tx:
            # The public address is in every Link header.
            known = self._version if same or in_force.base_url == self._base_url else -1
            delta, listings = tx.snapshots.since(known), tx.listings.all()
        kept = {path: kept for path, kept in self._documents.items() if path not in delta.dropped and known >= 0}
        fresh = {snapshot.path: prepare(snapshot, in_force.base_url) for snapshot in delta.snapshots}
        self._documents, self._version, self._stamp = kept | fresh, delta.version, now
        self._base_url = in_force.base_url
        return View(served=_served(self._documents, listings, in_force), listings=listings, in_force=in_force)


def _served(documents: dict[str, Prepared], listings: tuple[Listing, ...], in_force: InForce) -> Served:
    settings = in_force.settings
    groups: tuple[tuple[ListKind, tuple[tuple[str, tuple[str, ...]], ...]], ...] = (
        ("category", tuple((category.id, category.was) for category in settings.categories)),
        ("tag", tuple((tag.id, tag.was) for tag in settings.tags)),
        ("source", tuple((source.id, source.was) for source in settings.sources)),
    )
    return Served(
        documents=documents,
        closed=frozenset((x.kind, x.id) for x in listings if x.closed_at is not None),
        renamed={(kind, old): id for kind, group in groups for id, was in group for old in was},
        opened=frozenset((x.kind, x.id) for x in listings if x.closed_at is None),
        base_url=in_force.base_url,
    )
