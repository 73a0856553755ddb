"""Permanent redirects: followed at once, remembered only after they have held for days, and undoable.

A captive portal, an expired domain or a slip in a server's configuration redirects for good, too, for a day. The fetch
has seen to it that the target may be contacted; that no redirect of the chain gave up TLS says the document.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from feedsvc.model import FetchState, Source, SourceEvent

#: the same target for so long and in so many polls, without one that said otherwise
HELD_FOR = timedelta(days=7)
HELD_POLLS = 5
#: at the new address in a row; then the configured one is asked again
MAX_FAILURES = 3
#: answers that say at once that it is no longer there
LOST = frozenset({404, 410})

PUBLISHER = "the publisher"


def after_success(source: Source, state: FetchState, moved_to: str | None, now: datetime) -> FetchState:
    """Return the state after a poll whose document was read, or had not changed; `moved_to`: where redirects led."""
    if moved_to is None or moved_to == state.move_refused:
        return _without_candidate(state)
    if moved_to != state.moved_to or state.moved_since is None:
        return replace(state, moved_to=moved_to, moved_since=now, moved_polls=1)
    polls = state.moved_polls + 1
    if polls < HELD_POLLS or now - state.moved_since < HELD_FOR:
        return replace(state, moved_polls=polls)
    url = None if moved_to == source.url else moved_to
    return replace(_without_candidate(state), effective_url=url)


def after_failure(state: FetchState, status: int | None) -> FetchState:
    """Return the state after a failure, which is already counted: a new address is only as good as what it brings."""
    if state.effective_url is None or (status not in LOST and state.failures < MAX_FAILURES):
        return state
    return _to_configured(state)


def undone(state: FetchState) -> FetchState:
    """Return the state after an admin's word: the configured address is asked, also while it redirects there."""
    refused = state.effective_url or state.moved_to
    return replace(_to_configured(state), move_refused=refused)


def events(source: Source, before: FetchState, after: FetchState, now: datetime) -> tuple[SourceEvent, ...]:
    """Return what a poll decided about its source, for the record."""
    found: list[SourceEvent] = []
    if after.effective_url is not None and after.effective_url != before.effective_url:
        days = (now - before.moved_since).days if before.moved_since else 0
        where = f"is asked at {after.effective_url}: permanent redirects led there for {days} days"
        found.append(SourceEvent(source_id=source.id, at=now, kind="moved", who=PUBLISHER, what=where))
    elif before.effective_url is not None and after.effective_url is None:
        why = f"is asked at its configured address again: {before.effective_url} failed ({after.error})"
        if after.error is None:
            why = "is asked at its configured address again: redirects led back there"
        found.append(SourceEvent(source_id=source.id, at=now, kind="moved-back", who=PUBLISHER, what=why))
    if after.disabled is not None and before.disabled is None:
        gone = f"is not asked any more: {after.disabled}"
        found.append(SourceEvent(source_id=source.id, at=now, kind="gone", who=PUBLISHER, what=gone))
    elif before.disabled is not None and after.disabled is None:
        back = "is asked again: it answered when somebody insisted"
        found.append(SourceEvent(source_id=source.id, at=now, kind="returned", who=PUBLISHER, what=back))
    return tuple(found)


def _to_configured(state: FetchState) -> FetchState:
    # Validators were another address's.
    kept = replace(state, etag=None, last_modified=None, body_hash=None)
    return replace(_without_candidate(kept), effective_url=None)


def _without_candidate(state: FetchState) -> FetchState:
    return replace(state, moved_to=None, moved_since=None, moved_polls=0)
