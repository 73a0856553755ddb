"""Which articles' pages a poll asks for, and what becomes of those that it knows."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from feedsvc import dedup
from feedsvc.extract.article import merged
from feedsvc.fetch import host_of
from feedsvc.model import Appearance, Arrival, Article, Entry, EntryChange, FeedInfo, Fingerprint, KnownEntry, Source
from feedsvc.store import PagedEntry, PageWish, Transaction

#: of one poll, the newest; what is beyond them is announced as its feed has it
PAGES_AT_MOST = 50

_NO_PAGE = re.compile(
    r"\.(?:aac|avif|avi|docx?|epub|flac|gif|gz|jpe?g|m3u8?|m4[abv]|mkv|mov|mp[34]|mpe?g|og[agv]|opus|pdf|png|pptx?|rar"
    r"|svg|tiff?|torrent|txt|wav|webm|webp|wm[av]|xlsx?|xml|zip)\Z",
    re.IGNORECASE,
)


def wishes(
    source: Source,
    leading: Iterable[tuple[EntryChange, Appearance]],
    told: Collection[UUID],
    hold: timedelta,
    now: datetime,
) -> tuple[PageWish, ...]:
    """Return the pages that are to be asked for of new entries that lead their stories, the newest first.

    Stories that subscribers were told of before do not wait for them.
    """
    if not source.full_text:
        return ()
    found = [(change, appearance) for change, appearance in leading if _has_page(change.arrival)]
    newest = sorted(found, key=lambda pair: _date(pair[1].entry), reverse=True)[:PAGES_AT_MOST]
    until = now + hold if hold else None
    return tuple(
        _wish(appearance.entry_id, change.arrival, None if change.story_id in told else until)
        for change, appearance in newest
    )


def want(
    wishes: Sequence[PageWish], leads: Mapping[UUID, int], before: Collection[UUID], tx: Transaction, now: datetime
) -> frozenset[UUID]:
    """Let these pages be fetched; return the stories whose announcement waits for the page of their leading entry.

    `leads` by story, of all that is to be announced; `before`: the stories that were there already.
    """
    tx.articles.want(wishes, now)
    held = {wish.entry_id for wish in wishes if wish.held_until is not None}
    held |= tx.articles.held([leads[id] for id in before if id in leads]).keys()
    return frozenset(id for id, lead in leads.items() if lead in held)


def revise(
    edits: Sequence[tuple[int, Arrival]], info: FeedInfo, tx: Transaction, now: datetime, keep: int
) -> Mapping[int, Entry]:
    """Store changed entries, merged with the pages that they have; return those that have one, by id."""
    kept = tx.articles.kept([id for id, _ in edits])
    tx.entries.revise_all(edits, info, now, keep)
    last = {id: paged(arrival.entry, arrival.link_keys, kept[id]) for id, arrival in edits if id in kept}
    for id, entry in last.items():
        tx.articles.keep(id, entry, now, revisions=None)
    return {id: each.entry for id, each in last.items()}


def ask_again(
    source: Source, changes: Iterable[EntryChange], known: Mapping[str, KnownEntry], tx: Transaction, now: datetime
) -> None:
    """Let the pages of entries that changed in substance be asked for once more, where they were before."""
    if not source.full_text:
        return
    before = {entry.id: entry.fingerprint for entry in known.values()}
    changed = [(c.verdict.entry_id, c.arrival) for c in changes if c.verdict.kind == "changed"]
    found = [
        _wish(id, arrival, None)
        for id, arrival in changed
        if id in before and _is_other(before[id], arrival.fingerprint) and _has_page(arrival)
    ]
    tx.articles.ask_again({wish.entry_id: (wish.href, wish.host) for wish in found}, now)


def paged(own: Entry, link_keys: Sequence[str], article: Article) -> PagedEntry:
    """Return an entry merged with its page; `own` and `link_keys` are by its feed alone."""
    entry, contribution = merged(own, article)
    (canonical,) = dedup.arrivals([Entry(link=entry.canonical_link)])
    return PagedEntry(
        own=own,
        entry=entry,
        contribution=contribution,
        link_keys=tuple(dict.fromkeys((*link_keys, *canonical.link_keys))),
        fingerprint=dedup.fingerprint(entry),
    )


def _wish(entry_id: int, arrival: Arrival, held_until: datetime | None) -> PageWish:
    href = arrival.entry.link or ""
    return PageWish(entry_id=entry_id, href=href, host=host_of(href), held_until=held_until)


def _has_page(arrival: Arrival) -> bool:
    """Say whether an entry's link leads to a page of its own, as far as can be told.

    What a document's entries share, and the front page of a site, are no keys of an entry.
    """
    entry = arrival.entry
    link = entry.link or ""
    return (
        urlsplit(link).scheme in {"http", "https"}
        and any(key.startswith("link:") for key in arrival.link_keys)
        and not _NO_PAGE.search(urlsplit(link).path)
        and all(enclosure.href != link for enclosure in entry.enclosures)
    )


def _date(entry: Entry) -> datetime:
    return entry.published or entry.updated or datetime.min.replace(tzinfo=UTC)


def _is_other(before: Fingerprint, now: Fingerprint) -> bool:
    # By another version of the method everything looks other.
    return before.version == now.version and before.text_hash != now.text_hash
