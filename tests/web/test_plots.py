"""Plots show what was counted, and days without anything as days without anything."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from feedsvc.web.plots import by_day, plot

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
TODAY = date(2026, 11, 22)


def test_hours_count_for_the_day_they_are_in_where_the_site_is() -> None:
    late = datetime(2026, 11, 21, 16, tzinfo=UTC)
    hours = {late: 2, late + timedelta(hours=1): 3, late - timedelta(days=3): 5, late + timedelta(days=2): 7}
    assert by_day(hours, HANOI, TODAY, 3) == ((date(2026, 11, 20), date(2026, 11, 21), TODAY), [0, 2, 3])


@given(counts=st.lists(st.integers(0, 10**6), max_size=40))
def test_each_day_with_stories_has_a_bar_in_its_place_and_the_most_the_highest(counts: list[int]) -> None:
    days = [TODAY - timedelta(days=back) for back in range(len(counts), 0, -1)]
    drawn = plot(days, counts, step=6, height=20)
    bars = [(float(x), float(high)) for x, high in re.findall(r"M([\d.]+) 20v-([\d.]+)", drawn.path)]
    assert [x for x, _ in bars] == [place * 6 + 3 for place, count in enumerate(counts) if count]
    assert all(1 <= high <= 20 for _, high in bars)
    if any(counts):
        assert max(high for _, high in bars) == 20
        assert counts[days.index(drawn.best_day)] == drawn.most == max(counts)
    assert drawn.total == sum(counts)
    assert drawn.width == 6 * len(counts)
