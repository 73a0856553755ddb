"""Replays when sources published against ways to spend the same number of requests on them.

Of each source the first 70 % of its publications are known beforehand; the rest are scored. A request finds what was
published until then, and only what was found is known to the policy. A source is asked from its last known publication
until its last one is found.
"""

import hashlib
import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from feedsvc.errors import DataSetError
from feedsvc.model import Rhythm
from feedsvc.rhythm import Budget, Outlook, Publication, learned

KNOWN_SHARE = 0.7
#: no policy asks a source more often or more seldom; Miniflux's defaults
FLOOR_S, CEILING_S = 300.0, 86_400.0
WEEK_S = 7 * 86_400.0

#: totals of requests that differ by less are the same
TOLERANCE = 0.004
ATTEMPTS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """When a source published, in seconds since 1970, in order: what is known beforehand, and what is scored."""

    source: str
    known: tuple[float, ...]
    scored: tuple[float, ...]

    @property
    def span_s(self) -> float:
        return self.scored[-1] - self.known[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What a policy came to on one source."""

    source: str
    requests: int
    delays_s: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What a policy came to on all."""

    policy: str
    requests: int
    mean_delay_s: float
    p95_delay_s: float


#: a policy that spends more or less, as its dial is turned: the higher, the fewer requests
Policy = Callable[[float], tuple[Replay, ...]]


def read_times(path: Path) -> tuple[History, ...]:
    """Read the columns source and unix_time of a table with tabs; raises DataSetError.

    A source with nothing to score, or nothing to know beforehand, is left out.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataSetError(f"{path} cannot be read: {error}") from error
    names = lines[0].split("\t") if lines else []
    if not {"source", "unix_time"} <= set(names):
        raise DataSetError(f"{path}:1: there must be the columns source and unix_time, separated by tabs")
    columns = names.index("source"), names.index("unix_time")
    times: dict[str, list[float]] = {}
    for number, line in enumerate(lines[1:], start=2):
        if line:
            source, at_s = _row(line, columns, f"{path}:{number}")
            times.setdefault(source, []).append(at_s)
    histories = tuple(h for source, found in times.items() if (h := history(source, found)) is not None)
    if not histories:
        raise DataSetError(f"{path}: no source has publications to score")
    return histories


def _row(line: str, columns: tuple[int, int], place: str) -> tuple[str, float]:
    values = line.split("\t")
    if len(values) <= max(columns):
        raise DataSetError(f"{place}: a value is missing")
    source, value = (values[column] for column in columns)
    try:
        at_s = float(value)
        datetime.fromtimestamp(at_s, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise DataSetError(f"{place}: {value!r} is no time in seconds since 1970") from error
    return source, at_s


def history(source: str, times_s: Iterable[float]) -> History | None:
    """Return a source's history; None where there is nothing to score."""
    ordered = sorted(times_s)
    cut = int(len(ordered) * KNOWN_SHARE)
    if cut == 0 or ordered[-1] <= ordered[cut - 1]:
        return None
    return History(source=source, known=tuple(ordered[:cut]), scored=tuple(ordered[cut:]))


def compare(histories: Sequence[History], every_s: float) -> tuple[Score, ...]:
    """Score the policies with as many requests as one every `every_s` seconds for each source costs."""
    even = fixed(histories, every_s)
    requests = sum(replay.requests for replay in even)
    frequency = tuned(_frequency_within_reach(histories, requests), requests)
    return (
        score("fixed", even),
        score("entry-frequency", frequency),
        score("feedsvc", tuned(adaptive(histories), requests)),
    )


def score(policy: str, replays: Iterable[Replay]) -> Score:
    """Add up what a policy came to; the percentile is by the nearest rank."""
    found = tuple(replays)
    delays = sorted(delay for replay in found for delay in replay.delays_s)
    return Score(
        policy=policy,
        requests=sum(replay.requests for replay in found),
        mean_delay_s=sum(delays) / len(delays),
        p95_delay_s=delays[math.ceil(0.95 * len(delays)) - 1],
    )


def tuned(policy: Policy, requests: int) -> tuple[Replay, ...]:
    """Return what a policy comes to with the dial where it makes this number of requests, or as near as it can."""
    low, high, dial = 0.0, math.inf, 1.0
    best: tuple[float, tuple[Replay, ...]] = (math.inf, ())
    for _ in range(ATTEMPTS):
        replays = policy(dial)
        ratio = sum(replay.requests for replay in replays) / requests
        best = min(best, (abs(ratio - 1), replays), key=lambda each: each[0])
        if best[0] < TOLERANCE:
            break
        low, high = (dial, high) if ratio > 1 else (low, dial)
        # By the square root law; where that leads out of what is known by now, halfway in it.
        dial *= ratio**2
        if not low < dial < high:
            dial = math.sqrt(low * high) if low and high < math.inf else (low * 8 if low else high / 8)
    return best[1]


def fixed(histories: Sequence[History], every_s: float) -> tuple[Replay, ...]:
    """Ask every source at the same interval, each beginning at a moment of its own."""

    def replay(each: History) -> Replay:
        first = each.known[-1] + every_s * _chance(each.source)
        polls = [max(0, math.ceil((at_s - first) / every_s)) for at_s in each.scored]
        delays = (max(first + poll * every_s - at_s, 0.0) for poll, at_s in zip(polls, each.scored, strict=True))
        return Replay(source=each.source, requests=polls[-1] + 1, delays_s=tuple(delays))

    return tuple(map(replay, histories))


def entry_frequency(histories: Sequence[History], ceiling_s: float = CEILING_S) -> Policy:
    """Return Miniflux's rule: a week divided by the entries of the last week and by a factor, within bounds.

    The bounds are its defaults, 5 minutes and 24 hours; without entries in the last week it is the upper one. The
    factor, its setting too, is the dial's inverse.
    """
    return lambda dial: tuple(_by_frequency(each, 1 / dial, ceiling_s) for each in histories)


def _by_frequency(each: History, factor: float, ceiling_s: float) -> Replay:
    times, seen, now_s = each.known + each.scored, len(each.known), each.known[-1]
    requests, delays = 0, []
    while seen < len(times):
        oldest = bisect_left(times, now_s - WEEK_S, 0, seen)
        count = bisect_right(times, now_s, oldest, seen) - oldest
        wait_s = min(max(WEEK_S / (count * factor), FLOOR_S), ceiling_s) if count else ceiling_s
        # Until an entry comes or leaves the week nothing changes: these requests are made at once.
        until_s = min(times[seen], times[oldest] + WEEK_S) if count else times[seen]
        steps = max(math.ceil((until_s - now_s) / wait_s), 1)
        now_s += steps * wait_s
        requests += steps
        while seen < len(times) and times[seen] <= now_s:
            delays.append(now_s - times[seen])
            seen += 1
    return Replay(source=each.source, requests=requests, delays_s=tuple(delays))


def _frequency_within_reach(histories: Sequence[History], requests: int) -> Policy:
    """Return the rule with its own upper bound, halved while it could not spend the requests at any factor."""
    ceiling_s = CEILING_S
    while ceiling_s > FLOOR_S:
        most = entry_frequency(histories, ceiling_s)(1e-9)
        if sum(replay.requests for replay in most) >= requests:
            break
        ceiling_s /= 2
    return entry_frequency(histories, ceiling_s)


def adaptive(histories: Sequence[History]) -> Policy:
    """Return our schedule; the dial is the waiting, in hours, that is worth a request."""
    begun = tuple(
        (each, learned(None, _publications(each.known), "UTC", _moment(each.known[-1]))) for each in histories
    )
    return lambda dial: tuple(
        _by_rhythm(each, rhythm, Budget(worth_s=dial * 3600, floor_s=FLOOR_S, ceiling_s=CEILING_S))
        for each, rhythm in begun
    )


def _by_rhythm(each: History, rhythm: Rhythm, budget: Budget) -> Replay:
    seen, now_s, outlook = 0, each.known[-1], Outlook(rhythm)
    requests, delays = 0, []
    while seen < len(each.scored):
        now_s += outlook.wait_s(now_s, budget)
        requests += 1
        found = each.scored[seen : bisect_right(each.scored, now_s, seen)]
        if found:
            delays += [now_s - at_s for at_s in found]
            seen += len(found)
            rhythm = learned(rhythm, _publications(found), "UTC", _moment(now_s))
            outlook = Outlook(rhythm)
    return Replay(source=each.source, requests=requests, delays_s=tuple(delays))


def _publications(times_s: Iterable[float]) -> tuple[Publication, ...]:
    return tuple(Publication(at=_moment(at_s)) for at_s in times_s)


def _moment(at_s: float) -> datetime:
    return datetime.fromtimestamp(at_s, UTC)


def _chance(source: str) -> float:
    """Return a number from 0 up to 1 that looks random from one source to the next."""
    return int.from_bytes(hashlib.blake2b(source.encode(), digest_size=4).digest()) / 2**32
