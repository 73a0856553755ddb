"""What reading a source's last document left for reading the next."""

from sqlalchemy import select

from feedsvc.store.schema import last_documents
from feedsvc.store.work import Work


class LastDocuments:
    """Marks by source; see `reading.py`. Nothing is lost with them but time."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def marks(self, source_id: str) -> bytes:
        """Return what was kept last; nothing where that is nothing."""
        source = self._work.names.number("source", source_id)
        query = select(last_documents.c.marks).where(last_documents.c.source == source)
        found = self._work.connection.execute(query).scalar() if source is not None else None
        return bytes(found or b"")

    def keep(self, source_id: str, marks: bytes) -> None:
        source = self._work.names.given("source", source_id)
        statement = self._work.upsert(last_documents).values(source=source, marks=marks)
        self._work.connection.execute(
            statement.on_conflict_do_update(index_elements=[last_documents.c.source], set_={"marks": marks})
        )
