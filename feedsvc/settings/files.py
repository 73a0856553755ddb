"""The three files as they are on disk."""

import difflib
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from feedsvc.errors import ConfigError, InvalidConfigError
from feedsvc.settings.declared import FILES
from feedsvc.settings.tree import mark_at

CONFIG_FILES = tuple(name for name, _ in FILES)
#: bytes; 10,000 sources with all their keys, and some 15 seconds of reading
MAX_FILE = 4_000_000


@dataclass(frozen=True, slots=True)
class Files:
    """A reading of the folder: name and text of each file. `folder` as the user gave it."""

    folder: Path
    texts: tuple[tuple[str, str], ...]

    def path(self, name: str) -> str:
        return str(self.folder / name)


def read_folder(folder: Path) -> Files:
    """Read the three files; line ends stay as they are, a byte order mark goes.

    Raises InvalidConfigError with everything that keeps one of them from being read.
    """
    files, errors = read_readable(folder)
    if errors:
        raise InvalidConfigError(errors)
    return files


def read_readable(folder: Path) -> tuple[Files, tuple[ConfigError, ...]]:
    """Read what can be read of the folder, and say what cannot."""
    if not folder.is_dir():
        problem = "is not a folder" if folder.exists() else "there is no such folder; `feedsvc init` writes one"
        error = ConfigError(f"{problem}; it must hold {', '.join(CONFIG_FILES)}", file=str(folder))
        return Files(folder, ()), (error,)
    texts: list[tuple[str, str]] = []
    errors: list[ConfigError] = []
    for name in CONFIG_FILES:
        read = read_file(folder / name)
        if isinstance(read, ConfigError):
            errors.append(read)
        else:
            texts.append((name, read))
    return Files(folder, tuple(texts)), tuple(errors)


def read_file(path: Path) -> str | ConfigError:
    """Return a file's text, or what keeps it from being read."""
    try:
        with path.open("rb") as file:
            body = file.read(MAX_FILE + 1)
    except FileNotFoundError:
        return ConfigError("there is no such file", file=str(path))
    except OSError as error:
        return ConfigError(f"cannot be read: {error.strerror}", file=str(path))
    if len(body) > MAX_FILE:
        return ConfigError(f"is larger than {MAX_FILE // 10**6} MB", file=str(path))
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = body[: error.start].decode("utf-8-sig", "replace")
        mark = mark_at(before, len(before))
        problem = f"is not UTF-8: byte {error.object[error.start]:02X} cannot stand here; save the file as UTF-8"
        return ConfigError(problem, file=str(path), line=mark.line, column=mark.column)


def sync_folder(folder: Path) -> None:
    """Let what was renamed in a folder outlast a power cut."""
    # Not every file system can, and what was to be written is there by now.
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def diff(old: Files | None, new: Files) -> str:
    """Return what changed, as a unified diff over all files; "" when nothing did. `old` None: everything is new."""
    before, after = dict(old.texts) if old else {}, dict(new.texts)
    names = [*CONFIG_FILES, *sorted({*before, *after} - set(CONFIG_FILES))]
    return "".join(line for name in names for line in _file_diff(name, before.get(name, ""), after.get(name, "")))


def _file_diff(name: str, before: str, after: str) -> Iterator[str]:
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    for line in difflib.unified_diff(old, new, fromfile=name, tofile=name):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
