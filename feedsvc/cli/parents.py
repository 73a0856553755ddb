"""Processes that end with the one that started them."""

import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

#: names the process to follow into its end; set by `run` for its children
PARENT = "FEEDSVC_PARENT"


def follow_parent() -> None:
    """End this process when the one that started it has died, even by `kill -9`: nobody would stop it otherwise."""
    parent = os.environ.get(PARENT)
    if parent is not None:
        end_with(int(parent), lambda: os.kill(os.getpid(), signal.SIGTERM))


def end_with(parent: int, end: Callable[[], Any]) -> None:
    """Call `end` once `parent` is no longer this process's parent."""

    def wait() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        end()

    threading.Thread(target=wait, name="following the parent", daemon=True).start()
