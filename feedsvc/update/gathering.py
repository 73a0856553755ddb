"""What needs the network and the processor; no transaction is open, nothing is stored."""

import asyncio
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from feedsvc import filing, outcome
from feedsvc.errors import FetchError, IsolationError, SourceError
from feedsvc.model import Document, FetchState, NotModified, Source
from feedsvc.outcome import Gathered
from feedsvc.reading import READER_VERSION, Reading
from feedsvc.update.deps import Deps
from feedsvc.websub import offered


async def gather(source: Source, state: FetchState, deps: Deps, now: datetime) -> Gathered:
    """Everything that needs the network or the processor; no transaction is open, nothing is stored."""
    if source.kind != "feed":
        return outcome.failed(source, state, f"kind {source.kind} is not read by this version, only kind feed", now)
    known = state if state.parser_version == READER_VERSION else outcome.without_validators(state)
    try:
        fetched = await deps.http.get(source, known, now)
    except FetchError as error:
        return outcome.answered(outcome.failed(source, state, error.problem, now, error), state, error, now)
    if isinstance(fetched, NotModified) or sha256(fetched.body).digest() == known.body_hash:
        return outcome.answered(outcome.unchanged(source, known, fetched, now), state, fetched, now)
    return outcome.answered(await _read(source, state, fetched, deps, now), state, fetched, now)


async def _read(source: Source, state: FetchState, fetched: Document, deps: Deps, now: datetime) -> Gathered:
    try:
        reading = await deps.reader(fetched, source)
    except (SourceError, IsolationError) as error:
        return outcome.failed(source, state, error.problem, now)
    # Rules read every word: not on the loop, where all the other requests are.
    reading = await asyncio.to_thread(with_skips, source, reading, deps.rules)
    return replace(outcome.new_document(source, state, fetched, reading, now), offer=offered(fetched, reading.info))


def with_skips(source: Source, reading: Reading, rules: filing.Rules) -> Reading:
    if source.skip is None:
        return reading
    arrivals = tuple(replace(a, skipped=rules.skip_reason(source, a.entry)) for a in reading.arrivals)
    return replace(reading, arrivals=arrivals)
