"""Values on their way between processes, as pickles that are quickly written and read.

A frozen dataclass with slots is pickled by functions that look up its fields for every single value: of a feed with
forty new entries, most of what its reading cost the loop. Here that is looked up once for each class. As there, values
that come from a process of ours are not checked again.
"""

import pickle
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import cache
from io import BytesIO
from operator import attrgetter
from types import MemberDescriptorType
from typing import Any


def packed(value: object) -> bytes:
    """Return a pickle. Raises what pickling raises."""
    written = BytesIO()
    _Pickler(written, pickle.HIGHEST_PROTOCOL).dump(value)
    return written.getvalue()


def rebuilt(kind: type, values: tuple[object, ...]) -> object:
    """Return a dataclass's value, its fields given in their order."""
    made: object = object.__new__(kind)
    for put, value in zip(_setters(kind), values):  # noqa: B905 - by position, of one and the same class
        put(made, value)
    return made


class _Pickler(pickle.Pickler):
    def reducer_override(self, value: object) -> Any:
        kind: type[Any] = type(value)
        get = _getter(kind)  # type: ignore[arg-type]
        return NotImplemented if get is None else (rebuilt, (kind, get(value)))


@cache
def _getter(kind: type[Any]) -> Callable[[object], tuple[object, ...]] | None:
    """Return what reads all fields, of a frozen dataclass that is nothing but two slots or more; else None."""
    if not is_dataclass(kind) or not kind.__dataclass_params__.frozen:  # type: ignore[attr-defined]
        return None
    names = [field.name for field in fields(kind)]
    is_slotted = kind.__dictoffset__ == 0 and all(
        isinstance(getattr(kind, n, None), MemberDescriptorType) for n in names
    )
    return attrgetter(*names) if is_slotted and len(names) > 1 else None


@cache
def _setters(kind: type[Any]) -> tuple[Callable[..., None], ...]:
    return tuple(getattr(kind, field.name).__set__ for field in fields(kind))
