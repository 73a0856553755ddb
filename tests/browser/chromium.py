"""Debian's Chromium, driven by playwright, which never gets to download a browser of its own."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

EXECUTABLE = Path("/usr/bin/chromium")
#: the fonts have every Vietnamese letter
PACKAGES = ("chromium", "fonts-noto-core")


class MissingBrowserError(Exception):
    """There is no Chromium here, and the message says why none could be installed."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser, installed first where it is missing."""
    if not EXECUTABLE.exists():
        _install()
    with sync_playwright() as playwright:
        # Chromium's sandbox refuses root, which is what containers run as.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=arguments)
        yield browser
        browser.close()


def _install() -> None:
    command = f"apt-get install {' '.join(PACKAGES)}"
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        raise MissingBrowserError(f"{EXECUTABLE} is missing; as root: {command}")
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update"], ["install", "--yes", "--no-install-recommends", *PACKAGES]):
        done = subprocess.run([apt, "-qq", *words], env=environ, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise MissingBrowserError(f"{EXECUTABLE} is missing, and {command} failed: {done.stderr.strip()}")
