"""Runs a function in a worker process that can be killed: a poisonous document costs one call, not the service.

Limits: time, by the caller; memory, MEMORY_BYTES. A worker dies with the process that started it, even when that one is
killed, and does not hear Ctrl-C: its parent decides.
"""

import ctypes
import os
import pickle
import resource
import signal
import sys
import traceback
from collections.abc import Callable
from typing import TypeVar, TypeVarTuple

import anyio
from anyio import to_process

from feedsvc.errors import FeedsvcError, IsolationError

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

#: what one worker may use. Counted as data, not as address space: an allocator of a library of ours reserves 1 GB of
#: addresses that it never touches.
MEMORY_BYTES = 1_000_000_000

#: more workers than this gain nothing: the parent has to send and receive as well
MAX_WORKERS = 8

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


async def run_isolated(function: Callable[[*Ts], T], *args: *Ts, timeout_s: float) -> T:
    """Call a function of a module's top level in a worker and return its result; all that crosses over is pickled.

    The time starts when a worker is free, so that callers do not pay for each other. What the function raises is raised
    here. Raises IsolationError when the worker took too long, needed too much memory, or died.
    """
    limiter = to_process.current_default_process_limiter()
    limiter.total_tokens = min(_processors(), MAX_WORKERS)
    _hide_main()
    async with limiter:
        try:
            with anyio.fail_after(timeout_s):
                # A limiter of its own, because the shared one was waited for above.
                alone = anyio.CapacityLimiter(1)
                result = await to_process.run_sync(
                    _guarded, os.getpid(), function, args, cancellable=True, limiter=alone
                )
        except TimeoutError as exc:
            raise IsolationError(f"took longer than {timeout_s:g} s") from exc
        except anyio.BrokenWorkerProcess as exc:
            raise IsolationError("the worker process died") from exc
    if isinstance(result, _Raised):
        raise result.error
    return result


class _Raised:
    """An exception on its way back, so that TimeoutError of the function is not taken for ours."""

    def __init__(self, error: Exception) -> None:
        self.error = error


def _guarded(parent: int, function: Callable[[*Ts], T], args: tuple[*Ts]) -> "T | _Raised":
    """Run in the worker."""
    _harden(parent)
    try:
        return function(*args)
    except MemoryError:
        return _Raised(IsolationError(f"needed more than {MEMORY_BYTES / 1e6:g} MB of memory"))
    except BaseException as exc:
        # SystemExit too: anyio would raise it in the parent, whose end it is not.
        return _Raised(_portable(exc))


def _harden(parent: int) -> None:
    """Limit this process. Cheap, so done before each task; the first one comes right after the start."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _limit(resource.RLIMIT_DATA, MEMORY_BYTES)
    _limit(resource.RLIMIT_CORE, 0)
    if sys.platform == "linux":
        # An idle worker sees the end of its input; this ends a busy one.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _limit(resource_number: int, most: int) -> None:
    hard = resource.getrlimit(resource_number)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource_number, (most, most))


def _portable(error: BaseException) -> Exception:
    """Return an exception that arrives as it is, with the worker's traceback as a note; else one that describes it."""
    if not isinstance(error, FeedsvcError):
        error.add_note("".join(traceback.format_exception(error)))
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    except Exception:
        return IsolationError(f"{type(error).__name__}: {str(error)[:200]}")
    return error if isinstance(error, Exception) else IsolationError(f"ended by {type(error).__name__}")


def _hide_main() -> None:
    """Keep workers from running this program's main module, as anyio has them do for functions defined in it.

    It would cost each worker the whole command line's imports, and one without a guard would start the program anew.
    """
    vars(sys.modules["__main__"]).pop("__file__", None)


def _processors() -> int:
    """Return how many processors this process may use, which a container limits."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
