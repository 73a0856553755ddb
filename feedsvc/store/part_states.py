"""The documents that a source consists of beside its own, to bytes and back."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from feedsvc.model import PartState
from feedsvc.store.columns import EPOCH, microseconds

#: a form that is not known counts as nothing known
_FORM = 1


def pack(parts: Sequence[PartState]) -> bytes | None:
    if not parts:
        return None
    rows = [
        [each.url, each.etag, each.last_modified, each.body_hash.hex() if each.body_hash else None]
        + [_number(each.read_at), _number(each.not_before)]
        for each in parts
    ]
    # Validators may hold any byte, as halves of surrogate pairs: ASCII carries them.
    return json.dumps([_FORM, rows], separators=(",", ":")).encode("ascii")


def unpack(stored: bytes | None) -> tuple[PartState, ...]:
    form, rows = json.loads(stored) if stored else (_FORM, ())
    return tuple(_part(*row) for row in rows) if form == _FORM else ()


def _part(
    url: str,
    etag: str | None,
    last_modified: str | None,
    body_hash: str | None,
    *times: int | None,
) -> PartState:
    read_at, not_before = times
    return PartState(
        url=url,
        etag=etag,
        last_modified=last_modified,
        body_hash=bytes.fromhex(body_hash) if body_hash else None,
        read_at=_moment(read_at),
        not_before=_moment(not_before),
    )


def _number(moment: datetime | None) -> int | None:
    return microseconds(moment) if moment else None


def _moment(number: int | None) -> datetime | None:
    return None if number is None else EPOCH + timedelta(microseconds=number)
