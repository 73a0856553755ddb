"""What `feedsvc run --demo` needs besides what every `run` does."""

import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.text import Text

from feedsvc.cli.opening import Service
from feedsvc.demo import CARRIED, Timeline, Upstream, publishers, write_folder
from feedsvc.errors import StartError, StoreError
from feedsvc.model import Attempt

_CATEGORY = "intellectual-property"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demonstration:
    """The made-up publishers at work, and a configuration folder that reads them."""

    folder: Path
    publishers: str


@contextmanager
def demonstration(base_url: str, port: int) -> Iterator[Demonstration]:
    """Start the made-up publishers at this port, else at any; yield where they and their folder are.

    Nothing of the user's is read or written: neither folder nor database, whatever the environment names.
    """
    for name in [name for name in os.environ if name.startswith("FEEDSVC_")]:
        del os.environ[name]
    # Until the supervisor takes over: the folder is removed also when somebody stops us during the start.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    with ExitStack() as opened:
        try:
            temporary = tempfile.TemporaryDirectory(prefix="feedsvc-demo-", ignore_cleanup_errors=True)
            folder = Path(opened.enter_context(temporary))
            since = time.monotonic()
            timeline = Timeline(publishers=publishers(), start=datetime.now(UTC).replace(microsecond=0))
            upstream = opened.enter_context(Upstream(timeline, lambda: time.monotonic() - since, port=port))
            write_folder(folder / "config", upstream.address, base_url)
        except OSError as error:
            raise StartError(f"the demonstration cannot start: {error}") from error
        yield Demonstration(folder=folder / "config", publishers=upstream.address)


@dataclass(slots=True)
class News:
    """Says which attempts deserve a line where sources are read every other second."""

    _failing: set[str] = field(default_factory=set)

    def is_news(self, attempt: Attempt) -> bool:
        """Say whether the attempt brought something, or failed or recovered as the first one."""
        failed = attempt.outcome in {"failed", "gone", "refused"}
        turned = failed != (attempt.source_id in self._failing)
        (self._failing.add if failed else self._failing.discard)(attempt.source_id)
        return turned or attempt.outcome == "changed"


def tell(console: Console, demo: Demonstration, address: str) -> None:
    """Say where the demonstration is."""
    console.print(Text.assemble("feedsvc, demonstration  ", (f"{address}/", "bold underline")))
    console.print(f"  publishers  {len(publishers())} made-up ones on {demo.publishers}/; they post every few seconds")
    console.print(f"  folder      {demo.folder.parent}, removed at the end; edit its config/*.yaml: it is taken up")
    console.print("  Ctrl-C stops")


@dataclass(slots=True, kw_only=True)
class Tour:
    """Prints, once, what to look at, as soon as it is there."""

    console: Console
    service: Service
    address: str
    _told: bool = False

    def look(self) -> None:
        if self._told or (story := _carried(self.service)) is None:
            return
        self._told = True
        sights = {
            f"/category/{_CATEGORY}": "a category, as an agency's site shows it",
            story: "one story that three publishers carry by now, led by the original",
            "/feeds/all.atom": "every story; subscribe to it with a reader",
            "/status": "one publisher is about to fail, and to recover",
        }
        self.console.print("look at")
        for path, what in sights.items():
            self.console.print(Text.assemble("  ", (f"{self.address}{path}", "bold"), f"\n    {what}"))


def _carried(service: Service) -> str | None:
    """Return the path of the story that several publishers carry, once its original is here."""
    publisher_id, guid = CARRIED
    try:
        with service.store.read() as tx:
            known = tx.entries.known(publisher_id, [f"guid:{guid}"])
    except StoreError:
        return None
    return next((f"/story/{entry.story_id}" for entry in known.values() if entry.story_id), None)
