"""The change log."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from feedsvc.model import Change, ChangeKind
from feedsvc.store.schema import changes
from feedsvc.store.work import AnyRow, Work


class Changes:
    """Sequences are given out in commit order, without gaps, from 1, and never again."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._unwritten: list[dict[str, Any]] = []

    def append(
        self,
        kind: ChangeKind,
        story_id: UUID,
        at: datetime,
        *,
        reason: str | None = None,
        replaced_by: UUID | None = None,
    ) -> Change:
        sequence = self._work.take("change")
        change = Change(sequence=sequence, kind=kind, story_id=story_id, at=at, reason=reason, replaced_by=replaced_by)
        row = {
            "sequence": sequence,
            "kind": kind,
            "story_id": story_id,
            "at": at,
            "reason": reason,
            "replaced_by": replaced_by,
        }
        # Written together at the end: a poll appends dozens.
        self._unwritten.append(row)
        return change

    def flush(self) -> None:
        self._work.insert(changes, self._unwritten)
        self._unwritten = []

    def since(self, sequence: int, limit: int) -> tuple[Change, ...]:
        """Return what came after `sequence`, in order."""
        self.flush()
        query = select(changes).where(changes.c.sequence > sequence).order_by(changes.c.sequence).limit(limit)
        return tuple(_change(row) for row in self._work.connection.execute(query))

    def last_sequence(self) -> int:
        """Return the last sequence given out, 0 where there is none; it also counts what is no longer kept."""
        return self._work.last("change")

    def oldest_sequence(self) -> int:
        """Return the first that is still kept; where none is, the one to come."""
        self.flush()
        found: int | None = self._work.connection.execute(select(func.min(changes.c.sequence))).scalar()
        return self.last_sequence() + 1 if found is None else found


def _change(row: AnyRow) -> Change:
    return Change(
        sequence=row.sequence,
        kind=row.kind,
        story_id=row.story_id,
        at=row.at,
        reason=row.reason,
        replaced_by=row.replaced_by,
    )
