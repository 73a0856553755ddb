"""The public status page: is every source alive, when was it last read, how late are we, how much comes in."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Literal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_timedelta
from flask import Blueprint, render_template, request
from werkzeug.exceptions import NotFound

from feedsvc import subscribing
from feedsvc.model import Attempt, FetchState, Source
from feedsvc.store import Store
from feedsvc.web.context import Reader, reader
from feedsvc.web.following import Following
from feedsvc.web.plots import Plot, by_day, plot
from feedsvc.web.words import gettext as _

#: how far the plots look back
DAYS = 14
#: a poll that is due for longer than this is late; shorter waits are for a host's turn
LATE = timedelta(minutes=5)
#: stories whose delay is counted
DELAYS_OF = timedelta(days=7)
#: sources on one page
ON_A_PAGE = 50
#: the figures are this old at most; the page is public and its figures read many rows
KEPT_S = 5.0

Condition = Literal["failing", "gone", "held", "degraded", "late", "waiting", "alive", "paused"]
#: what needs a look comes first
ORDER: tuple[Condition, ...] = ("gone", "failing", "held", "degraded", "late", "waiting", "alive", "paused")


def status(store: Store, following: Following) -> Blueprint:
    """Return the route `/status`."""
    blueprint = Blueprint("status", __name__)
    kept = Kept(lambda: _read(store, following))

    @blueprint.get("/status")
    def show() -> str:
        who, found = reader(), kept()
        page = request.args.get("page", "1")
        first = (int(page) - 1) * ON_A_PAGE if page.isdecimal() and len(page) < 7 else -1
        if first < 0 or (first and first >= len(found.sources)):
            raise NotFound
        return render_template(
            "status.html",
            status=found,
            shown=found.sources[first : first + ON_A_PAGE],
            newer=str(int(page) - 1) if first else None,
            older=str(int(page) + 1) if first + ON_A_PAGE < len(found.sources) else None,
            conditions=_words(),
            problem=_problem,
            span=lambda length: _span(length, who),
            spoken=lambda drawn: _spoken(drawn, who),
        )

    return blueprint


def _read(store: Store, following: Following) -> "Status":
    settings = following.view.in_force.settings
    return read_status(store, settings.sources, ZoneInfo(settings.site.timezone), datetime.now(UTC))


def _words() -> Mapping["Condition", str]:
    return {
        "alive": _("alive"),
        "late": _("late"),
        "waiting": _("not read yet"),
        "failing": _("fails"),
        "gone": _("gone for good"),
        "held": _("held back"),
        "degraded": _("not as usual"),
        "paused": _("paused"),
    }


def _problem(source: "SourceStatus") -> str:
    """Say what is wrong as far as everybody may know: our own words for it name files and machines of the admin's."""
    if source.condition == "held":
        return _("what it brings is looked at before it is shown")
    if source.condition == "degraded":
        return _("it is read, and something in it has changed")
    if source.condition != "failing":
        return ""
    if source.answered is not None and source.answered >= 300:
        return _("its server answers %(status)s", status=source.answered)
    return _("cannot be read")


def _span(length: timedelta, who: Reader) -> str:
    """Return `3 minutes`, `3 phút`."""
    # Below 1.7 of a unit the smaller one is used: "90 minutes" tells more than "2 hours".
    return format_timedelta(max(length, timedelta(seconds=1)), threshold=1.7, locale=who.locale)


def _spoken(drawn: Plot, who: Reader) -> str:
    """Say what a plot shows, for those who do not see it."""
    days = {"first": drawn.days[0], "last": drawn.days[-1], "best": drawn.best_day}
    said = {name: format_date(day, "d MMMM", locale=who.locale) for name, day in days.items()}
    if not drawn.total:
        return _("No stories from %(first)s to %(last)s.", **said)
    counts = {"total": drawn.total, "most": drawn.most, "today": drawn.counts[-1]}
    return _(
        "%(total)s stories from %(first)s to %(last)s; the most, %(most)s, on %(best)s; %(today)s today.",
        **said,
        **counts,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """One source as the public may know it."""

    source: Source
    condition: Condition
    last_success_at: datetime | None
    #: how long it has been due; None: it is not
    overdue: timedelta | None
    #: what the server answered to the last poll; None: nothing, or there was none
    answered: int | None
    plot: Plot
    #: a hub brings what is new, polls only look whether it does
    is_pushed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Everything on the page, at one moment."""

    at: datetime
    sources: tuple[SourceStatus, ...]
    plot: Plot
    #: how long after publication a story was announced: half of them, and 19 of 20; None: too few to tell
    median_delay: timedelta | None
    p95_delay: timedelta | None

    def count(self, *conditions: Condition) -> int:
        return sum(each.condition in conditions for each in self.sources)

    @property
    def last_success_at(self) -> datetime | None:
        return max((each.last_success_at for each in self.sources if each.last_success_at), default=None)

    @property
    def worst_overdue(self) -> timedelta | None:
        return max((each.overdue for each in self.sources if each.condition == "late" and each.overdue), default=None)


def condition(source: Source, state: FetchState | None, now: datetime) -> Condition:
    """Say how a source does."""
    if source.paused:
        return "paused"
    if state is None or (state.last_fetch_at is None and not state.failures):
        return "waiting"
    if state.disabled is not None:
        return "gone"
    if state.held is not None:
        return "held"
    if state.failures:
        return "failing"
    is_late = state.next_fetch_at is not None and now - state.next_fetch_at > LATE
    return "late" if is_late else "degraded" if state.degraded is not None else "alive"


def read_status(store: Store, sources: Sequence[Source], zone: ZoneInfo, now: datetime) -> Status:
    """Read what the page shows; sources that need a look first, else in their own order."""
    since = datetime.combine(now.astimezone(zone).date() - timedelta(days=DAYS - 1), datetime.min.time(), zone)
    since = since.astimezone(UTC)
    with store.read() as tx:
        states, attempts = tx.schedule.states(), tx.attempts.latest()
        overall = tx.figures.by_hour("all", since).get("all", {})
        by_source = tx.figures.by_hour("source", since)
        delays = tx.figures.delays(now - DELAYS_OF)
        pushed = {each.source_id for each in tx.subscriptions.all() if subscribing.is_proven(each, now)}
    today = now.astimezone(zone).date()

    def drawn(hours: Mapping[datetime, int], step: int, height: int) -> Plot:
        return plot(*by_day(hours, zone, today, DAYS), step=step, height=height)

    found = [
        _status(source, states.get(source.id), attempts.get(source.id), drawn(by_source.get(source.id, {}), 6, 20), now)
        for source in sources
    ]
    found = [replace(each, is_pushed=each.source.id in pushed) for each in found]
    found.sort(key=lambda each: ORDER.index(each.condition))
    return Status(
        at=now,
        sources=tuple(found),
        plot=drawn(overall, 50, 120),
        median_delay=_within(delays, 0.5),
        p95_delay=_within(delays, 0.95),
    )


def _status(source: Source, state: FetchState | None, last: Attempt | None, drawn: Plot, now: datetime) -> SourceStatus:
    due = state.next_fetch_at if state else None
    return SourceStatus(
        source=source,
        condition=condition(source, state, now),
        last_success_at=state.last_success_at if state else None,
        overdue=now - due if due is not None and now > due else None,
        answered=last.status if last else None,
        plot=drawn,
    )


def _within(delays: Sequence[timedelta], share: float) -> timedelta | None:
    """Return the shortest delay within which this share of the stories came; None: they are too few to tell."""
    if len(delays) * (1 - share) < 1:
        return None
    return sorted(delays)[ceil(len(delays) * share) - 1]


class Kept:
    """The last status, for a few seconds: however many ask, the figures are read once."""

    def __init__(self, read: Callable[[], Status]) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._kept: tuple[float, Status] | None = None

    def __call__(self) -> Status:
        # Whoever comes meanwhile waits for the one that reads.
        with self._lock:
            if self._kept is None or time.monotonic() - self._kept[0] > KEPT_S:
                self._kept = (time.monotonic(), self._read())
            return self._kept[1]
