"""The documents that a source consists of beside its own, to bytes and back."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from feedsvc.model import PartState
from feedsvc.store.columns import EPOCH, microseconds

#: a form that is not known counts as nothing known
_FORM = 1


def pack(parts: Sequence[PartState]) -> bytes | None:
    if not parts:
        return None
    # Validators may hold any byte, as halves of surrogate pairs: ASCII carries them.
    return json.dumps({"form": _FORM, "parts": [_row(each) for each in parts]}).encode("ascii")


def unpack(stored: bytes | None) -> tuple[PartState, ...]:
    kept = json.loads(stored) if stored else {}
    return tuple(_part(row) for row in kept["parts"]) if kept.get("form") == _FORM else ()


def _row(part: PartState) -> Mapping[str, str | int | None]:
    return {
        "url": part.url,
        "is_news": part.is_news,
        "etag": part.etag,
        "last_modified": part.last_modified,
        "body_hash": part.body_hash.hex() if part.body_hash else None,
        "read_at": microseconds(part.read_at) if part.read_at else None,
        "not_before": microseconds(part.not_before) if part.not_before else None,
    }


def _part(row: Mapping[str, Any]) -> PartState:
    return PartState(
        url=row["url"],
        is_news=row["is_news"],
        etag=row["etag"],
        last_modified=row["last_modified"],
        body_hash=bytes.fromhex(row["body_hash"]) if row["body_hash"] else None,
        read_at=_moment(row["read_at"]),
        not_before=_moment(row["not_before"]),
    )


def _moment(number: int | None) -> datetime | None:
    return None if number is None else EPOCH + timedelta(microseconds=number)
