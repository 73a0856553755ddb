"""Reads what is sent to us, without letting who sends slowly take the threads that answer everybody else.

Nothing here ends a body that never comes: the server's streams cannot be told to give up, and one that is still read
when its request is answered stops the whole process (granian 2). A proxy in front that takes in bodies first ends them.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

#: read at once, of each sender one; the server has as many threads beyond those that answer others
PUSHES_AT_ONCE = 4
#: how long a turn is waited for
TURN_S = 0.5

_CHUNK = 65_536


class Stream(Protocol):
    """What a server offers to read from."""

    def read(self, size: int, /) -> bytes: ...


class TooLargeError(Exception):
    """More is sent than is taken."""


class BusyError(Exception):
    """Others are sending, and take long."""


class Bodies:
    """Reads a few bodies at once."""

    def __init__(self, turn_s: float = TURN_S) -> None:
        self._turn_s = turn_s
        self._senders: set[str] = set()
        self._changed = threading.Condition()

    def read(self, sender: str, stream: Stream, announced: int | None, limit: int) -> bytes:
        """Return all that is sent, up to so many bytes. Raises TooLargeError and BusyError."""
        if (announced or 0) > limit:
            raise TooLargeError
        with self._turn(sender):
            return _read(stream, limit)

    @contextmanager
    def _turn(self, sender: str) -> Iterator[None]:
        with self._changed:
            if not self._changed.wait_for(lambda: self._has_room(sender), self._turn_s):
                raise BusyError
            self._senders.add(sender)
        try:
            yield
        finally:
            with self._changed:
                self._senders.discard(sender)
                self._changed.notify_all()

    def _has_room(self, sender: str) -> bool:
        return sender not in self._senders and len(self._senders) < PUSHES_AT_ONCE


def _read(stream: Stream, limit: int) -> bytes:
    parts, size = [], 0
    while part := stream.read(_CHUNK):
        parts.append(part)
        size += len(part)
        if size > limit:
            raise TooLargeError
    return b"".join(parts)
