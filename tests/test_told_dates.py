"""Dates as pages tell them to readers."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.told_dates import Told, told

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
#: ten in the morning in Vietnam, on a Monday
NOW = datetime(2025, 5, 26, 3, tzinfo=UTC)


def at(text: str, *, day_first: bool = True) -> str | None:
    """Return the time on the wall in Vietnam; `~` before a vague one."""
    found = told(text, VIETNAM, NOW, day_first=day_first)
    return None if found is None else f"{'~' * found.is_vague}{found.at.astimezone(VIETNAM):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    "text",
    [
        *("Thứ sáu, 25/04/2025 | 05:00 GMT+7", "25/4/2025, 05:00 (GMT+7)", "Thứ Sáu, ngày 25-4-2025 — 5h00"),
        *("05:00 25/04/2025", "lúc 5h ngày 25/4/2025", "5 giờ 00 phút, thứ sáu, 25.04.2025", "5g00 25/4/2025"),
        *(
            "25/04/2025 5:00 SA",
            "ngày 25 tháng 4 năm 2025, 05:00",
            "25 Tháng Tư, 2025 lúc 5:00",
            "25 thg 4, 2025 05:00",
        ),
        *("Minh An – Cập nhật lúc 05:00 | 25/04/2025 | 12 bình luận", "05:00 (GMT+7) 25/04/2025"),
        *("April 25, 2025 at 5:00 am", "Friday 25th April 2025 5am", "Apr 25, 2025 05:00", "25-Apr-2025 5:00 a.m."),
        *("2025-04-25T05:00:00+0700", "2025/04/25 05:00", "24/04/2025 22:00 UTC", "4/25/2025 5:00 AM"),
    ],
)
def test_forms_of_one_moment(text: str) -> None:
    assert at(text) == "2025-04-25 05:00"


@pytest.mark.parametrize(
    ("text", "wall"),
    [
        ("Chủ nhật, 9-3-2025", "2025-03-09 00:00"),
        ("25 Tháng Mười Hai, 2025", "2025-12-25 00:00"),
        ("25/04/2025 09:15 CH", "2025-04-25 21:15"),
        ("20g30 25/4/2025", "2025-04-25 20:30"),
        ("hôm qua, 20h30", "2025-05-25 20:30"),
        ("Today at 5:00", "2025-05-26 05:00"),
    ],
)
def test_days_and_hours(text: str, wall: str) -> None:
    assert at(text) == wall


@pytest.mark.parametrize(
    ("text", "wall"),
    [
        ("2 giờ trước", "~2025-05-26 08:00"),
        ("khoảng một giờ trước", "~2025-05-26 09:00"),
        ("Đăng 5 phút trước", "~2025-05-26 09:55"),
        ("3 days ago", "~2025-05-23 10:00"),
        ("an hour ago", "~2025-05-26 09:00"),
        ("vừa xong", "~2025-05-26 10:00"),
        ("hôm qua", "~2025-05-25 12:00"),
        ("hôm nay", "~2025-05-26 10:00"),
    ],
)
def test_what_has_passed_is_vague(text: str, wall: str) -> None:
    assert at(text) == wall


@pytest.mark.parametrize(
    "text",
    [
        *("", "Kinh tế", "25/04", "25/04/25", "05:00", "32/13/2025", "30/2/2025", "May 2025", "marketing 25, 2025"),
        *("3 tháng trước", "100 ngày trước", "2 giờ", "25/04/2025 25:00", "12/2025", "20250425", "1/2/3/2025"),
        "4/5/2025 5:00 PM",  # April or May, as likely one as the other
    ],
)
def test_what_is_not_certain_is_none(text: str) -> None:
    assert at(text) is None


def test_a_day_that_could_be_two_is_told_by_its_weekday_or_by_who_writes() -> None:
    assert at("4/5/2025") == "2025-05-04 00:00"
    assert at("4/5/2025", day_first=False) is None
    assert at("Friday, 4/4/2025", day_first=False) == "2025-04-04 00:00"
    assert at("Sunday, 4/5/2025", day_first=False) == "2025-05-04 00:00"
    assert at("Saturday 4/5/2025 5:00 PM") == "2025-04-05 17:00"


@given(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)), st.sampled_from(["", " GMT+7", " (GMT+7)"]))  # noqa: DTZ001
def test_the_form_of_nhan_dan_comes_back(naive: datetime, zone: str) -> None:
    moment = naive.replace(second=0, microsecond=0, tzinfo=VIETNAM)
    assert told(f"{moment:%d/%m/%Y | %H:%M}{zone}", VIETNAM, NOW) == Told(moment.astimezone(UTC))


@given(st.text("0123456789/-:.,| ()+giờhtrướcngàythángnămamsa ", max_size=60))
def test_any_words_are_a_time_in_utc_or_none(text: str) -> None:
    found = told(text, VIETNAM, NOW)
    assert found is None or found.at.utcoffset() == timedelta(0)
