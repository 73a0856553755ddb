"""Rhythms to bytes and back: they are read and written at every poll."""

import struct
from datetime import timedelta

from feedsvc.model import Rhythm
from feedsvc.store.columns import EPOCH, microseconds

#: a form that is not known counts as nothing known
_FORM = 1
#: form, first and latest publication, counts, proofs, hours, shape; then the zone's name
_FIXED = struct.Struct("<Bqq3d3d168s168s")


def pack(rhythm: Rhythm | None) -> bytes | None:
    if rhythm is None:
        return None
    times = microseconds(rhythm.since), microseconds(rhythm.last)
    fixed = _FIXED.pack(_FORM, *times, *rhythm.counts, *rhythm.proofs, rhythm.hours, rhythm.shape)
    return fixed + rhythm.zone.encode()


def unpack(stored: bytes | None) -> Rhythm | None:
    if stored is None or stored[0] != _FORM:
        return None
    _, since, last, *numbers, hours, shape = _FIXED.unpack_from(stored)
    return Rhythm(
        zone=stored[_FIXED.size :].decode(),
        since=EPOCH + timedelta(microseconds=since),
        last=EPOCH + timedelta(microseconds=last),
        counts=tuple(numbers[:3]),
        proofs=tuple(numbers[3:]),
        hours=hours,
        shape=shape,
    )
