"""The pictures of our pages: wanted as the change log and the policies say, fetched once, kept in the store.

A page that named the publisher's pictures would tell every publisher who reads what here.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

import structlog

from feedsvc import policy
from feedsvc.edition import Edition
from feedsvc.errors import FetchError
from feedsvc.fetch import Client
from feedsvc.model import Document, FetchLimits, Freshness, Story
from feedsvc.parse.picture import read_picture
from feedsvc.store import Place, Showing, Store, WantedPicture

log = structlog.get_logger()

#: note in the store: up to which sequence, under which policies
_FOLLOWED = "pictures_followed"
#: changes, or stories, looked at in one go
BATCH = 200
#: stories whose pictures are fetched where a policy begins to allow it, the newest
NEWEST = 1000

#: under way at once, over all hosts
AT_ONCE = 4
#: a lease outlives the longest request by this much; then whoever comes may take it
LEASE_MARGIN = timedelta(seconds=60)
ATTEMPTS = 5
#: after the first failure; each further one doubles it
FIRST_PAUSE = timedelta(hours=1)
#: a host that could not be reached is left alone so long
HOST_PAUSE = timedelta(minutes=1)
#: the longest that a server may send us away
LONGEST_PAUSE = timedelta(days=31)


def follow(store: Store, edition: Edition, now: datetime) -> bool:
    """Want what stories may show by the next batch of the log, or anew under other policies; say if there is more."""
    policies = _policies(edition)
    with store.read() as tx:
        sequence, _, followed = (tx.notes.get(_FOLLOWED) or "0").partition(" ")
        last, after = tx.changes.last_sequence(), int(sequence)
        is_gapless = followed == policies and (after == last or tx.changes.oldest_sequence() <= after + 1)
        changes = tx.changes.since(after, BATCH) if is_gapless and after < last else ()
        found = tx.stories.get({change.story_id for change in changes})
    if not is_gapless:
        _start_over(store, edition, now)
        _note(store, last, policies)
    elif changes:
        _want(store, edition, found.values(), now)
        _note(store, changes[-1].sequence, policies)
    return bool(changes) and changes[-1].sequence < last


def _start_over(store: Store, edition: Edition, now: datetime) -> None:
    """Look at the newest stories, whatever was followed before; what may not be shown any more loses its pictures."""
    with store.write() as tx:
        tx.pictures.show_only_of([source.id for source in edition.sources if source.policy.pictures])
    place: Place | None = None
    for _ in range(NEWEST // BATCH):
        with store.read() as tx:
            page = tx.pages.listing("all", "all", limit=BATCH, before=place)
        _want(store, edition, page.stories, now)
        place = page.older
        if place is None:
            break


def _want(store: Store, edition: Edition, stories: Iterable[Story], now: datetime) -> None:
    sources, language = {source.id: source for source in edition.sources}, edition.site.languages[0]
    showings: list[Showing] = []
    for story in stories:
        published = policy.publishable(story, sources, language)
        hrefs = policy.shown_pictures(published) if published is not None else ()
        showings.append(Showing(story_id=story.id, sort_at=story.sort_at, hrefs=hrefs))
    with store.read() as tx:
        outdated = tx.pictures.outdated(showings)
    if outdated:
        with store.write() as tx:
            tx.pictures.show(outdated, now)


def _policies(edition: Edition) -> str:
    """Name all of the configuration that decides which pictures are shown."""
    said = sorted((source.id, source.policy.pictures, source.policy.republish) for source in edition.sources)
    return sha256(repr(said).encode()).hexdigest()


def _note(store: Store, sequence: int, policies: str) -> None:
    with store.write() as tx:
        tx.notes.set(_FOLLOWED, f"{sequence} {policies}")


@dataclass(slots=True, kw_only=True)
class Fetching:
    """Fetches what is wanted on the running loop, a few at a time, the newest stories' first."""

    store: Store
    client: Client
    limits: FetchLimits
    #: names this process
    holder: str
    #: hosts that polls are waiting for: these come first
    polled: Callable[[], Collection[str]]
    now: Callable[[], datetime]
    _workers: set[asyncio.Task[None]] = field(default_factory=set)
    _downloads: set[asyncio.Future[Document]] = field(default_factory=set)
    _closing: bool = False

    def start(self) -> None:
        """See to it that somebody fetches what is due; never wait for it."""
        if not self._closing and len(self._workers) < AT_ONCE:
            worker = asyncio.create_task(self._work(), name="pictures")
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
            # The database refused: the lease runs out and the picture is due again.
            log.error("picture not recorded", error=str(error))

    async def _work(self) -> None:
        while not self._closing and (wanted := await asyncio.to_thread(self._claim, self.polled())) is not None:
            # There may be more, at other hosts.
            self.start()
            await asyncio.to_thread(self._record, wanted, await self._download(wanted))

    def _claim(self, polled: Collection[str]) -> WantedPicture | None:
        now, per_host = self.now(), self.limits.per_host
        until = now + self.limits.timeout + LEASE_MARGIN
        while True:
            # Looking takes a while where much is due; nobody has to wait for it.
            with self.store.read() as tx:
                wanted = tx.pictures.next_wanted(now, per_host=per_host, but=polled)
            if wanted is None:
                return None
            with self.store.write() as tx:
                if tx.pictures.take(wanted, self.holder, now, until, per_host):
                    return wanted

    async def _download(self, wanted: WantedPicture) -> Document | FetchError | None:
        """Return what came of a request; None: it was given up."""
        if self._closing:
            return None
        download = asyncio.ensure_future(self.client.get_picture(wanted.href, self.now()))
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
            log.exception("an error of ours", picture=wanted.href)
            return FetchError("picture", f"an error of ours: {error}", retryable=True)
        finally:
            self._downloads.discard(download)

    def _record(self, wanted: WantedPicture, found: Document | FetchError | None) -> None:
        now = self.now()
        file = read_picture(found.body) if isinstance(found, Document) else None
        if isinstance(found, Document) and file is None:
            found = FetchError("picture", "not a picture that browsers show", retryable=True, status=found.status)
        with self.store.write() as tx:
            if file is not None:
                tx.pictures.keep(wanted, file)
            elif isinstance(found, FetchError):
                tx.pictures.fail(wanted, found.problem, next_attempt(wanted.failures + 1, found, now))
                if (pause := host_pause(found, now)) is not None:
                    tx.pictures.postpone(wanted.host, pause)
            else:
                tx.pictures.put_back(wanted, now)
        if isinstance(found, FetchError):
            log.info("no picture", href=wanted.href, error=found.problem)


def next_attempt(failures: int, error: FetchError, now: datetime) -> datetime | None:
    """Return when to try again after so many failures in a row, None: never."""
    if failures >= ATTEMPTS or not error.retryable or error.status in {404, 410}:
        return None
    return max(now + FIRST_PAUSE * (1 << failures - 1), _retry_at(error, now) or now)


def host_pause(error: FetchError, now: datetime) -> datetime | None:
    """Return until when all pictures of the host wait, None: they need not."""
    if error.status in {429, 503}:
        return _retry_at(error, now) or now + FIRST_PAUSE
    return now + HOST_PAUSE if error.status is None and error.retryable else None


def _retry_at(error: FetchError, now: datetime) -> datetime | None:
    fresh = error.freshness
    return min(fresh.retry_at, now + LONGEST_PAUSE) if isinstance(fresh, Freshness) and fresh.retry_at else None
