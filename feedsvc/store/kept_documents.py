"""Documents that could not be read, kept for whoever wants to see what came."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Column, delete, func, select

from feedsvc.model import Document
from feedsvc.store.schema import kept_documents, names
from feedsvc.store.work import Work

#: of one source
MOST = 3
#: of one document, before it is compressed
LONGEST_BYTES = 2_000_000
#: of all, compressed
ALL_BYTES = 50_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptDocument:
    """A document but for its bytes. `size`: what came; `is_cut`: less is kept."""

    number: int
    source_id: str
    at: datetime
    url: str
    content_type: str | None
    why: str
    size: int

    @property
    def is_cut(self) -> bool:
        return self.size > LONGEST_BYTES


_LISTED = [each for each in kept_documents.c if each.name not in {"source", "digest", "body"}]


class KeptDocuments:
    """The newest of each source; the oldest of all go when they are too large together."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def keep(self, source_id: str, document: Document, why: str, at: datetime) -> None:
        """Keep a document unless the same is kept; its beginning where it is long."""
        source, digest = self._work.names.given("source", source_id), sha256(document.body).digest()
        mine = select(kept_documents.c.number, kept_documents.c.digest).where(kept_documents.c.source == source)
        kept = self._work.connection.execute(mine.order_by(kept_documents.c.number.desc())).all()
        if digest in {row.digest for row in kept}:
            return
        row = {
            "number": self._work.take("kept_document"),
            "source": source,
            "at": at,
            "url": document.url,
            "content_type": document.content_type,
            "why": why,
            "size": len(document.body),
            "digest": digest,
            "body": zlib.compress(document.body[:LONGEST_BYTES]),
        }
        self._work.insert(kept_documents, [row])
        self._forget([row.number for row in kept[MOST - 1 :]])
        self._fit()

    def list(self) -> tuple[KeptDocument, ...]:
        """Return what is kept, newest first."""
        query = select(*_LISTED, names.c.id.label("source_id")).join(names, names.c.number == kept_documents.c.source)
        rows = self._work.connection.execute(query.order_by(kept_documents.c.number.desc()))
        return tuple(KeptDocument(**row._mapping) for row in rows)  # noqa: SLF001

    def body(self, number: int) -> bytes | None:
        """Return a document's bytes, or their beginning; None: it is not kept."""
        body: Column[bytes] = kept_documents.c.body
        found = self._work.connection.execute(select(body).where(kept_documents.c.number == number)).scalar()
        return None if found is None else zlib.decompress(found)

    def _fit(self) -> None:
        """Take away the oldest of all until the others fit."""
        sizes = select(kept_documents.c.number, func.length(kept_documents.c.body).label("bytes"))
        left, gone = ALL_BYTES, []
        for row in self._work.connection.execute(sizes.order_by(kept_documents.c.number.desc())):
            left -= row.bytes
            if left < 0:
                gone.append(row.number)
        self._forget(gone)

    def _forget(self, numbers: Sequence[int]) -> None:
        if numbers:
            self._work.connection.execute(delete(kept_documents).where(kept_documents.c.number.in_(numbers)))
