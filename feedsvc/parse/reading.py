"""What the readers of all formats share: the circumstances of one document."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from feedsvc.model import DeletedEntry, Entry, FeedInfo, Link
from feedsvc.parse.addresses import absolute
from feedsvc.parse.dates import parse_date, plausible
from feedsvc.parse.texts import clean

#: What lies beyond is counted as skipped. The longest real feed seen has 1,046 entries.
MAX_ENTRIES = 10_000
#: Larger numbers are no size of anything, and no database column holds them.
_MAX_NUMBER = 2**53


class NotAFeedError(Exception):
    """Why, in words, a document cannot be read; `parse` makes a ParseError of it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Where a document was found and when, and what its dates without a zone mean."""

    base: str
    zone: ZoneInfo
    fetched_at: datetime
    #: the whole document, where a reader has to look something up in it
    text: str = ""

    def date(self, raw: object, fallback: datetime | None = None) -> datetime | None:
        """Return a plausible time in UTC, else None."""
        said = clean(raw)
        return plausible(parse_date(said, self.zone, fallback), self.fetched_at) if said else None

    def link(self, href: object, *, rel: str = "alternate", type: str | None = None) -> tuple[Link, ...]:
        """Return one link, or none for a bad address."""
        address = absolute(href, self.base)
        return () if address is None else (Link(href=address, rel=rel, type=type),)


@dataclass(frozen=True, slots=True)
class XmlText:
    """What a reader of XML gets: `body` is UTF-8 and begins with the root element."""

    body: bytes
    #: a document type declaration with what the document declares and may use, or nothing
    entities: bytes
    #: what the response's header says
    language: str | None
    #: what addresses are resolved against, "" where they are not
    base: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a reader of XML makes of a document."""

    info: FeedInfo
    entries: Sequence[Entry]
    deleted: tuple[DeletedEntry, ...]
    #: it is a feed of a known format
    is_known: bool
    #: why it is malformed
    problem: object = None


def whole_number(value: object) -> int | None:
    """Return a count from an int, a float or a string of digits; None for anything else."""
    if value is None:
        return None
    if isinstance(value, str):
        digits = value.strip()
        value = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 17 else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _MAX_NUMBER:
        return None
    return int(value)


def seconds(value: object) -> int | None:
    """Return a duration from seconds, `MM:SS` or `HH:MM:SS`."""
    if value is None:
        return None
    parts = value.split(":") if isinstance(value, str) else [value]
    numbers = [whole_number(part) for part in parts]
    total = 0
    for number in numbers:
        if number is None or len(numbers) > 3:
            return None
        total = total * 60 + number
    return total if total < _MAX_NUMBER else None
