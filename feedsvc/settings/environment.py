"""What the environment says instead of the files: two addresses, each also as ..._FILE for secrets."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from feedsvc.errors import ConfigError, InvalidConfigError
from feedsvc.settings.declared import StorageKeys
from feedsvc.settings.files import read_readable
from feedsvc.settings.kinds import read_base_address, read_database
from feedsvc.settings.tree import child, compose, text_of

STORAGE_URL = "FEEDSVC_STORAGE_URL"
BASE_URL = "FEEDSVC_BASE_URL"
_SQLITE = "sqlite:///"
_MAX_SECRET = 10_000


def base_folder(folder: Path) -> Path:
    """Return what relative paths are relative to: the configuration folder's parent."""
    return Path(os.path.abspath(folder)).parent  # noqa: PTH100  resolve() would follow a linked folder to another parent


def from_environment(folder: Path, environ: Mapping[str, str]) -> tuple[str | None, str | None, list[ConfigError]]:
    """Return storage URL and base URL as far as the environment gives them, and what is wrong there."""
    errors: list[ConfigError] = []

    def value(name: str, read: Callable[[object], str]) -> str | None:
        try:
            given = _given(name, folder, environ)
            return None if given is None else read(given)
        except ValueError as error:
            errors.append(ConfigError(str(error), file="environment", key=name))
            return None

    return value(STORAGE_URL, read_database), value(BASE_URL, read_base_address), errors


def _given(name: str, folder: Path, environ: Mapping[str, str]) -> str | None:
    """Return a variable's value, or the content of the file that its ..._FILE names. An empty one counts as not set."""
    direct, named = environ.get(name, "").strip(), environ.get(f"{name}_FILE", "").strip()
    if direct and named:
        raise ValueError(f"is set, and so is {name}_FILE; set one of them")
    if not named:
        return direct or None
    try:
        with (base_folder(folder) / named).open("rb") as file:
            content = file.read(_MAX_SECRET).decode().strip()
    except OSError as error:
        raise ValueError(f"the file {named} of {name}_FILE cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"the file {named} of {name}_FILE is not UTF-8") from error
    if not content:
        raise ValueError(f"the file {named} of {name}_FILE is empty")
    return content


def absolute_storage_url(url: str, folder: Path) -> str:
    path, mark, options = url.removeprefix(_SQLITE).partition("?")
    return f"{_SQLITE}{base_folder(folder) / path}{mark}{options}" if url.startswith(_SQLITE) else url


def storage_url(folder: Path, environ: Mapping[str, str]) -> str:
    """Return the database's address as well as it can be told, also from a broken folder.

    The environment's, else the one in feedsvc.yaml where that much can be read, else the default; SQLite paths are
    absolute. Raises InvalidConfigError when the environment names a wrong one: another database would hide the stories.
    """
    given, _, errors = from_environment(folder, environ)
    if faults := [error for error in errors if error.key == STORAGE_URL]:
        raise InvalidConfigError(faults)
    return absolute_storage_url(given or _written(folder) or str(StorageKeys().url), folder)


def _written(folder: Path) -> str | None:
    files, _ = read_readable(folder)
    read = compose(dict(files.texts).get("feedsvc.yaml", ""), "feedsvc.yaml")
    url = text_of(child(child(read.root, "storage"), "url"))
    try:
        return read_database(url)
    except ValueError:
        return None
