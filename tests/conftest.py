"""Fixtures for all tests."""

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of real feeds, pages and labelled sets; tests that use it carry the mark `shared`."""
    if not SHARED.is_dir():
        pytest.skip("the folder ../shared/data is not beside this checkout")
    return SHARED
