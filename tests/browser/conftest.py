"""The browser and what it looks at. Both last one module.

Playwright keeps an event loop running in this thread: as long as it does, `asyncio.run` fails in every other test.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import chromium
from tests.browser.newsroom import newsroom
from tests.browser.visits import Visitor
from tests.servers.debian import MissingProgramError


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with ExitStack() as stack:
        try:
            started = stack.enter_context(chromium())
        except MissingProgramError as error:
            if os.environ.get("CI") == "true":
                pytest.fail(str(error))
            pytest.skip(str(error))
        yield started


@pytest.fixture(scope="module")
def news(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running feedsvc with stories."""
    with newsroom(tmp_path_factory.mktemp("newsroom")) as address:
        yield address


@pytest.fixture
def visitor(browser: Browser, news: str) -> Iterator[Visitor]:
    with Visitor(browser, news) as made:
        yield made
