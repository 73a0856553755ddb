"""When sources are due, who polls them now, and who may contact which host."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import and_, bindparam, delete, exists, func, null, or_, select, union, update

from feedsvc.model import Checked, FeedInfo, FetchState
from feedsvc.store import part_states, rhythms, usuals
from feedsvc.store.codec import decode
from feedsvc.store.columns import EPOCH
from feedsvc.store.errands import PAGES, PICTURES
from feedsvc.store.schema import feed_infos, fetch_states, host_pauses, host_slots, listings, names, subscriptions
from feedsvc.store.work import AnyRow, Work, chunks

_KEPT = (
    "etag",
    "last_modified",
    "body_hash",
    "parser_version",
    "effective_url",
    "moved_to",
    "moved_since",
    "moved_polls",
    "move_refused",
    "next_fetch_at",
    "not_before",
    "last_fetch_at",
    "last_success_at",
    "failures",
    "error",
    "disabled",
    "held",
    "degraded",
)
_SUBSCRIBED = exists().where(subscriptions.c.source == fetch_states.c.source, subscriptions.c.state != "leaving")
_STATES = (
    select(
        fetch_states, names.c.id.label("source_id"), _SUBSCRIBED.label("subscribed"), feed_infos.c.payload.label("info")
    )
    .join(names, names.c.number == fetch_states.c.source)
    .outerjoin(feed_infos, feed_infos.c.number == fetch_states.c.feed)
)
_STATE = _STATES.where(names.c.kind == "source", names.c.id == bindparam("id"))
_WAITING = and_(fetch_states.c.disabled.is_(None), fetch_states.c.held.is_(None))
_UNCLAIMED = or_(fetch_states.c.holder.is_(None), fetch_states.c.held_until <= bindparam("now"))
_DUE = or_(fetch_states.c.next_fetch_at.is_(None), fetch_states.c.next_fetch_at <= bindparam("now"))

_LISTED = select(listings.c.number).where(listings.c.number == bindparam("key"), listings.c.closed_at.is_(None))
_HELD = select(fetch_states.c.source).where(
    fetch_states.c.source == bindparam("key"), fetch_states.c.holder == bindparam("by")
)
_FEED = select(fetch_states.c.feed).where(fetch_states.c.source == bindparam("key"))
#: sets what the row names besides its key
_UPDATE = update(fetch_states).where(fetch_states.c.source == bindparam("key"))
_CLAIM_FORCED = (
    update(fetch_states)
    .where(fetch_states.c.source == bindparam("key"), _UNCLAIMED)
    .values(holder=bindparam("by"), held_until=bindparam("until"))
)
_CLAIM = _CLAIM_FORCED.where(_WAITING, _DUE)
_COUNT_SLOTS = select(func.count()).select_from(host_slots).where(host_slots.c.host == bindparam("at"))
_SLOTS_AND_PAUSE = select(
    _COUNT_SLOTS.scalar_subquery().label("slots"),
    select(host_pauses.c.until)
    .where(host_pauses.c.host == bindparam("authority"))
    .scalar_subquery()
    .label("paused_until"),
)
_MOVED = (
    select(names.c.id, fetch_states.c.effective_url)
    .join(names, names.c.number == fetch_states.c.source)
    .where(fetch_states.c.effective_url.is_not(None))
)
_PROLONG = _UPDATE.where(fetch_states.c.holder == bindparam("by")).values(held_until=bindparam("until"))
_LEAVE = delete(host_slots).where(host_slots.c.taken_by == bindparam("source"), host_slots.c.holder == bindparam("by"))
_DELETE_EXPIRED = delete(host_slots).where(host_slots.c.held_until <= bindparam("now"))
_DELETE_SLOT = delete(host_slots).where(host_slots.c.taken_by == bindparam("by"))

#: claims that are written together look only now and then for slots that have run out
_SWEEP_PAUSE = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim(Checked):
    """A wish to poll one source now; `until`: when others may take it over, should the holder die."""

    source_id: str
    host: str
    #: host and port, which may be left alone
    authority: str = ""
    #: names the process
    holder: str
    now: datetime
    until: datetime
    #: how many may contact the host at a time
    per_host: int = 1
    #: poll although it is not due
    force: bool = False


class Schedule:
    """`next_fetch_at` in the database is the only schedule."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._swept_at: datetime | None = None

    def states(self) -> Mapping[str, FetchState]:
        """Return the state of every source that was ever polled or claimed."""
        rows = self._work.connection.execute(_STATES.order_by(fetch_states.c.source))
        return {row.source_id: _state(row) for row in rows}

    def state(self, source_id: str) -> FetchState:
        """Return an empty state for a source that was never polled."""
        row = self._work.connection.execute(_STATE, {"id": source_id}).one_or_none()
        return FetchState(source_id=source_id) if row is None else _state(row)

    def due(self, source_ids: Sequence[str], now: datetime, limit: int) -> tuple[str, ...]:
        """Return which of these may be claimed now: the never polled first, then the longest due."""
        since = self._next_fetches(source_ids, now)
        due = [id for id, next_fetch_at in since.items() if next_fetch_at <= now]
        return tuple(sorted(due, key=since.__getitem__)[:limit])

    def claim(self, claim: Claim) -> bool:
        """Take a source and a slot of its host, both or neither. An expired claim counts as none.

        A host that is left alone has no slot, unless forced.

        Only what is listed can be claimed: a process that has not taken up a rename yet does not poll the old name.
        """
        source = self._work.names.number("source", claim.source_id)
        run = self._work.connection.execute
        if source is None or run(_LISTED, {"key": source}).one_or_none() is None:
            return False
        if self._is_full(claim) or not self._take(source, claim):
            return False
        self._take_slot(source, claim)
        return True

    def leave_host(self, source_id: str, holder: str) -> None:
        """Give up the slot of a claim, which stays: others may ask its host while a redirect waits for another one."""
        source = self._work.names.given("source", source_id)
        self._work.connection.execute(_LEAVE, {"source": _taken_by(source), "by": holder})

    def enter_host(self, claim: Claim) -> bool:
        """Take a slot of the host that a redirect leads to, and prolong the claim; say no where all are taken.

        Nothing is taken, and nobody waits, for a claim that is no longer held.
        """
        source = self._work.names.number("source", claim.source_id)
        if source is None:
            return True
        # Whether it is left alone is not asked: who redirects there has decided that it is asked.
        if self._is_full(replace(claim, force=True)):
            return False
        run = self._work.connection.execute
        if run(_PROLONG, {"key": source, "by": claim.holder, "until": claim.until}).rowcount > 0:
            self._take_slot(source, claim)
        return True

    def moved(self) -> Mapping[str, str]:
        """Return where sources are asked that moved from their configured address, by id."""
        rows = self._work.connection.execute(_MOVED)
        return {row.id: row.effective_url for row in rows}

    def holds(self, source_id: str, holder: str) -> bool:
        """Say whether the claim is still that process's: not taken over, and the source not closed or renamed."""
        source = self._work.names.number("source", source_id)
        if source is None:
            return False
        return self._work.connection.execute(_HELD, {"key": source, "by": holder}).one_or_none() is not None

    def save(self, state: FetchState) -> None:
        """Store what a poll left behind; its claim and slot are free again."""
        source = self._work.names.given("source", state.source_id)
        run = self._work.connection.execute
        former = run(_FEED, {"key": source}).scalar()
        feed = self._work.feeds.store(state.info) if state.info else None
        row: dict[str, Any] = {name: getattr(state, name) for name in _KEPT}
        fresh_for_s = round(state.fresh_for.total_seconds()) if state.fresh_for is not None else None
        row |= {"feed": feed, "rhythm": rhythms.pack(state.rhythm), "fresh_for_s": fresh_for_s}
        row |= {"parts": part_states.pack(state.parts)}
        row |= {"usual": usuals.pack(state.usual), "holder": None, "held_until": None}
        if run(_UPDATE, row | {"key": source}).rowcount == 0:
            self._work.insert(fetch_states, [row | {"source": source}])
        run(_DELETE_SLOT, {"by": _taken_by(source)})
        if former is not None and former != feed:
            # Many feeds name the time of each fetch in themselves.
            self._work.feeds.forget_unused([former])

    def learn(self, state: FetchState) -> None:
        """Store what is known of when and what a source publishes, and nothing else: a poll of it may be under way."""
        known = {"rhythm": rhythms.pack(state.rhythm), "usual": usuals.pack(state.usual)}
        source = self._work.names.given("source", state.source_id)
        self._work.connection.execute(_UPDATE, {"key": source, **known})

    def move_to(self, source_id: str, at: datetime) -> None:
        """Let a source be due then, whatever its state says."""
        source = self._work.names.given("source", source_id)
        self._work.connection.execute(_UPDATE, {"key": source, "next_fetch_at": at})

    def give_back(self, source_id: str) -> None:
        """Free a source's claim and slot as if it had not been polled."""
        release_sources(self._work, [self._work.names.given("source", source_id)])

    def release(self, holder: str) -> None:
        """Free what a process holds, such as one that died."""
        run = self._work.connection.execute
        PICTURES.recall(self._work, holder)
        PAGES.recall(self._work, holder)
        run(update(fetch_states).where(fetch_states.c.holder == holder).values(holder=null(), held_until=null()))
        run(delete(host_slots).where(host_slots.c.holder == holder))

    def holders(self) -> set[str]:
        """Return every process that holds something, expired or not."""
        query = union(
            select(fetch_states.c.holder).where(fetch_states.c.holder.is_not(None)), select(host_slots.c.holder)
        )
        return set(self._work.connection.execute(query).scalars())

    def _next_fetches(self, source_ids: Collection[str], now: datetime) -> dict[str, datetime]:
        """Return the next fetch of those that may be claimed; 1970 for one that was never polled."""
        query = select(names.c.id, fetch_states.c.next_fetch_at, and_(_WAITING, _UNCLAIMED))
        query = query.join(names, names.c.number == fetch_states.c.source)
        known = {
            id: (next_fetch_at or EPOCH, may)
            for id, next_fetch_at, may in self._work.connection.execute(query, {"now": now})
        }
        found = ((id, known.get(id, (EPOCH, True))) for id in source_ids)
        return {id: next_fetch_at for id, (next_fetch_at, may) in found if may}

    def _is_full(self, claim: Claim) -> bool:
        """Say whether the host has no place for one more, or is left alone."""
        run = self._work.connection.execute
        if self._swept_at is None or claim.now - self._swept_at >= _SWEEP_PAUSE:
            # A slot ends with the claim that took it.
            run(_DELETE_EXPIRED, {"now": claim.now})
            self._swept_at = claim.now
        slots, paused_until = run(_SLOTS_AND_PAUSE, {"at": claim.host, "authority": claim.authority}).one()
        if paused_until is None or claim.force:
            return bool(slots >= claim.per_host)
        # After the pause one at a time tries whether the host answers again.
        return bool(slots > 0 or claim.now < paused_until)

    def _take_slot(self, source: int, claim: Claim) -> None:
        slot = {
            "host": claim.host,
            "taken_by": _taken_by(source),
            "holder": claim.holder,
            "held_until": claim.until,
        }
        self._work.insert(host_slots, [slot])

    def _take(self, source: int, claim: Claim) -> bool:
        run = self._work.connection.execute
        values = {"key": source, "now": claim.now, "by": claim.holder, "until": claim.until}
        if run(_CLAIM_FORCED if claim.force else _CLAIM, values).rowcount > 0:
            return True
        if run(_FEED, {"key": source}).one_or_none() is not None:
            return False
        row = {"source": source, "failures": 0, "holder": claim.holder, "held_until": claim.until}
        self._work.insert(fetch_states, [row])
        return True


def release_sources(work: Work, sources: Collection[int]) -> None:
    """Free the claims and slots of these sources, whoever holds them."""
    free = {"holder": None, "held_until": None}
    for part in chunks(sources):
        work.connection.execute(update(fetch_states).where(fetch_states.c.source.in_(part)).values(free))
        taken = [_taken_by(source) for source in part]
        work.connection.execute(delete(host_slots).where(host_slots.c.taken_by.in_(taken)))


def _taken_by(source: int) -> str:
    return f"source {source}"


def _state(row: AnyRow) -> FetchState:
    return FetchState(
        source_id=row.source_id,
        info=None if row.info is None else _info(row.info),
        fresh_for=timedelta(seconds=row.fresh_for_s) if row.fresh_for_s is not None else None,
        rhythm=rhythms.unpack(row.rhythm),
        usual=usuals.unpack(row.usual),
        parts=part_states.unpack(row.parts),
        subscribed=bool(row.subscribed),
        **{name: row._mapping[name] for name in _KEPT},  # noqa: SLF001
    )


@lru_cache(maxsize=4096)
def _info(payload: bytes) -> FeedInfo:
    """Return a feed's description, which is read at every poll and changes rarely."""
    return decode(FeedInfo, payload)
