"""Calls functions in worker processes that can be killed: a poisonous document costs one call, not the service."""

import asyncio
import os
import pickle
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self, TypeVar, TypeVarTuple

from feedsvc.engine.crossing import packed
from feedsvc.engine.worker import ENDED, READY, REPLY, REQUEST, Raised
from feedsvc.errors import IsolationError

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

#: more workers than this gain nothing: the parent has to send and receive as well
MAX_WORKERS = 8

#: a machine where this is not enough to start one does nothing else either
START_TIMEOUT_S = 60.0

#: results larger than this are unpickled beside the loop
LARGE_BYTES = 1_000_000

#: where modules are looked for is the same as here; this program's main module is not imported
TEMPLATE = """
import sys
_, control, modules, *sys.path = sys.argv
from feedsvc.engine.worker import main
main(int(control), modules.split())
"""

#: signals by which a worker ends, in words
SIGNALS = {
    signal.SIGPROF: "needed more than {cpu_s:g} s of processor time",
    signal.SIGKILL: "the worker process was killed; perhaps the machine ran out of memory",
}


class Workers:
    """Processes that call functions, as many as there are processors; an asynchronous context manager.

    None is started before it is needed. They end with the process that has them, even when it is killed, and do not
    hear Ctrl-C: their parent decides.
    """

    def __init__(self, *modules: str, fewer: int = 0) -> None:
        """`modules`: what functions need, loaded once for all workers. `fewer`: than there would be."""
        self._modules = modules
        self._room = asyncio.Semaphore(max(1, min(_processors(), MAX_WORKERS) - fewer))
        self._idle: list[_Worker] = []
        self._template: _Template | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        while self._idle:
            self._idle.pop().close()
        if self._template is not None:
            self._template.let_go()
            await asyncio.to_thread(self._template.wait)

    async def run(self, function: Callable[[*Ts], T], *args: *Ts, timeout_s: float, cpu_s: float) -> T:
        """Call a function of a module's top level in a worker and return its result; all that crosses over is pickled.

        The time starts when a worker is free, so that callers do not pay for each other; `cpu_s` is what the worker's
        processor may take of it. What the function raises is raised here.
        Raises IsolationError when the worker took too long, needed too much memory, or died.
        """
        async with self._room:
            request = packed((function, args))
            worker = await self._worker()
            try:
                async with asyncio.timeout(timeout_s):
                    reply, is_last = await worker.ask(request, cpu_s)
            except BaseException as exc:
                worker.close()
                if isinstance(exc, TimeoutError):
                    raise IsolationError(f"took longer than {timeout_s:g} s") from exc
                raise
            if is_last:
                worker.close()
            else:
                self._idle.append(worker)
        result = await asyncio.to_thread(pickle.loads, reply) if len(reply) > LARGE_BYTES else pickle.loads(reply)  # noqa: S301 - our own bytes
        if isinstance(result, Raised):
            raise result.error
        return result  # type: ignore[no-any-return]

    async def _worker(self) -> "_Worker":
        while self._idle:
            worker = self._idle.pop()
            if worker.is_alive():
                return worker
            worker.close()
        if self._template is None or not self._template.is_alive():
            if self._template is not None:
                self._template.let_go()
            self._template = _Template(self._modules)
        return await self._template.fork()


class _Template:
    """The process that workers are forked from."""

    def __init__(self, modules: Sequence[str]) -> None:
        self._control, other = socket.socketpair()
        with other:
            fd = other.fileno()
            command = [sys.executable, "-P", "-c", TEMPLATE, str(fd), " ".join(modules), *sys.path]
            # Where a document got the better of a worker, there are no secrets to find.
            environ = {name: value for name, value in os.environ.items() if not name.startswith("FEEDSVC_")}
            self._process = subprocess.Popen(command, env=environ, stdin=subprocess.DEVNULL, pass_fds=[fd])  # noqa: S603

    def is_alive(self) -> bool:
        return self._process.poll() is None

    async def fork(self) -> "_Worker":
        """Return a worker that has started. Raises IsolationError."""
        line, workers_line = socket.socketpair()
        leash, workers_leash = socket.socketpair()
        worker = _Worker(line, leash)
        try:
            with workers_line, workers_leash:
                socket.send_fds(self._control, [b"+"], [workers_line.fileno(), workers_leash.fileno()])
            async with asyncio.timeout(START_TIMEOUT_S):
                await worker.receive(len(READY))
        except BaseException as exc:
            worker.close()
            if isinstance(exc, OSError | EOFError):  # TimeoutError is an OSError
                raise IsolationError("no worker process could be started") from exc
            raise
        return worker

    def let_go(self) -> None:
        """Have it kill its workers, and end."""
        self._control.close()

    def wait(self) -> None:
        self._process.wait()


class _Worker:
    """One worker: the line to it, and its leash, on which it is killed by letting go."""

    def __init__(self, line: socket.socket, leash: socket.socket) -> None:
        self._line, self._leash = line, leash
        line.setblocking(False)
        leash.setblocking(False)
        self._loop = asyncio.get_running_loop()

    def close(self) -> None:
        self._line.close()
        self._leash.close()

    def is_alive(self) -> bool:
        """Say of an idle worker whether it and the template are there: else one of the two is closed or has news."""
        for each in (self._line, self._leash):
            with suppress(BlockingIOError):
                each.recv(1, socket.MSG_PEEK)
                return False
        return True

    async def ask(self, request: bytes, cpu_s: float) -> tuple[bytearray, bool]:
        """Return the pickled result, and whether it is the worker's last. Raises IsolationError when it ended."""
        try:
            await self._loop.sock_sendall(self._line, REQUEST.pack(len(request), cpu_s) + request)
            size, is_last = REPLY.unpack(await self.receive(REPLY.size))
            return await self.receive(size), is_last
        except (EOFError, ConnectionError) as exc:
            raise IsolationError(_how(await self._loop.sock_recv(self._leash, ENDED.size), cpu_s)) from exc

    async def receive(self, size: int) -> bytearray:
        received = bytearray(size)
        view = memoryview(received)
        while view:
            count = await self._loop.sock_recv_into(self._line, view)
            if count == 0:
                raise EOFError
            view = view[count:]
        return received


def _how(ended: bytes, cpu_s: float) -> str:
    """Say how a worker ended that was not to."""
    if len(ended) < ENDED.size:
        return "the worker process died"
    (code,) = ENDED.unpack(ended)
    if code >= 0:
        return f"the worker process ended by itself, with {code}"
    words = SIGNALS.get(-code, "the worker process crashed: {signal}")
    return words.format(cpu_s=cpu_s, signal=signal.strsignal(-code))


def _processors() -> int:
    """Return how many processors this process may use, which a container limits."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
