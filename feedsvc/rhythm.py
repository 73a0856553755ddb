"""When a source publishes, learned from when it did, and when to ask it next.

A request costs the publisher something, an entry costs its readers the time that it waits for one. Sia, Cho and Cho
("Efficient monitoring algorithm for fast news alerts", 2007) show how to spend requests: in proportion to the square
root of the rate of entries, over sources as over hours, each placed so that what it finds has waited least. Both follow
from one price, `Budget.worth`: the waiting that one more request has to save.

What is learned is never believed further than it has foretold: hours that differ by chance alone leave the schedule
evenly spaced, so that a source without a rhythm waits no longer than it would with a fixed interval.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from feedsvc.model import Checked, Rhythm

HOUR_S, WEEK_H = 3600, 168
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: 1970 began on a Thursday, our week begins on Monday
_EPOCH_H = 3 * 24

#: how long each memory of the rate reaches: bursts, the present, the long run
_MEMORIES_S = (7 * 86_400.0, 28 * 86_400.0, 196 * 86_400.0)
#: what part of the belief in the memories is dealt out anew at each entry
_SHARED = 0.001
#: before anything is known: half an entry in half an hour, so that an unknown source is soon asked again
_PRIOR_ENTRIES, _PRIOR_S = 0.5, 1800.0

#: for how many entries an even spread counts, against the 24 hours, the 7 days and the 168 hours of the week
_HOURS_PRIOR, _DAYS_PRIOR, _CELLS_PRIOR = 16.0, 7.0, 48.0
#: how much likelier evenness is beforehand, as a logarithm: 99 to one
_EVEN_ODDS = math.log(99)
#: people are told the hours of so much of what is published, where these are not most of the day
_MOST, _PART_OF_DAY_H = 0.75, 14
#: what the steps in which a shape is kept stand for, and their roots
_SHARES = tuple(2.0 ** ((step - 128) / 8) for step in range(256))
_ROOTS = tuple(map(math.sqrt, _SHARES))


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication(Checked):
    """One entry that a source published; `is_timed`: the hour is known, not only that it was about then."""

    at: datetime
    is_timed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a source may cost: a request for each `worth_s` seconds of waiting, added up over its entries."""

    worth_s: float
    floor_s: float
    ceiling_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What a rhythm says, for people."""

    #: entries to expect a day
    per_day: float
    #: local hours of the day between which most are published, the latter excluded; None: at any hour
    hours: tuple[int, int] | None


def learned(rhythm: Rhythm | None, publications: Iterable[Publication], zone: str, now: datetime) -> Rhythm:
    """Return what is known after these, each of which is given once; `now` begins the history where there is none.

    Hours are those of `zone`; when it changes, they are learned anew.
    """
    ordered = sorted(publications, key=lambda each: each.at)
    if rhythm is None:
        # What came before the first that we know of is unknown, so it begins the history and does not count in it.
        since = min(ordered[0].at, now) if ordered else now
        rhythm = Rhythm(zone=zone, since=since, last=since)
        first, ordered = ordered[:1], ordered[1:]
        hours = _counted(rhythm.hours, first + ordered, zone, None)
    elif rhythm.zone == zone:
        hours = _counted(rhythm.hours, ordered, zone, rhythm.last)
    else:
        hours = _counted(bytes(WEEK_H), ordered, zone, rhythm.last)
    return replace(_remembered(rhythm, ordered), zone=zone, hours=hours, shape=_shape(hours))


def _remembered(rhythm: Rhythm, ordered: Sequence[Publication]) -> Rhythm:
    since_s, last_s = _seconds(rhythm.since), _seconds(rhythm.last)
    counts, proofs = list(rhythm.counts), list(rhythm.proofs)
    for each in ordered:
        at_s = max(_seconds(each.at), last_s)
        gap_s = at_s - last_s
        for i, memory_s in enumerate(_MEMORIES_S):
            unknown = math.exp(-(last_s - since_s) / memory_s)
            proofs[i] += math.log(_rate(counts[i], memory_s, unknown, gap_s))
            proofs[i] -= _rate(counts[i], memory_s, unknown, gap_s / 2) * gap_s
            counts[i] = counts[i] * math.exp(-gap_s / memory_s) + 1
        last_s = at_s
        proofs = _shared(proofs)
    return replace(
        rhythm,
        last=max([rhythm.last, *(each.at for each in ordered[-1:])]),
        counts=tuple(counts),
        proofs=tuple(proofs),
    )


def _shared(proofs: Sequence[float]) -> list[float]:
    """Leave every memory a little belief, so that the best one can be another soon: a source falls silent, or wakes up.

    Source: the fixed share of Herbster and Warmuth, "Tracking the best expert", 1998.
    """
    best = max(proofs)
    weights = [math.exp(proof - best) for proof in proofs]
    total = sum(weights)
    return [math.log((1 - _SHARED) * weight / total + _SHARED / len(proofs)) for weight in weights]


def _counted(hours: bytes, ordered: Sequence[Publication], zone: str, last: datetime | None) -> bytes:
    """Count the hours in which something was published; ten entries at once are one habit."""
    known, counts = ZoneInfo(zone), list(hours)
    before = None if last is None else _local_s(known, _seconds(last)) // HOUR_S
    for each in ordered:
        hour = _local_s(known, _seconds(each.at)) // HOUR_S
        if each.is_timed and hour != before:
            counts[int(hour + _EPOCH_H) % WEEK_H] += 1
            if max(counts) > 255:
                # Room for more, and what was long ago fades.
                counts = [count // 2 for count in counts]
        before = hour
    return bytes(counts)


def next_poll(rhythm: Rhythm, now: datetime, budget: Budget) -> datetime:
    """Return when to ask a source again that was asked just now, between the budget's floor and ceiling."""
    return now + timedelta(seconds=Outlook(rhythm).wait_s(_seconds(now), budget))


def habits(rhythm: Rhythm, now: datetime) -> Habits:
    shares = [sum(_SHARES[step] for step in rhythm.shape[hour::24]) for hour in range(24)]
    spans = ((start, length) for length in range(1, _PART_OF_DAY_H + 1) for start in range(24))
    inside = {span: sum((shares * 2)[span[0] : sum(span)]) for span in spans}
    enough = [span for span, share in inside.items() if share >= _MOST * sum(shares)]
    # The shortest, and of these the one with most in it.
    start, length = min(enough, key=lambda span: (span[1], -inside[span]), default=(0, 0))
    hours = (start, (start + length) % 24) if length else None
    return Habits(per_day=Outlook(rhythm).rate(_seconds(now)) * 86_400, hours=hours)


class Outlook:
    """What a rhythm lets expect. Times are seconds since 1970: a replay asks a million times."""

    def __init__(self, rhythm: Rhythm) -> None:
        self._zone = None if rhythm.zone == "UTC" else ZoneInfo(rhythm.zone)
        self._last_s = _seconds(rhythm.last)
        known_s = self._last_s - _seconds(rhythm.since)
        #: each with its reach, entries, proof, and what part of its reach was not known at the last entry
        self._memories = tuple(
            (memory_s, count, proof, math.exp(-known_s / memory_s))
            for memory_s, count, proof in zip(_MEMORIES_S, rhythm.counts, rhythm.proofs, strict=True)
        )
        self._steps = rhythm.shape
        self._peak = _ROOTS[max(rhythm.shape)]

    def rate(self, now_s: float) -> float:
        """Return the expected entries a second, without regard to the hour.

        Each memory is believed as far as it foretold what came, and the silence since.
        """
        gap_s = max(now_s - self._last_s, 0.0)
        rates, proofs = [], []
        for memory_s, count, proof, unknown in self._memories:
            rates.append(_rate(count, memory_s, unknown, gap_s))
            proofs.append(proof - _rate(count, memory_s, unknown, gap_s / 2) * gap_s)
        best = max(proofs)
        sought = total = 0.0
        for rate, proof in zip(rates, proofs, strict=True):
            weight = math.exp(proof - best)
            sought += rate * weight
            total += weight
        return sought / total

    def wait_s(self, now_s: float, budget: Budget) -> float:
        """Return after how many seconds to ask again.

        Where requests can be had at any density, the best density makes an hour of rate r cost sqrt(2 * worth * r) an
        hour, waiting and requests together. The next request goes where the waiting until then, less what the same time
        would cost at that best, is least: inside an hour where the unseen entries reach sqrt(2 * worth * r), or at the
        end of a busy hour. With an even rate this is the square root law itself. On known rates it stays within 2 % of
        the optimum (dynamic programming) as a rule.
        """
        rate = self.rate(now_s)
        price = math.sqrt(2 * budget.worth_s * rate)
        unseen = excess = 0.0
        least, wait = math.inf, budget.ceiling_s
        passed = 0.0
        for hour, length_s in self._hours(now_s, budget.ceiling_s):
            here, fair = rate * _SHARES[self._steps[hour]], price * _ROOTS[self._steps[hour]]
            # In here the excess falls while fewer are unseen than is fair, then rises.
            turn_s = min(max((fair - unseen) / here, budget.floor_s - passed, 0.0), length_s)
            if passed + turn_s >= budget.floor_s:
                value = excess + (unseen - fair) * turn_s + here * turn_s * turn_s / 2
                if value < least:
                    least, wait = value, passed + turn_s
            excess += (unseen - fair) * length_s + here * length_s * length_s / 2
            unseen += here * length_s
            passed += length_s
            if unseen >= price * self._peak and passed >= budget.floor_s:
                break  # from here on it only rises
        return min(max(wait, budget.floor_s), budget.ceiling_s)

    def _hours(self, start_s: float, length_s: float) -> Iterable[tuple[int, float]]:
        """Yield the local hours of the week that follow, each with the seconds of it that lie within `length_s`."""
        at_s, end_s = start_s, start_s + length_s
        while at_s < end_s:
            local_s = at_s if self._zone is None else _local_s(self._zone, at_s)
            hour, inside_s = divmod(local_s, HOUR_S)
            part_s = min(HOUR_S - inside_s, end_s - at_s)
            yield int(hour + _EPOCH_H) % WEEK_H, part_s
            # At the end of time a part can be too short to tell.
            at_s = max(at_s + part_s, math.nextafter(at_s, math.inf))


def _rate(count: float, memory_s: float, unknown: float, gap_s: float) -> float:
    """Return entries a second as one memory has them, `gap_s` after its last entry.

    `unknown`: the part of its reach that lay before all we know of, at that entry.
    """
    faded = math.exp(-gap_s / memory_s)
    return (count * faded + _PRIOR_ENTRIES) / (memory_s * (1 - unknown * faded) + _PRIOR_S)


def _shape(hours: bytes) -> bytes:
    """Return the rate in each hour of the week, relative to its mean, in the steps of `Rhythm.shape`.

    From even, to hours of the day and days of the week apart, to single hours of the week: each step is taken as far as
    the counts prove it likelier than the step before (Dirichlet priors, their marginal likelihoods compared).
    """
    by_hour = _leaning([sum(hours[hour::24]) for hour in range(24)], [1 / 24] * 24, _HOURS_PRIOR)
    by_day = _leaning([sum(hours[day : day + 24]) for day in range(0, WEEK_H, 24)], [1 / 7] * 7, _DAYS_PRIOR)
    cells = _leaning(hours, [day * hour for day in by_day for hour in by_hour], _CELLS_PRIOR)
    return bytes(min(max(round(128 + 8 * math.log2(share * WEEK_H)), 0), 255) for share in cells)


def _leaning(counts: Sequence[int], expected: Sequence[float], prior: float) -> list[float]:
    """Return shares between those expected and those counted. Source: the Dirichlet-multinomial distribution."""
    total = sum(counts)
    proof = math.lgamma(prior) - math.lgamma(prior + total) - _EVEN_ODDS
    for count, share in zip(counts, expected, strict=True):
        if count:
            proof += math.lgamma(prior * share + count) - math.lgamma(prior * share) - count * math.log(share)
    belief = 1 / (1 + math.exp(-max(-700.0, min(700.0, proof))))
    return [
        (1 - belief) * share + belief * (count + prior * share) / (total + prior)
        for count, share in zip(counts, expected, strict=True)
    ]


def _seconds(moment: datetime) -> float:
    return (moment - _EPOCH).total_seconds()


def _local_s(zone: ZoneInfo, at_s: float) -> float:
    """Return seconds since 1970 as the zone's clocks show them."""
    offset = zone.utcoffset((_EPOCH + timedelta(seconds=at_s)).astimezone(zone))
    return at_s + (offset.total_seconds() if offset else 0.0)
