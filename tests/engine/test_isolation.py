"""Worker processes that misbehave."""

import asyncio
import ctypes
import os
import pickle
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from feedsvc.engine.isolation import run_isolated
from feedsvc.errors import ConfigError, FetchError, InvalidConfigError, IsolationError, ParseError, QueryError
from feedsvc.model import Freshness


def run(function: Callable[..., object], *args: object, timeout_s: float = 10) -> object:
    return asyncio.run(run_isolated(function, *args, timeout_s=timeout_s))


def hang() -> None:
    while True:
        pass


def allocate() -> int:
    return len(bytearray(2_000_000_000))


def crash() -> None:
    ctypes.string_at(0)


def refuse() -> None:
    raise ParseError("one", "no feed")


class OddError(Exception):
    def __init__(self, first: int, second: int) -> None:
        super().__init__(f"{first} and {second}")


def raise_odd() -> None:
    raise OddError(1, 2)


def raise_timeout() -> None:
    raise TimeoutError("of its own")


def leave() -> None:
    sys.exit(3)


def tell_and_hang(place: str) -> None:
    Path(place).write_text(f"{os.getpid()}\n")
    hang()


def interrupt_self() -> str:
    os.kill(os.getpid(), signal.SIGINT)
    return "alive"


def test_a_result_comes_back() -> None:
    assert run(len, b"four") == 4


@pytest.mark.parametrize(
    ("function", "problem"),
    [
        (crash, "the worker process died"),
        (allocate, "needed more than 1000 MB of memory"),
        (raise_odd, "OddError: 1 and 2"),
        (leave, "ended by SystemExit"),
    ],
)
def test_what_a_worker_does_not_survive(function: Callable[[], object], problem: str) -> None:
    with pytest.raises(IsolationError) as caught:
        run(function)
    assert caught.value.problem == problem


def test_a_hung_worker_is_killed_and_the_next_call_works() -> None:
    async def both() -> int:
        with pytest.raises(IsolationError, match=r"took longer than 0\.5 s"):
            await run_isolated(hang, timeout_s=0.5)
        return await run_isolated(os.getppid, timeout_s=10)

    assert asyncio.run(both()) == os.getpid()


def test_exceptions_come_back_as_they_are() -> None:
    with pytest.raises(ParseError) as caught:
        run(refuse)
    assert (caught.value.source_id, caught.value.problem) == ("one", "no feed")
    with pytest.raises(TimeoutError, match="of its own"):
        run(raise_timeout)


def test_a_worker_does_not_hear_the_interrupt_key() -> None:
    assert run(interrupt_self) == "alive"


PARENT = """
import asyncio, pathlib, sys
from {module} import run_isolated
from {test} import tell_and_hang
asyncio.run(run_isolated(tell_and_hang, sys.argv[1], timeout_s=60))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs pidfd and PR_SET_PDEATHSIG")
def test_a_busy_worker_dies_with_a_killed_parent(tmp_path: Path) -> None:
    place = tmp_path / "pid"
    os.mkfifo(place)
    program = PARENT.format(module=run_isolated.__module__, test=Path(__file__).stem)
    path = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    with subprocess.Popen([sys.executable, "-c", program, str(place)], env=os.environ | {"PYTHONPATH": path}) as parent:
        worker = os.pidfd_open(int(place.read_text()))
        parent.kill()
    # Readable when the process has ended.
    ended, _, _ = select.select([worker], [], [], 10)
    os.close(worker)
    assert ended


@pytest.mark.parametrize(
    "error",
    [
        FetchError("one", "timed out", retryable=True, status=503, freshness=Freshness()),
        ConfigError("no", file="a.yaml", key="b", line=2, column=3),
        InvalidConfigError([ConfigError("no", file="a.yaml")]),
        QueryError("no", column=4),
        IsolationError("died"),
    ],
)
def test_our_exceptions_get_through_pickle(error: Exception) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), copy.args) == (type(error), str(error), error.args)
    assert repr(vars(copy)) == repr(vars(error))
