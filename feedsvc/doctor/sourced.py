"""The sources: which are not read, not as usual, or not asked at all."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from feedsvc.doctor.finding import Finding, error, fine, many, warning
from feedsvc.model import FetchState, HostPause, Source
from feedsvc.settings import Settings
from feedsvc.store import Store

#: failing for less is how the web is
_FOR_LONG = timedelta(days=1)
#: due for longer, somebody should have asked
_LATE, _VERY_LATE = timedelta(minutes=30), timedelta(hours=2)
#: pages wanted in this time are counted, and so many given up are worth a word
_PAGES_OF, _FEW_PAGES = timedelta(days=2), 5


def sources(store: Store, settings: Settings, now: datetime) -> Iterator[Finding]:
    with store.read() as tx:
        states, pauses = tx.schedule.states(), tx.hosts.pauses()
    asked = [source for source in settings.sources if not source.paused]
    if not asked:
        yield warning("sources", "no source is configured", "`feedsvc discover URL` finds feeds, ready to add")
        return
    known = {source.id: states.get(source.id) or FetchState(source_id=source.id) for source in asked}
    found = [finding for source in asked for finding in _source(source, known[source.id], now)]
    found += _hosts(pauses, now)
    found += _asking(known, now)
    yield from found
    troubled = {finding.about for finding in found}
    yield fine("sources", f"{sum(source.id not in troubled for source in asked)} of {len(asked)} sources are well")


def _source(source: Source, state: FetchState, now: datetime) -> Iterator[Finding]:
    id = source.id
    if state.disabled is not None:
        yield error(
            "sources",
            f"{id} is not asked any more: {state.disabled}",
            f"remove it, give it another url, or insist: `feedsvc poll --force {id}`",
            id,
        )
    elif state.held is not None:
        yield error(
            "sources",
            f"{id} is held back: {state.held}",
            f"`feedsvc preview --force {id}` shows what `feedsvc release {id}` would accept",
            id,
        )
    elif state.failures:
        yield _failing(source, state, now)
    if state.degraded is not None:
        yield warning(
            "sources", f"{id} is not as usual: {state.degraded}", f"`feedsvc preview {id}` shows what it brings", id
        )
    usual = state.usual
    if usual is not None and usual.entries.weight and not usual.entries.last and state.degraded is None:
        yield warning(
            "sources", f"{id} is read, and holds no entry", f"`feedsvc discover {source.url}` looks for another", id
        )
    if state.effective_url is not None:
        advice = "put the new address into sources.yaml, or go back: `feedsvc moves --undo " + id + "`"
        yield warning("sources", f"{id} has moved for good to {state.effective_url}", advice, id)


def _failing(source: Source, state: FetchState, now: datetime) -> Finding:
    times = "once" if state.failures == 1 else f"{state.failures} times in a row"
    last = state.last_success_at
    since = f"last read {last:%Y-%m-%d %H:%M} UTC" if last else "never read"
    what = f"{source.id} failed {times} ({since}): {state.error}"
    advice = (
        f"`feedsvc poll --force {source.id}` tries again; `feedsvc discover {source.url}` looks for another address"
    )
    if state.not_before is not None and now < state.not_before:
        # Named, the source would be asked all the same.
        advice = f"nothing: its server asked to wait until {state.not_before:%Y-%m-%d %H:%M} UTC"
    lasting = last is None or now - last > _FOR_LONG
    return (error if lasting and state.failures > 1 else warning)("sources", what, advice, source.id)


def _hosts(pauses: Mapping[str, HostPause], now: datetime) -> Iterator[Finding]:
    for pause in pauses.values():
        until = f"until {pause.until:%Y-%m-%d %H:%M} UTC" if pause.until > now else "but for one source at a time"
        yield warning(
            "sources",
            f"{pause.authority} is left alone {until}, since several of its sources failed: {pause.why}",
            "nothing: it is tried again by itself",
            pause.authority,
        )


def _asking(known: Mapping[str, FetchState], now: datetime) -> Iterator[Finding]:
    """Say whether anybody polls at all."""
    waiting = {id: state for id, state in known.items() if state.disabled is None and state.held is None}
    last = max((state.last_fetch_at for state in known.values() if state.last_fetch_at), default=None)
    late = {id for id, state in waiting.items() if state.next_fetch_at and now - state.next_fetch_at > _LATE}
    never = {id for id, state in waiting.items() if state.next_fetch_at is None and state.last_fetch_at is None}
    advice = "start `feedsvc run`, or `feedsvc scheduler`"
    if last is None:
        yield warning("sources", f"of {many(len(known), 'source')} none was ever asked", advice)
    elif late and now - last > _VERY_LATE:
        yield error(
            "sources",
            f"nothing was asked since {last:%Y-%m-%d %H:%M} UTC, and {many(len(late), 'source is', 'sources are')} due",
            advice,
        )
    elif late or (never and now - last > _LATE):
        ids = ", ".join(sorted(late | never)[:5])
        yield warning(
            "sources",
            f"{many(len(late | never), 'source is', 'sources are')} due for more than half an hour: {ids}",
            f"{advice}; or raise `fetch.per_host`",
        )


def hubs(store: Store, settings: Settings) -> Iterator[Finding]:
    with store.read() as tx:
        known = tx.subscriptions.all()
    configured = {source.id for source in settings.sources}
    for each in known:
        if each.source_id in configured and each.state in {"denied", "dead"}:
            why = each.error or ("the hub refused it" if each.state == "denied" else "the hub pushes nothing")
            yield warning(
                "hubs",
                f"{each.source_id} is not pushed by {each.hub}: {why}",
                "nothing: it is polled instead",
                each.source_id,
            )
    active = sum(each.state == "active" for each in known)
    if active:
        yield fine("hubs", f"{many(active, 'source is', 'sources are')} pushed")


def pages(store: Store, settings: Settings, now: datetime) -> Iterator[Finding]:
    with store.read() as tx:
        found = tx.figures.pages(now - _PAGES_OF)
    configured = {source.id for source in settings.sources}
    for id, (wanted, given_up, why) in found.items():
        if id in configured and given_up >= _FEW_PAGES and 2 * given_up > wanted:
            yield warning(
                "pages",
                f"{given_up} of the last {wanted} article pages of {id} could not be read, the last because {why}",
                f"`feedsvc preview {id}` shows what the site allows; `full_text: false` leaves its pages alone",
                id,
            )
    if found:
        yield fine("pages", f"{sum(wanted for wanted, _, _ in found.values()):,} article pages were wanted in two days")
