"""What is learned of when a source publishes, and when it is asked by that."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.model import Rhythm
from feedsvc.rhythm import Budget, Outlook, Publication, habits, learned, next_poll

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)  # a Sunday
MINUTE, HOUR, DAY, WEEK = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
HANOI = "Asia/Ho_Chi_Minh"
PARIS = ZoneInfo("Europe/Paris")

MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
PUBLICATIONS = st.lists(st.builds(Publication, at=MOMENTS, is_timed=st.booleans()), max_size=60)
ZONES = st.sampled_from(["UTC", HANOI, "Europe/Paris", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns"])
#: `every` in seconds, and the waiting that is worth a request
COSTS = st.tuples(st.integers(1, 3 * 86400), st.floats(0.001, 1e9))


def budget(every: timedelta = HOUR, worth: timedelta | None = None) -> Budget:
    worth_s = (worth or every / 2).total_seconds()
    return Budget(worth_s=worth_s, floor_s=every.total_seconds(), ceiling_s=max(DAY, every).total_seconds())


def known(*times: datetime, zone: str = "UTC") -> Rhythm:
    return learned(None, (Publication(at=at) for at in times), zone, NOW)


def daily(hour: int, days: int, zone: str = "UTC") -> Rhythm:
    """Return the rhythm of a source with an entry at this local hour, on each of so many days until now."""
    today = NOW.astimezone(ZoneInfo(zone)).replace(hour=hour, minute=20)
    times = (today - DAY * back for back in range(days))
    return known(*sorted(at.astimezone(UTC) for at in times if at < NOW), zone=zone)


def evenly(every: timedelta, count: int) -> Rhythm:
    chance = random.Random(1)
    return known(*(NOW - every * (back + chance.random()) for back in range(count)))


def polls(rhythm: Rhythm, start: datetime, allowed: Budget, count: int) -> Iterator[datetime]:
    at = start
    for _ in range(count):
        at = next_poll(rhythm, at, allowed)
        yield at


@given(PUBLICATIONS, PUBLICATIONS, st.tuples(ZONES, ZONES), MOMENTS, COSTS)
def test_whatever_was_published_the_wait_is_between_floor_and_ceiling(
    known_first: list[Publication],
    then: list[Publication],
    zones: tuple[str, str],
    now: datetime,
    cost: tuple[int, float],
) -> None:
    rhythm = learned(learned(None, known_first, zones[0], now), then, zones[1], now)
    every, worth = timedelta(seconds=cost[0]), cost[1]
    at = next_poll(rhythm, now, budget(every, timedelta(seconds=worth)))
    assert now + every <= at <= now + max(every, DAY)
    assert at == next_poll(rhythm, now, budget(every, timedelta(seconds=worth)))


@given(st.lists(MOMENTS, min_size=1, max_size=40), ZONES, st.integers(-60, 60))
def test_weeks_earlier_or_later_all_is_the_same(times: list[datetime], zone: str, weeks: int) -> None:
    """Only where clocks are not moved in between, that is."""
    zone = zone if zone in {"UTC", HANOI, "Asia/Kathmandu"} else "UTC"
    times = [max(at, datetime(1993, 1, 1, tzinfo=UTC)) for at in times]
    now, shift = max(times), WEEK * weeks
    here = learned(None, (Publication(at=at) for at in times), zone, now)
    there = learned(None, (Publication(at=at + shift) for at in times), zone, now + shift)
    assert here.hours == there.hours
    wait = next_poll(here, now, budget()) - now
    assert abs(next_poll(there, now + shift, budget()) - shift - now - wait) < timedelta(seconds=1)


@pytest.mark.parametrize(
    ("gap", "every", "wait"),
    [(HOUR, HOUR, HOUR), (DAY, HOUR, 4.9 * HOUR), (WEEK, HOUR, 13 * HOUR), (DAY, 15 * MINUTE, 2.45 * HOUR)],
)
def test_without_a_rhythm_the_interval_is_the_mean_of_every_and_the_gaps(
    gap: timedelta, every: timedelta, wait: timedelta
) -> None:
    rhythm = evenly(gap, 200)
    assert rhythm.shape == bytes([128]) * 168
    assert next_poll(rhythm, NOW, budget(every)) - NOW == pytest.approx(wait, rel=0.2)


def test_a_source_that_publishes_more_than_once_in_every_is_asked_at_every() -> None:
    assert next_poll(evenly(MINUTE, 200), NOW, budget()) == NOW + HOUR


def test_a_source_that_fell_silent_is_asked_once_a_day_and_often_again_when_it_speaks() -> None:
    busy = evenly(HOUR, 200)
    later = NOW + 1000 * DAY
    assert next_poll(busy, later, budget()) > later + 20 * HOUR
    back = learned(busy, (Publication(at=later + MINUTE * n) for n in range(0, 600, 30)), "UTC", later + 10 * HOUR)
    assert next_poll(back, later + 10 * HOUR, budget()) < later + 14 * HOUR


def test_what_is_not_known_yet_is_asked_at_every_first_and_ever_less() -> None:
    nothing = learned(None, (), "UTC", NOW)
    assert nothing.since == nothing.last == NOW
    waits = [next_poll(nothing, NOW + passed, budget()) - NOW - passed for passed in (timedelta(), DAY, 9 * DAY)]
    assert waits[0] < 1.1 * HOUR
    assert waits[0] < waits[1] < waits[2] < DAY


def test_a_daily_entry_is_waited_for_just_after_its_hour() -> None:
    rhythm = daily(9, days=40, zone=HANOI)
    hours = {at.astimezone(ZoneInfo(HANOI)).hour for at in polls(rhythm, NOW, budget(), 60)}
    found = [at for at in polls(rhythm, NOW, budget(), 60) if at.astimezone(ZoneInfo(HANOI)).hour in {9, 10}]
    assert hours & {9, 10}
    assert len(found) >= 20


def test_few_entries_prove_no_rhythm() -> None:
    assert max(daily(9, days=2).shape) <= 136, "at most twice the mean"


def test_ten_entries_at_once_are_one_habit() -> None:
    at_once = known(*(NOW - DAY + MINUTE * n for n in range(10)))
    assert sum(at_once.hours) == 1


def test_hours_are_local_through_daylight_saving() -> None:
    """Nine in the morning in Paris is 8:00 UTC in winter and 7:00 in summer."""
    morning = datetime(2026, 1, 5, 9, 20, tzinfo=PARIS)
    times = ((morning + DAY * n).astimezone(UTC) for n in range(300))
    rhythm = learned(None, (Publication(at=at) for at in times), "Europe/Paris", NOW)
    assert {hour % 24 for hour, count in enumerate(rhythm.hours) if count} == {9}
    for start in (datetime(2027, 1, 30, 12, tzinfo=UTC), datetime(2027, 3, 27, 12, tzinfo=UTC)):
        busiest = max(range(24), key=lambda hour: rhythm.shape[(start + DAY).weekday() * 24 + hour])
        assert busiest == 9
        local = [at.astimezone(PARIS) for at in polls(rhythm, start, budget(), 12)]
        assert any(at.date() == (start + DAY).date() and at.hour in {9, 10} for at in local)


def test_another_zone_begins_the_hours_anew_and_keeps_the_rate() -> None:
    before = daily(9, days=100)
    after = learned(before, (), HANOI, NOW)
    assert (after.zone, sum(after.hours), after.counts) == (HANOI, 0, before.counts)
    assert learned(before, (), "UTC", NOW) == before


def test_what_was_long_ago_fades() -> None:
    times = [NOW + HOUR * n for n in range(0, 24 * 400, 24)]
    rhythm = learned(None, (Publication(at=at) for at in times), "UTC", NOW)
    moved = learned(rhythm, (Publication(at=at + 400 * DAY + 6 * HOUR) for at in times), "UTC", NOW)
    hours = range(7)
    assert max(rhythm.hours) <= 255
    assert sum(moved.hours[24 * day + 18] for day in hours) >= sum(moved.hours[24 * day + 12] for day in hours)


def test_days_without_an_hour_say_how_often_but_not_when() -> None:
    times = (NOW - DAY * n for n in range(40))
    rhythm = learned(None, (Publication(at=at, is_timed=False) for at in times), "UTC", NOW)
    assert sum(rhythm.hours) == 0
    assert Outlook(rhythm).rate(NOW.timestamp()) == pytest.approx(1 / 86400, rel=0.3)


def test_learning_piece_by_piece_is_learning_at_once() -> None:
    times = [NOW - 7 * HOUR * n for n in range(50, 0, -1)]
    piecewise: Rhythm | None = None
    for at in times:
        piecewise = learned(piecewise, [Publication(at=at)], HANOI, NOW)
    at_once = known(*times, zone=HANOI)
    assert piecewise is not None
    assert (piecewise.hours, piecewise.shape, piecewise.last) == (at_once.hours, at_once.shape, at_once.last)
    assert piecewise.counts == pytest.approx(at_once.counts)
    assert piecewise.proofs == pytest.approx(at_once.proofs)


def test_habits_are_told_in_local_hours() -> None:
    morning = habits(daily(9, days=100, zone=HANOI), NOW)
    assert morning.per_day == pytest.approx(1, rel=0.2)
    assert morning.hours is not None
    assert morning.hours[0] <= 9 < morning.hours[1]
    assert habits(evenly(HOUR, 200), NOW).hours is None
    night = [NOW.replace(hour=0) - DAY * back + HOUR * (back % 4 - 2) for back in range(200)]
    assert habits(known(*reversed(night)), NOW).hours == (22, 2)
    silent = habits(learned(None, (), "UTC", NOW), NOW + 999 * DAY)
    assert silent.per_day < 0.01
    assert silent.hours is None
