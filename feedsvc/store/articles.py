"""The pages of articles: which are wanted, who asks for one now, and what they gave."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, or_, select, update

from feedsvc.model import Article, Checked, Contribution, Entry, Fingerprint
from feedsvc.store.codec import decode, encode
from feedsvc.store.columns import EPOCH
from feedsvc.store.entries import Entries
from feedsvc.store.errands import PAGES, Lease
from feedsvc.store.fingerprints import (
    delete_fingerprints,
    insert_fingerprints,
    pack_bands,
    pack_texts,
    unpack_texts,
)
from feedsvc.store.rows import OWN, findables
from feedsvc.store.schema import articles, contents, entries, names, page_tasks, stories
from feedsvc.store.work import AnyRow, Work, chunks

#: a Crawl-delay is worth waiting for, a pause of the host is not
_SOON = timedelta(seconds=30)
_IDS: Any = bindparam("ids", expanding=True)
_NEXT = (
    select(
        page_tasks.c.entry_id,
        page_tasks.c.href,
        page_tasks.c.host,
        page_tasks.c.failures,
        names.c.id.label("source_id"),
        OWN,
    )
    .join(entries, entries.c.id == page_tasks.c.entry_id)
    .join(names, names.c.number == entries.c.source)
    .join(contents, contents.c.entry_id == entries.c.id)
    .outerjoin(articles, articles.c.entry_id == entries.c.id)
    # Stories that wait come before those that only may change.
    .order_by(page_tasks.c.failures, page_tasks.c.held_until.is_(None), page_tasks.c.wanted_at, page_tasks.c.entry_id)
    .limit(1)
)
_HELD = (
    select(page_tasks.c.entry_id, entries.c.story_id)
    .join(entries, entries.c.id == page_tasks.c.entry_id)
    .where(page_tasks.c.entry_id.in_(_IDS), page_tasks.c.held_until.is_not(None), entries.c.story_id.is_not(None))
)
_OVERDUE = (
    select(page_tasks.c.entry_id)
    .join(entries, entries.c.id == page_tasks.c.entry_id)
    .join(stories, stories.c.id == entries.c.story_id)
    .where(page_tasks.c.held_until <= bindparam("now"), stories.c.retracted.is_(None))
    .order_by(page_tasks.c.held_until, page_tasks.c.entry_id)
    .limit(bindparam("most"))
)
_WAITING = (
    select(page_tasks.c.entry_id, page_tasks.c.failures, page_tasks.c.next_fetch_at)
    .join(entries, entries.c.id == page_tasks.c.entry_id)
    .join(stories, stories.c.id == entries.c.story_id)
    .where(page_tasks.c.held_until.is_not(None), page_tasks.c.wanted_at >= bindparam("since"))
    .where(stories.c.retracted.is_(None))
)
_UPDATE = update(page_tasks).where(page_tasks.c.entry_id == bindparam("at"))
_SUBJECT = (
    select(
        entries.c.id, entries.c.story_id, entries.c.link_keys, entries.c.withdrawn, names.c.id.label("source_id"), OWN
    )
    .join(names, names.c.number == entries.c.source)
    .join(contents, contents.c.entry_id == entries.c.id)
    .outerjoin(articles, articles.c.entry_id == entries.c.id)
    .where(entries.c.id == bindparam("at"))
)
_KEPT = (
    select(articles.c.entry_id, articles.c.payload, contents.c.payload.label("content"))
    .join(contents, contents.c.entry_id == articles.c.entry_id)
    .where(articles.c.entry_id.in_(_IDS))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWish(Checked):
    """The page of a stored entry. `held_until`: its story waits so long at most; None: it does not."""

    entry_id: int
    href: str
    host: str
    held_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedPage:
    """A page that is to be asked for. `entry`: in its feed's words; `failures`: how often in a row that failed."""

    entry_id: int
    source_id: str
    href: str
    host: str
    failures: int
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTask(Checked):
    """How it stands with a page. `next_fetch_at` None: it is in, or given up; `error`: why there is none."""

    href: str
    wanted_at: datetime
    held_until: datetime | None
    next_fetch_at: datetime | None
    failures: int
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The entry that a page is of, in its feed's words; `link_keys` by these alone."""

    source_id: str
    story_id: UUID | None
    entry: Entry
    link_keys: tuple[str, ...]
    withdrawn: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PagedEntry:
    """An entry merged with its page, and under what copies find it."""

    own: Entry
    entry: Entry
    contribution: Contribution
    link_keys: tuple[str, ...]
    fingerprint: Fingerprint


class Articles:
    """Each entry's page is wanted once, when it is new, and again when its feed says something else."""

    def __init__(self, work: Work, entries: Entries) -> None:
        self._work, self._entries = work, entries

    def want(self, wishes: Sequence[PageWish], now: datetime) -> None:
        """Let pages of new entries be due at once, in this order."""
        rows = [
            {
                "entry_id": wish.entry_id,
                "href": wish.href,
                "host": wish.host,
                "wanted_at": now,
                "held_until": wish.held_until,
                "next_fetch_at": now,
                "failures": 0,
            }
            for wish in wishes
        ]
        self._work.insert(page_tasks, rows)

    def ask_again(self, hrefs: Mapping[int, tuple[str, str]], now: datetime) -> None:
        """Let pages that were wanted before be due again: address and host by entry. Others stay unwanted."""
        rows = [{"at": id, "to": href, "of": host} for id, (href, host) in hrefs.items()]
        if rows:
            anew = {
                "href": bindparam("to"),
                "host": bindparam("of"),
                "next_fetch_at": now,
                "failures": 0,
                "error": None,
            }
            self._work.connection.execute(_UPDATE.values(anew), rows)

    def held(self, entry_ids: Collection[int]) -> Mapping[int, UUID]:
        """Return those of these entries that their stories wait for before they are announced, with the stories."""
        rows = (row for part in chunks(entry_ids) for row in self._work.connection.execute(_HELD, {"ids": part}))
        return {row.entry_id: row.story_id for row in rows}

    def overdue(self, now: datetime, limit: int) -> tuple[int, ...]:
        """Return the entries that stories waited for long enough, the longest first; without what was retracted."""
        return tuple(self._work.connection.execute(_OVERDUE, {"now": now, "most": limit}).scalars())

    def waiting(self, since: datetime = EPOCH) -> tuple[int, ...]:
        """Return the entries whose pages were wanted since then and that stories wait for."""
        return tuple(self._work.connection.execute(_WAITING, {"since": since}).scalars())

    def untried(self, since: datetime, now: datetime) -> bool:
        """Say whether one of these pages is due soon, or under way, for the first time; at some hosts all wait."""
        rows = self._work.connection.execute(_WAITING, {"since": since}).all()
        taken = PAGES.taken(self._work, now)
        return any(
            row.failures == 0
            and row.next_fetch_at is not None
            and (row.next_fetch_at <= now + _SOON or row.entry_id in taken)
            for row in rows
        )

    def hopeless(self, host: str, now: datetime, *, is_there: bool) -> tuple[int, ...]:
        """Return the entries that stories wait for in vain: given up, due too late, or at a host that is not there.

        Of those that somebody asks for now it is not known yet.
        """
        late = or_(page_tasks.c.next_fetch_at.is_(None), page_tasks.c.next_fetch_at > page_tasks.c.held_until)
        query = select(page_tasks.c.entry_id).where(page_tasks.c.held_until.is_not(None), page_tasks.c.host == host)
        found = self._work.connection.execute(query.where(late) if is_there else query).scalars().all()
        taken = PAGES.taken(self._work, now) if found else ()
        return tuple(id for id in found if id not in taken)

    def release(self, entry_ids: Collection[int], held_until: datetime | None = None) -> None:
        """Let stories wait for these entries' pages no longer, or until then at most."""
        if entry_ids:
            rows = [{"at": id} for id in entry_ids]
            self._work.connection.execute(_UPDATE.values(held_until=held_until), rows)

    def next_wanted(self, now: datetime, *, per_host: int, but: Collection[str] = ()) -> WantedPage | None:
        """Return what is due at a host with a free slot, none of those in `but`."""
        row = self._work.connection.execute(PAGES.due(_NEXT, now, per_host, but)).one_or_none()
        if row is None:
            return None
        return WantedPage(
            entry_id=row.entry_id,
            source_id=row.source_id,
            href=row.href,
            host=row.host,
            failures=row.failures,
            entry=decode(Entry, row.own),
        )

    def take(self, wanted: WantedPage, lease: Lease) -> bool:
        """Take what `next_wanted` said, with a slot of its host; it is due again when the lease ends.

        Say no where somebody else was faster.
        """
        return PAGES.take(self._work, wanted.entry_id, wanted.host, lease)

    def done(self, wanted: WantedPage) -> None:
        PAGES.end(self._work, wanted.entry_id, next_fetch_at=None, failures=0, error=None)

    def fail(self, wanted: WantedPage, error: str, next_fetch_at: datetime | None) -> None:
        """Store why there is no page, and when to try again; None: never."""
        PAGES.end(self._work, wanted.entry_id, next_fetch_at=next_fetch_at, failures=wanted.failures + 1, error=error)

    def put_back(self, wanted: WantedPage, now: datetime) -> None:
        """Undo `take`."""
        PAGES.end(self._work, wanted.entry_id, next_fetch_at=now)

    def postpone(self, host: str, until: datetime) -> None:
        """Leave a host alone for a while."""
        PAGES.postpone(self._work, host, until)

    def subject(self, entry_id: int) -> Subject | None:
        """Return the entry of a page; None: its content is gone."""
        row = self._work.connection.execute(_SUBJECT, {"at": entry_id}).one_or_none()
        if row is None:
            return None
        return Subject(
            source_id=row.source_id,
            story_id=row.story_id,
            entry=decode(Entry, row.own),
            link_keys=unpack_texts(row.link_keys),
            withdrawn=row.withdrawn,
        )

    def keep(self, entry_id: int, paged: PagedEntry, at: datetime, revisions: int | None) -> None:
        """Let an entry be published, and found, as merged with its page.

        `revisions`: how many are kept, this one included; None: nobody has seen the former words.
        """
        run = self._work.connection.execute
        before = findables(self._work, [entry_id])
        run(delete(articles).where(articles.c.entry_id == entry_id))
        row = {
            "entry_id": entry_id,
            "payload": encode(_without_text(paged.contribution)),
            "own": encode(paged.own),
            "fingerprint_version": paged.fingerprint.version,
            "bands": pack_bands(paged.fingerprint.bands),
            "link_keys": pack_texts(paged.link_keys),
        }
        self._work.insert(articles, [row])
        delete_fingerprints(self._work, before)
        insert_fingerprints(self._work, findables(self._work, [entry_id]))
        self._entries.rewrite(entry_id, paged.entry, at, revisions)

    def kept(self, entry_ids: Collection[int]) -> Mapping[int, Article]:
        """Return the pages of those of these entries that have one; with its text where that was taken."""
        return {row.entry_id: _article(row) for row in self._kept(entry_ids)}

    def contributions(self, entry_ids: Collection[int]) -> Mapping[int, Contribution]:
        """Return what pages gave these entries; a text that was taken is the entry's content."""
        return {row.entry_id: decode(Contribution, row.payload) for row in self._kept(entry_ids)}

    def tasks(self, entry_ids: Collection[int]) -> Mapping[int, PageTask]:
        found: dict[int, PageTask] = {}
        for part in chunks(entry_ids):
            for row in self._work.connection.execute(select(page_tasks).where(page_tasks.c.entry_id.in_(part))):
                found[row.entry_id] = PageTask(
                    href=row.href,
                    wanted_at=row.wanted_at,
                    held_until=row.held_until,
                    next_fetch_at=row.next_fetch_at,
                    failures=row.failures,
                    error=row.error,
                )
        return found

    def _kept(self, entry_ids: Collection[int]) -> list[AnyRow]:
        return [row for part in chunks(entry_ids) for row in self._work.connection.execute(_KEPT, {"ids": part})]


def _without_text(contribution: Contribution) -> Contribution:
    """The content has the text if it was taken; if not, the page is asked again before it could be."""
    return replace(contribution, article=replace(contribution.article, content=None))


def _article(row: AnyRow) -> Article:
    contribution = decode(Contribution, row.payload)
    if contribution.origin == "feed":
        return contribution.article
    return replace(contribution.article, content=decode(Entry, row.content).content)
