"""Programs of Debian's that tests run for real, installed by the test run where one is missing and the user is root."""

import os
import shutil
import subprocess
from pathlib import Path


class MissingProgramError(Exception):
    """A program is not here, and the message says why it could not be installed."""


def program(executable: Path, *packages: str) -> Path:
    """Return the program, installed first where it is missing."""
    if not executable.exists():
        _install(executable, packages)
    return executable


def _install(executable: Path, packages: tuple[str, ...]) -> None:
    command = f"apt-get install {' '.join(packages)}"
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        raise MissingProgramError(f"{executable} is missing; as root: {command}")
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        done = subprocess.run([apt, "-qq", *words], env=environ, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise MissingProgramError(f"{executable} is missing, and {command} failed: {done.stderr.strip()}")
