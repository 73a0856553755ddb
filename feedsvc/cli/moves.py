"""`feedsvc moves`"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from feedsvc.cli.opening import Service, opened, who
from feedsvc.cli.printing import Printer, print_json
from feedsvc.errors import StartError
from feedsvc.model import FetchState, SourceEvent
from feedsvc.moves import HELD_FOR, undone

#: events that are listed
LATEST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A source that permanent redirects lead away from its configured address."""

    source: str
    url: str
    #: where it is asked; None: still at its configured address
    asked_at: str | None
    #: where redirects lead since when, not for long enough yet
    redirected_to: str | None
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is printed."""

    moves: tuple[Moved, ...]
    events: tuple[SourceEvent, ...]


@click.command()
@click.option("--undo", metavar="SOURCE", help="Ask this source at its configured address again, and keep to it.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def moves(folder: Path, undo: str | None, as_json: bool) -> None:
    """List sources that publishers moved by permanent redirects, and what was decided about sources by itself.

    A redirect that has held for a week is remembered: the source is asked where it leads, until that fails. Put a new
    address that you agree with into sources.yaml.

    \b
    Examples:
      feedsvc moves
      feedsvc moves --undo nhandan-en
    """
    with opened(folder) as service:
        if undo is not None:
            _undo(service, undo)
        found = _found(service)
        zone = ZoneInfo(service.in_force().settings.site.timezone)
    if as_json:
        print_json(found)
    else:
        _tell(found, Printer(zone))


def _undo(service: Service, source_id: str) -> None:
    now = datetime.now(UTC)
    with service.store.write() as tx:
        state = tx.schedule.state(source_id)
        url = state.effective_url or state.moved_to
        if url is None:
            raise StartError(f"{source_id} has not moved; `feedsvc moves` lists what has")
        tx.schedule.save(undone(state))
        what = f"is asked at its configured address again, and not at {url}"
        tx.events.add(SourceEvent(source_id=source_id, at=now, kind="moved-back", who=who(), what=what))


def _found(service: Service) -> Found:
    with service.store.read() as tx:
        states, events = tx.schedule.states(), tx.events.latest(LATEST)
    sources = service.in_force().settings.sources
    pairs = ((source, states.get(source.id) or FetchState(source_id=source.id)) for source in sources)
    moved = (
        Moved(
            source=source.id,
            url=source.url,
            asked_at=state.effective_url,
            redirected_to=state.moved_to,
            since=state.moved_since,
        )
        for source, state in pairs
        if state.effective_url or state.moved_to
    )
    return Found(moves=tuple(moved), events=events)


def _tell(found: Found, out: Printer) -> None:
    if not found.moves:
        out.line("No source has moved.")
    for move in found.moves:
        out.line(move.source, style="bold")
        out.line(f"configured: {move.url}", indent=2)
        if move.asked_at:
            out.line(f"asked at:   {move.asked_at}", indent=2)
        if move.redirected_to and move.since:
            until = out.moment(move.since + HELD_FOR)
            out.line(f"redirects:  {move.redirected_to} since {out.moment(move.since)}, kept from {until} on", indent=2)
    if found.events:
        out.blank()
    for event in found.events:
        out.line(f"{out.moment(event.at)}  {event.source_id} {event.what} ({event.who})")
