"""Which of several dates of one article is believed."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from feedsvc.extract.article.dating import date_in, first_date, settled

NOW = datetime(2025, 5, 1, 8, tzinfo=UTC)
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
APRIL = datetime(2025, 4, 20, 10, tzinfo=UTC)
MARCH = datetime(2025, 3, 1, 10, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def test_claims_that_agree_leave_no_note() -> None:
    assert settled(APRIL, APRIL + timedelta(hours=7), APRIL.replace(hour=5), NOW) == (APRIL, ())


@pytest.mark.parametrize(
    ("feed", "page", "address", "believed", "words"),
    [
        (
            NOW + timedelta(days=2),
            APRIL,
            None,
            APRIL,
            "the feed's date 2025-05-03 08:00 UTC cannot be: it is in the future",
        ),
        (EPOCH, APRIL, None, APRIL, "the feed's date 1970-01-01 00:00 UTC cannot be: it is before 1990"),
        (APRIL, EPOCH, None, APRIL, "the page's date 1970-01-01 00:00 UTC cannot be: it is before 1990"),
        (MARCH, APRIL, APRIL, APRIL, "the feed says 2025-03-01 10:00 UTC, the page 2025-04-20 10:00 UTC, weeks apart"),
        (MARCH, APRIL, MARCH, MARCH, "the page says 2025-04-20 10:00 UTC, the feed 2025-03-01 10:00 UTC, weeks apart"),
        (MARCH, APRIL, None, MARCH, "weeks apart: the feed's is taken"),
        (APRIL - timedelta(days=3), APRIL, None, APRIL - timedelta(days=3), "days apart: the feed's is taken"),
        (NOW, APRIL, None, APRIL, "days apart: the page's is taken"),
    ],
)
def test_implausible_claim_loses_and_is_told(
    feed: datetime, page: datetime, address: datetime | None, believed: datetime, words: str
) -> None:
    moment, notes = settled(feed, page, address, NOW)
    assert moment == believed
    assert any(words in note for note in notes)


def test_nothing_plausible_is_no_date() -> None:
    assert settled(EPOCH, None, None, NOW)[0] is None
    assert settled(None, None, None, NOW) == (None, ())


def test_address_alone_gives_the_day() -> None:
    assert settled(None, None, date_in("https://a.example/2025/04/25/x", HANOI), NOW)[0] == datetime(
        2025, 4, 25, 5, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("address", "day"),
    [
        ("https://a.example/2025/04/25/bridge", "2025-04-25"),
        ("https://a.example/bridge-20250425.html", "2025-04-25"),
        ("https://a.example/2025-4-5-bridge", "2025-04-05"),
        ("https://a.example/post20250425123.html", None),
        ("https://a.example/2025/02/30/bridge", None),
        ("https://a.example/bridge?d=2025-04-25", None),
    ],
)
def test_days_in_addresses(address: str, day: str | None) -> None:
    found = date_in(address, HANOI)
    assert (found and found.date().isoformat()) == day


@pytest.mark.parametrize(
    "written",
    [
        "Thứ sáu, 25/04/2025 | 05:00 GMT+7",
        "Cập nhật lúc 05:00 ngày 25/04/2025",
        "2025-04-25T05:00:00+0700",
        "2025-04-25 05:00",
        "Xuất bản: 25-04-2025 05:00",
        "05:00 | 25/04/2025",
    ],
)
def test_dates_as_pages_write_them(written: str) -> None:
    assert first_date(["no date", written], HANOI) == datetime(2025, 4, 24, 22, tzinfo=UTC)


@pytest.mark.parametrize("written", ["Published April 25th, 2025 by Ann", "25 April 2025", "Posted on 25th Apr 2025"])
def test_english_days(written: str) -> None:
    assert first_date([written], ZoneInfo("UTC")) == datetime(2025, 4, 25, tzinfo=UTC)
