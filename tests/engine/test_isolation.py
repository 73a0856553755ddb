"""Worker processes that misbehave."""

import asyncio
import ctypes
import gc
import os
import pickle
import select
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest
import uvloop

from feedsvc.engine.isolation import Workers
from feedsvc.engine.worker import TASKS
from feedsvc.errors import ConfigError, FetchError, InvalidConfigError, IsolationError, ParseError, QueryError
from feedsvc.model import Freshness

T = TypeVar("T")


def hang() -> None:
    while True:
        pass


def hang_in_c() -> None:
    sum(iter(int, 1))


def allocate() -> int:
    return len(bytearray(2_000_000_000))


def grow() -> int:
    return len(b"x" * 300_000_000)


def crash() -> None:
    ctypes.string_at(0)


def be_killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def quit_early() -> None:
    os._exit(3)


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


def give_what_cannot_be_sent() -> object:
    return lambda: None


def echo(value: bytes) -> bytes:
    return value


def tell_pids_and_hang(place: str) -> None:
    Path(place).write_text(f"{os.getpid()} {os.getppid()}\n")
    hang()


def interrupt_all() -> str:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(os.getpid(), number)
        os.kill(os.getppid(), number)
    return "alive"


def chatter() -> str:
    sys.stdout.write("in the way")
    os.system("echo as well")
    os.write(1, b"in C, too")
    os.write(2, b"and here")
    return sys.stdin.read()


def fork() -> None:
    if os.getuid() == 0:
        os.setuid(65534)  # root is not held to this limit
    os.fork()


def write_file(place: str) -> None:
    Path(place).write_text("anything")


def secret() -> str | None:
    return os.environ.get("FEEDSVC_STORAGE_URL")


async def call(workers: Workers, function: Callable[..., T], *args: object) -> T:
    return await workers.run(function, *args, timeout_s=60, cpu_s=30)


async def problem(workers: Workers, function: Callable[[], object], *, timeout_s: float = 60, cpu_s: float = 30) -> str:
    with pytest.raises(IsolationError) as caught:
        await workers.run(function, timeout_s=timeout_s, cpu_s=cpu_s)
    return caught.value.problem


@pytest.fixture(params=[asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Callable[[Callable[[Workers], Awaitable[None]]], None]:
    """Run what is given with workers, and look for what they left behind."""

    def run(work: Callable[[Workers], Awaitable[None]]) -> None:
        async def with_workers() -> None:
            # What earlier tests left open is closed first, or it would be closed meanwhile.
            gc.collect()
            before = open_files()
            async with Workers(__name__) as workers:
                await work(workers)
            # The loop's threads are the executor's.
            assert open_files() == before
            assert not has_children()

        request.param(with_workers())

    return run


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def has_children() -> bool:
    """Say whether there are processes of ours, zombies too."""
    return any(task.joinpath("children").read_text() for task in Path("/proc/self/task").iterdir())


def is_gone(pid: int) -> bool:
    """Wait until a process has ended that is not our child."""
    try:
        watched = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    # Readable when the process has ended.
    ended, _, _ = select.select([watched], [], [], 20)
    os.close(watched)
    return bool(ended)


Run = Callable[[Callable[[Workers], Awaitable[None]]], None]


def test_what_comes_back(run: Run) -> None:
    async def work(workers: Workers) -> None:
        assert await call(workers, len, b"four") == 4
        large = os.urandom(20_000_000)
        assert await call(workers, echo, large) == large
        with pytest.raises(ParseError) as caught:
            await call(workers, refuse)
        assert (caught.value.source_id, caught.value.problem) == ("one", "no feed")
        # The function's own, not our limit.
        with pytest.raises(TimeoutError, match="of its own"):
            await call(workers, raise_timeout)
        with pytest.raises(Exception, match="Can't pickle"):
            await call(workers, lambda: None)
        assert await problem(workers, raise_odd) == "OddError: 1 and 2"
        assert await problem(workers, leave) == "ended by SystemExit"
        with pytest.raises(AttributeError, match="Can't pickle"):
            await call(workers, give_what_cannot_be_sent)

    run(work)


def test_limits_and_deaths_are_told_apart(run: Run) -> None:
    async def work(workers: Workers) -> None:
        assert await problem(workers, hang, timeout_s=0.2) == "took longer than 0.2 s"
        assert await problem(workers, hang, cpu_s=0.2) == "needed more than 0.2 s of processor time"
        assert await problem(workers, hang_in_c, cpu_s=0.2) == "needed more than 0.2 s of processor time"
        assert await problem(workers, allocate) == "needed more than 1000 MB of memory"
        assert await problem(workers, crash) == "the worker process crashed: Segmentation fault"
        killed = "the worker process was killed; perhaps the machine ran out of memory"
        assert await problem(workers, be_killed) == killed
        assert await problem(workers, quit_early) == "the worker process ended by itself, with 3"
        # What earlier tasks used is not counted.
        for _ in range(3):
            await workers.run(use_processor, timeout_s=60, cpu_s=1)

    run(work)


def use_processor() -> None:
    end = time.process_time() + 0.5
    while time.process_time() < end:
        pass


def test_workers_are_replaced(run: Run) -> None:
    async def work(workers: Workers) -> None:
        pids = [await call(workers, os.getpid) for _ in range(2 * TASKS)]
        assert len(set(pids)) == 2
        assert pids.count(pids[0]) == TASKS
        assert is_gone(pids[0])
        grown, template = await call(workers, os.getpid), await call(workers, os.getppid)
        await call(workers, grow)
        idle = await call(workers, os.getpid)
        assert idle != grown
        os.kill(idle, signal.SIGKILL)
        assert is_gone(idle)
        assert await call(workers, os.getpid) != idle
        os.kill(template, signal.SIGKILL)
        assert is_gone(template)
        assert await call(workers, os.getppid) != template

    run(work)


def test_whoever_gives_up_frees_the_worker(run: Run, tmp_path: Path) -> None:
    place = tmp_path / "pids"
    os.mkfifo(place)

    async def work(workers: Workers) -> None:
        for _ in range(10):
            task = asyncio.create_task(call(workers, tell_pids_and_hang, str(place)))
            pid, _ = (await asyncio.to_thread(place.read_text)).split()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert is_gone(int(pid))
        assert await call(workers, len, b"four") == 4

    run(work)


def test_what_a_worker_may_not_do(
    run: Run, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEEDSVC_STORAGE_URL", "postgresql://user:password@host/name")

    async def work(workers: Workers) -> None:
        assert await call(workers, interrupt_all) == "alive"
        assert await call(workers, chatter) == ""
        assert await call(workers, secret) is None
        with pytest.raises(OSError, match="File too large"):
            await call(workers, write_file, str(tmp_path / "file"))
        with pytest.raises(BlockingIOError):
            await call(workers, fork)

    run(work)
    assert capfd.readouterr() == ("", "")


PARENT = """
import asyncio, sys
from {module} import Workers
from {test} import tell_pids_and_hang

async def main():
    async with Workers() as workers:
        await asyncio.gather(workers.run(len, b"", timeout_s=60, cpu_s=60),
                             workers.run(tell_pids_and_hang, sys.argv[1], timeout_s=60, cpu_s=60))

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs pidfd and PR_SET_PDEATHSIG")
@pytest.mark.parametrize("victim", ["parent", "template"])
def test_a_busy_worker_dies_with_what_it_came_from(tmp_path: Path, victim: str) -> None:
    place = tmp_path / "pids"
    os.mkfifo(place)
    program = PARENT.format(module=Workers.__module__, test=Path(__file__).stem)
    path = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    with subprocess.Popen(
        [sys.executable, "-c", program, str(place)], env=os.environ | {"PYTHONPATH": path}, stderr=subprocess.DEVNULL
    ) as parent:
        worker, template = map(int, place.read_text().split())
        os.kill(parent.pid if victim == "parent" else template, signal.SIGKILL)
    assert is_gone(worker)
    assert is_gone(template)


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
