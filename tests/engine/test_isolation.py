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


async def problem(function: Callable[[], object], timeout_s: float = 30) -> str:
    with pytest.raises(IsolationError) as caught:
        await run_isolated(function, timeout_s=timeout_s)
    return caught.value.problem


def test_what_comes_back_from_a_worker() -> None:
    async def run() -> None:
        assert await run_isolated(len, b"four", timeout_s=30) == 4
        assert await run_isolated(os.getppid, timeout_s=30) == os.getpid()
        with pytest.raises(ParseError) as caught:
            await run_isolated(refuse, timeout_s=30)
        assert (caught.value.source_id, caught.value.problem) == ("one", "no feed")
        # The function's own, not our limit.
        with pytest.raises(TimeoutError, match="of its own"):
            await run_isolated(raise_timeout, timeout_s=30)
        assert await problem(allocate) == "needed more than 1000 MB of memory"
        assert await problem(raise_odd) == "OddError: 1 and 2"
        assert await problem(leave) == "ended by SystemExit"
        assert await run_isolated(interrupt_self, timeout_s=30) == "alive"

    asyncio.run(run())


def test_a_worker_that_dies_or_hangs_is_replaced() -> None:
    async def run() -> None:
        first = await run_isolated(os.getpid, timeout_s=30)
        assert await problem(crash) == "the worker process died"
        second = await run_isolated(os.getpid, timeout_s=30)
        assert await problem(hang, 0.2) == "took longer than 0.2 s"
        assert len({first, second, os.getpid()}) == 3
        with pytest.raises(ProcessLookupError):
            os.kill(second, 0)

    asyncio.run(run())


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
