"""The documents say what is true: commands exist, links lead somewhere, the two set-up commands stand as promised."""

import re
from pathlib import Path

import click
import pytest

from feedsvc.cli import main

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", *(ROOT / folder / "README.md" for folder in ("config", "feedsvc", "tests"))]
IDS = [str(path.relative_to(ROOT)) for path in DOCUMENTS]

SET_UP = (
    "    python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/feedsvc run\n",
    "    python3 -m venv .venv && .venv/bin/pip install '.[test]' && .venv/bin/pytest\n",
)

CONTEXT = click.Context(main)
COMMANDS = {name: found for name in main.list_commands(CONTEXT) if (found := main.get_command(CONTEXT, name))}


def test_the_readme_opens_with_exactly_two_commands_for_a_fresh_machine() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert tuple(re.findall(r"^    python3 -m venv .*\n", text, re.MULTILINE)) == SET_UP


@pytest.mark.parametrize("document", DOCUMENTS, ids=IDS)
def test_links_and_pictures_lead_to_files(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (document.parent / target).exists(), f"{document} links to {target}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=IDS)
def test_every_command_that_is_named_exists_with_its_options(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for line in re.findall(r"(?:^ {4}|`)(?:\S+=\S+ )?(?:\.venv/bin/)?feedsvc ([^`\n]+)", text, re.MULTILINE):
        name, *words = [word for word in line.split() if not word.startswith("my-")]
        command = COMMANDS.get(name)
        assert command is not None, f"{document} names `feedsvc {line}`"
        options = {
            option for parameter in command.params if isinstance(parameter, click.Option) for option in parameter.opts
        }
        for word in words:
            assert not word.startswith("--") or word in options, f"{document} names `feedsvc {line}`"


def test_every_command_shows_an_example() -> None:
    for name, command in COMMANDS.items():
        assert f"feedsvc {name}" in (command.help or ""), f"feedsvc {name} --help has no example"
