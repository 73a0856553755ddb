"""What was decided about sources beside the configuration: who, when, why. Few, and kept for good."""

from sqlalchemy import select

from feedsvc.model import SourceEvent
from feedsvc.store.schema import names, source_events
from feedsvc.store.work import Work


class SourceEvents:
    """Numbered from 1, in commit order."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, event: SourceEvent) -> None:
        source = self._work.names.given("source", event.source_id)
        row = {"number": self._work.take("source_event"), "source": source}
        row |= {name: getattr(event, name) for name in ("at", "kind", "who", "what")}
        self._work.insert(source_events, [row])

    def latest(self, limit: int, source_id: str | None = None) -> tuple[SourceEvent, ...]:
        """Return the newest events, of all sources or one, newest first."""
        query = select(source_events, names.c.id.label("source_id"))
        query = query.join(names, names.c.number == source_events.c.source)
        if source_id is not None:
            query = query.where(names.c.kind == "source", names.c.id == source_id)
        query = query.order_by(source_events.c.number.desc()).limit(limit)
        return tuple(
            SourceEvent(source_id=row.source_id, at=row.at, kind=row.kind, who=row.who, what=row.what)
            for row in self._work.connection.execute(query)
        )
