"""What one attempt came to, and the state that it leaves for the next."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from feedsvc import drift, fetch, moves, rhythm
from feedsvc.errors import FetchError
from feedsvc.model import (
    Contact,
    Document,
    Entry,
    EntryChange,
    FetchState,
    Freshness,
    HubOffer,
    NotModified,
    Outcome,
    PartState,
    Source,
    SourceEvent,
)
from feedsvc.reading import READER_VERSION, Reading
from feedsvc.rhythm import Publication

#: stands in a state instead, once, after a document with entries that we could not read: perhaps the next one is whole
RETRY_VERSION = f"{READER_VERSION} retry"

#: caches between us and a publisher show entries so much later; their hour is still the one they are dated
LATE = timedelta(hours=1)
#: what is dated so long before a poll that did not find it was published at another time, here or elsewhere
BACKDATED = timedelta(days=7)

#: due for so long: all others were, too
ADRIFT = timedelta(minutes=30)

#: answers by which a host wants to be left alone
OVERLOADED = frozenset({429, 503})


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """All that one attempt brought; `reading` is None unless there is a new document."""

    source: Source
    outcome: Outcome
    state: FetchState
    #: how fresh the answer is by its server, and when the one before it came
    freshness: Freshness = Freshness()
    seen_at: datetime | None = None
    #: it was asked together with others: it is new, or was due for long
    adrift: bool = False
    reading: Reading | None = None
    #: to be read in full, should it turn out that what arrives brief is not what is stored
    document: Document | None = None
    #: what could not be read, as `error` says
    unread: Document | None = None
    status: int | None = None
    error: str | None = None
    #: how the host answered; None: it was not asked
    contact: Contact | None = None
    #: what was decided about the source, for the record
    events: tuple[SourceEvent, ...] = ()
    #: how the document says that it is pushed
    offer: HubOffer | None = None
    #: a hub brought it, unasked: it may hold nothing but what is new
    pushed: bool = False


def without_validators(state: FetchState) -> FetchState:
    parts = tuple(PartState(url=each.url, is_news=each.is_news, read_at=each.read_at) for each in state.parts)
    return replace(state, etag=None, last_modified=None, body_hash=None, parts=parts)


def new_document(source: Source, state: FetchState, document: Document, reading: Reading, now: datetime) -> Gathered:
    retry = reading.skipped > 0 and state.parser_version != RETRY_VERSION
    after = replace(
        state,
        etag=document.etag,
        last_modified=document.last_modified,
        body_hash=sha256(document.body).digest(),
        parser_version=RETRY_VERSION if retry else READER_VERSION,
        info=reading.info,
    )
    return Gathered(
        source=source,
        outcome="changed",
        state=_succeeded(source, after, document.freshness, now),
        freshness=document.freshness,
        seen_at=state.last_success_at,
        adrift=_is_adrift(state, now),
        reading=reading,
        status=document.status,
        error=f"malformed, read as far as possible: {reading.problem}" if reading.problem else None,
    )


def new_parts(
    source: Source, state: FetchState, fetched: Document | NotModified, reading: Reading, now: datetime
) -> Gathered:
    """As `new_document`, where the source's own document is as it was, and one that it lists is not."""
    same = unchanged(source, state, fetched, now)
    return replace(
        same,
        outcome="changed",
        state=replace(same.state, parser_version=READER_VERSION, info=reading.info),
        freshness=fetched.freshness,
        adrift=_is_adrift(state, now),
        reading=reading,
    )


def learned(gathered: Gathered, changes: Sequence[EntryChange], now: datetime) -> FetchState:
    """Return the state with what a document's entries say of when its source publishes, and of what is usual there."""
    source, state = gathered.source, gathered.state
    since = gathered.seen_at if state.rhythm else None
    entries = [each.arrival.entry for each in changes if since is None or each.verdict.entry_id is None]
    found = [each for entry in entries if (each := _publication(entry, source, since, now)) is not None]
    measures = drift.measured(changes, gathered.seen_at, now, is_whole=source.kind != "sitemap")
    after = replace(
        state,
        rhythm=rhythm.learned(state.rhythm, found, source.timezone, now),
        usual=drift.learned(state.usual, measures, (each.at for each in found), state.rhythm, now),
    )
    at = fetch.next_fetch_at(source, after, gathered.freshness, now, adrift=gathered.adrift)
    return drift.with_judgement(replace(after, next_fetch_at=at), now)


def heard(gathered: Gathered, changes: Sequence[EntryChange], now: datetime) -> FetchState:
    """Return the state with what pushed entries say of when their source publishes: polls will find nothing new."""
    source, state = gathered.source, gathered.state
    entries = [each.arrival.entry for each in changes if each.verdict.entry_id is None]
    found = [each for entry in entries if (each := _publication(entry, source, now, now)) is not None]
    if state.rhythm is None or not found:
        return state
    measures = drift.measured(changes, state.last_success_at, now)
    return replace(
        state,
        rhythm=rhythm.learned(state.rhythm, found, source.timezone, now),
        usual=drift.heard(state.usual, measures, (each.at for each in found), state.rhythm, now),
    )


def backed_up(source: Source, state: FetchState, every: timedelta, now: datetime) -> FetchState:
    """Return the state of a source that is pushed, and polled only so often; the server's own wishes hold still."""
    at = fetch.next_fetch_at(replace(source, every=every), replace(state, rhythm=None), Freshness(), now)
    return replace(state, next_fetch_at=max(at, state.next_fetch_at or at))


def _publication(entry: Entry, source: Source, since: datetime | None, now: datetime) -> Publication | None:
    """Return when an entry appeared in its feed; None where that says nothing of the source's habits.

    `since`: it was not there yet then; None for a first document.
    """
    at = min(entry.published, now) if entry.published else None
    if since is None:
        return Publication(at=at, is_timed=not is_a_day(at, source)) if at else None
    if at is not None and at < since - BACKDATED:
        return None  # taken from the archive
    if at is None or is_a_day(at, source) or at < since - LATE:
        # It may be dated, but appeared at some time since the last poll.
        return Publication(at=since + (now - since) / 2, is_timed=False)
    return Publication(at=at)


def is_a_day(at: datetime, source: Source) -> bool:
    """Say whether a date has no time of day: midnight, in UTC or the source's zone."""
    local = at.astimezone(ZoneInfo(source.timezone))
    return time() in {at.time(), local.time()}


def unchanged(source: Source, state: FetchState, fetched: Document | NotModified, now: datetime) -> Gathered:
    status = 304 if isinstance(fetched, NotModified) else fetched.status
    # A 304 may bring new validators, and need not repeat the old ones (RFC 9110, section 15.4.5); a 200 says all.
    kept = state if status == 304 else without_validators(state)
    after = replace(
        state,
        etag=fetched.etag or kept.etag,
        last_modified=fetched.last_modified or kept.last_modified,
        usual=drift.confirmed(state.usual),
        # It was asked all the same, and what was not believed is gone.
        held=None,
    )
    return Gathered(
        source=source,
        outcome="not-modified" if status == 304 else "unchanged",
        state=drift.with_judgement(_succeeded(source, after, fetched.freshness, now), now),
        seen_at=state.last_success_at,
        status=status,
    )


def _is_adrift(state: FetchState, now: datetime) -> bool:
    return state.next_fetch_at is None or now - state.next_fetch_at > ADRIFT


def _succeeded(source: Source, state: FetchState, freshness: Freshness, now: datetime) -> FetchState:
    at = fetch.next_fetch_at(source, replace(state, failures=0), freshness, now, adrift=_is_adrift(state, now))
    return replace(
        state,
        next_fetch_at=at,
        fresh_for=freshness.max_age,
        not_before=freshness.retry_at,
        last_fetch_at=now,
        last_success_at=now,
        failures=0,
        error=None,
        disabled=None,
    )


def failed(source: Source, state: FetchState, problem: str, now: datetime, error: FetchError | None = None) -> Gathered:
    status = error.status if error else None
    freshness = error.freshness if error and isinstance(error.freshness, Freshness) else Freshness()
    state = replace(state, failures=state.failures + 1)
    gone = status == 410
    after = replace(
        state,
        next_fetch_at=fetch.next_fetch_at(source, state, freshness, now),
        # A failure without a word of the server's does not lift an earlier Retry-After.
        not_before=freshness.retry_at or state.not_before,
        last_fetch_at=now,
        error=problem,
        disabled="the publisher answered 410 Gone" if gone else state.disabled,
    )
    if state.last_fetch_at is not None and now - state.last_fetch_at < drift.AWAY:
        # After a pause of ours nobody knows what was published meanwhile.
        after = drift.with_judgement(after, now)
    return Gathered(source=source, outcome="gone" if gone else "failed", state=after, status=status, error=problem)


def answered(
    gathered: Gathered, before: FetchState, answer: Document | NotModified | FetchError, now: datetime
) -> Gathered:
    """Return an attempt with what its answer says of the source's address and its host; `before`: the state before."""
    source, state = gathered.source, gathered.state
    if state.failures:
        state = moves.after_failure(state, gathered.status)
    elif not isinstance(answer, FetchError):
        state = moves.after_success(source, state, answer.moved_to, now)
    if before.effective_url is not None and state.effective_url is None and state.failures:
        # Gone is the address that redirects led to; what the configured one says is asked next.
        gathered, state = replace(gathered, outcome="failed"), replace(state, disabled=before.disabled)
    found = (*moves.events(source, before, state, now), *drift.events(before, state, now))
    return replace(gathered, state=state, contact=_contact(answer), events=found)


def _contact(answer: Document | NotModified | FetchError) -> Contact | None:
    """Return what an answer says of the host: also 404 and the like are one, an address that we refuse is none."""
    if not isinstance(answer, FetchError):
        return Contact(authority=fetch.authority_of(answer.url))
    if answer.authority is None or (answer.status is None and not answer.retryable):
        return None
    wish = answer.freshness.retry_at if isinstance(answer.freshness, Freshness) else None
    in_trouble = answer.is_unreachable or answer.status in OVERLOADED
    return Contact(authority=answer.authority, trouble=answer.problem if in_trouble else None, retry_at=wish)
