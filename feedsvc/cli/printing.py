"""How commands print what they found: lines for people, one document for programs."""

import dataclasses
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn
from rich.text import Text

from feedsvc.errors import printable


class Printer:
    """Prints lines to standard output. What comes from outside cannot colour or move anything."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._console = Console(highlight=False, markup=False, emoji=False)
        self.zone = zone

    def line(self, text: str, *, indent: int = 0, style: str = "") -> None:
        """Print a text, broken between words where it is too long, all of it indented."""
        room = max(self._console.width - indent, 20)
        for part in Text(printable(text)).wrap(self._console, room):
            part.rstrip()
            self._console.print(Text(" " * indent).append(part.plain, style), soft_wrap=True)

    def row(self, start: str, text: str, *, style: str = "") -> None:
        """Print one line, cut at the screen's width as letters take it."""
        whole = Text().append(f"{start}  ", "dim")
        whole.append(printable(" ".join(text.split())), style)
        self._console.print(whole, no_wrap=True, overflow="ellipsis")

    def blank(self) -> None:
        self._console.print()

    def moment(self, at: datetime | None) -> str:
        """Return a time in the site's zone; as many blanks for None."""
        return " " * 16 if at is None else f"{at.astimezone(self.zone):%Y-%m-%d %H:%M}"


@contextmanager
def progress(total: int) -> Iterator[Callable[[int], None]]:
    """Show on a terminal how far a command is; yield what hears how many more are done."""
    console = Console(stderr=True)
    bar = Progress(BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console, transient=True)
    with bar if console.is_terminal else Progress(disable=True) as shown:
        task = shown.add_task("", total=total)
        yield lambda done: shown.advance(task, done)


def print_json(value: object) -> None:
    """Print a value of ours as one document: times in ISO 8601, spans in seconds, ids bare."""
    click.echo(json.dumps(value, ensure_ascii=False, default=_plain))


def _plain(value: object) -> object:
    match value:
        case datetime():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case UUID():
            return str(value)
        case _:
            return {part.name: getattr(value, part.name) for part in dataclasses.fields(cast(Any, value))}


def many(count: int, one: str, several: str | None = None) -> str:
    return f"{count:,} {one if count == 1 else several or one + 's'}"
