"""Pictures that pages may show: which are wanted, who fetches one now, and which are here."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import Select, bindparam, delete, exists, select

from feedsvc.model import Checked, PictureFile
from feedsvc.store.errands import PICTURES, Lease
from feedsvc.store.schema import entries, names, pictures, stories, story_pictures
from feedsvc.store.work import Work, chunks

_HERE = select(pictures.c.key, pictures.c.media_type, pictures.c.width, pictures.c.height, pictures.c.digest).where(
    pictures.c.key.in_(bindparam("keys", expanding=True)), pictures.c.media_type.is_not(None)
)
_FILE = select(pictures.c.media_type, pictures.c.width, pictures.c.height, pictures.c.body).where(
    pictures.c.key == bindparam("at"), pictures.c.media_type.is_not(None)
)
_SHOWN_BY = (
    select(story_pictures.c.story_id)
    .join(stories, stories.c.id == story_pictures.c.story_id)
    .where(story_pictures.c.picture == bindparam("at"))
    .where(stories.c.announced.is_not(None), stories.c.retracted.is_(None))
    .order_by(story_pictures.c.sort_at.desc(), story_pictures.c.story_id.desc())
    .limit(bindparam("most"))
)
_LINKS = select(story_pictures).where(story_pictures.c.story_id.in_(bindparam("ids", expanding=True)))
_KNOWN = select(pictures.c.key).where(pictures.c.key.in_(bindparam("keys", expanding=True)))
_UNLINK = delete(story_pictures).where(
    story_pictures.c.story_id == bindparam("of"), story_pictures.c.picture == bindparam("which")
)
_SHOWN = exists().where(story_pictures.c.picture == pictures.c.key)
_DELETE_UNSHOWN = delete(pictures).where(pictures.c.key == bindparam("at"), ~_SHOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPicture:
    """A picture that is here, in pixels; `key` is in its address on our site."""

    key: str
    media_type: str
    width: int
    height: int
    #: tells its bytes from others
    etag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing(Checked):
    """The addresses of what one story may show; `sort_at` is the story's."""

    story_id: UUID
    sort_at: datetime
    hrefs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedPicture:
    """A picture that is to be fetched, and how often in a row that failed."""

    key: str
    href: str
    host: str
    failures: int


class Pictures:
    """Each address once, under a hash of it, for as long as a story shows it."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def here(self, hrefs: Iterable[str]) -> Mapping[str, KeptPicture]:
        """Return by address those whose bytes are here. Pages show these, and no others."""
        by_key = {_key(href): href for href in hrefs}
        found: dict[str, KeptPicture] = {}
        for part in chunks(by_key):
            for row in self._work.connection.execute(_HERE, {"keys": part}):
                found[by_key[row.key]] = KeptPicture(
                    key=row.key.hex(),
                    media_type=row.media_type,
                    width=row.width,
                    height=row.height,
                    etag=row.digest.hex(),
                )
        return found

    def file(self, key: str) -> PictureFile | None:
        """Return a picture that is here. Whether it may be shown still is not asked."""
        row = self._work.connection.execute(_FILE, {"at": bytes.fromhex(key)}).one_or_none()
        if row is None:
            return None
        return PictureFile(media_type=row.media_type, width=row.width, height=row.height, body=row.body)

    def shown_by(self, key: str, limit: int) -> tuple[UUID, ...]:
        """Return the newest announced stories that were to show it, without the retracted ones."""
        rows = self._work.connection.execute(_SHOWN_BY, {"at": bytes.fromhex(key), "most": limit})
        return tuple(rows.scalars())

    def outdated(self, showings: Sequence[Showing]) -> tuple[Showing, ...]:
        """Return those that say something else than is stored."""
        stored = self._links(each.story_id for each in showings)
        return tuple(each for each in showings if stored.get(each.story_id, set()) != _shown(each))

    def show(self, showings: Sequence[Showing], now: datetime) -> None:
        """Store what these stories may show, and nothing else. What is not known yet is due at once."""
        stored = self._links(each.story_id for each in showings)
        wanted = {each.story_id: _shown(each) for each in showings}
        gone = [{"of": id, "which": key} for id in wanted for key, _ in stored.get(id, set()) - wanted[id]]
        if gone:
            self._work.connection.execute(_UNLINK, gone)
        links = [
            {"story_id": id, "picture": key, "sort_at": sort_at}
            for id, shown in wanted.items()
            for key, sort_at in shown - stored.get(id, set())
        ]
        self._work.insert(story_pictures, links)
        new = {_key(href): (href, each.sort_at) for each in showings for href in each.hrefs}
        for part in chunks(tuple(new)):
            for key in self._work.connection.execute(_KNOWN, {"keys": part}).scalars():
                del new[key]
        self._work.insert(pictures, [_row(key, href, sort_at, now) for key, (href, sort_at) in new.items()])

    def show_only_of(self, source_ids: Collection[str]) -> None:
        """Let stories that another source leads show nothing."""
        others = (
            select(stories.c.id)
            .join(entries, entries.c.id == stories.c.lead_id)
            .join(names, names.c.number == entries.c.source)
            .where(names.c.id.not_in(tuple(source_ids)))
        )
        self._work.connection.execute(delete(story_pictures).where(story_pictures.c.story_id.in_(others)))

    def next_wanted(self, now: datetime, *, per_host: int, but: Collection[str] = ()) -> WantedPicture | None:
        """Return what is due at a host with a free slot, none of those in `but`.

        What failed least comes first, then the newest story's.
        """
        query = (
            select(pictures.c.key, pictures.c.href, pictures.c.host, pictures.c.failures)
            .order_by(pictures.c.failures, pictures.c.newest_at.desc(), pictures.c.key)
            .limit(1)
        )
        query = PICTURES.due(query, now, per_host, but)
        row = self._work.connection.execute(query).one_or_none()
        if row is None:
            return None
        return WantedPicture(key=row.key.hex(), href=row.href, host=row.host, failures=row.failures)

    def take(self, wanted: WantedPicture, lease: Lease) -> bool:
        """Take what `next_wanted` said, with a slot of its host; it is due again when the lease ends.

        Say no where somebody else was faster, or where no story shows it any more: then it goes.
        """
        key = bytes.fromhex(wanted.key)
        is_gone = self._work.connection.execute(_DELETE_UNSHOWN, {"at": key}).rowcount > 0
        return not is_gone and PICTURES.take(self._work, key, wanted.host, lease)

    def keep(self, wanted: WantedPicture, file: PictureFile) -> None:
        """Store what was fetched; unless nobody shows it any more and it is gone."""
        self._end(
            wanted,
            next_fetch_at=None,
            failures=0,
            error=None,
            media_type=file.media_type,
            width=file.width,
            height=file.height,
            digest=_hash(file.body),
            body=file.body,
        )

    def fail(self, wanted: WantedPicture, error: str, next_fetch_at: datetime | None) -> None:
        """Store why there is no picture, and when to try again; None: never."""
        self._end(wanted, next_fetch_at=next_fetch_at, failures=wanted.failures + 1, error=error)

    def put_back(self, wanted: WantedPicture, now: datetime) -> None:
        """Undo `take`."""
        self._end(wanted, next_fetch_at=now)

    def postpone(self, host: str, until: datetime) -> None:
        """Leave a host alone for a while."""
        PICTURES.postpone(self._work, host, until)

    def _end(self, wanted: WantedPicture, **values: Any) -> None:
        PICTURES.end(self._work, bytes.fromhex(wanted.key), **values)

    def _links(self, story_ids: Iterable[UUID]) -> dict[UUID, set[tuple[bytes, datetime]]]:
        found: dict[UUID, set[tuple[bytes, datetime]]] = {}
        for part in chunks(story_ids):
            for row in self._work.connection.execute(_LINKS, {"ids": part}):
                found.setdefault(row.story_id, set()).add((row.picture, row.sort_at))
        return found


def forget_unshown(work: Work, limit: int) -> int:
    """Delete pictures that no story shows; return how many."""
    retracted = select(stories.c.id).where(stories.c.retracted.is_not(None))
    work.connection.execute(delete(story_pictures).where(story_pictures.c.story_id.in_(retracted)))
    unshown: Select[tuple[bytes]] = select(pictures.c.key).where(~_SHOWN).limit(limit)
    return work.connection.execute(delete(pictures).where(pictures.c.key.in_(unshown))).rowcount


def _shown(showing: Showing) -> set[tuple[bytes, datetime]]:
    return {(_key(href), showing.sort_at) for href in showing.hrefs}


def _key(href: str) -> bytes:
    return _hash(href.encode("utf-8", "replace"))


def _hash(value: bytes) -> bytes:
    return hashlib.blake2b(value, digest_size=16).digest()


def _row(key: bytes, href: str, sort_at: datetime, now: datetime) -> dict[str, Any]:
    return {
        "key": key,
        "href": href,
        "host": urlsplit(href).hostname or "",
        "newest_at": sort_at,
        "next_fetch_at": now,
        "failures": 0,
    }
