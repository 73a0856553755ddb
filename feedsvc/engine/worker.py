"""What runs in worker processes, and in the template that they are forked from. Imports little: it is loaded first.

The template loads the modules that tasks need once, and forks a worker in milliseconds; it has no threads, which a fork
would lose. Of each worker it holds a leash: when the parent lets go of the other end the worker is killed, and when the
worker ends the parent reads there how.
"""

import ctypes
import gc
import importlib
import os
import pickle
import resource
import selectors
import signal
import socket
import struct
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from feedsvc.engine.crossing import packed
from feedsvc.errors import FeedsvcError, IsolationError

#: what one worker may use. Counted as data, not as address space: an allocator of a library of ours reserves 1 GB of
#: addresses that it never touches.
MEMORY_BYTES = 1_000_000_000

#: a worker ends after so many tasks, or once it needed so much: whatever leaks, or stays behind of a document, ends too
TASKS = 500
GROWN_BYTES = 250_000_000

#: more than the entries of the largest document that is fetched, and less than would hurt whoever asked
RESULT_BYTES = 100_000_000

#: before a task: its bytes, and the seconds of processor time that it may use
REQUEST = struct.Struct("!Qd")
#: before a result: its bytes, and whether the worker ends with it
REPLY = struct.Struct("!Q?")
#: at the end of a worker: its exit code, or less than zero, the signal
ENDED = struct.Struct("!i")
READY = b"!"

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


class Raised:
    """An exception on its way back, so that what a function returns is never taken for one."""

    def __init__(self, error: Exception) -> None:
        self.error = error


def main(control_fd: int, modules: Sequence[str]) -> NoReturn:
    """Be the template until the parent is gone."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # A terminal and a service manager send these to all processes at once: ours end when polls have ended.
        signal.signal(number, signal.SIG_IGN)
    for name in modules:
        importlib.import_module(name)
    # What all workers share is not to be copied into each by the collector's marks.
    gc.collect()
    gc.freeze()
    _Template(socket.socket(fileno=control_fd)).run()
    os._exit(0)


class _Template:
    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._leashes: dict[int, socket.socket] = {}
        self._ready = selectors.DefaultSelector()
        self._ready.register(control, selectors.EVENT_READ)
        self._bell, self._ringing = socket.socketpair()
        self._ready.register(self._bell, selectors.EVENT_READ)
        self._ringing.setblocking(False)
        signal.set_wakeup_fd(self._ringing.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def run(self) -> None:
        while True:
            for key, _ in self._ready.select():
                if key.fileobj is self._control:
                    if not self._start():
                        self._end()
                        return
                elif key.fileobj is self._bell:
                    self._bell.recv(4096)
                    self._bury()
                elif key.data in self._leashes:
                    # Not buried yet, so the number is still its own.
                    os.kill(key.data, signal.SIGKILL)
                    self._ready.unregister(key.fileobj)

    def _start(self) -> bool:
        """Fork a worker with the line and the leash that come; say whether there is still somebody who sends them."""
        message, fds, _, _ = socket.recv_fds(self._control, 1, 2)
        if not message:
            return False
        line, leash = (socket.socket(fileno=fd) for fd in fds)
        template = os.getpid()
        try:
            pid = os.fork()
        except OSError:
            # The other end sees that nobody is there.
            line.close()
            leash.close()
            return True
        if pid == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self._ready.close()
            for each in (self._control, self._bell, self._ringing, leash, *self._leashes.values()):
                each.close()
            _work(line, template)
        line.close()
        self._leashes[pid] = leash
        self._ready.register(leash, selectors.EVENT_READ, pid)
        return True

    def _bury(self) -> None:
        """Tell of each worker that ended how it did."""
        while self._leashes:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            with self._leashes.pop(pid) as leash:
                with suppress(KeyError):
                    self._ready.unregister(leash)
                with suppress(OSError):
                    leash.send(ENDED.pack(os.waitstatus_to_exitcode(status)))

    def _end(self) -> None:
        for pid in self._leashes:
            os.kill(pid, signal.SIGKILL)
        for pid in self._leashes:
            os.waitpid(pid, 0)


def _work(line: socket.socket, template: int) -> NoReturn:
    """Answer until nobody asks any more, or it is enough."""
    try:
        _harden(template)
        line.sendall(READY)
        count, is_last = 0, False
        while not is_last:
            size, cpu_s = REQUEST.unpack(_exactly(line, REQUEST.size))
            request = _exactly(line, size)
            # Counts processor time, in C too, and ends the process: nothing catches its signal.
            signal.setitimer(signal.ITIMER_PROF, cpu_s)
            reply = _answer(request)
            signal.setitimer(signal.ITIMER_PROF, 0)
            count += 1
            is_last = count >= TASKS or _peak_bytes() > GROWN_BYTES
            line.sendall(REPLY.pack(len(reply), is_last))
            line.sendall(reply)
    except BaseException:
        os._exit(1)
    # Nothing of the template's that stands further up the stack is for a worker.
    os._exit(0)


def _exactly(line: socket.socket, size: int) -> bytearray:
    """Receive; end the process when the other end is closed."""
    received = bytearray(size)
    view = memoryview(received)
    while view:
        count = line.recv_into(view)
        if count == 0:
            os._exit(0)
        view = view[count:]
    return received


def _answer(request: bytearray) -> bytes:
    try:
        return _called(request)
    except MemoryError:
        return pickle.dumps(Raised(IsolationError(f"needed more than {MEMORY_BYTES / 1e6:g} MB of memory")))
    except BaseException as exc:
        # SystemExit too: it is not for the parent.
        return pickle.dumps(Raised(_portable(exc)))


def _called(request: bytearray) -> bytes:
    function: Callable[..., object]
    function, args = pickle.loads(request)  # noqa: S301 - our own bytes
    reply = packed(function(*args))
    if len(reply) > RESULT_BYTES:
        raise IsolationError(f"came to more than {RESULT_BYTES / 1e6:g} MB")
    return reply


def _portable(error: BaseException) -> Exception:
    """Return an exception that arrives as it is, with the worker's traceback as a note; else one that describes it."""
    if not isinstance(error, FeedsvcError):
        error.add_note("".join(traceback.format_exception(error)))
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    except Exception:
        return IsolationError(f"{type(error).__name__}: {str(error)[:200]}")
    return error if isinstance(error, Exception) else IsolationError(f"ended by {type(error).__name__}")


def _harden(template: int) -> None:
    """Limit this process, for good."""
    # What a library prints must not get between the lines of a command.
    nothing = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nothing, fd)
    os.close(nothing)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        with suppress(OSError):
            # When the machine runs out of memory, this process goes first.
            Path("/proc/self/oom_score_adj").write_text("1000")
    if os.getppid() != template:
        os._exit(1)
    _limit(resource.RLIMIT_DATA, MEMORY_BYTES)
    _limit(resource.RLIMIT_CORE, 0)
    # Reading starts no process and writes no file. (The first is not held against root.)
    _limit(resource.RLIMIT_NPROC, 0)
    _limit(resource.RLIMIT_FSIZE, 0)


def _limit(resource_number: int, most: int) -> None:
    hard = resource.getrlimit(resource_number)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource_number, (most, most))


def _peak_bytes() -> int:
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
