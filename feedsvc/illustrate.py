"""The pictures of our pages: wanted as the change log and the policies say, fetched once, kept in the store.

A page that named the publisher's pictures would tell every publisher who reads what here.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from feedsvc import policy
from feedsvc.edition import Edition
from feedsvc.errands import Fetching, Manner, Means
from feedsvc.errors import FetchError
from feedsvc.fetch import Client
from feedsvc.model import PictureFile, Story
from feedsvc.parse.picture import read_picture
from feedsvc.store import Pictures, Place, Showing, Store, Transaction, WantedPicture

#: note in the store: up to which sequence, under which policies
_FOLLOWED = "pictures_followed"
#: changes, or stories, looked at in one go
BATCH = 200
#: stories whose pictures are fetched where a policy begins to allow it, the newest
NEWEST = 1000

#: under way at once, over all hosts
AT_ONCE = 4
#: after the first failure
FIRST_PAUSE = timedelta(hours=1)


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


def fetching(means: Means) -> Fetching[WantedPicture, PictureFile]:
    """Return what fetches wanted pictures, the newest stories' first."""
    manner = Manner(name="picture", at_once=AT_ONCE, longest=means.limits.timeout, first_pause=FIRST_PAUSE)
    return Fetching(means=means, manner=manner, errand=_Pictures(client=means.client))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pictures:
    client: Client

    def shelf(self, tx: Transaction) -> Pictures:
        return tx.pictures

    def is_current(self, tx: Transaction) -> bool:
        return True

    async def fetch(self, wanted: WantedPicture, now: datetime) -> PictureFile:
        found = await self.client.get_picture(wanted.href, now)
        file = await asyncio.to_thread(read_picture, found.body)
        if file is None:
            raise FetchError("picture", "not a picture that browsers show", retryable=True, status=found.status)
        return file

    def keep(self, wanted: WantedPicture, found: PictureFile, tx: Transaction, now: datetime) -> None:
        tx.pictures.keep(wanted, found)

    def fail(self, wanted: WantedPicture, error: FetchError, tx: Transaction, now: datetime) -> None:
        """A story is shown without it."""
