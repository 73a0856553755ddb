"""What is fetched beside the polls, pictures and pages: a few at a time, tried again, and polls come first."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

import structlog

from feedsvc.errors import FetchError, StoreError
from feedsvc.fetch import Client
from feedsvc.model import FetchLimits, Freshness
from feedsvc.store import Lease, Store, Transaction

log = structlog.get_logger()

#: a lease outlives the longest errand by this much; then whoever comes may take it
LEASE_MARGIN = timedelta(seconds=60)
ATTEMPTS = 5
#: a host that could not be reached is left alone so long
HOST_PAUSE = timedelta(minutes=1)
#: the longest that a server may send us away
LONGEST_PAUSE = timedelta(days=31)


class Wanted(Protocol):
    """What is to be fetched, and how often in a row that failed."""

    @property
    def href(self) -> str: ...
    @property
    def host(self) -> str: ...
    @property
    def failures(self) -> int: ...


W = TypeVar("W", bound=Wanted)
F = TypeVar("F")


class Shelf(Protocol[W]):
    """Where wanted things of one kind stand in the store."""

    def next_wanted(self, now: datetime, *, per_host: int, but: Collection[str]) -> W | None: ...
    def take(self, wanted: W, lease: Lease) -> bool: ...
    def fail(self, wanted: W, error: str, next_fetch_at: datetime | None) -> None: ...
    def put_back(self, wanted: W, now: datetime) -> None: ...
    def postpone(self, host: str, until: datetime) -> None: ...


class Errand(Protocol[W, F]):
    """What to do with one kind of thing."""

    def shelf(self, tx: Transaction) -> Shelf[W]: ...

    def is_current(self, tx: Transaction) -> bool:
        """Say whether what was fetched may still be recorded; else it is due again."""

    async def fetch(self, wanted: W, now: datetime) -> F:
        """Raises FetchError."""

    def keep(self, wanted: W, found: F, tx: Transaction, now: datetime) -> None:
        """Store it."""

    def fail(self, wanted: W, error: FetchError, tx: Transaction, now: datetime) -> None:
        """Do what is to be done where it could not be fetched; when it is tried again is stored by then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How one kind of thing is fetched."""

    #: in messages
    name: str
    #: under way at once, over all hosts
    at_once: int
    #: how long one takes at most
    longest: timedelta
    #: after the first failure; each further one doubles it
    first_pause: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What errands are run with."""

    store: Store
    client: Client
    limits: FetchLimits
    #: names this process
    holder: str
    #: hosts that polls are waiting for: these come first
    polled: Callable[[], Collection[str]]
    now: Callable[[], datetime]


@dataclass(slots=True, kw_only=True)
class Fetching(Generic[W, F]):
    """Fetches what is wanted on the running loop, a few at a time."""

    means: Means
    manner: Manner
    errand: Errand[W, F]
    _workers: set[asyncio.Task[None]] = field(default_factory=set)
    _downloads: set[asyncio.Future[F]] = field(default_factory=set)
    _closing: bool = False

    def start(self) -> None:
        """See to it that somebody fetches what is due; never wait for it."""
        if not self._closing and len(self._workers) < self.manner.at_once:
            worker = asyncio.create_task(self._work(), name=self.manner.name)
            self._workers.add(worker)
            worker.add_done_callback(self._done)

    async def idle(self) -> None:
        """Wait until nothing is under way."""
        while self._workers:
            await asyncio.wait(tuple(self._workers))

    async def close(self) -> None:
        """Give up what is under way; it is due again at once."""
        self._closing = True
        for download in self._downloads:
            download.cancel()
        await self.idle()

    def _done(self, worker: asyncio.Task[None]) -> None:
        self._workers.discard(worker)
        if not worker.cancelled() and (error := worker.exception()) is not None:
            # The database refused: the lease runs out and it is due again.
            log.error(f"{self.manner.name} not recorded", error=str(error))

    async def _work(self) -> None:
        while not self._closing and (wanted := await asyncio.to_thread(self._claim, self.means.polled())) is not None:
            # There may be more, at other hosts.
            self.start()
            await asyncio.to_thread(self._record, wanted, await self._download(wanted))

    def _claim(self, polled: Collection[str]) -> W | None:
        means, now, per_host = self.means, self.means.now(), self.means.limits.per_host
        until = now + self.manner.longest + LEASE_MARGIN
        lease = Lease(holder=means.holder, now=now, until=until, per_host=per_host)
        while True:
            # Looking takes a while where much is due; nobody has to wait for it.
            with means.store.read() as tx:
                wanted = self.errand.shelf(tx).next_wanted(now, per_host=per_host, but=polled)
            if wanted is None:
                return None
            with means.store.write() as tx:
                if self.errand.shelf(tx).take(wanted, lease):
                    return wanted

    async def _download(self, wanted: W) -> F | FetchError | None:
        """Return what came of it; None: it was given up."""
        if self._closing:
            return None
        download = asyncio.ensure_future(self.errand.fetch(wanted, self.means.now()))
        self._downloads.add(download)
        try:
            return await download
        except FetchError as error:
            return error
        except asyncio.CancelledError:
            if not self._closing:
                raise
            return None
        except Exception as error:
            log.exception("an error of ours", wanted=wanted.href)
            return FetchError(self.manner.name, f"an error of ours: {error}", retryable=True)
        finally:
            self._downloads.discard(download)

    def _record(self, wanted: W, found: F | FetchError | None) -> None:
        try:
            self._write(wanted, found)
        except StoreError:
            raise
        except Exception as error:
            if found is None or isinstance(found, FetchError):
                raise
            # It would be fetched again and again.
            log.exception("an error of ours", wanted=wanted.href)
            self._write(wanted, FetchError(self.manner.name, f"an error of ours: {error}", retryable=True))

    def _write(self, wanted: W, found: F | FetchError | None) -> None:
        now = self.means.now()
        with self.means.store.write() as tx:
            shelf = self.errand.shelf(tx)
            if found is None or not self.errand.is_current(tx):
                shelf.put_back(wanted, now)
            elif not isinstance(found, FetchError):
                self.errand.keep(wanted, found, tx, now)
            else:
                again_at = next_attempt(wanted.failures + 1, found, self.manner.first_pause, now)
                shelf.fail(wanted, found.problem, again_at)
                if (pause := host_pause(found, self.manner.first_pause, now)) is not None:
                    shelf.postpone(wanted.host, pause)
                self.errand.fail(wanted, found, tx, now)
        if isinstance(found, FetchError):
            log.info(f"no {self.manner.name}", href=wanted.href, error=found.problem)


def next_attempt(failures: int, error: FetchError, first_pause: timedelta, now: datetime) -> datetime | None:
    """Return when to try again after so many failures in a row, None: never."""
    if failures >= ATTEMPTS or not error.retryable or error.status in {404, 410}:
        return None
    return max(now + first_pause * (1 << failures - 1), _retry_at(error, now) or now)


def host_pause(error: FetchError, first_pause: timedelta, now: datetime) -> datetime | None:
    """Return until when all of the host that is wanted waits, None: it need not."""
    if error.status in {429, 503}:
        return _retry_at(error, now) or now + first_pause
    return now + HOST_PAUSE if is_unreachable(error) else None


def is_unreachable(error: FetchError) -> bool:
    """Say whether the host could not be asked, as far as can be told."""
    return error.status is None and error.retryable


def _retry_at(error: FetchError, now: datetime) -> datetime | None:
    fresh = error.freshness
    return min(fresh.retry_at, now + LONGEST_PAUSE) if isinstance(fresh, Freshness) and fresh.retry_at else None
