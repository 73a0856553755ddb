"""Dates: their own zone counts, else the source's; what cannot be read, or cannot be, is None."""

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.parse.dates import parse_date, plausible

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
FIVE_IN_VIETNAM = datetime(2025, 4, 24, 22, tzinfo=UTC)
FIVE_IN_LONDON = datetime(2025, 4, 25, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    "raw",
    [
        *("Thứ sáu, 25/04/2025 | 05:00 GMT+7", "Thứ Sáu, ngày 25/04/2025 - 05:00 (GMT+7)", "25/04/2025 05:00"),
        *("25-04-2025 05:00:00", "25.4.2025, 5:00", "05:00 25/04/2025", "05:00, thứ sáu 25/04/2025", "5g00 25/4/2025"),
        *("Thứ sáu, 25 tháng 4, 2025 05:00", "Ngày 25 tháng 4 năm 2025 05:00 SA", "25 Thg4 2025 05:00 SA"),
        *(
            "25/04/2025 5:00:00 SA",
            "25/04/2025 5:00:00 AM",
            "4/25/2025 5:00:00 AM",
            "25 Apr 2025 5:00 am",
            "2025-04-25 5:00 AM",
        ),
        *("2025-04-25T05:00:00+0700", "2025-04-25T05:00:00.999+07:00", "2025-04-25 05:00", "2025-04-25T05:00:00"),
        *("Fri, 25 Apr 2025 05:00:00 +0700", "Fri, 25 Apr 2025 05:00:00", "Fri, 25 April 2025 05:00:00 GMT+7"),
        *("Fri, 25 Apr 2025 05:00:00 GMT +0700", "Fri, 25 Apr 2025 05:00:00 ICT", "25 Apr 2025 05:00:00 QQQ"),
        *(
            "Thu, 24 Apr 2025 22:00:00 Z",
            "2025-04-24T22:00:00Z",
            "2025-04-25T03:30:00+0530",
            "2025-04-24T18:30:00-03:30",
        ),
        *(
            "Thu, 24 Apr 2025 18:00:00 EDT",
            "Thu, 24 Apr 2025 21:59:60 GMT",
            "2025-04-23T24:00:00-22:00".replace("-22", "-14"),
        ),
    ],
)
def test_five_in_the_morning_in_vietnam(raw: str) -> None:
    found = parse_date(raw, VIETNAM)
    assert found == (FIVE_IN_VIETNAM if not raw.startswith("2025-04-23") else datetime(2025, 4, 24, 14, tzinfo=UTC))


def test_summer_time_is_the_zones_own() -> None:
    assert parse_date("25/04/2025 05:00", ZoneInfo("Europe/London")) == FIVE_IN_LONDON


@pytest.mark.parametrize(
    "raw",
    [
        *(
            "",
            "vừa xong",
            "2 giờ trước",
            "25/25/2025",
            "2025-02-30T05:00:00Z",
            "2025-04-25T25:00:00Z",
            "05:00",
            "32 Apr 2025",
        ),
        *("04/05/2025 5:00 PM", "4/5/2025 5:00:00 AM"),  # April or May, as likely one as the other
        "9999-12-31T23:59:59-12:00",
    ],
)
def test_what_is_no_date_is_none(raw: str) -> None:
    assert parse_date(raw, VIETNAM) is None


def test_feedparsers_reading_serves_for_rarer_forms_but_not_for_a_year_it_makes_up() -> None:
    theirs = datetime(2025, 4, 25, 5, tzinfo=UTC)
    assert parse_date("Fri Apr 25 05:00:00 2025", VIETNAM, theirs) == FIVE_IN_VIETNAM
    assert parse_date("Fri Apr 25 05:00:00 2025 UTC", VIETNAM, theirs) == theirs
    assert parse_date("--04-25", VIETNAM, theirs) is None


@pytest.mark.parametrize(
    ("moment", "is_kept"),
    [
        (datetime(1989, 12, 31, 23, 59, tzinfo=UTC), False),
        (datetime(1990, 1, 1, tzinfo=UTC), True),
        (FIVE_IN_VIETNAM + timedelta(minutes=59), True),
        (FIVE_IN_VIETNAM + timedelta(minutes=61), False),
    ],
)
def test_only_the_plausible_is_kept(moment: datetime, *, is_kept: bool) -> None:
    assert plausible(moment, FIVE_IN_VIETNAM) == (moment if is_kept else None)


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)),  # noqa: DTZ001
    st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
def test_the_standard_forms_come_back(naive: datetime, zone: timezone) -> None:
    moment = naive.replace(microsecond=0, tzinfo=zone)
    assert parse_date(moment.isoformat(), VIETNAM) == moment
    assert parse_date(format_datetime(moment), VIETNAM) == moment


@given(st.text(max_size=60) | st.text("0123456789/-:., TZ+apmgmtthángnăm", max_size=40))
def test_any_text_is_a_date_in_utc_or_none(raw: str) -> None:
    found = parse_date(raw, VIETNAM, datetime(2025, 1, 1, tzinfo=UTC))
    assert found is None or found.utcoffset() == timedelta(0)
