"""`feedsvc init` as a newcomer runs it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from feedsvc.cli.main import main


def run(*words: str) -> Result:
    return CliRunner().invoke(main, words)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_folder_is_written_once_and_is_valid(here: Path) -> None:
    first = run("init", "--title", "Tin: mới", "--language", "vi", "--contact", "me@x.example")
    assert first.exit_code == 0
    assert "  feedsvc check  " in first.stdout
    assert "title: 'Tin: mới'" in (here / "config" / "feedsvc.yaml").read_text()
    assert run("check").stdout == "config is valid: 1 source, 1 category, 1 tag\n"
    again = run("init")
    assert again.exit_code == 1
    assert "config/feedsvc.yaml" in again.stderr
    assert again.stderr.endswith("are there already; nothing was written\n")


@pytest.mark.parametrize("words", [("init", "my news"), ("--config", "my news", "init")])
def test_another_folder_is_named_in_what_to_do_next(here: Path, words: tuple[str, ...]) -> None:
    assert "feedsvc --config 'my news' check" in run(*words).stdout
    assert (here / "my news" / "sources.yaml").exists()


def test_a_program_gets_the_names_of_the_files() -> None:
    assert json.loads(run("init", "--json").stdout) == {
        "folder": "config",
        "files": [
            "README.md",
            "categories.yaml",
            "feedsvc.yaml",
            "schema/categories.json",
            "schema/feedsvc.json",
            "schema/sources.json",
            "sources.yaml",
        ],
    }


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--title", "", "--title: must not be empty"),
        ("--base-url", "x", "--base-url: not a web address"),
        ("--language", "vn", "Vietnamese is vi"),
        ("--contact", "ă", "--contact: must be"),
    ],
)
def test_a_wrong_answer_is_wrong_usage(here: Path, option: str, value: str, says: str) -> None:
    result = run("init", option, value)
    assert result.exit_code == 2
    assert says in result.stderr
    assert list(here.iterdir()) == []


def test_a_list_goes_into_the_new_folder(here: Path) -> None:
    run("init")
    (here / "list.opml").write_text("<opml><body><outline text='A' xmlUrl='http://a.example/'/></body></opml>")
    assert run("import", "list.opml").exit_code == 0
    assert run("check").stdout == "config is valid: 2 sources, 1 category, 1 tag\n"
