"""Reads what is sent to us, without letting who sends slowly take the threads that answer everybody else."""

import threading
from dataclasses import dataclass, field
from typing import Protocol

#: read at once; the server has as many threads beyond those that answer others
PUSHES_AT_ONCE = 2
#: how long a turn is waited for, and how long all of a body may take
TURN_S, WITHIN_S = 0.5, 10.0

_CHUNK = 65_536


class Stream(Protocol):
    """What a server offers to read from."""

    def read(self, size: int, /) -> bytes: ...


class TooLargeError(Exception):
    """More is sent than is taken."""


class TooSlowError(Exception):
    """It did not come in time, or others were being read."""


@dataclass(slots=True)
class _Reading:
    stream: Stream
    limit: int
    body: bytes = b""
    error: Exception | None = None
    done: threading.Event = field(default_factory=threading.Event)

    def run(self, turns: threading.Semaphore) -> None:
        try:
            self._read()
        except Exception as error:
            # Raised again by whoever waits.
            self.error = error
        finally:
            turns.release()
            self.done.set()

    def _read(self) -> None:
        parts, size = [], 0
        while part := self.stream.read(_CHUNK):
            parts.append(part)
            size += len(part)
            if size > self.limit:
                raise TooLargeError
        self.body = b"".join(parts)


class Bodies:
    """Reads a few bodies at once, each within seconds."""

    def __init__(self, within_s: float = WITHIN_S) -> None:
        self._turns, self._within_s = threading.Semaphore(PUSHES_AT_ONCE), within_s

    def read(self, stream: Stream, announced: int | None, limit: int) -> bytes:
        """Return all that is sent, up to so many bytes. Raises TooLargeError and TooSlowError."""
        if (announced or 0) > limit:
            raise TooLargeError
        if not self._turns.acquire(timeout=TURN_S):
            raise TooSlowError
        reading = _Reading(stream, limit)
        # A server's stream cannot be told to give up; the thread ends with the connection.
        threading.Thread(target=reading.run, args=(self._turns,), name="body", daemon=True).start()
        if not reading.done.wait(self._within_s):
            raise TooSlowError
        if reading.error is not None:
            raise reading.error
        return reading.body
