"""Entries: what sources published, how they are recognised again, and what may be the same article."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, select, update

from feedsvc.model import Arrival, Candidate, Entry, Evidence, FeedInfo, Fingerprint, KnownEntry
from feedsvc.store.codec import decode, encode
from feedsvc.store.fingerprints import (
    MAX_SHARING,
    Findable,
    delete_fingerprints,
    insert_fingerprints,
    key_hash,
    pack_bands,
    pack_texts,
    sharing,
    unpack_bands,
    unpack_texts,
)
from feedsvc.store.schema import contents, entries, entry_keys, entry_revisions, stories
from feedsvc.store.work import AnyRow, Work, chunks

#: candidates of one arrival
MAX_CANDIDATES = 50

_FINGERPRINT = (
    entries.c.fingerprint_version,
    entries.c.words,
    entries.c.text_hash,
    entries.c.content_hash,
    entries.c.bands,
)
_KNOWN = (
    select(entries.c.id, entries.c.own_keys, entries.c.story_id, entries.c.skipped, *_FINGERPRINT)
    .distinct()
    .join_from(entry_keys, entries, entries.c.id == entry_keys.c.entry_id)
)


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
        self._first_since: dict[datetime, int] = {}

    def known(self, source_id: str, keys: Collection[str]) -> Mapping[str, KnownEntry]:
        """Return which of these keys of the source are known, and the entry of each."""
        source = self._work.names.number("source", source_id)
        if source is None:
            return {}
        found: dict[int, KnownEntry] = {}
        for part in chunks(key_hash(key) for key in keys):
            query = _KNOWN.where(entry_keys.c.source == source, entry_keys.c.key.in_(part))
            found |= {row.id: _known(row) for row in self._work.connection.execute(query) if row.id not in found}
        by_key = {key: entry for entry in found.values() for key in entry.keys}
        return {key: by_key[key] for key in keys if key in by_key}

    def candidates(self, arrival: Arrival, *, source_id: str, since: datetime) -> tuple[Candidate, ...]:
        """Return published entries first seen since then that may carry the same article, at most 50.

        Those that share an address come first, then those that share the most bands, the newest first among equals.
        The source's own entries are among them.
        """
        del source_id
        first = self._first_id_since(since)
        shared = sharing(self._work, arrival.link_keys, arrival.fingerprint.bands, first)
        looked_at = sorted(shared, key=lambda entry_id: (shared[entry_id], entry_id), reverse=True)[:MAX_SHARING]
        found = self._load_candidates(looked_at) if looked_at else {}
        return tuple(found[id] for id in looked_at if id in found)[:MAX_CANDIDATES]

    def add(self, source_id: str, additions: Sequence[Addition], feed: FeedInfo, at: datetime) -> tuple[int, ...]:
        """Store new entries, return their ids in the same order; their stories must follow in this transaction."""
        if not additions:
            return ()
        source, feed_number = self._work.names.given("source", source_id), self._work.feeds.store(feed)
        first = self._work.take("entry", len(additions))
        ids = tuple(range(first, first + len(additions)))
        pairs = list(zip(ids, additions, strict=True))
        self._work.insert(entries, [_entry_row(id, each, source, at) for id, each in pairs])
        self._work.insert(
            contents,
            [{"entry_id": id, "feed": feed_number, "payload": encode(each.arrival.entry)} for id, each in pairs],
        )
        self._insert_keys(source, [(id, each.arrival.keys) for id, each in pairs])
        insert_fingerprints(self._work, [_findable(id, each.arrival) for id, each in pairs if each.story_id])
        return ids

    def revise(self, entry_id: int, arrival: Arrival, feed: FeedInfo, at: datetime, keep: int) -> None:
        """Replace an entry's content; the former one becomes an earlier revision, of which the latest are kept.

        `keep` counts the current revision too. Keys are added, addresses and bands replaced.
        """
        run = self._work.connection.execute
        old = run(select(entries).where(entries.c.id == entry_id)).one()
        former = select(
            contents.c.entry_id,
            bindparam("number", old.revision),
            bindparam("at", old.revised_at, entries.c.revised_at.type),
            contents.c.feed,
            contents.c.payload,
        ).where(contents.c.entry_id == entry_id)
        run(insert(entry_revisions).from_select(["entry_id", "number", "at", "feed", "payload"], former))
        number = old.revision + 1
        outdated = (entry_revisions.c.entry_id == entry_id, entry_revisions.c.number <= number - max(keep, 1))
        run(delete(entry_revisions).where(*outdated))
        self._replace_content(entry_id, arrival.entry, self._work.feeds.store(feed))
        delete_fingerprints(self._work, [_stored_findable(old)])
        keys = tuple(dict.fromkeys([*unpack_texts(old.own_keys), *arrival.keys]))
        row = _arrival_row(arrival) | {
            "own_keys": pack_texts(keys),
            "revision": number,
            "revised_at": at,
            "last_seen_at": at,
        }
        run(update(entries).where(entries.c.id == entry_id).values(**row))
        self._insert_keys(old.source, [(entry_id, arrival.keys)])
        if old.story_id is not None:
            insert_fingerprints(self._work, [_findable(entry_id, arrival)])

    def alias(self, entry_id: int, keys: Collection[str]) -> None:
        """Let an entry be known by more keys."""
        query = select(entries.c.source, entries.c.own_keys).where(entries.c.id == entry_id)
        old = self._work.connection.execute(query).one()
        merged = tuple(dict.fromkeys([*unpack_texts(old.own_keys), *keys]))
        self._work.connection.execute(
            update(entries).where(entries.c.id == entry_id).values(own_keys=pack_texts(merged))
        )
        self._insert_keys(old.source, [(entry_id, tuple(keys))])

    def seen(self, entry_ids: Collection[int], at: datetime) -> None:
        """Note that these were in a document again."""
        for part in chunks(entry_ids):
            self._work.connection.execute(update(entries).where(entries.c.id.in_(part)).values(last_seen_at=at))

    def revisions(self, entry_id: int) -> tuple[tuple[int, datetime, Entry], ...]:
        """Return the kept revisions, oldest first, the current one last: number, when it was stored, content."""
        run = self._work.connection.execute
        query = select(entry_revisions).where(entry_revisions.c.entry_id == entry_id)
        rows = [(row.number, row.at, row.payload) for row in run(query.order_by(entry_revisions.c.number))]
        current = select(entries.c.revision, entries.c.revised_at, contents.c.payload)
        current = current.join(contents, contents.c.entry_id == entries.c.id).where(entries.c.id == entry_id)
        rows += [tuple(row) for row in run(current)]
        return tuple((number, at, decode(Entry, payload)) for number, at, payload in rows)

    def evidence(self, entry_ids: Collection[int]) -> Mapping[int, Evidence]:
        """Return why these entries are where they are; an entry that began its story has none."""
        found: dict[int, Evidence] = {}
        query = select(entries.c.id, entries.c.evidence).where(entries.c.evidence.is_not(None))
        for part in chunks(entry_ids):
            rows = self._work.connection.execute(query.where(entries.c.id.in_(part)))
            found |= {id: decode(Evidence, stored) for id, stored in rows}
        return found

    def _first_id_since(self, since: datetime) -> int:
        """Return the first id of the window: ids are given in order, so the tables of keys need no times."""
        if since not in self._first_since:
            query = select(entries.c.id).where(entries.c.first_seen_at >= since)
            query = query.order_by(entries.c.first_seen_at, entries.c.id).limit(1)
            self._first_since[since] = self._work.connection.execute(query).scalar() or 1 << 62
        return self._first_since[since]

    def _load_candidates(self, ids: Sequence[int]) -> Mapping[int, Candidate]:
        query = (
            select(entries, contents.c.payload)
            .join(contents, contents.c.entry_id == entries.c.id)
            .join(stories, stories.c.id == entries.c.story_id)
            .where(entries.c.id.in_(ids), stories.c.retracted.is_(None))
        )
        rows = {row.id: row for row in self._work.connection.execute(query)}
        chosen = [rows[id] for id in ids if id in rows][:MAX_CANDIDATES]
        if not chosen:
            return {}
        members = select(entries.c.story_id, entries.c.source).distinct()
        members = members.where(entries.c.story_id.in_({row.story_id for row in chosen})).order_by(entries.c.source)
        pairs = self._work.connection.execute(members).all()
        names = self._work.names.of({source for _, source in pairs})
        sources: dict[UUID, tuple[str, ...]] = {}
        for story_id, source in pairs:
            sources[story_id] = (*sources.get(story_id, ()), names[source][1])
        return {
            row.id: Candidate(
                id=row.id,
                source_id=names[row.source][1],
                story_id=row.story_id,
                story_sources=sources[row.story_id],
                entry=decode(Entry, row.payload),
                link_keys=unpack_texts(row.link_keys),
                fingerprint=_fingerprint(row),
                first_seen_at=row.first_seen_at,
            )
            for row in chosen
        }

    def _replace_content(self, entry_id: int, entry: Entry, feed: int) -> None:
        row = {"feed": feed, "payload": encode(entry)}
        statement = self._work.upsert(contents).values(entry_id=entry_id, **row)
        self._work.connection.execute(statement.on_conflict_do_update(index_elements=[contents.c.entry_id], set_=row))

    def _insert_keys(self, source: int, keys: Iterable[tuple[int, tuple[str, ...]]]) -> None:
        rows = [{"source": source, "key": key_hash(key), "entry_id": id} for id, texts in keys for key in texts]
        if rows:
            # A key leads to the entry that had it first.
            self._work.connection.execute(self._work.upsert(entry_keys).on_conflict_do_nothing(), rows)


def _findable(id: int, arrival: Arrival) -> Findable:
    return Findable(id, arrival.link_keys, arrival.fingerprint.bands)


def _stored_findable(row: AnyRow) -> Findable:
    return Findable(row.id, unpack_texts(row.link_keys), unpack_bands(row.bands))


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


def _fingerprint(row: AnyRow) -> Fingerprint:
    return Fingerprint(
        version=row.fingerprint_version,
        words=row.words,
        text_hash=row.text_hash,
        content_hash=row.content_hash,
        bands=unpack_bands(row.bands),
    )


def _known(row: AnyRow) -> KnownEntry:
    return KnownEntry(
        id=row.id,
        keys=unpack_texts(row.own_keys),
        story_id=row.story_id,
        fingerprint=_fingerprint(row),
        skipped=row.skipped,
    )
