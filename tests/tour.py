"""Runs what a document tells its reader to type, and compares what comes out with what the document shows.

In a fenced block `console`, lines that begin with `$ ` are commands and the others what they print; `…` stands for
anything in a line, a line of `…` alone for any lines. A block `yaml FILE` is what that file holds from then on. What
does not end by itself, `feedsvc run`, goes on until the tour is over.
"""

import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.site import ENVIRON

#: machines that run tests are shared
DEADLINE_S = 60.0

_BLOCK = re.compile(r"^```(console|yaml|nginx)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Typed:
    """A command and what the document says it prints."""

    command: str
    shown: str


@dataclass(frozen=True)
class Written:
    """A file and what it holds."""

    path: str
    text: str


def steps(document: str) -> Iterator[Typed | Written]:
    """Yield what a document tells to do, in order."""
    for kind, name, text in _BLOCK.findall(document):
        if name:
            yield Written(name, text)
        elif kind == "console":
            for command, shown in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", text, re.MULTILINE):
                yield Typed(command, shown)


def fits(shown: str, printed: str) -> bool:
    """Say whether this was printed, whatever stands where the document has an ellipsis."""
    lines = [re.escape(line).replace("…", r"[^\n]*") + r"\n" for line in shown.strip().splitlines()]
    pattern = "".join(r"(?:[^\n]*\n)*" if line == r"[^\n]*\n" else line for line in lines)
    trimmed = "".join(f"{line.rstrip()}\n" for line in printed.strip().splitlines())
    return re.fullmatch(pattern, trimmed) is not None


class Tour:
    """Somebody who follows a document in an empty folder. `ports`: those to use instead of the document's."""

    def __init__(self, folder: Path, ports: Mapping[int, int]) -> None:
        self.folder, self._ports = folder, ports
        self._open = ExitStack()
        programs = folder / ".venv" / "bin"
        programs.parent.mkdir(parents=True)
        programs.symlink_to(Path(sys.executable).parent)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._open.close()

    def follow(self, step: Typed | Written) -> None:
        """Do one step; fail when it prints something else than the document shows."""
        if isinstance(step, Written):
            path = self.folder / step.path
            assert path.parent.is_dir(), f"the tour writes {step.path} before its folder is there"
            path.write_text(self.here(step.text), encoding="utf-8")
        elif re.search(r"feedsvc\b.* run\b", step.command):
            self._start(step)
        else:
            done = subprocess.run(
                ["bash", "-c", self.here(step.command)],
                cwd=self.folder,
                env={**ENVIRON, "COLUMNS": "100"},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=DEADLINE_S,
                check=False,
            )
            printed = self.there(done.stdout)
            assert fits(step.shown, printed), (
                f"$ {step.command}\nprints\n{printed}\nwhere the document shows\n{step.shown}"
            )

    def here(self, text: str) -> str:
        """Return the document's text with the ports of this tour."""
        return re.sub(r"(?<=[: ])\d{4}\b", lambda found: str(self._ports.get(int(found[0]), found[0])), text)

    def there(self, text: str) -> str:
        """Return what was printed with the document's ports."""
        back = {str(here): str(there) for there, here in self._ports.items()}
        return re.sub(r"(?<=[: ])\d{4,5}\b", lambda found: back.get(found[0], found[0]), text)

    def _start(self, step: Typed) -> None:
        command = self.here(step.command if "--port" in step.command else f"{step.command} --port 8000")
        log = self.folder / f"log{len(list(self.folder.glob('log*')))}"
        with log.open("wb") as out:
            process = subprocess.Popen(
                ["bash", "-c", f"exec {command}"],
                cwd=self.folder,
                env={**ENVIRON, "COLUMNS": "100"},
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        self._open.callback(_end, process)
        end = time.monotonic() + DEADLINE_S
        while not self._begins(step.shown, log):
            printed = self.there(log.read_text())
            assert process.poll() is None, f"$ {step.command}\nended, having printed\n{printed}"
            assert time.monotonic() < end, (
                f"$ {step.command}\nprints\n{printed}\nwhere the document shows\n{step.shown}"
            )
            time.sleep(0.1)

    def _begins(self, shown: str, log: Path) -> bool:
        return fits(f"{shown.strip()}\n…", self.there(log.read_text()))


def _differ(step: Typed, printed: str) -> str:
    return f"$ {step.command}\nprints\n{printed}\nwhere the document shows\n{step.shown}"


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
