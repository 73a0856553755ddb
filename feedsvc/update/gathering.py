"""What needs the network and the processor; no transaction is open meanwhile, nothing is stored."""

import asyncio
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from feedsvc import filing, outcome
from feedsvc.errors import FetchError, IsolationError, NothingListedError, SourceError
from feedsvc.model import Document, FetchState, NotModified, Source
from feedsvc.outcome import Gathered
from feedsvc.reading import READER_VERSION, Reading
from feedsvc.store import Store
from feedsvc.update.deps import Deps
from feedsvc.update.parts import bring, joined, with_backlog
from feedsvc.websub import offered


class ReadingError(Exception):
    """An error of ours, its cause, that a document brought to light."""

    def __init__(self, document: Document) -> None:
        self.document = document
        super().__init__("while a document was read")


async def gather(source: Source, state: FetchState, deps: Deps, now: datetime) -> Gathered:
    """Everything that needs the network or the processor; nothing is stored."""
    known = state if state.parser_version == READER_VERSION else outcome.without_validators(state)
    try:
        fetched = await deps.http.get(source, known, now)
    except FetchError as error:
        return outcome.answered(outcome.failed(source, state, error.problem, now, error), state, error, now)
    reading: Reading | None = None
    if isinstance(fetched, Document) and sha256(fetched.body).digest() != known.body_hash:
        try:
            reading = await deps.reader(fetched, source, await asyncio.to_thread(_marks, source, known, deps.store))
        except (SourceError, IsolationError) as error:
            problem = f"{error.problem} any more" if _is_no_longer_there(error, state) else error.problem
            failed = replace(outcome.failed(source, state, problem, now), unread=fetched)
            return outcome.answered(failed, state, fetched, now)
        except Exception as error:
            raise ReadingError(fetched) from error
        if source.kind != "feed" and state.info is None:
            reading = with_backlog(reading, source, state, now)
    brought = await bring(source, known, reading, deps, now)
    state, known = replace(state, parts=brought.states), replace(known, parts=brought.states)
    if brought.is_failure and not (reading and reading.arrivals):
        failed = outcome.failed(source, state, brought.problem or "", now, brought.error)
        return outcome.answered(failed, state, brought.error or fetched, now)
    said = joined([each for each in (reading, *brought.readings) if each is not None])
    if said is None:
        gathered = outcome.unchanged(source, known, fetched, now)
    else:
        # Rules read every word: not on the loop, where all the other requests are.
        said = await asyncio.to_thread(with_skips, source, said, deps.rules)
        gathered = _with_news(source, state if reading else known, fetched, said, now)
    is_brief = said is not None and any(arrival.is_brief for arrival in said.arrivals)
    document = fetched if is_brief and isinstance(fetched, Document) else None
    gathered = replace(gathered, error=brought.problem or gathered.error, document=document)
    return outcome.answered(gathered, state, fetched, now)


async def gather_in_full(source: Source, state: FetchState, document: Document, deps: Deps, now: datetime) -> Gathered:
    """Read a document again, all of it. `state`: as it was before the document came."""
    return await gather(source, outcome.without_validators(state), replace(deps, http=_Again(document)), now)


class _Again:
    def __init__(self, document: Document) -> None:
        self._document = document

    async def get(self, source: Source, state: FetchState, now: datetime) -> Document:
        return self._document


def _marks(source: Source, state: FetchState, store: Store) -> bytes:
    """Return what makes reading a document short."""
    # A rule reads every word, a source of several documents has no last one, and who asks unconditionally wants all.
    if source.skip is not None or source.kind != "feed" or state.body_hash is None:
        return b""
    with store.read() as tx:
        return tx.last_documents.marks(source.id)


def _with_news(
    source: Source, state: FetchState, fetched: Document | NotModified, reading: Reading, now: datetime
) -> Gathered:
    if isinstance(fetched, NotModified):
        return outcome.new_parts(source, state, fetched, reading, now)
    found = outcome.new_document(source, state, fetched, reading, now)
    return replace(found, offer=offered(fetched, reading.info))


def _is_no_longer_there(error: Exception, state: FetchState) -> bool:
    return isinstance(error, NothingListedError) and state.info is not None


def with_skips(source: Source, reading: Reading, rules: filing.Rules) -> Reading:
    if source.skip is None:
        return reading
    arrivals = tuple(replace(a, skipped=rules.skip_reason(source, a.entry)) for a in reading.arrivals)
    return replace(reading, arrivals=arrivals)
