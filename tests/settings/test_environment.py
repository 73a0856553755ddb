"""The environment goes before the files, and the database can be told from a broken folder."""

from pathlib import Path

import pytest

from feedsvc.errors import InvalidConfigError
from feedsvc.settings import Settings, load, storage_url
from tests.settings.samples import CATEGORIES, SERVICE, SOURCES


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    folder.mkdir()
    write(folder, SERVICE)
    (folder / "sources.yaml").write_text(SOURCES)
    (folder / "categories.yaml").write_text(CATEGORIES)
    return folder


def write(folder: Path, service: str) -> None:
    (folder / "feedsvc.yaml").write_text(service)


def settings(folder: Path, **environ: str) -> Settings:
    return load(folder, environ)[1]


def test_paths_are_relative_to_the_folder_that_holds_the_configuration(folder: Path) -> None:
    beside = folder.parent
    assert settings(folder).storage_url == f"sqlite:///{beside}/var/feedsvc.db"
    write(folder, SERVICE + "storage: {url: 'sqlite:///data/x.db?timeout=5'}")
    assert settings(folder).storage_url == f"sqlite:///{beside}/data/x.db?timeout=5"
    write(folder, SERVICE + "storage: {url: 'sqlite:////srv/x.db'}")
    assert settings(folder).storage_url == "sqlite:////srv/x.db"


def test_a_folder_given_relatively_has_the_same_database(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = settings(folder).storage_url
    monkeypatch.chdir(folder.parent)
    assert settings(Path("config")).storage_url == expected
    monkeypatch.chdir(folder)
    assert settings(Path()).storage_url == expected
    assert storage_url(Path(), {}) == expected


def test_the_environment_goes_before_the_file(folder: Path) -> None:
    write(folder, "site: {title: x, base_url: https://file.example/}\n")
    assert settings(folder).site.base_url == "https://file.example"
    found = settings(folder, FEEDSVC_BASE_URL="https://env.example/", FEEDSVC_STORAGE_URL="postgresql://u@h/d")
    assert found.site.base_url == "https://env.example"
    assert found.storage_url == "postgresql://u@h/d"
    assert settings(folder, FEEDSVC_BASE_URL="").site.base_url == "https://file.example"


def test_a_secret_is_read_from_the_file_that_is_named(folder: Path) -> None:
    (folder.parent / "secret").write_text("postgresql://u:p@h/d\n")
    assert settings(folder, FEEDSVC_STORAGE_URL_FILE="secret").storage_url == "postgresql://u:p@h/d"
    assert storage_url(folder, {"FEEDSVC_STORAGE_URL_FILE": "secret"}) == "postgresql://u:p@h/d"


def test_errors_of_the_environment_come_last_and_name_the_variable(folder: Path) -> None:
    write(folder, "site: {}\n")
    (folder.parent / "empty").touch()
    environ = {
        "FEEDSVC_STORAGE_URL_FILE": "none",
        "FEEDSVC_BASE_URL": "example.org",
    }
    with pytest.raises(InvalidConfigError) as caught:
        load(folder, environ)
    assert [str(error).replace(str(folder), "config") for error in caught.value.errors] == [
        "config/feedsvc.yaml:1:7: site.title: the key is required and missing",
        (
            "environment:1:1: FEEDSVC_BASE_URL: not a web address: “example.org”; "
            "allowed: http:// or https://, a host, and what follows it"
        ),
        (
            "environment:1:1: FEEDSVC_STORAGE_URL: the file none of FEEDSVC_STORAGE_URL_FILE cannot be read: "
            "No such file or directory"
        ),
    ]
    for broken in ({"FEEDSVC_BASE_URL_FILE": "empty"}, {"FEEDSVC_BASE_URL": "a", "FEEDSVC_BASE_URL_FILE": "b"}):
        with pytest.raises(InvalidConfigError, match=r"is empty|set one of them"):
            load(folder, broken)


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ("storage: {url: 'postgresql://u@h/d'}\nsite: [", "postgresql://u@h/d"),
        ("storage: {url: 'postgresql://u@h/d'}\nnonsense: 1", "postgresql://u@h/d"),
        ("site: [\nstorage: {url: 'postgresql://u@h/d'}", "sqlite:///BESIDE/var/feedsvc.db"),
        ("storage: {url: 5}", "sqlite:///BESIDE/var/feedsvc.db"),
        ("\x00", "sqlite:///BESIDE/var/feedsvc.db"),
    ],
)
def test_the_database_of_a_broken_folder_is_told_as_well_as_can_be(folder: Path, service: str, expected: str) -> None:
    write(folder, service)
    assert storage_url(folder, {}) == expected.replace("BESIDE", str(folder.parent))
    (folder / "sources.yaml").unlink()
    assert storage_url(folder, {"FEEDSVC_STORAGE_URL": "postgresql://e@h/d"}) == "postgresql://e@h/d"


def test_the_database_is_not_guessed_where_the_environment_names_a_wrong_one(folder: Path) -> None:
    with pytest.raises(InvalidConfigError, match="must be a database address"):
        storage_url(folder, {"FEEDSVC_STORAGE_URL": "mysql://u:p@h/d"})
    assert storage_url(folder.parent / "none", {}).endswith("/var/feedsvc.db")
