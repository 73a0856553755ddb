"""The check that every value type with times makes."""

from dataclasses import fields
from datetime import datetime, timedelta


class Checked:
    """Refuses naive and non-UTC datetimes at construction, in every field of the value types below."""

    __slots__ = ()

    def __post_init__(self) -> None:
        for field in fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if isinstance(value, datetime) and value.utcoffset() != timedelta(0):
                raise ValueError(f"{type(self).__name__}.{field.name} must be in UTC: {value!r}")
