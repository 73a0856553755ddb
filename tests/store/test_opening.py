"""Opening: what cannot work is said in words an admin can act on."""

from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from feedsvc.errors import StoreError
from feedsvc.store import Store, open_store
from tests.servers.databases import Databases, Files


def test_a_first_start_creates_folder_and_file(tmp_path: Path) -> None:
    file = tmp_path / "var" / "deep" / "feedsvc.db"
    with open_store(f"sqlite:///{file}") as store:
        assert not store.is_current()
        assert not file.parent.exists()
        store.migrate()
        assert store.is_current()
        assert store.dialect == "sqlite"
    assert file.exists()


def test_a_store_that_was_never_migrated_says_so(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/none.db") as store:
        with pytest.raises(StoreError, match=r"none\.db cannot be opened; `feedsvc migrate` creates it"), store.read():
            pass
        with pytest.raises(StoreError, match="feedsvc migrate"), store.write():
            pass
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "is not an address"),
        ("mysql://localhost/feedsvc", "names the database mysql"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("postgresql://feedsvc:secret@127.0.0.1:1/feedsvc", "refused: .*127.0.0.1"),
    ],
)
def test_an_address_that_cannot_work_is_refused(url: str, words: str) -> None:
    with pytest.raises(StoreError, match=words) as caught:
        open_store(url)
    assert "secret" not in str(caught.value)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("Meeting at nine. " * 100)
    with pytest.raises(StoreError, match=r"notes\.txt is not an SQLite database"):
        open_store(f"sqlite:///{file}")
    assert file.read_text().startswith("Meeting")


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")
    with pytest.raises(StoreError, match="var is not a folder"):
        open_store(f"sqlite:///{tmp_path}/var/feedsvc.db")


def test_a_folder_that_cannot_be_written_is_refused() -> None:
    # The tests may run as root, who may write everywhere but here.
    with open_store("sqlite:////proc/feedsvc.db") as store, pytest.raises(StoreError, match="cannot be created: "):
        store.migrate()


def test_a_path_with_characters_of_addresses_works(tmp_path: Path) -> None:
    file = tmp_path / "a%20b?c#d" / "tin tức.db"
    with open_store(f"sqlite:///{str(file).replace('?', '%3F')}") as store:
        store.migrate()
        assert store.is_current()


def test_a_database_without_tables_says_how_to_get_them(databases: Databases, tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    empty = databases.create()
    for url in (f"sqlite:///{tmp_path}/empty.db", empty):
        with open_store(url) as store:
            assert not store.is_current()
            with pytest.raises(StoreError, match="lacks tables; `feedsvc migrate` creates them"), store.read() as tx:
                tx.notes.get("a")
    databases.drop(empty)


def test_what_a_reader_writes_is_refused(store: Store) -> None:
    def write() -> None:
        with store.read() as tx:
            tx.notes.set("a", "1")

    with pytest.raises(StoreError):
        write()


def test_a_broken_reference_is_refused_at_the_end(store: Store) -> None:
    from tests.store.make import appearance, arrival, listed

    def forget_the_story() -> None:
        with store.write() as tx:
            listed(tx)
            appearance(tx, "a", arrival("a"))

    with pytest.raises(IntegrityError):
        forget_the_story()
    with store.read() as tx:
        assert tx.listings.all() == ()


def test_a_server_that_was_restarted_costs_nothing(databases: Databases) -> None:
    with databases.migrated() as url, open_store(url) as store:
        with store.write() as tx:
            tx.notes.set("a", "1")
        databases.disconnect(url)
        with store.read() as tx:
            assert tx.notes.get("a") == "1"
        databases.disconnect(url)
        with store.write() as tx:
            tx.notes.set("a", "2")


def test_a_newer_database_is_refused(files: Files, tmp_path: Path) -> None:
    import sqlite3

    url = files.create(tmp_path)
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with open_store(url) as store:
        assert not store.is_current()
        with pytest.raises(StoreError, match=r"made by a newer version of feedsvc \(9999\)"):
            store.migrate()
