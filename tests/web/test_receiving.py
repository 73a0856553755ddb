"""Bodies that come slowly, or not at all."""

import io
import threading

import pytest

from feedsvc.web.receiving import PUSHES_AT_ONCE, Bodies, BusyError, TooLargeError


class Silent:
    """Gives nothing until it is told to."""

    def __init__(self, told: threading.Event) -> None:
        self.told, self.is_read = told, threading.Event()

    def read(self, size: int, /) -> bytes:
        self.is_read.set()
        self.told.wait(30)
        return b""


def test_what_is_sent_is_read_up_to_a_limit() -> None:
    bodies = Bodies()
    assert bodies.read("a", io.BytesIO(b"x" * 100_000), 100_000, 100_000) == b"x" * 100_000
    assert bodies.read("a", io.BytesIO(b""), None, 0) == b""
    for announced in (100_001, None):
        with pytest.raises(TooLargeError):
            bodies.read("a", io.BytesIO(b"x" * 100_001), announced, 100_000)


def test_those_who_send_slowly_keep_few_threads() -> None:
    bodies, told = Bodies(turn_s=0.01), threading.Event()
    threads = []
    for n in range(PUSHES_AT_ONCE):
        slow = Silent(told)
        threads.append(threading.Thread(target=bodies.read, args=(str(n), slow, 1, 9)))
        threads[-1].start()
        assert slow.is_read.wait(30)
        with pytest.raises(BusyError):
            bodies.read(str(n), io.BytesIO(b"x"), 1, 9)
    with pytest.raises(BusyError):
        bodies.read("another", io.BytesIO(b"x"), 1, 9)
    told.set()
    for thread in threads:
        thread.join()
    assert bodies.read("another", io.BytesIO(b"x"), 1, 9) == b"x"
