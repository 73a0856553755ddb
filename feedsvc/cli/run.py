"""`feedsvc run`: scheduler and web on one machine, watched over."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from click.core import ParameterSource
from rich.console import Console
from rich.text import Text

from feedsvc import revisions
from feedsvc.cli.demo import Demonstration, News, Tour, demonstration, tell
from feedsvc.cli.opening import Service, opened
from feedsvc.cli.parents import PARENT
from feedsvc.cli.ports import base_url, check_port, host_option, port_option
from feedsvc.cli.words import in_words
from feedsvc.errors import StartError, StoreError
from feedsvc.model import Attempt
from feedsvc.revisions import InForce
from feedsvc.settings import storage_url

#: a child that dies more often than this within the window stops everything: something is wrong that a start won't mend
RESTARTS = 5
RESTART_WINDOW_S = 60.0

#: how long children get to finish polls under way
STOP_TIMEOUT_S = 30.0

INTERVAL_S = 0.5

#: sources named in one line
NAMED = 8


@click.command()
@host_option
@port_option
@click.option(
    "--demo",
    is_flag=True,
    help="Show made-up publishers at work, in a temporary folder of its own; needs neither configuration nor network.",
)
@click.pass_context
def run(ctx: click.Context, host: str, port: int, demo: bool) -> None:
    """Run everything on this machine: scheduler, workers and web. Ctrl-C stops it, a second one at once.

    The first start creates the database.

    \b
    Examples:
      feedsvc run --demo
      feedsvc run
      feedsvc --config my-config run --port 8080
    """
    check_port(host, port)
    if not demo:
        _run(ctx.obj, host, port)
        return
    if ctx.parent and ctx.parent.get_parameter_source("folder") is ParameterSource.COMMANDLINE:
        click.echo(f"feedsvc: --demo has a configuration of its own; {ctx.obj} is not used", err=True)
    with demonstration(base_url(host, port), port + 1) as shown:
        _run(shown.folder, host, port, shown)


def _run(folder: Path, host: str, port: int, demo: Demonstration | None = None) -> None:
    with opened(folder) as service:
        address = base_url(host, port)
        with service.store.write() as tx:
            revisions.served_at(tx, address)
        console = Console(highlight=False, soft_wrap=True)
        current = service.in_force()
        supervisor = Supervisor(
            service=service,
            children=_children(folder, host, port),
            console=console,
            zone=ZoneInfo(current.settings.site.timezone),
        )
        if demo:
            tell(console, demo, address)
            supervisor.is_news = News().is_news
            supervisor.look = Tour(console=console, service=service, address=address).look
        else:
            _greet(console, service, current, address)
        supervisor.run()


def _children(folder: Path, host: str, port: int) -> dict[str, "Child"]:
    command = [sys.executable, "-m", "feedsvc", "--config", str(folder), "--log-level", "warning"]
    environ = {**os.environ, PARENT: str(os.getpid())}
    return {
        "scheduler": Child(words=(*command, "scheduler"), environ=environ),
        "web": Child(words=(*command, "web", "--host", host, "--port", str(port)), environ=environ),
    }


@dataclass(slots=True)
class Child:
    """One role in a process of its own."""

    words: tuple[str, ...]
    environ: Mapping[str, str]
    process: "subprocess.Popen[bytes] | None" = None
    deaths: deque[float] = field(default_factory=deque)

    def start(self) -> None:
        # In a session of its own, so that Ctrl-C reaches it through us, once, and not from the terminal too.
        self.process = subprocess.Popen(self.words, env=dict(self.environ), start_new_session=True)  # noqa: S603

    def died(self) -> int | None:
        """Return the exit code of a child that ended, None while it runs."""
        return self.process.poll() if self.process else None

    def may_restart(self) -> bool:
        """Count a death; say whether there were not too many lately."""
        now = time.monotonic()
        self.deaths.append(now)
        while self.deaths and self.deaths[0] < now - RESTART_WINDOW_S:
            self.deaths.popleft()
        return len(self.deaths) <= RESTARTS

    def ask_to_stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def wait(self, until: float) -> None:
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.kill()
            self.process.wait()

    def kill(self) -> None:
        """End it at once; the processes that it started end with it."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()


@dataclass(slots=True, kw_only=True)
class Supervisor:
    """Keeps the children alive, and prints what came in, until told to stop."""

    service: Service
    children: dict[str, Child]
    console: Console
    zone: ZoneInfo
    #: which attempts get a line
    is_news: Callable[[Attempt], bool] = lambda attempt: True
    #: called after each look at the attempts
    look: Callable[[], None] = lambda: None
    _stop: threading.Event = field(default_factory=threading.Event)
    _printed: int = 0

    def run(self) -> None:
        """Run until SIGINT or SIGTERM. Raises StartError when a child dies again and again."""
        numbers = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            # A closed terminal stops us too, unless somebody said `nohup`.
            numbers.append(signal.SIGHUP)
        for number in numbers:
            signal.signal(number, lambda *_: self._asked_to_stop())
        self._printed = self._last_attempt()
        try:
            for child in self.children.values():
                child.start()
            while not self._stop.wait(INTERVAL_S):
                self._revive()
                self._report()
                self.look()
        finally:
            self._end()
        self._report()
        self.console.print("stopped")

    def _asked_to_stop(self) -> None:
        """Stop when polls under way are finished; asked again, stop now, which loses nothing either."""
        if self._stop.is_set():
            for child in self.children.values():
                child.kill()
        self._stop.set()

    def _revive(self) -> None:
        for name, child in self.children.items():
            code = child.died()
            if code is None:
                continue
            if not child.may_restart():
                raise StartError(f"{name} ended {RESTARTS + 1} times within a minute, last with exit code {code}")
            self.console.print(Text(f"{name} ended with exit code {code}; starting it again", "yellow"))
            child.start()

    def _end(self) -> None:
        # Even where nobody reads any more what is printed, and printing fails.
        for child in self.children.values():
            child.ask_to_stop()
        self.console.print("stopping: polls under way are finished first; Ctrl-C again stops at once")
        until = time.monotonic() + STOP_TIMEOUT_S
        for child in self.children.values():
            child.wait(until)

    def _last_attempt(self) -> int:
        with self.service.store.read() as tx:
            return tx.attempts.last()

    def _report(self) -> None:
        """Print the attempts since the last look, in the site's time zone."""
        try:
            with self.service.store.read() as tx:
                attempts = tx.attempts.after(self._printed, 1000)
        except StoreError as error:
            self.console.print(Text(f"the store cannot be read: {error}", "red"))
            return
        if not attempts:
            return
        for number, attempt in attempts:
            self._printed = number
            if self.is_news(attempt):
                self.console.print(Text(f"{attempt.at.astimezone(self.zone):%H:%M:%S} ").append(in_words(attempt)))


def _greet(console: Console, service: Service, current: InForce, address: str) -> None:
    settings = current.settings
    read = tuple(source.id for source in settings.sources if not source.paused)
    with service.store.read() as tx:
        due = tx.schedule.due(read, datetime.now(UTC), len(read) + 1)
        failing = [id for id, state in tx.schedule.states().items() if state.error and id in read]
    console.print(Text.assemble(f"feedsvc {version('feedsvc')}  ", (f"{address}/", "bold underline")))
    console.print(f"  configuration  {service.folder}, revision {current.number}")
    console.print(f"  database       {_without_password(storage_url(service.folder, os.environ))}")
    console.print(f"  sources        {len(read)} are read; due now: {_some(due)}")
    if failing:
        console.print(Text(f"  failing        {_some(failing)}", "yellow"))
    if settings.site.base_url is None:
        note = f"  site.base_url is not set: feeds name {address}; set it before others subscribe"
        console.print(Text(note, "yellow"))
    console.print("  Ctrl-C stops")


def _some(ids: Sequence[str]) -> str:
    """Name the first few."""
    more = f" and {len(ids) - NAMED} more" if len(ids) > NAMED else ""
    return ", ".join(ids[:NAMED]) + more if ids else "none"


def _without_password(url: str) -> str:
    """Hide what stands between the user's name and the host, and passwords in the query."""
    url = re.sub(r"(?<=//)([^/@:]*):[^@]*@", r"\1:***@", url)
    return re.sub(r"(?i)([?&][^=&]*passw[^=&]*=)[^&]*", r"\1***", url)
