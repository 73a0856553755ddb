"""Dates as people write them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from feedsvc.web import dates

AT = datetime(2025, 4, 24, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "vi", "en"),
    [
        ("Asia/Ho_Chi_Minh", "Thứ sáu, 25/04/2025 | 05:00 GMT+7", "Friday, 25 April 2025 | 05:00 GMT+7"),
        ("Asia/Kolkata", "Thứ sáu, 25/04/2025 | 03:30 GMT+5:30", "Friday, 25 April 2025 | 03:30 GMT+5:30"),
        ("America/St_Johns", "Thứ năm, 24/04/2025 | 19:30 GMT-2:30", "Thursday, 24 April 2025 | 19:30 GMT-2:30"),
        ("UTC", "Thứ năm, 24/04/2025 | 22:00 GMT", "Thursday, 24 April 2025 | 22:00 GMT"),
    ],
)
def test_a_date_line_has_the_offset_of_its_zone_on_that_day(zone: str, vi: str, en: str) -> None:
    assert dates.full(AT, ZoneInfo(zone), "vi") == vi
    assert dates.full(AT, ZoneInfo(zone), "en") == en


def test_winter_and_summer_differ() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert dates.full(datetime(2025, 1, 5, 12, tzinfo=UTC), berlin, "vi") == "Chủ nhật, 05/01/2025 | 13:00 GMT+1"
    assert dates.full(datetime(2025, 7, 6, 12, tzinfo=UTC), berlin, "vi") == "Chủ nhật, 06/07/2025 | 14:00 GMT+2"
    assert dates.short(datetime(2025, 7, 6, 12, tzinfo=UTC), berlin, "en") == "6 Jul 2025 | 14:00"
