"""What calling a function in a worker process costs: ours beside anyio's, on both loops.

For a task of nothing, for a document of 92 KB that is sent, and for one that is read: tasks a second, and milliseconds
of the parent's processor for each. Then how long a first worker takes to start, and how long one in another's place.

python -m tests.benchmarks.isolation
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from functools import partial

import anyio
import uvloop
from anyio import to_process

from feedsvc.engine.isolation import Workers
from feedsvc.reading import read
from tests.benchmarks.parse import RSS, SOURCE, WORDPRESS, generated

Run = Callable[..., Awaitable[object]]

DOCUMENT = generated(RSS, WORDPRESS, 8)
TASKS: dict[str, tuple[Callable[..., object], tuple[object, ...], int]] = {
    "nothing": (len, (b"abc",), 2000),
    "92 KB sent": (len, (DOCUMENT.body,), 2000),
    "92 KB read": (read, (DOCUMENT, SOURCE), 200),
}


async def measure(name: str, run: Run) -> None:
    started = time.perf_counter()
    await run(read, DOCUMENT, SOURCE)
    first = time.perf_counter() - started
    # All of them are started now.
    await asyncio.gather(*(run(read, DOCUMENT, SOURCE) for _ in range(8)))
    figures = []
    for task, (function, args, count) in TASKS.items():
        started, used = time.perf_counter(), time.process_time()
        await asyncio.gather(*(run(function, *args) for _ in range(count)))
        rate, cost = count / (time.perf_counter() - started), (time.process_time() - used) / count * 1000
        figures.append(f"{task} {rate:6.0f}/s at {cost:.2f} ms")
    deaths = (run(signal.raise_signal, signal.SIGKILL) for _ in range(8))
    await asyncio.gather(*deaths, return_exceptions=True)
    started = time.perf_counter()
    await run(read, DOCUMENT, SOURCE)
    again = time.perf_counter() - started
    sys.stdout.write(f"{name:14}{'; '.join(figures)}; first {first:.2f} s, after deaths {again:.3f} s\n")


async def ours(name: str) -> None:
    async with Workers("feedsvc.reading") as workers:
        await measure(name, partial(workers.run, timeout_s=60, cpu_s=30))


async def anyios(name: str) -> None:
    limiter = anyio.CapacityLimiter(min(len(os.sched_getaffinity(0)), 8))
    await measure(name, partial(to_process.run_sync, cancellable=True, limiter=limiter))


def main() -> None:
    for loop, run in (("asyncio", asyncio.run), ("uvloop", uvloop.run)):
        run(anyios(f"anyio {loop}"))
        run(ours(f"ours {loop}"))


if __name__ == "__main__":
    main()
