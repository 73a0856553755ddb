"""One poll, from its claim to its record."""

from dataclasses import replace
from datetime import datetime

import structlog

from feedsvc import outcome
from feedsvc.errors import StoreError
from feedsvc.model import FetchState, Source, SourceUpdate
from feedsvc.update.deps import Begun, Deps
from feedsvc.update.gathering import ReadingError, gather, gather_in_full
from feedsvc.update.recording import recorded, tell

log = structlog.get_logger()


async def poll(source: Source, state: FetchState, deps: Deps, now: datetime) -> SourceUpdate:
    """Poll one source, whose claim the caller holds, and record the attempt whatever its outcome.

    `state` is what was kept of it when it was claimed.

    Raises StoreError only; every fault of the source is in the result.
    """
    begun = Begun(at=now)
    try:
        gathered = await gather(source, state, deps, now)
        update = await recorded(gathered, deps, begun)
        if update is None and gathered.document is not None:
            update = await recorded(await gather_in_full(source, state, gathered.document, deps, now), deps, begun)
    except StoreError:
        raise
    except Exception as error:
        # The one place that catches everything: an error of ours costs one poll of one source, never the batch.
        log.exception("internal error", source=source.id)
        unread, cause = (error.document, error.__cause__) if isinstance(error, ReadingError) else (None, error)
        failed = outcome.failed(source, state, f"internal error: {type(cause).__name__}: {cause}", now)
        failed = replace(failed, unread=unread)
        update = await recorded(failed, deps, begun)
    assert update is not None, "what was read in full is recorded"
    attempt = update.attempt
    tell(attempt)
    if attempt.outcome == "gone":
        log.warning("gone for good", source=source.id, undo=f"feedsvc poll --force {source.id}, or another url")
    if attempt.outcome == "held":
        log.warning("held back", source=source.id, why=attempt.error, undo=f"feedsvc release {source.id}")
    return update
