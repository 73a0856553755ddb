"""Rendered documents, and how far each listing's are rendered."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, select

from feedsvc.model import ListKind, Snapshot
from feedsvc.store.documents import drop_paths
from feedsvc.store.schema import dropped_snapshots, listings, marks, names, snapshots
from feedsvc.store.work import AnyRow, Work, chunks

_OPEN = select(listings.c.number).where(listings.c.number == bindparam("key"), listings.c.closed_at.is_(None))
_MARK = select(marks.c.sequence, marks.c.basis).where(marks.c.listing == bindparam("key"))
_PATHS = select(snapshots.c.path).where(snapshots.c.listing == bindparam("key"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Up to where documents are rendered: the listing's `touched`, and what names configuration and renderer."""

    sequence: int
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """What became of documents after a version."""

    version: int
    snapshots: tuple[Snapshot, ...]
    dropped: tuple[str, ...]


class Snapshots:
    """Each save or drop that changes something gets a version of its own, in commit order."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def marks(self) -> Mapping[tuple[ListKind, str], Mark]:
        query = select(names.c.kind, names.c.id, marks.c.sequence, marks.c.basis)
        rows = self._work.connection.execute(query.join(marks, marks.c.listing == names.c.number))
        return {(row.kind, row.id): Mark(sequence=row.sequence, basis=row.basis) for row in rows}

    def save(
        self, kind: ListKind, id: str, mark: Mark, documents: Sequence[Snapshot], now: datetime
    ) -> tuple[str, ...]:
        """Store a listing's documents and how far they are rendered; return the paths whose bytes changed.

        A document with the entity tag that is stored already stays as it is, with its `last_modified`; that of a
        changed one moves by at least a second, and never back. It is `now` for a new one. Documents of the listing
        that are not among these are dropped. Nothing is stored for a listing that is not open under this name, nor
        over what is rendered further from the same basis: rendering takes time, and others render meanwhile.
        """
        listing = self._work.names.number(kind, id)
        if listing is None or not self._may_save(listing, mark):
            return ()
        row = {"sequence": mark.sequence, "basis": mark.basis}
        statement = self._work.upsert(marks).values(listing=listing, **row)
        self._work.connection.execute(statement.on_conflict_do_update(index_elements=[marks.c.listing], set_=row))
        stored = self._work.connection.execute(_PATHS, {"key": listing}).scalars()
        drop_paths(self._work, set(stored) - {document.path for document in documents})
        return self._store(documents, listing, now)

    def save_plain(self, document: Snapshot) -> tuple[str, ...]:
        """Store a document that belongs to no listing, such as OPML; return its path if its bytes changed."""
        return self._store([document], None, document.last_modified)

    def drop(self, paths: Collection[str]) -> None:
        drop_paths(self._work, paths)

    def version(self) -> int:
        return self._work.last("snapshot")

    def since(self, version: int) -> Delta:
        """Return the documents of all later versions."""
        run = self._work.connection.execute
        rows = run(select(snapshots).where(snapshots.c.version > version).order_by(snapshots.c.path))
        query = select(dropped_snapshots.c.path).where(dropped_snapshots.c.version > version)
        return Delta(
            version=self.version(),
            snapshots=tuple(_snapshot(row) for row in rows),
            dropped=tuple(run(query.order_by(dropped_snapshots.c.path)).scalars()),
        )

    def get(self, path: str) -> Snapshot | None:
        row = self._work.connection.execute(select(snapshots).where(snapshots.c.path == path)).one_or_none()
        return _snapshot(row) if row is not None else None

    def _may_save(self, listing: int, mark: Mark) -> bool:
        run = self._work.connection.execute
        if run(_OPEN, {"key": listing}).one_or_none() is None:
            return False
        old = run(_MARK, {"key": listing}).one_or_none()
        return old is None or old.basis != mark.basis or old.sequence <= mark.sequence

    def _store(self, documents: Sequence[Snapshot], listing: int | None, now: datetime) -> tuple[str, ...]:
        run = self._work.connection.execute
        query = select(
            snapshots.c.path, snapshots.c.etag, snapshots.c.last_modified, snapshots.c.max_age_s, snapshots.c.media_type
        )
        old: dict[str, AnyRow] = {}
        paths = [document.path for document in documents]
        for part in chunks(paths):
            old |= {row.path: row for row in run(query.where(snapshots.c.path.in_(part)))}
        stale = [document for document in documents if not _is_same(document, old.get(document.path))]
        if not stale:
            return ()
        version = self._work.take("snapshot")
        for part in chunks(document.path for document in stale):
            run(delete(snapshots).where(snapshots.c.path.in_(part)))
            run(delete(dropped_snapshots).where(dropped_snapshots.c.path.in_(part)))
        dated = [replace(each, last_modified=_modified(each, old.get(each.path), now)) for each in stale]
        self._work.insert(snapshots, [_row(each, listing, version) for each in dated])
        return tuple(each.path for each in stale if each.path not in old or old[each.path].etag != each.etag)


def _is_same(document: Snapshot, old: AnyRow | None) -> bool:
    """Say whether nothing needs to be stored. How long it may be cached, and its type, are outside the entity tag."""
    if old is None:
        return False
    lifetime = int(document.max_age.total_seconds())
    return (old.etag, old.max_age_s, old.media_type) == (document.etag, lifetime, document.media_type)


def _modified(document: Snapshot, old: AnyRow | None, now: datetime) -> datetime:
    """Return whole seconds, as Last-Modified has them; a document never changes twice within one."""
    moment = now.replace(microsecond=0)
    if old is None:
        return moment
    last: datetime = old.last_modified
    return last if old.etag == document.etag else max(moment, last + timedelta(seconds=1))


def _row(document: Snapshot, listing: int | None, version: int) -> dict[str, Any]:
    return {
        "path": document.path,
        "listing": listing,
        "version": version,
        "media_type": document.media_type,
        "etag": document.etag,
        "last_modified": document.last_modified,
        "max_age_s": int(document.max_age.total_seconds()),
        "body": document.body,
        "gzip": document.gzip,
        "br": document.br,
    }


def _snapshot(row: AnyRow) -> Snapshot:
    return Snapshot(
        path=row.path,
        media_type=row.media_type,
        body=row.body,
        gzip=row.gzip,
        br=row.br,
        etag=row.etag,
        last_modified=row.last_modified,
        max_age=timedelta(seconds=row.max_age_s),
    )
