"""Dates as pages show them to readers: somewhere in a line of words, or as the time that has passed since."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from feedsvc.dates import offset_of, to_utc

_MAX_CHARS = 300
_DAYS = ("hai", "ba", "tư", "năm", "sáu", "bảy")
_WEEKDAYS = {f"thứ {name}": number for number, name in enumerate(_DAYS)} | {"chủ nhật": 6, "thứ tu": 2, "thứ bẩy": 5}
_WEEKDAYS |= {name: at for at, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))}
_WORDS = ["một", "hai", "ba", "tư", "năm", "sáu", "bảy", "tám", "chín", "mười"]
#: months in words; `giêng` is the first one, `chạp` the last
_MONTH_WORDS = {word: number for number, word in enumerate(_WORDS, start=1)}
_MONTH_WORDS |= {"giêng": 1, "bốn": 4, "mười một": 11, "mười hai": 12, "chạp": 12}

_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]

_YEAR = r"(?P<year>(?:19|20)\d{2})(?!\d)"
_FORMS = tuple(
    re.compile(form)
    for form in (
        r"(?<![\d/.-])(?P<year>(?:19|20)\d{2})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})(?!\d)",
        rf"(?<![\w/.-])(?P<first>\d{{1,2}})(?:\s?[/.-]\s?)(?P<second>\d{{1,2}})(?:\s?[/.-]\s?){_YEAR}",
        (
            rf"(?<![\d/.-])(?P<day>\d{{1,2}})(?:\s+|-)(?:tháng|thg)\.?\s*(?P<month>\d{{1,2}}|mười (?:một|hai)|[^\W\d]+)"
            rf"(?:\s*[,/-]\s*|\s+)(?:năm\s+)?{_YEAR}"
        ),
        rf"(?<![\d/.-])(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s-]+(?:of\s+)?(?P<name>[a-z]{{3,9}})\.?,?[\s-]+{_YEAR}",
        rf"(?<!\w)(?P<name>[a-z]{{3,9}})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+{_YEAR}",
    )
)
_CLOCK = (
    r"(?<![\d:])(?P<hour>\d{1,2})(?:\s?[:h]\s?(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d{1,9})?)?"
    r"|\s?(?:g|giờ)\s?(?P<minutes>\d{2})?(?:\s?phút)?|h|(?=\s?[ap]\.?m\b))(?![\d:])(?!\s?(?:trước|ago))"
    r"(?:\s?(?P<half>[ap]\.?m\b\.?|sa\b|ch\b))?"
)
_ZONED = r"\s?\(?(?P<zone>(?:gmt|utc)?\s?[+-]\d{1,2}(?::?\d{2})?(?!\d)|[a-z]{1,5}\b)\)?"
_BETWEEN = r"[\s,|·•–—()\-]{0,8}"
_AFTER = re.compile(rf"(?:t|{_BETWEEN}(?:(?:vào\s)?lúc|at|@)?{_BETWEEN}){_CLOCK}")
_BEFORE = re.compile(rf"{_CLOCK}(?:{_ZONED})?{_BETWEEN}(?:[^\W\d]+[\s,.]+){{0,3}}$")
_ZONE = re.compile(_ZONED)

_AMOUNT = r"(?:(?:khoảng|about|over|hơn)\s)?(?P<count>\d{1,3}|một|an?)\s?"
_UNITS = {
    r"giây|seconds?|secs?": timedelta(seconds=1),
    r"phút|minutes?|mins?": timedelta(minutes=1),
    r"giờ|tiếng|hours?|hrs?": timedelta(hours=1),
    r"ngày|days?": timedelta(days=1),
    r"tuần|weeks?": timedelta(weeks=1),
}
_AGO = tuple((re.compile(rf"(?<!\w){_AMOUNT}(?:{unit})\s(?:trước|ago)(?!\w)"), step) for unit, step in _UNITS.items())
_JUST_NOW = re.compile(r"(?<!\w)(?:vừa xong|vừa đăng|just now)(?!\w)")
_NAMED_DAY = re.compile(r"(?<!\w)(?:(?P<today>hôm nay|today)|hôm qua|yesterday)(?!\w)")
#: what passed longer ago than this is not told by weeks
_LONGEST = timedelta(weeks=8)


@dataclass(frozen=True, slots=True)
class Told:
    """`is_vague`: a time that has passed, which is told otherwise an hour later."""

    at: datetime
    is_vague: bool = False


def told(text: str, zone: ZoneInfo, now: datetime, *, day_first: bool = True) -> Told | None:
    """Return the time in UTC that some words tell; the first date in them, else how long ago. None: none for certain.

    What could be two days is the one that a weekday beside it names; else the day comes first, where `day_first` says
    that people there write so. `now` is when the words were read.
    """
    words = unicodedata.normalize("NFC", " ".join(text[: 4 * _MAX_CHARS].lower().split()))[:_MAX_CHARS]
    found = min(
        (match for form in _FORMS for match in form.finditer(words) if any(_days(match))),
        key=lambda match: match.start(),
        default=None,
    )
    if found is None:
        return _passed(words, zone, now)
    clock, said = _clock(words, found)
    day = _day(found, words[: found.start()], clock, day_first=day_first)
    moment = _time(clock) if clock else time()
    if day is None or moment is None:
        return None
    at = to_utc(datetime.combine(day, moment), said, zone)
    return Told(at) if at else None


def _days(found: re.Match[str]) -> Iterator[date]:
    """Yield the days that a date can be: the one with the day before the month first."""
    part = {name: value for name, value in found.groupdict().items() if value}
    if "first" in part:
        orders = [(part["second"], part["first"]), (part["first"], part["second"])]
    else:
        orders = [(part.get("name") or part["month"], part["day"])]
    for month, day in dict.fromkeys(orders):
        number = int(month) if month.isdecimal() else _MONTH_WORDS.get(month) or _named(month)
        try:
            yield date(int(part["year"]), number, int(day))
        except ValueError:
            continue


def _named(name: str) -> int:
    """Return the number of a month that is written out or cut short; 0: it is none."""
    cut = "sep" if name == "sept" else name
    return next((number for number, month in enumerate(_MONTHS, start=1) if month.startswith(cut)), 0)


def _day(found: re.Match[str], before: str, clock: re.Match[str] | None, *, day_first: bool) -> date | None:
    days = list(_days(found))
    if len(days) == 1:
        return days[0]
    weekday = next((number for name, number in _WEEKDAYS.items() if re.search(rf"\b{name}", before[-40:])), None)
    agreeing = [day for day in days if day.weekday() == weekday]
    if len(agreeing) == 1:
        return agreeing[0]
    # An English am or pm makes the American order as likely.
    is_american = clock is not None and (clock["half"] or "")[:1] in {"a", "p"}
    return days[0] if day_first and not is_american else None


def _clock(words: str, found: re.Match[str]) -> tuple[re.Match[str] | None, str | None]:
    """Return the time beside a date, and the zone that is said with it."""
    after = _AFTER.match(words, found.end())
    if after is not None:
        zone = _ZONE.match(words, after.end())
        return after, zone["zone"] if zone else None
    before = _BEFORE.search(words, max(0, found.start() - 60), found.start())
    if before is None:
        return None, None
    beside = _ZONE.match(words, found.end())
    said = (before["zone"], beside["zone"] if beside else None)
    return before, next((zone for zone in said if offset_of(zone) is not None), None)


def _time(clock: re.Match[str]) -> time | None:
    """Return the time that a clock shows; None where none does."""
    hour, half = int(clock["hour"]), (clock["half"] or "")[:1]
    if half and hour <= 12:
        hour = hour % 12 + (12 if half in {"p", "c"} else 0)
    try:
        return time(hour, int(clock["minute"] or clock["minutes"] or 0), int(clock["second"] or 0))
    except ValueError:
        return None


def _passed(words: str, zone: ZoneInfo, now: datetime) -> Told | None:
    for form, step in _AGO:
        if found := form.search(words):
            count = int(found["count"]) if found["count"].isdecimal() else 1
            return Told(now - count * step, is_vague=True) if count * step <= _LONGEST else None
    if _JUST_NOW.search(words):
        return Told(now, is_vague=True)
    found = _NAMED_DAY.search(words)
    if found is None:
        return None
    day = now.astimezone(zone).date() - timedelta(days=0 if found["today"] else 1)
    clock, said = _clock(words, found)
    moment = _time(clock) if clock else None
    if moment is None:
        # Some time of that day: not later than now.
        at = to_utc(datetime.combine(day, time(12)), None, zone)
        return Told(min(at, now), is_vague=True) if at else None
    at = to_utc(datetime.combine(day, moment), said, zone)
    return Told(at) if at else None
