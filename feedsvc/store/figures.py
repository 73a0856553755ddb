"""Figures over the stored stories, for the status page: how many, and how soon after their publication."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, func, literal_column, select, type_coerce

from feedsvc.model import ListKind
from feedsvc.store.columns import EPOCH, NUMBER
from feedsvc.store.schema import listings, memberships, names, stories
from feedsvc.store.work import Work

#: microseconds; written into the statement, since PostgreSQL takes two parameters for two expressions when it groups
_HOUR = literal_column("3600000000", NUMBER)

#: stories looked at for how late we are, the newest
DELAYS_AT_MOST = 5000


class Figures:
    """Reads indexes, never an entry's content."""

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
