"""Typed access to feedparser's dictionaries.

Any element of a document can put a value of any type under any key (`<links a="b">` makes `links` a dictionary), and
feedparser's own `get` answers `updated` with `published`: so `dict.get` and a check at each access.
"""

from datetime import UTC, datetime

from feedsvc.parse.reading import Reading
from feedsvc.parse.texts import clean, plain_text

#: A FeedParserDict.
Fields = dict[str, object]


def text(fields: Fields, key: str) -> str | None:
    """Return a string verbatim but for control characters and outer white space."""
    return clean(dict.get(fields, key))


def value(detail: Fields) -> str | None:
    """Return the `text` of a detail, unlooked at where it is known to be clean: it may be all of an article."""
    said = dict.get(detail, "value")
    if dict.get(detail, "is_clean") is True and isinstance(said, str):
        return said.strip() or None
    return clean(said)


def part(fields: Fields, key: str) -> Fields:
    """Return a dictionary, an empty one where there is none."""
    value = dict.get(fields, key)
    return value if isinstance(value, dict) else {}


def parts(fields: Fields, key: str) -> list[Fields]:
    """Return a list of dictionaries."""
    value = dict.get(fields, key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def words(fields: Fields, key: str) -> str | None:
    """Return a text construct as plain text: markup goes where the construct is said, or looks, to have some."""
    value, detail = text(fields, key), part(fields, f"{key}_detail")
    if value is None or (detail and dict.get(detail, "type") == "text/plain" and text(detail, "value") == value):
        return value
    return plain_text(value)


def date(fields: Fields, key: str, reading: Reading) -> datetime | None:
    """Return a time in UTC."""
    return reading.date(dict.get(fields, key), _utc(dict.get(fields, f"{key}_parsed")))


def _utc(value: object) -> datetime | None:
    if not isinstance(value, tuple) or len(value) < 6:
        return None
    try:
        return datetime(*(int(number) for number in value[:6]), tzinfo=UTC)  # type: ignore[misc, arg-type]
    except (TypeError, ValueError, OverflowError):
        return None
