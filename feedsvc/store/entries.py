"""Entries: what sources published, and how it is recognised again."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, select, update

from feedsvc.model import Arrival, Candidate, Entry, Evidence, FeedInfo, KnownEntry, StoredEntry
from feedsvc.store.candidates import Candidates
from feedsvc.store.codec import encode
from feedsvc.store.fingerprints import (
    Findable,
    delete_fingerprints,
    insert_fingerprints,
    key_hash,
    pack_bands,
    pack_texts,
    unpack_texts,
)
from feedsvc.store.newest import newest
from feedsvc.store.rows import FINGERPRINT, findables, fingerprint_of
from feedsvc.store.schema import articles, contents, entries, entry_keys, entry_revisions
from feedsvc.store.work import AnyRow, Work, chunks

_NAMED = select(entry_keys.c.key, entry_keys.c.entry_id).where(
    entry_keys.c.source == bindparam("source"), entry_keys.c.key.in_(bindparam("keys", expanding=True))
)
_KNOWN = select(
    entries.c.id, entries.c.own_keys, entries.c.story_id, entries.c.skipped, entries.c.withdrawn, *FINGERPRINT
).where(entries.c.id.in_(bindparam("ids", expanding=True)))
#: no index of entries begins with the source, the keys do
_STANDING = (
    select(entries.c.id)
    .join(contents, contents.c.entry_id == entries.c.id)
    .where(
        entries.c.id.in_(select(entry_keys.c.entry_id).where(entry_keys.c.source == bindparam("source"))),
        entries.c.story_id.is_not(None),
        entries.c.withdrawn.is_(None),
        entries.c.first_seen_at <= bindparam("by"),
    )
)
_WITHDRAW = update(entries).where(entries.c.id == bindparam("entry")).values(withdrawn=bindparam("why"))
_BY_ID = select(entries).where(entries.c.id == bindparam("entry"))
_FORMER = insert(entry_revisions).from_select(
    ["entry_id", "number", "at", "feed", "payload"],
    select(contents.c.entry_id, entries.c.revision, entries.c.revised_at, contents.c.feed, contents.c.payload)
    .join(entries, entries.c.id == contents.c.entry_id)
    .where(contents.c.entry_id == bindparam("entry")),
)

_OUTDATE = delete(entry_revisions).where(
    entry_revisions.c.entry_id == bindparam("entry"), entry_revisions.c.number <= bindparam("last")
)
_REVISED = (
    "fingerprint_version",
    "words",
    "text_hash",
    "content_hash",
    "bands",
    "own_keys",
    "link_keys",
    "skipped",
    "revision",
    "revised_at",
    "last_seen_at",
)
_REVISE = update(entries).where(entries.c.id == bindparam("entry")).values({name: bindparam(name) for name in _REVISED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """An arrival to be stored. `story_id`: None for a skipped one. `evidence`: why it joins a story that exists."""

    arrival: Arrival
    story_id: UUID | None
    evidence: Evidence | None = None


class Entries:
    """Entries are never deleted; retention takes their content only."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._candidates = Candidates(work)
        self._expected: dict[tuple[Any, ...], tuple[Candidate, ...]] = {}

    def known(self, source_id: str, keys: Collection[str]) -> Mapping[str, KnownEntry]:
        """Return which of these keys of the source are known, and the entry of each."""
        source = self._work.names.number("source", source_id)
        if source is None:
            return {}
        hashes = {key: key_hash(key) for key in keys}
        named: dict[bytes, int] = {}
        for part in chunks(hashes.values()):
            for key, id in self._work.connection.execute(_NAMED, {"source": source, "keys": part}):
                named[bytes(key)] = id
        # An entry has some keys: its row is read once.
        found: dict[int, KnownEntry] = {}
        for ids in chunks(named.values()):
            found |= {row.id: _known(row) for row in self._work.connection.execute(_KNOWN, {"ids": ids})}
        return {key: found[named[hash]] for key, hash in hashes.items() if hash in named}

    def expect(self, arrivals: Sequence[Arrival], *, source_id: str, since: datetime) -> None:
        """Find the candidates of many arrivals at once; `candidates` then answers from memory. Worth it for two."""
        found = self._candidates.find(arrivals, source_id, since)
        for arrival, candidates in zip(arrivals, found, strict=True):
            self._expected[_asked(arrival, source_id, since)] = candidates

    def candidates(self, arrival: Arrival, *, source_id: str, since: datetime) -> tuple[Candidate, ...]:
        """Return published entries first seen since then that may carry the same article, at most 50.

        Those that share an address come first, then those that share the most bands, the newest first among equals. Of
        common addresses and bands the newest entries are looked at. Stories that have an entry of the source are left
        out: its own boilerplate would crowd out the others. Withdrawn entries are none and count for none.
        """
        asked = _asked(arrival, source_id, since)
        if asked not in self._expected:
            self.expect([arrival], source_id=source_id, since=since)
        return self._expected[asked]

    def add(self, source_id: str, additions: Sequence[Addition], feed: FeedInfo, at: datetime) -> tuple[int, ...]:
        """Store new entries, return their ids in the same order; their stories must follow in this transaction."""
        if not additions:
            return ()
        source, feed_number = self._work.names.given("source", source_id), self._work.feeds.store(feed)
        first = self._work.take("entry", len(additions))
        pairs = list(enumerate(additions, first))
        self._work.insert(entries, [_entry_row(id, each, source, at) for id, each in pairs])
        self._work.insert(
            contents,
            [{"entry_id": id, "feed": feed_number, "payload": encode(each.arrival.entry)} for id, each in pairs],
        )
        self._insert_keys(source, [(id, each.arrival.keys) for id, each in pairs])
        insert_fingerprints(self._work, [_findable(id, each.arrival) for id, each in pairs if each.story_id])
        return tuple(range(first, first + len(additions)))

    def revise_all(self, items: Sequence[tuple[int, Arrival]], feed: FeedInfo, at: datetime, keep: int) -> None:
        """Replace entries' contents; the former ones become earlier revisions, of which the latest are kept.

        `keep` counts the current revision too. Keys are added, addresses and bands replaced, pages forgotten. An entry
        that is named twice is revised twice, in this order.
        """
        if not items:
            return
        feed_number, rest = self._work.feeds.store(feed), list(items)
        while rest:
            batch: dict[int, Arrival] = {}
            again = []
            for id, arrival in rest:
                if id in batch:
                    again.append((id, arrival))
                else:
                    batch[id] = arrival
            self._revise_each_once(batch, feed_number, at, keep)
            rest = again

    def explain(self, entry_id: int, evidence: Evidence) -> None:
        """Note why an entry belongs to the story that it is about to join."""
        self._work.connection.execute(update(entries).where(entries.c.id == entry_id).values(evidence=encode(evidence)))

    def rewrite(self, entry_id: int, entry: Entry, at: datetime, keep: int | None) -> None:
        """Let an entry be published in other words than its feed's, by which it is still known.

        The former ones become an earlier revision, of which so many are kept; `keep` None: nobody has seen them.
        """
        run = self._work.connection.execute
        if keep is not None:
            run(_FORMER, {"entry": entry_id})
            revision = entries.c.revision + 1
            written = update(entries).where(entries.c.id == entry_id)
            run(written.values(revision=revision, revised_at=at))
            last = run(select(entries.c.revision).where(entries.c.id == entry_id)).scalar_one() - max(keep, 1)
            run(_OUTDATE, {"entry": entry_id, "last": last})
        run(update(contents).where(contents.c.entry_id == entry_id).values(payload=encode(entry)))

    def _revise_each_once(self, arrivals: Mapping[int, Arrival], feed: int, at: datetime, keep: int) -> None:
        run = self._work.connection.execute
        old: list[AnyRow] = []
        for part in chunks(arrivals):
            old += run(select(entries).where(entries.c.id.in_(part)))
        if len(old) != len(arrivals):
            raise LookupError(f"no entries {sorted(arrivals.keys() - {row.id for row in old})}")
        run(_FORMER, [{"entry": row.id} for row in old])
        run(_OUTDATE, [{"entry": row.id, "last": row.revision + 1 - max(keep, 1)} for row in old])
        self._replace_contents([(row.id, arrivals[row.id].entry) for row in old], feed)
        delete_fingerprints(self._work, findables(self._work, list(arrivals)))
        # What its page gave was merged with the former words.
        for part in chunks(arrivals):
            run(delete(articles).where(articles.c.entry_id.in_(part)))
        run(_REVISE, [_revised_row(row, arrivals[row.id], at) for row in old])
        for source in {row.source for row in old}:
            self._insert_keys(source, [(row.id, arrivals[row.id].keys) for row in old if row.source == source])
        insert_fingerprints(
            self._work, [_findable(row.id, arrivals[row.id]) for row in old if row.story_id is not None]
        )

    def any_of(self, source_id: str) -> bool:
        """Say whether any entry of a source was ever stored."""
        source = self._work.names.number("source", source_id)
        # Every entry has a key. No index of entries begins with the source.
        found = select(entry_keys.c.entry_id).where(entry_keys.c.source == source).limit(1)
        return source is not None and self._work.connection.execute(found).one_or_none() is not None

    def newest(self, source_id: str, limit: int) -> tuple[StoredEntry, ...]:
        """Return the entries of a source's latest stories, newest first; what was skipped has none."""
        return newest(self._work, source_id, limit)

    def alias(self, entry_id: int, keys: Collection[str]) -> None:
        """Let an entry be known by more keys."""
        old = self._work.connection.execute(_BY_ID, {"entry": entry_id}).one()
        merged = pack_texts(dict.fromkeys((*unpack_texts(old.own_keys), *keys)))
        self._work.connection.execute(update(entries).where(entries.c.id == entry_id).values(own_keys=merged))
        self._insert_keys(old.source, [(entry_id, tuple(keys))])

    def standing(self, source_id: str, by: datetime) -> frozenset[int]:
        """Return a source's published entries seen by then that were not withdrawn and whose content is still kept."""
        source = self._work.names.number("source", source_id)
        return frozenset(self._work.connection.execute(_STANDING, {"source": source, "by": by}).scalars())

    def withdraw(self, reasons: Mapping[int, str | None]) -> None:
        """Note why the publisher took entries back, by id; None: it gave that one back."""
        if reasons:
            self._work.connection.execute(_WITHDRAW, [{"entry": id, "why": why} for id, why in reasons.items()])

    def _replace_contents(self, replaced: Sequence[tuple[int, Entry]], feed: int) -> None:
        # Retention may have taken the former content: a row may be there or not.
        for part in chunks(id for id, _ in replaced):
            self._work.connection.execute(delete(contents).where(contents.c.entry_id.in_(part)))
        rows = [{"entry_id": id, "feed": feed, "payload": encode(entry)} for id, entry in replaced]
        self._work.insert(contents, rows)

    def _insert_keys(self, source: int, keys: Iterable[tuple[int, tuple[str, ...]]]) -> None:
        rows = [{"source": source, "key": key_hash(key), "entry_id": id} for id, texts in keys for key in texts]
        if rows:
            # A key leads to the entry that had it first.
            self._work.connection.execute(self._work.upsert(entry_keys).on_conflict_do_nothing(), rows)


def _asked(arrival: Arrival, source_id: str, since: datetime) -> tuple[Any, ...]:
    return arrival.link_keys, arrival.fingerprint.bands, source_id, since


def _findable(id: int, arrival: Arrival) -> Findable:
    return Findable(id, arrival.link_keys, arrival.fingerprint.bands)


def _entry_row(id: int, addition: Addition, source: int, at: datetime) -> dict[str, Any]:
    evidence = addition.evidence
    return _arrival_row(addition.arrival) | {
        "id": id,
        "source": source,
        "story_id": addition.story_id,
        "first_seen_at": at,
        "last_seen_at": at,
        "revision": 1,
        "revised_at": at,
        "evidence": encode(evidence) if evidence else None,
    }


def _arrival_row(arrival: Arrival) -> dict[str, Any]:
    fingerprint = arrival.fingerprint
    return {
        "fingerprint_version": fingerprint.version,
        "words": fingerprint.words,
        "text_hash": fingerprint.text_hash,
        "content_hash": fingerprint.content_hash,
        "bands": pack_bands(fingerprint.bands),
        "own_keys": pack_texts(arrival.keys),
        "link_keys": pack_texts(arrival.link_keys),
        "skipped": arrival.skipped,
    }


def _revised_row(old: AnyRow, arrival: Arrival, at: datetime) -> dict[str, Any]:
    keys = dict.fromkeys((*unpack_texts(old.own_keys), *arrival.keys))
    dated = {"revision": old.revision + 1, "revised_at": at, "last_seen_at": at}
    return _arrival_row(arrival) | dated | {"entry": old.id, "own_keys": pack_texts(keys)}


def _known(row: AnyRow) -> KnownEntry:
    return KnownEntry(
        id=row.id,
        keys=unpack_texts(row.own_keys),
        story_id=row.story_id,
        fingerprint=fingerprint_of(row),
        skipped=row.skipped,
        withdrawn=row.withdrawn,
    )
