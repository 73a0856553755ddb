"""Who runs a task: this process's loop, and worker processes that can be killed."""

from feedsvc.engine.isolation import run_isolated
from feedsvc.engine.local import LocalRunner, isolated_reader, release_dead, utc_now

__all__ = ["LocalRunner", "isolated_reader", "release_dead", "run_isolated", "utc_now"]
