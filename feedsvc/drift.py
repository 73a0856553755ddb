"""What is usual for a source, learned from its own documents, and when it no longer is.

A source that answers, and whose entries can be read, may still have broken: dates that no longer parse, texts that
shrank to headlines, a feed that was forgotten. Only the bad side is judged: more dates, longer texts and fewer copies
than usual are no trouble.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

from feedsvc.model import Band, EntryChange, EventKind, FetchState, Portion, Rhythm, SourceEvent, Usual
from feedsvc.rhythm import Outlook

#: nothing is judged by fewer measurings
KNOWN = 8.0
#: after more, older ones fade
MEMORY = 200.0
#: outside so often in a row
STRIKES = 2
#: what has been outside for so long is the new usual
ACCEPTED = timedelta(days=30)
#: what is left of a release, a document later
_FADING = 0.99
#: new entries, or pages, that are measured together
PORTION = 4
#: fewer new entries than so many in one poll count as so many: that is no flood
FLOOD = 5
#: after a longer pause of ours many new entries are no flood
AWAY = timedelta(days=2)

#: Silent: for so many times the longest time between two publications, and no shorter than so. On the 57 recorded feeds
#: this is wrong once in a dozen years of a source, mostly when somebody stopped writing for a year; with twice the
#: longest time, once in eight. `tests/test_drift.py` counts it.
_LONGER = 2.5
_LEAST_S = 3 * 86_400.0
#: and so many entries must be missing
_MISSING = 6.0
_KNOWN_GAPS = 10
_KNOWN_SPAN = timedelta(days=28)
#: how fast the longest time fades: in so many of itself, and no faster than a year
_FADES_IN, _FADES_S = 30.0, 365 * 86_400.0

_A_DAY_S = 86_400.0

PUBLISHER = "the publisher"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """What one document that was read says of its source, counted."""

    #: in the document
    entries: int
    dated: int
    #: words of each entry that is new; None: it is a first document, whose entries have gathered over years
    new: tuple[int, ...] | None
    copies: int = 0
    #: pages of articles asked for since the last document, and how many of them could be read
    pages: int = 0
    pages_read: int = 0
    #: the time since the document before
    since: timedelta | None = None
    #: it says what the source holds; a list of sitemaps brings those of them that changed
    is_whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Oddity:
    """One way in which a source is not as usual."""

    measure: str
    words: str


@dataclass(frozen=True, slots=True)
class _Measure:
    """`bad`: the side that is judged. Outside is further from the mean than the floor, and than `factor` spreads."""

    name: str
    bad: Literal["low", "high"]
    floor: float
    factor: float
    said: Callable[[Band], str]


_Usually = Callable[[Band, Callable[[float], str]], str]


def _count(value: float) -> str:
    return f"{max(round(2**value - 1), 0):,}"


def _percent(value: float) -> str:
    return f"{min(max(value, 0.0), 1.0):.0%}".replace("%", " %")


def _range(band: Band, written: Callable[[float], str]) -> str:
    low, high = written(band.mean - 2 * band.spread), written(band.mean + 2 * band.spread)
    return f"usually {low}" if low == high else f"usually {low.removesuffix(' %')} to {high}"


def _up_to(band: Band, written: Callable[[float], str]) -> str:
    return f"usually at most {written(band.mean + 2 * band.spread)}"


def _said(sentence: str, written: Callable[[float], str], usual: _Usually = _range) -> Callable[[Band], str]:
    return lambda band: f"{sentence.format(written(band.last))}, {usual(band, written)}"


# Counts and lengths are measured in doublings (1.5 is a factor of 2.8), shares as they are.
_MEASURES = (
    _Measure("entries", "low", 1.5, 6, _said("entries in the document: {}", _count)),
    _Measure("new", "high", 3, 6, _said("new entries at once: {}", _count, _up_to)),
    _Measure("dated", "low", 0.3, 5, _said("{} of the entries have a date", _percent)),
    _Measure("words", "low", 1.5, 5, _said("words in a new entry: about {}", _count)),
    _Measure("copies", "high", 0.5, 4, _said("{} of the new entries are copies of what others published", _percent)),
    _Measure("pages", "low", 0.5, 4, _said("{} of the articles' pages could be read", _percent)),
)
#: what a document shows as long as it does not change
_OF_THE_DOCUMENT = ("entries", "dated")


def measured(
    changes: Sequence[EntryChange], seen_at: datetime | None, now: datetime, *, is_whole: bool = True
) -> Measures:
    """Return what a document's entries say; `seen_at`: when the one before was read, None for the first."""
    entries = [change.arrival.entry for change in changes]
    # An archive that is read for the first time is no news.
    added = [change for change in changes if change.verdict.entry_id is None and not change.arrival.is_backlog]
    return Measures(
        entries=len(entries),
        dated=sum(1 for entry in entries if entry.published or entry.updated),
        new=tuple(change.arrival.fingerprint.words for change in added) if seen_at else None,
        copies=sum(1 for change in added if change.verdict.kind == "copy") if seen_at else 0,
        since=now - seen_at if seen_at else None,
        is_whole=is_whole,
    )


def learned(
    usual: Usual | None, measures: Measures, publications: Iterable[datetime], rhythm: Rhythm | None, now: datetime
) -> Usual:
    """Return what is usual after a document; `rhythm` is the one before it, `publications` what is new in it."""
    known = _with_gaps(usual or Usual(), publications, rhythm)
    known = replace(known, released=False, releases=known.releases * _FADING + known.released)
    if measures.is_whole:
        known = _measure(known, "entries", math.log2(1 + measures.entries), now)
    if measures.entries:
        # Of few entries a share says little.
        doubt = 1 / math.sqrt(measures.entries)
        known = _measure(known, "dated", measures.dated / measures.entries, now, doubt)
    if measures.new is None:
        return replace(known, found_at=now)
    if measures.new:
        known = replace(known, found_at=now)
        if measures.since is not None and measures.since < AWAY:
            known = _measure(known, "new", math.log2(1 + max(len(measures.new), FLOOD)), now)
    return _with_portions(known, measures, now)


def heard(
    usual: Usual | None, measures: Measures, publications: Iterable[datetime], rhythm: Rhythm | None, now: datetime
) -> Usual | None:
    """Return what is usual after a push: it says something of the new entries, and nothing of the document."""
    if usual is None or not measures.new:
        return usual
    return _with_portions(replace(_with_gaps(usual, publications, rhythm), found_at=now), measures, now)


def with_page(usual: Usual | None, is_read: bool, now: datetime) -> Usual | None:
    """Return what is usual after the page of an article was read, or given up."""
    if usual is None:
        return None
    measures = Measures(entries=0, dated=0, new=None, pages=1, pages_read=int(is_read))
    return _with_portions(usual, measures, now)


def confirmed(usual: Usual | None) -> Usual | None:
    """Return what is usual after a poll that found the same document again: what was odd in it still is."""
    if usual is None:
        return None
    odd = {name: getattr(usual, name) for name in _OF_THE_DOCUMENT}
    again = {name: replace(band, strikes=band.strikes + 1) for name, band in odd.items() if band.strikes}
    return replace(usual, **again, released=False)


def judged(usual: Usual | None, rhythm: Rhythm | None, now: datetime) -> tuple[Oddity, ...]:
    """Return in which ways a source is not as usual."""
    if usual is None:
        return ()
    bands = [(measure, getattr(usual, measure.name)) for measure in _MEASURES]
    odd = [Oddity(measure=m.name, words=m.said(band)) for m, band in bands if band.strikes >= STRIKES]
    silent = _silence(usual, rhythm, now)
    return (*odd, Oddity(measure="cadence", words=silent)) if silent else tuple(odd)


def with_judgement(state: FetchState, now: datetime) -> FetchState:
    odd = judged(state.usual, state.rhythm, now)
    return replace(state, degraded="; ".join(each.words for each in odd) or None)


def events(before: FetchState, after: FetchState, now: datetime) -> tuple[SourceEvent, ...]:
    """Return what is to be recorded when a source drifted from what is usual, was held back, or is as usual again."""
    found: list[tuple[EventKind, str]] = []
    if after.held is not None and before.held is None:
        found.append(("held", f"is held back: {after.held}"))
    elif after.held is None and before.held is not None:
        found.append(("released", "is read again: somebody insisted, and what it brings can be recognised"))
    if after.degraded is not None and before.degraded is None:
        found.append(("degraded", f"is not as usual: {after.degraded}"))
    elif after.degraded is None and before.degraded is not None:
        found.append(("recovered", "is as usual again"))
    return tuple(
        SourceEvent(source_id=after.source_id, at=now, kind=kind, who=PUBLISHER, what=what) for kind, what in found
    )


def _with_gaps(usual: Usual, publications: Iterable[datetime], rhythm: Rhythm | None) -> Usual:
    """Learn the times between publications; those of a first document count, they are the source's history."""
    longest_s, gaps = usual.longest_s, usual.gaps
    known = [rhythm.last] if rhythm is not None else []
    ordered = sorted([*known, *(each for each in publications if not known or each > known[0])])
    for before, after in pairwise(ordered):
        gap_s = (after - before).total_seconds()
        if gap_s > 0:
            faded_s = longest_s * math.exp(-gap_s / max(_FADES_S, _FADES_IN * longest_s))
            longest_s, gaps = max(faded_s, gap_s), gaps + 1
    return replace(usual, longest_s=longest_s, gaps=gaps)


def _with_portions(usual: Usual, measures: Measures, now: datetime) -> Usual:
    new, held = measures.new or (), usual.portion
    portion = Portion(
        entries=held.entries + len(new),
        words=held.words + sum(math.log2(1 + words) for words in new),
        copies=held.copies + measures.copies,
        pages=held.pages + measures.pages,
        pages_read=held.pages_read + measures.pages_read,
    )
    if portion.entries >= PORTION:
        usual = _measure(usual, "words", portion.words / portion.entries, now)
        usual = _measure(usual, "copies", portion.copies / portion.entries, now)
        portion = replace(portion, entries=0, words=0.0, copies=0)
    if portion.pages >= PORTION:
        usual = _measure(usual, "pages", portion.pages_read / portion.pages, now)
        portion = replace(portion, pages=0, pages_read=0)
    return replace(usual, portion=portion)


def _measure(usual: Usual, name: str, value: float, now: datetime, doubt: float = 0.0) -> Usual:
    """Return what is usual after one more measuring; no distance up to `doubt` counts."""
    measure = next(each for each in _MEASURES if each.name == name)
    band: Band = getattr(usual, name)
    is_outside = band.weight >= KNOWN and _distance(band, measure, value) > doubt
    return replace(usual, **{name: _followed(band, value, is_outside, now)})  # type: ignore[arg-type]


def _followed(band: Band, value: float, is_outside: bool, now: datetime) -> Band:
    """Return the band after one more measuring. What is outside is not learned, until it has lasted."""
    if is_outside:
        since = band.since or now
        if now - since >= ACCEPTED:
            return Band(mean=value, weight=1.0, last=value)
        return replace(band, last=value, strikes=band.strikes + 1, since=since)
    weight = min(band.weight + 1, MEMORY)
    off = value - band.mean
    # The first one is the mean; its distance from nothing is no spread.
    spread = band.spread + (abs(off) - band.spread) / weight if band.weight else 0.0
    return Band(mean=band.mean + off / weight, spread=spread, weight=weight, last=value)


def _distance(band: Band, measure: _Measure, value: float) -> float:
    """Return how far a value is from the mean on the bad side; 0 within the band."""
    off = value - band.mean if measure.bad == "high" else band.mean - value
    return off if off > max(measure.floor, measure.factor * band.spread) else 0.0


def _silence(usual: Usual, rhythm: Rhythm | None, now: datetime) -> str | None:
    """Return why a source counts as silent; None: it does not."""
    if rhythm is None or usual.gaps < _KNOWN_GAPS or rhythm.last - rhythm.since < _KNOWN_SPAN:
        return None
    last = max(rhythm.last, usual.found_at or rhythm.last)
    rate = Outlook(rhythm).rate(rhythm.last.timestamp())
    silent_s = (now - last).total_seconds()
    if silent_s <= max(_LEAST_S, _LONGER * usual.longest_s, _MISSING / rate):
        return None
    return f"nothing new for {_span(silent_s)}, usually at most {_span(usual.longest_s)}"


def _span(seconds: float) -> str:
    if seconds < 2 * _A_DAY_S:
        hours = max(round(seconds / 3600), 1)
        return f"{hours} hour{'s' if hours > 1 else ''}"
    return f"{round(seconds / _A_DAY_S):,} days"
