"""Fixtures for all tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.upstream import Upstream

SHARED = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of real feeds, pages and labelled sets; tests that use it carry the mark `shared`."""
    if not SHARED.is_dir():
        pytest.skip("the folder ../shared/data is not beside this checkout")
    return SHARED


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """A real HTTP server on loopback, empty at first."""
    with Upstream() as server:
        yield server
