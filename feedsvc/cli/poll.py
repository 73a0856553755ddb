"""`feedsvc poll`"""

import asyncio
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import click
import uvloop
from rich.console import Console

from feedsvc import publish
from feedsvc.cli.opening import Service, opened
from feedsvc.cli.words import in_words
from feedsvc.engine.local import LocalRunner, release_dead, utc_now
from feedsvc.errors import StoreError
from feedsvc.model import Attempt, FetchState, HostPause, Outcome, Source, SourceUpdate
from feedsvc.schedule import client_of, means_of, pages_of, runner_with, work_off

#: how long `--force` waits for a source or host that another process is at
WAIT_S = 30.0

#: of an attempt, what the promised shape of `--json` has no place for
_UNSAID = frozenset({"at", "withdrawn", "pushed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the words of the command ask for."""

    sources: tuple[Source, ...]
    named: bool
    force: bool


@click.command()
@click.argument("source", nargs=-1)
@click.option("--force", is_flag=True, help="Poll what is not due yet, too.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document a source.")
@click.pass_obj
def poll(folder: Path, source: tuple[str, ...], force: bool, as_json: bool) -> None:
    """Poll what is due, fetch the pages of new articles, publish what changed, and exit; 1 when a source failed.

    `--force` sets our own interval aside. What the server asked for (Retry-After, 410) is set aside only for a source
    that is named.

    \b
    Examples:
      feedsvc poll
      feedsvc poll --force nhandan-en --json
    """
    with opened(folder) as service:
        asked = _asked(service, source, force)
        attempts = uvloop.run(_poll(service, asked, as_json))
        current = service.in_force()
        publish.refresh(service.store, current.edition, utc_now())
        publish.index(service.store)
    if any(attempt.outcome in {"failed", "gone"} for attempt in attempts):
        sys.exit(1)


def _asked(service: Service, names: Sequence[str], force: bool) -> Asked:
    settings = service.in_force().settings
    known = {source.id: source for source in settings.sources}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise click.UsageError(f"no source {', '.join(unknown)}; there are: {', '.join(sorted(known)) or 'none'}")
    sources = tuple(known[name] for name in dict.fromkeys(names)) if names else settings.sources
    return Asked(sources=sources, named=bool(names), force=force)


async def _poll(service: Service, asked: Asked, as_json: bool) -> list[Attempt]:
    now = utc_now()
    current = service.in_force()
    release_dead(service.store)
    with service.store.read() as tx:
        states, pauses = tx.schedule.states(), tx.hosts.pauses()
    attempts: list[Attempt] = []
    client = await client_of(service.store, current)
    async with client, runner_with(client, service.store, current) as runner:
        tasks = []
        for source in asked.sources:
            state = states.get(source.id) or FetchState(source_id=source.id)
            held_back = _held_back(source, state, asked, now) or _left_alone(source, pauses, runner, asked, now)
            if held_back is not None:
                attempts.append(held_back)
                _print(held_back, as_json)
            else:
                tasks.append(asyncio.create_task(_polled(runner, source, asked.force, as_json)))
        attempts += await asyncio.gather(*tasks)
        if not as_json and (waiting := _waiting(service, now)):
            pages = "the page of a new article" if waiting == 1 else f"the pages of {waiting} new articles"
            Console(stderr=True).print(f"fetching {pages}")
        await work_off(pages_of(means_of(client, runner), runner, current), runner.deps, now)
    return attempts


def _waiting(service: Service, since: datetime) -> int:
    with service.store.read() as tx:
        return len(tx.articles.waiting(since))


async def _polled(runner: LocalRunner, source: Source, force: bool, as_json: bool) -> Attempt:
    try:
        update = await _insist(runner, source) if force else await runner.submit(source)
    except StoreError as error:
        attempt = Attempt(source_id=source.id, at=utc_now(), outcome="failed", error=f"not recorded: {error}")
    else:
        attempt = (
            update.attempt
            if update
            else _not_polled(
                source, utc_now(), "skipped", "another process polls it or its host, or the configuration changed"
            )
        )
    _print(attempt, as_json)
    return attempt


async def _insist(runner: LocalRunner, source: Source) -> SourceUpdate | None:
    """Poll a source, waiting a while for another process that is at it or at its host."""
    end = time.monotonic() + WAIT_S
    while True:
        update = await runner.submit(source, force=True)
        if update is not None or time.monotonic() > end:
            return update
        await asyncio.sleep(0.5)


def _held_back(source: Source, state: FetchState, asked: Asked, now: datetime) -> Attempt | None:
    """Return why a source is not polled; None: it is."""
    if not (asked.named and asked.force) and (kept := kept_back(source, state, now)) is not None:
        return kept
    if not asked.force and state.next_fetch_at is not None and now < state.next_fetch_at:
        since = f", after {state.failures} failures in a row: {state.error}" if state.failures > 1 else ""
        return _not_polled(source, now, "skipped", f"not due before {state.next_fetch_at:%Y-%m-%d %H:%M} UTC{since}")
    return None


def _left_alone(
    source: Source, pauses: Mapping[str, HostPause], runner: LocalRunner, asked: Asked, now: datetime
) -> Attempt | None:
    """Return why a source's host is not asked by anybody; None: it is, or somebody insists."""
    pause = pauses.get(runner.authority(source))
    if pause is None or asked.force or now >= pause.until:
        return None
    why = f"{pause.authority} is left alone until {pause.until:%Y-%m-%d %H:%M} UTC, several of its sources failed"
    return _not_polled(source, now, "skipped", f"{why}, the last because {pause.why}")


def kept_back(source: Source, state: FetchState, now: datetime) -> Attempt | None:
    """Return what keeps a source from being asked unless somebody insists: an admin's word, or the server's."""
    if source.paused:
        return _not_polled(source, now, "skipped", "paused in the configuration")
    if state.held is not None:
        return _not_polled(source, now, "held", state.held)
    if state.disabled is not None:
        return _not_polled(source, now, "refused", state.disabled)
    if state.not_before is not None and now < state.not_before:
        wait = f"the server asked to wait until {state.not_before:%Y-%m-%d %H:%M} UTC"
        return _not_polled(source, now, "refused", wait)
    return None


def _not_polled(source: Source, now: datetime, outcome: Outcome, why: str) -> Attempt:
    return Attempt(source_id=source.id, at=now, outcome=outcome, error=why)


def _print(attempt: Attempt, as_json: bool) -> None:
    if as_json:
        fields = asdict(attempt)
        shown = {"source": fields.pop("source_id"), **{k: v for k, v in fields.items() if k not in _UNSAID}}
        click.echo(json.dumps(shown, ensure_ascii=False))
    else:
        Console().print(in_words(attempt), soft_wrap=True)
