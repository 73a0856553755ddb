"""Hosts that are left alone because several sources in a row could not be read there, by no fault of their own.

A host here is a name with a port: what listens at another port may be well.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, func, select

from feedsvc.model import Contact, HostPause
from feedsvc.store.schema import host_pauses, host_troubles
from feedsvc.store.work import Work

#: one source in trouble may be alone with it: a busy page behind it, a rule against us at its address
SOURCES_IN_TROUBLE = 5
#: what is older may be of sources that are no longer read
REMEMBERED_FOR = timedelta(days=2)
#: the first pause; each further failure doubles it
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
#: a Retry-After is one source's, which keeps to it for up to 31 days; the host's other sources for so long
LONGEST_WISH = timedelta(hours=24)

_FORGET = delete(host_troubles).where(host_troubles.c.host == bindparam("of"))
_LIFT = delete(host_pauses).where(host_pauses.c.host == bindparam("of"))
_PAUSE = select(host_pauses).where(host_pauses.c.host == bindparam("of"))
_COUNT = (
    select(func.count())
    .select_from(host_troubles)
    .where(host_troubles.c.host == bindparam("of"), host_troubles.c.at > bindparam("since"))
)


class Hosts:
    """A circuit breaker per host: opened by several sources, half open after a pause, closed by any answer."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def note(self, source_id: str, contact: Contact, now: datetime) -> None:
        """Take in how a host answered a source."""
        if contact.trouble is None:
            # Nothing is paused where nothing was noted: one statement a poll.
            if self._work.connection.execute(_FORGET, {"of": contact.authority}).rowcount > 0:
                self._work.connection.execute(_LIFT, {"of": contact.authority})
        else:
            self._note_trouble(source_id, contact, now)

    def pauses(self) -> Mapping[str, HostPause]:
        """Return by host and port what is left alone, or is to be tried by one source at a time."""
        rows = self._work.connection.execute(select(host_pauses)).all()
        return {
            row.host: HostPause(
                authority=row.host, since=row.since, until=row.until, failures=row.failures, why=row.why
            )
            for row in rows
        }

    def _note_trouble(self, source_id: str, contact: Contact, now: datetime) -> None:
        run, source = self._work.connection.execute, self._work.names.given("source", source_id)
        noted = self._work.upsert(host_troubles).values(host=contact.authority, source=source, at=now)
        run(noted.on_conflict_do_update(index_elements=["host", "source"], set_={"at": now}))
        pause = run(_PAUSE, {"of": contact.authority}).one_or_none()
        if pause is not None and now < pause.until:
            # Was under way when the pause began, or somebody insisted.
            return
        if pause is None and run(_COUNT, {"of": contact.authority, "since": now - REMEMBERED_FOR}).scalar_one() < (
            SOURCES_IN_TROUBLE
        ):
            return
        failures = pause.failures + 1 if pause else 1
        until = now + min(FIRST_PAUSE * (1 << min(failures - 1, 20)), LONGEST_PAUSE)
        if contact.retry_at is not None:
            until = max(until, min(contact.retry_at, now + LONGEST_WISH))
        row = {
            "since": pause.since if pause else now,
            "until": until,
            "failures": failures,
            "why": contact.trouble,
        }
        stated = self._work.upsert(host_pauses).values(host=contact.authority, **row)
        run(stated.on_conflict_do_update(index_elements=["host"], set_=row))
