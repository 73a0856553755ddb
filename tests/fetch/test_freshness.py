"""When a source is asked again."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.fetch import next_fetch_at
from feedsvc.fetch.freshness import http_date, read_freshness
from feedsvc.model import FeedInfo, FetchState, Freshness, LocalText, Source

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)  # a Sunday
SOURCE = Source(id="one", title=LocalText(by_language=()), url="https://example.org/")
UNSAID = Freshness()
STATE = FetchState(source_id="one")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def wait(
    fresh: Freshness = UNSAID, info: FeedInfo | None = None, source: Source = SOURCE, failed: int = 0
) -> timedelta:
    return next_fetch_at(source, replace(STATE, info=info, failures=failed), fresh, NOW) - NOW


@pytest.mark.parametrize(
    ("headers", "fresh_for"),
    [
        ({}, None),
        ({"cache-control": ["max-age=86400"]}, DAY),
        ({"cache-control": ["public, MAX-AGE = 5, s-maxage=9"]}, None),
        ({"cache-control": ['Max-Age="300"'], "age": ["60"]}, 4 * MINUTE),
        ({"cache-control": ["max-age=60"], "age": ["99"]}, timedelta()),
        ({"cache-control": ["private", "max-age=60, max-age=90"]}, MINUTE),
        ({"cache-control": ["s-maxage=60"]}, None),
        ({"cache-control": ["no-cache, max-age=60"]}, None),
        ({"cache-control": ["no-store"], "expires": ["Sun, 22 Nov 2026 13:00:00 GMT"]}, None),
        ({"cache-control": ["max-age=" + "9" * 20]}, 31 * DAY),
        ({"cache-control": ["max-age=-1"], "expires": ["Sun, 22 Nov 2026 13:00:00 GMT"]}, HOUR),
        ({"cache-control": ["max-age=60"], "expires": ["Sun, 22 Nov 2026 13:00:00 GMT"]}, MINUTE),
        ({"cache-control": ['private="max-age=9", x']}, None),
        ({"expires": ["Sun, 22 Nov 2026 14:00:00 GMT"], "date": ["Sun, 22 Nov 2026 11:00:00 GMT"]}, 3 * HOUR),
        ({"expires": ["Sun, 22 Nov 2026 14:00:00 GMT"], "date": ["nonsense"]}, 2 * HOUR),
        ({"expires": ["0"]}, None),
        ({"expires": ["Sun, 22 Nov 2026 11:00:00 GMT"]}, timedelta()),
    ],
)
def test_lifetimes(headers: dict[str, list[str]], fresh_for: timedelta | None) -> None:
    assert read_freshness(headers, NOW).fresh_for == fresh_for


@pytest.mark.parametrize(
    ("headers", "fresh_for", "max_age"),
    [
        ({}, HOUR, HOUR),
        ({"age": ["60"]}, 59 * MINUTE, HOUR),
        ({"expires": ["Sun, 22 Nov 2026 14:00:00 GMT"]}, HOUR, HOUR),
        ({"cache-control": ["max-age=60"]}, MINUTE, MINUTE),
        ({"cache-control": ["public"]}, None, None),
        ({"cache-control": ["public"], "expires": ["Sun, 22 Nov 2026 14:00:00 GMT"]}, 2 * HOUR, None),
        ({"cache-control": ["no-cache, max-age=60"]}, None, None),
    ],
)
def test_a_304_without_cache_control_leaves_the_lifetime_as_it_was(
    headers: dict[str, list[str]], fresh_for: timedelta | None, max_age: timedelta | None
) -> None:
    assert read_freshness(headers, NOW, HOUR) == Freshness(fresh_for=fresh_for, max_age=max_age)


@pytest.mark.parametrize(
    ("value", "after"),
    [
        ("120", 2 * MINUTE),
        (" 120 ", 2 * MINUTE),
        ("99999999999999999999", 31 * DAY),
        ("Sun, 22 Nov 2026 12:05:00 GMT", 5 * MINUTE),
        ("Sunday, 22-Nov-26 12:05:00 GMT", 5 * MINUTE),
        ("Sun Nov 22 12:05:00 2026", 5 * MINUTE),
        ("Sun, 22 Nov 2037 12:05:00 GMT", 31 * DAY),
        ("Sun, 22 Nov 2020 12:05:00 GMT", None),
        ("0", None),
        ("-5", None),
        ("1.5", None),
        ("１２", None),
        ("soon", None),
    ],
)
def test_retry_after(value: str, after: timedelta | None) -> None:
    assert read_freshness({"retry-after": [value]}, NOW) == Freshness(retry_at=NOW + after if after else None)


@given(st.text(max_size=60) | st.from_regex(r"(Sun|Xxx)?, ?[0-9]{1,4}[ -]Nov[ -][0-9]{1,6} [0-9:]{1,9} ?[A-Z+0-9-]*"))
def test_no_header_value_raises(value: str) -> None:
    read_freshness({"cache-control": [value], "expires": [value], "age": [value], "retry-after": [value]}, NOW)
    date = http_date(value)
    assert date is None or date.utcoffset() == timedelta()


@pytest.mark.parametrize(
    ("fresh", "info", "least"),
    [
        (Freshness(), None, HOUR),
        (Freshness(fresh_for=DAY), None, DAY),
        (Freshness(fresh_for=MINUTE), FeedInfo(ttl=2 * HOUR), 2 * HOUR),
        (Freshness(retry_at=NOW + 3 * DAY, fresh_for=DAY), FeedInfo(ttl=HOUR), 3 * DAY),
        (Freshness(), FeedInfo(ttl=400 * DAY), 31 * DAY),
        (Freshness(retry_at=NOW - DAY), None, HOUR),
    ],
)
def test_the_latest_wish_counts_and_at_most_a_tenth_is_added(
    fresh: Freshness, info: FeedInfo | None, least: timedelta
) -> None:
    assert least <= wait(fresh, info) <= least * 1.1


@pytest.mark.parametrize(
    ("every", "failed", "least"),
    [
        (HOUR, 1, HOUR),
        (HOUR, 2, 2 * HOUR),
        (HOUR, 4, 8 * HOUR),
        (HOUR, 9, DAY),
        (HOUR, 9999, DAY),
        (3 * DAY, 9, 3 * DAY),
        (timedelta(seconds=1), 0, timedelta(seconds=1)),
        (timedelta(seconds=1), 99, DAY),
    ],
)
def test_failures_in_a_row_make_us_patient(every: timedelta, failed: int, least: timedelta) -> None:
    most = max(least, min(least * 2, DAY)) * 1.1
    assert least <= wait(source=replace(SOURCE, every=every), failed=failed) <= most


def test_a_failure_does_not_lift_an_earlier_retry_after() -> None:
    state = replace(STATE, not_before=NOW + 2 * DAY)
    assert next_fetch_at(SOURCE, replace(state, failures=1), Freshness(), NOW) >= NOW + 2 * DAY
    assert next_fetch_at(SOURCE, state, Freshness(), NOW) < NOW + DAY


def test_sources_do_not_line_up_and_nothing_is_left_to_chance() -> None:
    waits = [wait(source=replace(SOURCE, id=f"source-{n}")) for n in range(100)]
    assert len(set(waits)) == 100
    assert max(waits) - min(waits) > 5 * MINUTE
    assert waits[0] == wait(source=replace(SOURCE, id="source-0"))


@pytest.mark.parametrize(
    ("every", "failed", "adrift", "within"),
    [
        (HOUR, 1, False, HOUR),
        (HOUR, 2, False, HOUR),
        (HOUR, 4, False, HOUR),
        (HOUR, 0, True, HOUR),
        (5 * MINUTE, 0, True, 5 * MINUTE),
        (6 * HOUR, 0, True, HOUR),
        (DAY, 0, True, timedelta()),
        (HOUR, 9, False, timedelta()),
    ],
)
def test_a_thousand_sources_that_were_asked_or_failed_together_are_spread_and_none_waits_for_long(
    every: timedelta, failed: int, adrift: bool, within: timedelta
) -> None:
    sources = [replace(SOURCE, id=f"source-{n}", every=every) for n in range(1000)]
    state = replace(STATE, failures=failed)
    waits = [next_fetch_at(each, state, UNSAID, NOW, adrift=adrift) - NOW for each in sources]
    least = min(every * (1 << max(failed - 1, 0)), DAY)
    spread = within + min((least + within) * 0.1, 30 * MINUTE)
    slots = Counter(int((each - least) / spread * 10) for each in waits)
    assert sum(slots[n] for n in range(10)) == 1000
    # Each tenth of the time has its part; the last one takes the jitter.
    assert min(slots[n] for n in range(9)) > 60
    assert max(slots.values()) < 150


@pytest.mark.parametrize(
    ("hours", "days", "earliest"),
    [
        ((13,), (), NOW.replace(hour=14)),
        (tuple(range(13, 24)), (), NOW.replace(day=23, hour=0)),
        ((), (6,), NOW.replace(day=23, hour=0)),
        ((0, 1), (6, 0), NOW.replace(day=24, hour=2)),
        (tuple(range(24)), (), NOW.replace(hour=13)),
        ((12,), (0,), NOW.replace(hour=13)),
    ],
)
def test_hours_and_days_that_the_feed_wants_skipped(
    hours: tuple[int, ...], days: tuple[int, ...], earliest: datetime
) -> None:
    for number in range(20):
        info, source = FeedInfo(skip_hours=hours, skip_days=days), replace(SOURCE, id=str(number))
        at = next_fetch_at(source, replace(STATE, info=info), Freshness(), NOW)
        assert earliest <= at < earliest + HOUR
