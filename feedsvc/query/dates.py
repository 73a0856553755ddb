"""Dates in queries: a year, month, day, minute or second stands for all of it."""

import re
from datetime import UTC, datetime, timedelta, timezone

_DATE = re.compile(
    r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{1,2})(?:-(?P<day>[0-9]{1,2})"
    r"(?:[Tt ](?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?"
    r"(?P<zone>[Zz]|[+-][0-9]{2}:?[0-9]{2})?)?)?)?"
)
# Far enough from the ends of the calendar that bringing it to UTC cannot leave it.
_FIRST, _LAST = datetime(1000, 1, 1), datetime(9999, 12, 30)  # noqa: DTZ001


def period(text: str) -> tuple[datetime, datetime] | None:
    """Return when the date in `text` begins and when it is over, or None where it is none.

    Without a zone in the text both are wall-clock times without one.
    """
    found = _DATE.fullmatch(text.strip())
    if found is None:
        return None
    unit = next(unit for unit in ("second", "minute", "day", "month", "year") if found[unit])
    try:
        begin = datetime(  # noqa: DTZ001
            int(found["year"]),
            int(found["month"] or 1),
            int(found["day"] or 1),
            int(found["hour"] or 0),
            int(found["minute"] or 0),
            int(found["second"] or 0),
        )
        zone = _zone(found["zone"])
    except ValueError:
        return None
    begin = max(_FIRST, min(begin, _LAST))
    end = min(_after(begin, unit), _LAST)
    return begin.replace(tzinfo=zone), end.replace(tzinfo=zone)


def _after(begin: datetime, unit: str) -> datetime:
    if unit == "year":
        return begin.replace(year=begin.year + 1) if begin.year < _LAST.year else _LAST
    if unit == "month":
        return (begin + timedelta(days=31)).replace(day=1) if begin < _LAST.replace(day=1) else _LAST
    return begin + {"day": timedelta(days=1), "minute": timedelta(minutes=1), "second": timedelta(seconds=1)}[unit]


def _zone(text: str | None) -> timezone | None:
    if text is None:
        return None
    if text in "Zz":
        return UTC
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(-offset if text[0] == "-" else offset)
