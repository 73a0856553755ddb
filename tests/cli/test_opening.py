"""What commands leave behind."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from feedsvc.cli import main


@pytest.mark.parametrize("words", [["why", "https://paper.example/1"], ["poll"], ["refile"]])
def test_without_a_configuration_nothing_is_left_behind(tmp_path: Path, words: list[str]) -> None:
    result = CliRunner().invoke(main, ["--config", str(tmp_path / "config"), *words])
    assert result.exit_code == 1
    assert "feedsvc init" in result.stderr
    assert list(tmp_path.iterdir()) == []
