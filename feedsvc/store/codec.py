"""Values to bytes and back: compact JSON, what equals its default left out, times in ISO 8601.

Bytes hold any text in both databases, NUL included; unpaired surrogates become U+FFFD, since no document that we
publish could carry them. A field that a stored value does not name gets its default, so a new field needs no
migration; a field that is gone is passed over.
"""

import json
import types
import zlib
from collections.abc import Callable, Hashable
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from feedsvc.store.columns import storable

T = TypeVar("T")
_Convert = Callable[[Any], Any]

#: longer payloads are compressed; shorter ones cost more processor time than they save in pages (see the benchmark)
COMPRESS_FROM_BYTES = 10_000

_MICROSECOND = timedelta(microseconds=1)
_COMPRESSED = b"\x78"  # zlib's first byte; JSON never starts with it


def encode(value: Hashable) -> bytes:
    """Return a value type, or a tuple of them, as bytes; equal values give equal bytes."""
    text = json.dumps(_writer(type(value))(value), ensure_ascii=False, separators=(",", ":"), check_circular=False)
    try:
        body = text.encode()
    except UnicodeEncodeError:
        body = storable(text).encode()
    return zlib.compress(body, 1) if len(body) >= COMPRESS_FROM_BYTES else body


def decode(kind: type[T], body: bytes) -> T:
    """Return the value that `encode` was given."""
    value: T = _reader(cast(Hashable, kind))(json.loads(zlib.decompress(body) if body[:1] == _COMPRESSED else body))
    return value


def _same(value: Any) -> Any:
    return value


@cache
def _writer(kind: Any) -> _Convert:
    kind = _without_none(kind)
    if is_dataclass(kind):
        return _dataclass_writer(kind)
    if get_origin(kind) is tuple:
        write = _writer(get_args(kind)[0])
        return list if write is _same else lambda values: [write(value) for value in values]
    if kind is datetime:
        return datetime.isoformat
    if kind is timedelta:
        return lambda value: value // _MICROSECOND
    return _same


@cache
def _reader(kind: Any) -> _Convert:
    kind = _without_none(kind)
    if is_dataclass(kind):
        return _dataclass_reader(kind)
    if get_origin(kind) is tuple:
        read = _reader(get_args(kind)[0])
        return tuple if read is _same else lambda values: tuple(read(value) for value in values)
    if kind is datetime:
        return datetime.fromisoformat
    if kind is timedelta:
        return lambda value: timedelta(microseconds=value)
    if kind not in {str, int, float, bool} and get_origin(kind) is not Literal:
        raise TypeError(f"the codec does not know {kind!r}")
    return _same


def _without_none(kind: Any) -> Any:
    if get_origin(kind) not in {Union, types.UnionType}:
        return kind
    (kind,) = (part for part in get_args(kind) if part is not type(None))
    return kind


def _dataclass_writer(kind: Any) -> _Convert:
    hints = get_type_hints(kind)
    parts = [(field.name, _default(field), _writer(hints[field.name])) for field in fields(kind)]

    def write(value: Any) -> dict[str, Any]:
        found = ((name, getattr(value, name), default, convert) for name, default, convert in parts)
        return {
            name: None if part is None else convert(part) for name, part, default, convert in found if part != default
        }

    return write


def _default(field: Field[Any]) -> Any:
    return MISSING if field.default is MISSING else field.default


def _dataclass_reader(kind: Any) -> _Convert:
    hints = get_type_hints(kind)
    converts = {field.name: _reader(hints[field.name]) for field in fields(kind)}

    def read(stored: dict[str, Any]) -> Any:
        known = ((name, part) for name, part in stored.items() if name in converts)
        return kind(**{name: None if part is None else converts[name](part) for name, part in known})

    return read
