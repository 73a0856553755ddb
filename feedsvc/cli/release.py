"""`feedsvc release`"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import click

from feedsvc.cli.opening import Service, opened, who
from feedsvc.cli.printing import print_json
from feedsvc.errors import StartError
from feedsvc.model import SourceEvent, Usual


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """What is printed."""

    source: str
    #: why it was held back
    held: str
    #: of what its next document brings unknown, so many are announced; None: all
    announced: int | None


@click.command()
@click.argument("source")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def release(folder: Path, source: str, as_json: bool) -> None:
    """Accept what a source that is held back brings.

    Its next document is taken as it is: what is unknown in it is stored, and of that no more is announced than
    `backfill` allows at a first poll. `feedsvc preview --force SOURCE` shows beforehand what that
    would be.

    \b
    Examples:
      feedsvc release nhandan-en
      feedsvc release nhandan-en && feedsvc poll nhandan-en
    """
    with opened(folder) as service:
        released = _release(service, source)
    if as_json:
        print_json(released)
    else:
        limit = "all" if released.announced is None else f"at most {released.announced}"
        click.echo(f"{source} is read again; of what is unknown in its next document {limit} will be announced")


def _release(service: Service, source_id: str) -> Released:
    known = {source.id: source for source in service.in_force().settings.sources}
    if source_id not in known:
        raise click.UsageError(f"no source {source_id}; there are: {', '.join(sorted(known)) or 'none'}")
    now = datetime.now(UTC)
    with service.store.write() as tx:
        state = tx.schedule.state(source_id)
        if state.held is None:
            raise StartError(f"{source_id} is not held back; `feedsvc doctor` lists what is")
        usual = replace(state.usual or Usual(), released=True)
        # The wish of the server holds all the same.
        due = max(now, state.not_before or now)
        tx.schedule.save(replace(state, held=None, usual=usual, next_fetch_at=due))
        what = f"is read again, and its next document taken as it is; it was held back because {state.held}"
        tx.events.add(SourceEvent(source_id=source_id, at=now, kind="released", who=who(), what=what))
    return Released(source=source_id, held=state.held, announced=known[source_id].backfill)
