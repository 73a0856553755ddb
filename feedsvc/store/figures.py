"""Figures over the stored stories, for the status page: how many, and how soon after their publication."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, case, func, literal_column, select, type_coerce

from feedsvc.model import ListKind
from feedsvc.store.columns import EPOCH, NUMBER
from feedsvc.store.schema import entries, listings, memberships, names, page_tasks, snapshots, stories
from feedsvc.store.work import Work

#: microseconds; written into the statement, since PostgreSQL takes two parameters for two expressions when it groups
_HOUR = literal_column("3600000000", NUMBER)

#: stories looked at for how late we are, the newest
DELAYS_AT_MOST = 5000


class Figures:
    """Reads no entry's content."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def by_hour(self, kind: ListKind, since: datetime) -> Mapping[str, Mapping[datetime, int]]:
        """Return how many announced stories sort into each hour from `since` on, by listing; empty hours are left out.

        An hour is named by its beginning in UTC.
        """
        hour = type_coerce(memberships.c.sort_at, NUMBER) // _HOUR
        query = (
            select(names.c.id, hour, func.count())
            .join(names, names.c.number == memberships.c.listing)
            .where(names.c.kind == kind, memberships.c.sort_at >= since, memberships.c.announced.is_not(None))
            .group_by(names.c.id, hour)
        )
        found: dict[str, dict[datetime, int]] = defaultdict(dict)
        for id, number, count in self._work.connection.execute(query):
            found[id][EPOCH + timedelta(hours=number)] = count
        return found

    def delays(self, since: datetime) -> Sequence[timedelta]:
        """Return how long after its publication each story announced from `since` on was announced, newest first.

        Only stories published after we began to read their source, and only those that say when that was.
        """
        query = (
            select(stories.c.announced_at, stories.c.sort_at)
            .join(memberships, memberships.c.story_id == stories.c.id)
            .join(listings, listings.c.number == memberships.c.listing)
            .join(names, and_(names.c.number == listings.c.number, names.c.kind == "source"))
            .where(memberships.c.sort_at >= since, memberships.c.sort_at >= listings.c.opened_at)
            # Where nothing was said the time of our first sight stands in.
            .where(stories.c.announced_at.is_not(None), stories.c.sort_at != stories.c.first_seen_at)
            .distinct()
            .order_by(stories.c.sort_at.desc())
            .limit(DELAYS_AT_MOST)
        )
        rows = self._work.connection.execute(query)
        return tuple(max(row.announced_at - row.sort_at, timedelta()) for row in rows)

    def size_bytes(self) -> int:
        """Return how much room the database takes."""
        run = self._work.connection.exec_driver_sql
        if self._work.dialect == "postgresql":
            return int(run("SELECT pg_database_size(current_database())").scalar_one())
        return int(run("PRAGMA page_count").scalar_one()) * int(run("PRAGMA page_size").scalar_one())

    def documents_above(self, size: int, suffix: str) -> Sequence[tuple[str, int]]:
        """Return the documents of such a name that are larger, and how large, the largest first."""
        length = func.length(snapshots.c.body)
        query = select(snapshots.c.path, length).where(snapshots.c.path.endswith(suffix), length > size)
        return tuple((path, found) for path, found in self._work.connection.execute(query.order_by(length.desc())))

    def pages(self, since: datetime) -> Mapping[str, tuple[int, int, str]]:
        """Return of each source how many article pages were wanted since then, how many given up, and one reason."""
        is_given_up = and_(page_tasks.c.next_fetch_at.is_(None), page_tasks.c.error.is_not(None))
        query = (
            select(
                names.c.id,
                func.count(),
                func.count(case((is_given_up, 1))),
                func.max(case((is_given_up, page_tasks.c.error))),
            )
            .join(entries, entries.c.id == page_tasks.c.entry_id)
            .join(names, names.c.number == entries.c.source)
            .where(page_tasks.c.wanted_at >= since)
            .group_by(names.c.id)
            .order_by(names.c.id)
        )
        rows = self._work.connection.execute(query)
        return {id: (wanted, given_up, why or "") for id, wanted, given_up, why in rows}
