"""Fixtures for all tests of requests."""

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="package")
def no_authorities() -> Iterator[None]:
    """Every client reads the certificates of all authorities, 50 ms; nothing here needs one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", os.devnull)
        yield
