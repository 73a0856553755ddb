"""Bodies that come slowly, or not at all."""

import io
import threading

import pytest

from feedsvc.web.receiving import PUSHES_AT_ONCE, Bodies, TooLargeError, TooSlowError


class Silent:
    """Gives nothing until it is told to."""

    def __init__(self) -> None:
        self.told = threading.Event()

    def read(self, size: int, /) -> bytes:
        self.told.wait(30)
        return b""


def test_what_is_sent_is_read_up_to_a_limit() -> None:
    bodies = Bodies()
    assert bodies.read(io.BytesIO(b"x" * 100_000), 100_000, 100_000) == b"x" * 100_000
    assert bodies.read(io.BytesIO(b""), None, 0) == b""
    for announced in (100_001, None):
        with pytest.raises(TooLargeError):
            bodies.read(io.BytesIO(b"x" * 100_001), announced, 100_000)


def test_those_who_send_slowly_wait_for_each_other_and_nobody_else_does() -> None:
    bodies, slow = Bodies(within_s=0.01), Silent()
    for _ in range(PUSHES_AT_ONCE + 1):
        with pytest.raises(TooSlowError):
            bodies.read(slow, 1, 9)
    slow.told.set()
    assert bodies.read(io.BytesIO(b"x"), 1, 9) == b"x"


def test_a_connection_that_breaks_is_the_requests_fault() -> None:
    class Broken:
        def read(self, size: int, /) -> bytes:
            raise OSError("reset")

    with pytest.raises(OSError, match="reset"):
        Bodies().read(Broken(), None, 9)
