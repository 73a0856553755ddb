"""Column types that mean the same in SQLite and PostgreSQL."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Dialect, Integer, LargeBinary, Text, TypeDecorator
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

#: a 64-bit number; in SQLite only INTEGER can be the row's own key
NUMBER = BigInteger().with_variant(Integer(), "sqlite")

_MICROSECOND = timedelta(microseconds=1)
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def storable(text: str) -> str:
    """Replace what a database refuses in text by U+FFFD: NUL (PostgreSQL) and unpaired surrogates (both)."""
    # Escapes in JSON and stray bytes in badly labelled feeds bring both; losing one character beats losing the entry.
    return text if text.isprintable() else _UNSTORABLE.sub("\ufffd", text)


def microseconds(moment: datetime) -> int:
    """Return the time since 1970 as it is stored."""
    return (moment - EPOCH) // _MICROSECOND


class PlainText(TypeDecorator[str]):
    """Text of any origin, made storable."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime as microseconds since 1970: exact, compact in keys, and compared as a number."""

    impl = NUMBER
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Id(TypeDecorator[UUID]):
    """A UUID in 16 bytes. Both databases sort it as Python does."""

    impl = LargeBinary(16)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        kind: TypeEngine[Any] = postgresql.UUID() if dialect.name == "postgresql" else LargeBinary(16)
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> UUID | bytes | None:
        return value if value is None or dialect.name == "postgresql" else value.bytes

    def process_result_value(self, value: UUID | bytes | None, dialect: Dialect) -> UUID | None:
        return UUID(bytes=value) if isinstance(value, bytes) else value
