"""Dates as people write them, in the site's time zone."""

from datetime import datetime, tzinfo
from types import MappingProxyType

from babel.dates import format_datetime

#: 03/09 is a day in September to one half of the English readers, and in March to the other.
_DAYS = MappingProxyType({"vi": "dd/MM/y", "en": "d MMMM y"})
_SHORT_DAYS = MappingProxyType({"vi": "dd/MM/y", "en": "d MMM y"})


def full(at: datetime, zone: tzinfo, locale: str) -> str:
    """Return `Thứ sáu, 25/04/2025 | 05:00 GMT+7`, `Friday, 25 April 2025 | 05:00 GMT+7`."""
    there = at.astimezone(zone)
    return f"{day(at, zone, locale)} | {there:%H:%M} {_offset(there)}"


def day(at: datetime, zone: tzinfo, locale: str) -> str:
    """Return `Thứ sáu, 25/04/2025`, `Friday, 25 April 2025`."""
    there = at.astimezone(zone)
    # Vietnamese writes "Thứ sáu"; CLDR has it as a title, "Thứ Sáu".
    weekday = format_datetime(there, "EEEE", locale=locale).capitalize()
    return f"{weekday}, {format_datetime(there, _DAYS[locale], locale=locale)}"


def short(at: datetime, zone: tzinfo, locale: str) -> str:
    """Return `25/04/2025 | 05:00`, `25 Apr 2025 | 05:00`."""
    there = at.astimezone(zone)
    return f"{format_datetime(there, _SHORT_DAYS[locale], locale=locale)} | {there:%H:%M}"


def _offset(at: datetime) -> str:
    """Return `GMT+7`, `GMT+5:30`, `GMT`: how far the zone is from Greenwich on that day."""
    offset = at.utcoffset()
    minutes = round(offset.total_seconds() / 60) if offset else 0
    if not minutes:
        return "GMT"
    hours, rest = divmod(abs(minutes), 60)
    return f"GMT{'+' if minutes > 0 else '-'}{hours}{f':{rest:02}' if rest else ''}"
