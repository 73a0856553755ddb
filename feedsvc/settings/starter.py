"""A configuration folder to begin with: the templates with what its owner says, and its writing."""

import json
import os
import re
import secrets
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

from feedsvc.errors import StartError
from feedsvc.settings.files import CONFIG_FILES, sync_folder
from feedsvc.settings.inserting import as_yaml
from feedsvc.settings.kinds import read_base_address, read_contact, read_language, read_line
from feedsvc.settings.reference import json_schema, reference
from feedsvc.settings.tree import UNUSABLE


def starter(
    *,
    title: str | None = None,
    base_url: str | None = None,
    contact: str | None = None,
    languages: Sequence[str] = (),
) -> Mapping[str, str]:
    """Return the text of each file by its path in the folder; what is not said is as in the templates.

    Raises ValueError, which begins with the key, for what the configuration could not hold.
    """
    answers: tuple[tuple[str, object, Callable[[Any], str | Sequence[str]]], ...] = (
        ("title", title, _read_title),
        ("base_url", base_url, read_base_address),
        ("languages", languages or None, lambda given: list(dict.fromkeys(map(read_language, given)))),
        ("contact", contact, read_contact),
    )
    texts = {name: _template(name) for name in CONFIG_FILES}
    for key, given, read in answers:
        if given is not None:
            try:
                texts["feedsvc.yaml"] = _set(texts["feedsvc.yaml"], key, read(given))
            except ValueError as error:
                raise ValueError(f"{key}: {error}") from error
    schemas = {
        f"schema/{name.replace('.yaml', '.json')}": json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
        for name, schema in json_schema().items()
    }
    return {**schemas, "README.md": _template("README.md") + reference(), **texts}


def _read_title(title: str) -> str:
    if bad := UNUSABLE.search(title):
        raise ValueError(f"the character U+{ord(bad[0]):04X} cannot stand in a text")
    return read_line(title)


def _template(name: str) -> str:
    return (resources("feedsvc.settings") / "templates" / name).read_text("utf-8")


def _set(text: str, key: str, value: str | Sequence[str]) -> str:
    """Put a value into its line under `site`, or into the line that shows it in a comment."""
    line = f"  {as_yaml({key: value})}"
    for shown in (rf"^  {key}: .*\n", rf"^  # {key}: .*\n"):
        text, count = re.subn(shown, lambda _: line, text, count=1, flags=re.MULTILINE)
        if count:
            return text
    raise AssertionError(f"the template shows no {key}")


def write_new(folder: Path, texts: Mapping[str, str]) -> None:
    """Write a folder's files, all or none of them, and none over another.

    Raises StartError when one is there already, or when something cannot be written.
    """
    there = [str(folder / name) for name in texts if os.path.lexists(folder / name)]
    if there:
        is_one = len(there) == 1
        raise StartError(f"{', '.join(there)} {'is' if is_one else 'are'} there already; nothing was written")
    is_new = not os.path.lexists(folder)
    # Beside the place where it is to be, on the same file system: a new folder appears as a whole.
    stage = (folder.parent if is_new else folder) / f".{folder.name or 'feedsvc'}.{secrets.token_hex(4)}"
    parents = _missing_parents(stage)
    try:
        for parent in parents:
            parent.mkdir()
        stage.mkdir()
        for name, text in texts.items():
            _write(stage / name, text)
        if is_new:
            stage.rename(folder)
        else:
            _move_in(stage, folder, tuple(texts))
        for changed in {*((folder / name).parent for name in texts), folder.parent, *(p.parent for p in parents)}:
            sync_folder(changed)
    except OSError as error:
        raise StartError(f"{folder} cannot be written: {error.strerror}; nothing was written") from error
    finally:
        shutil.rmtree(stage, ignore_errors=True)
        for parent in reversed(parents):
            # Only what is empty goes, after a failure.
            with suppress(OSError):
                parent.rmdir()


def _missing_parents(path: Path) -> list[Path]:
    """Return the folders above a path that are still to be made, the outermost first."""
    return [parent for parent in reversed(path.parents) if not os.path.lexists(parent)]


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    with path.open("xb") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())


def _move_in(stage: Path, folder: Path, names: Sequence[str]) -> None:
    """Move finished files to their places; when that fails, those moved before leave again."""
    made: list[Path] = []
    try:
        for name in names:
            place = folder / name
            if not place.parent.exists():
                place.parent.mkdir()
                made.append(place.parent)
            place.open("xb").close()
            made.append(place)
            (stage / name).replace(place)
    except BaseException:
        for path in reversed(made):
            path.rmdir() if path.is_dir() else path.unlink()
        raise
