"""The folder on disk: reading it, and what changed between two readings."""

from pathlib import Path

import pytest

from feedsvc.errors import InvalidConfigError
from feedsvc.settings import diff, load, read_folder
from tests.settings.samples import CATEGORIES, SERVICE, SOURCES, files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    folder.mkdir()
    for name, text in files().texts:
        (folder / name).write_text(text)
    return folder


def errors_of(folder: Path) -> list[str]:
    with pytest.raises(InvalidConfigError) as caught:
        load(folder, {})
    return [str(error).replace(str(folder), "config") for error in caught.value.errors]


def test_files_are_kept_as_they_are(folder: Path) -> None:
    (folder / "sources.yaml").write_bytes("\ufeff# nguồn\r\nsources: []\r\n".encode())
    read = read_folder(folder)
    assert read.folder == folder
    assert dict(read.texts) == {
        "feedsvc.yaml": SERVICE,
        "sources.yaml": "# nguồn\r\nsources: []\r\n",
        "categories.yaml": CATEGORIES,
    }


def test_a_file_that_cannot_be_read_does_not_hide_the_errors_of_the_others(folder: Path) -> None:
    (folder / "feedsvc.yaml").write_bytes("site:\n  title: Tin t\u1ee9c".encode("utf-16"))
    (folder / "sources.yaml").write_text("source: []")
    (folder / "categories.yaml").unlink()
    assert errors_of(folder) == [
        "config/feedsvc.yaml:1:1: is not UTF-8: byte FF cannot stand here; save the file as UTF-8",
        "config/sources.yaml:1:1: source: unknown key, did you mean sources?; allowed: sources",
        "config/sources.yaml:1:1: sources: the key is required and missing",
        "config/categories.yaml:1:1: there is no such file",
    ]


def test_bytes_of_another_encoding_are_shown_where_they_stand(folder: Path) -> None:
    (folder / "sources.yaml").write_bytes("sources:\n# \u00e0 d\xe9\n".encode().replace("\xe9".encode(), b"\xe9"))
    assert errors_of(folder) == [
        "config/sources.yaml:2:6: is not UTF-8: byte E9 cannot stand here; save the file as UTF-8"
    ]


def test_a_folder_in_place_of_a_file_and_a_huge_file_are_refused(folder: Path) -> None:
    (folder / "sources.yaml").unlink()
    (folder / "sources.yaml").mkdir()
    (folder / "categories.yaml").write_bytes(b"#" * 4_000_001)
    assert errors_of(folder) == [
        "config/sources.yaml:1:1: cannot be read: Is a directory",
        "config/categories.yaml:1:1: is larger than 4 MB",
    ]


def test_a_missing_folder_is_one_error(tmp_path: Path) -> None:
    assert errors_of(tmp_path / "none") == [
        (
            "config:1:1: there is no such folder; `feedsvc init` writes one; "
            "it must hold feedsvc.yaml, sources.yaml, categories.yaml"
        )
    ]
    (tmp_path / "file").touch()
    assert "is not a folder" in errors_of(tmp_path / "file")[0]


def test_the_difference_between_two_readings_is_a_unified_diff() -> None:
    assert diff(files(), files()) == ""
    assert diff(files(), files(sources="sources:\n- x")) == (
        "--- sources.yaml\n"
        "+++ sources.yaml\n"
        "@@ -1 +1,2 @@\n"
        "-sources: []\n"
        "+sources:\n"
        "+- x\n"
        "\\ No newline at end of file\n"
    )
    first = diff(None, files())
    assert [line for line in first.splitlines() if line.startswith("+") and not line.startswith("+++")] == [
        f"+{line}" for line in (SERVICE + SOURCES + CATEGORIES).splitlines()
    ]
