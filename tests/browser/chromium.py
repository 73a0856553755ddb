"""Debian's Chromium, driven by playwright, which never gets to download a browser of its own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.servers.debian import program

EXECUTABLE = Path("/usr/bin/chromium")
#: the fonts have every Vietnamese letter
PACKAGES = ("chromium", "fonts-noto-core")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser, installed first where it is missing. Raises MissingProgramError."""
    executable = program(EXECUTABLE, *PACKAGES)
    with sync_playwright() as playwright:
        # Chromium's sandbox refuses root, which is what containers run as.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=executable, args=arguments)
        yield browser
        browser.close()
