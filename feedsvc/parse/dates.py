"""Dates as publishers write them; pages have them too, so they are read outside of this package."""

from feedsvc.dates import is_read, parse_date, plausible

__all__ = ["is_read", "parse_date", "plausible"]
