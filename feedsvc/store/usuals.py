"""What is usual for sources, to bytes and back: it is read and written at every poll."""

import struct
from datetime import datetime, timedelta

from feedsvc.model import Band, Portion, Usual
from feedsvc.store.columns import EPOCH, microseconds

#: a form that is not known counts as nothing known
_FORM = 1
_BANDS = ("entries", "new", "dated", "words", "copies", "pages")
#: mean, spread, weight, last; strikes, since
_BAND = struct.Struct("<4fBq")
#: form, released, gaps, the longest, releases, when something new was found; the portion
_REST = struct.Struct("<BBHffqHfHHH")
_MOST = 65_535
_NEVER = -1


def pack(usual: Usual | None) -> bytes | None:
    if usual is None:
        return None
    bands = (getattr(usual, name) for name in _BANDS)
    packed = (_BAND.pack(b.mean, b.spread, b.weight, b.last, min(b.strikes, 255), _time(b.since)) for b in bands)
    portion = usual.portion
    rest = _REST.pack(
        _FORM,
        usual.released,
        min(usual.gaps, _MOST),
        usual.longest_s,
        usual.releases,
        _time(usual.found_at),
        min(portion.entries, _MOST),
        portion.words,
        min(portion.copies, _MOST),
        min(portion.pages, _MOST),
        min(portion.pages_read, _MOST),
    )
    return rest + b"".join(packed)


def unpack(stored: bytes | None) -> Usual | None:
    if stored is None or stored[0] != _FORM:
        return None
    _, released, gaps, longest_s, releases, found_at, entries, words, *counts = _REST.unpack_from(stored)
    bands = {name: _band(stored, _REST.size + at * _BAND.size) for at, name in enumerate(_BANDS)}
    return Usual(
        **bands,
        portion=Portion(entries=entries, words=words, copies=counts[0], pages=counts[1], pages_read=counts[2]),
        longest_s=longest_s,
        gaps=gaps,
        found_at=_moment(found_at),
        releases=releases,
        released=bool(released),
    )


def _band(stored: bytes, offset: int) -> Band:
    mean, spread, weight, last, strikes, since = _BAND.unpack_from(stored, offset)
    return Band(mean=mean, spread=spread, weight=weight, last=last, strikes=strikes, since=_moment(since))


def _time(moment: datetime | None) -> int:
    return _NEVER if moment is None else microseconds(moment)


def _moment(number: int) -> datetime | None:
    return None if number == _NEVER else EPOCH + timedelta(microseconds=number)
