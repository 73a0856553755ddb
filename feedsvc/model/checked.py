"""The check that every value type with times makes."""

from dataclasses import fields
from datetime import datetime, timedelta
from functools import cache
from typing import get_args

_UTC = timedelta(0)


class Checked:
    """Refuses naive and non-UTC datetimes at construction, in every field of the value types below."""

    __slots__ = ()

    def __post_init__(self) -> None:
        for name in _times(type(self)):  # type: ignore[arg-type]
            value = getattr(self, name)
            if value is not None and value.utcoffset() != _UTC:
                raise ValueError(f"{type(self).__name__}.{name} must be in UTC: {value!r}")


@cache
def _times(kind: type[Checked]) -> tuple[str, ...]:
    """Return the fields of a type that hold times: looked up once, since values are made by the thousand."""
    found = fields(kind)  # type: ignore[arg-type]
    return tuple(field.name for field in found if datetime in {field.type, *get_args(field.type)})
