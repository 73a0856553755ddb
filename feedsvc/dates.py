"""Dates as publishers write them, to UTC."""

import re
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

_OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
_TOLERANCE = timedelta(hours=1)

# Names with one meaning only, in hours; an ambiguous or unknown name counts as no zone.
_ZONES = {
    name: hours
    for hours, names in {
        -10: "hst",
        -9: "akst",
        -8: "pst pt akdt",
        -7: "pdt mst mt",
        -6: "mdt cst ct",
        -5: "cdt est et",
        -4: "edt ast",
        -3: "adt",
        0: "z ut utc gmt wet",
        1: "cet bst west met",
        2: "cest eet mest",
        3: "eest msk",
        7: "ict wib",
        8: "sgt hkt",
        9: "jst kst",
        10: "aest",
        11: "aedt",
    }.items()
    for name in names.split()
}
_MONTHS = ("", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_TIME = r"(?P<hour>\d{1,2})[:hg](?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
_HALF = r"(?:\s*(?P<half>am|pm|sa|ch)\b)?"
_ZONE = r"\s*\(?(?P<zone>(?:(?:gmt|utc)\s*)?[+-]\d{1,2}(?::?\d{2})?|[a-z]{1,5})?\)?\s*(?:\([^)]*\))?"
_WEEKDAY = r"(?:[^\W\d]+[\s,.]+){0,3}"
_ISO = re.compile(rf"(?P<year>\d{{4}})-(?P<month>\d{{1,2}})-(?P<day>\d{{1,2}})(?:(?:t|\s+){_TIME}{_HALF}{_ZONE})?")
_MAIL = re.compile(
    rf"{_WEEKDAY}(?P<day>\d{{1,2}})[\s-]+(?P<month>[a-z]{{3}})[a-z]*\.?[\s,-]+(?P<year>\d{{4}}),?(?:\s+{_TIME}{_HALF}{_ZONE})?"
)
# Vietnamese: `Thứ sáu, 25/04/2025 | 05:00 GMT+7` (nhandan.vn), `25/04/2025 05:00`, `8/5/2025 3:15:00 CH`,
# `05:00 25/04/2025`, `Ngày 25 tháng 4 năm 2025`.
_DAY_FIRST = (
    r"(?P<day>\d{1,2})(?:\s*[/.-]\s*|\s+(?:tháng|thg)\s*)"
    r"(?P<month>\d{1,2})(?:\s*[/.-]\s*|,?\s+(?:năm\s+)?)(?P<year>\d{4})"
)
_NUMERIC = re.compile(rf"{_WEEKDAY}{_DAY_FIRST}(?:[\s,|-]+{_TIME}{_HALF}{_ZONE})?")
_TIME_FIRST = re.compile(rf"{_TIME}{_HALF}[\s,|-]+{_WEEKDAY}{_DAY_FIRST}{_ZONE}")
_FORMS = (_ISO, _MAIL, _NUMERIC, _TIME_FIRST)
# What nearly all feeds write.
_USUAL = re.compile(
    r"(?:[A-Z][a-z]{2}, )?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d\d:\d\d:\d\d) ([+-]\d{4}|[A-Z]{1,5})"
    r"|(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d{1,9})?(Z|[+-]\d\d:\d\d)",
    re.ASCII,
)
_MONTH_DIGITS = {name.capitalize(): f"{number:02}" for number, name in enumerate(_MONTHS) if name}
# A zone at the end of what only feedparser can read; a date such as 2025-04-25 does not end in one.
_NAMED_ZONE = re.compile(r"(?:[\d:\s](?P<zone>[a-z]{1,5})|:\d{2}(?:\.\d+)?\s*(?P<offset>[+-]\d{2}:?\d{0,2}))$")
# feedparser takes the current year, or day, for what begins with a hyphen (ISO 8601:1988) or names a time only.
_YEAR = re.compile(r"(?!-)(?:.*\d{4}|\d{2}-?\d{2,3}|.*\b\d{1,2}\W+[a-z]{3,}\W+\d{2}\b)")


def parse_date(raw: str | None, zone: ZoneInfo, fallback: datetime | None = None) -> datetime | None:
    """Return the time in UTC; without a zone of its own it is in `zone`. None when it cannot be read.

    Day comes before month, unless only the other way makes a date; where an English am or pm makes the American order
    as likely, the answer is None. `fallback` is feedparser's reading as if the zone were UTC, for its rarer forms.
    """
    if raw and (usual := _USUAL.fullmatch(raw)) and (moment := _usual(usual)):
        return moment
    text = _folded(raw)
    for form in _FORMS:
        if found := form.fullmatch(text):
            return to_utc(_wall_time(found), found["zone"], zone)
    if fallback is None or not _YEAR.match(text):
        return None
    said = _NAMED_ZONE.search(text)
    if said and (said["offset"] or said["zone"] in _ZONES):
        return fallback
    return to_utc(fallback.replace(tzinfo=None), None, zone)


def _usual(found: re.Match[str]) -> datetime | None:
    """Read what needs no thought, ten times faster; None: think."""
    day, name, year, time, zone, date, iso_time, iso_zone = found.groups()
    if day is not None:
        date = f"{year}-{_MONTH_DIGITS.get(name)}-{day:0>2}"
    else:
        time, zone = iso_time, iso_zone
    try:
        wall = datetime.fromisoformat(f"{date}T{time}+00:00")
        if zone[0] not in "+-":
            return wall if zone in ("Z", "GMT", "UTC") else None
        offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
        return None if offset.days or zone[1:3] > "14" else wall - offset if zone[0] == "+" else wall + offset
    except (ValueError, OverflowError):
        return None


def is_read(raw: str) -> bool:
    """Say whether `parse_date` reads it by itself, without a fallback."""
    if _USUAL.fullmatch(raw):
        return True
    text = _folded(raw)
    return not text or any(form.fullmatch(text) for form in _FORMS)


def _folded(raw: str | None) -> str:
    return " ".join((raw or "").lower().split())[:100]


def plausible(moment: datetime | None, fetched_at: datetime) -> datetime | None:
    """Return None for what is before 1990 or more than an hour after `fetched_at`."""
    return moment if moment is not None and _OLDEST <= moment <= fetched_at + _TOLERANCE else None


def _wall_time(found: re.Match[str]) -> datetime | None:
    """Return the naive time on the wall; None when there is no such time, or two readings are as likely."""
    part: dict[str, str] = {name: value or "" for name, value in found.groupdict().items()}
    half, day, year = part.get("half"), int(part["day"]), int(part["year"])
    month = int(part["month"]) if part["month"].isdigit() else _number(part["month"])
    if found.re in (_NUMERIC, _TIME_FIRST):
        if month > 12 >= day:
            day, month = month, day
        elif half in ("am", "pm") and day <= 12 and day != month:
            return None
    hour, minute, second = (int(part[name] or 0) for name in ("hour", "minute", "second"))
    if half and hour <= 12:
        hour = hour % 12 + (12 if half in ("pm", "ch") else 0)
    if hour > 24 or minute > 59 or second > 60:  # 24:00 ends a day (ISO 8601), second 60 is a leap second
        return None
    try:
        return datetime(year, month, day) + timedelta(hours=hour, minutes=minute, seconds=second)  # noqa: DTZ001
    except (ValueError, OverflowError):
        return None


def _number(month: str) -> int:
    return _MONTHS.index(month) if month in _MONTHS else 0


def to_utc(wall: datetime | None, said: str | None, zone: ZoneInfo) -> datetime | None:
    """Return a naive time on the wall in UTC: of the zone that is `said`, where that is known, else of `zone`."""
    if wall is None:
        return None
    offset = offset_of(said)
    try:
        return wall.replace(tzinfo=zone if offset is None else timezone(offset)).astimezone(UTC).replace(fold=0)
    except (ValueError, OverflowError):
        return None


def offset_of(said: str | None) -> timedelta | None:
    """Return the offset that `gmt+7`, `+0700`, `-03:30` or a name means; None: unknown."""
    if not said:
        return None
    if said in _ZONES:
        return timedelta(hours=_ZONES[said])
    found = re.search(r"([+-])(\d{1,2}):?(\d{2})?$", said)
    if not found or int(found[2]) > 14:
        return None
    offset = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return -offset if found[1] == "-" else offset
