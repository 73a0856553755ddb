"""Adding sources to a configuration folder while people edit it."""

import fcntl
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from feedsvc.errors import ConfigError, FolderChangedError, InvalidConfigError, StartError
from feedsvc.model import SourceKind
from feedsvc.settings import inserting, tree
from feedsvc.settings.files import MAX_FILE, Files, read_readable, sync_folder
from feedsvc.settings.reading import Settings, load, parse

_SOURCES = "sources.yaml"
_KEY = "sources"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSource:
    """A source to be added; what is not said here has its default."""

    id: str
    title: str
    url: str
    kind: SourceKind = "feed"
    language: str | None = None
    categories: tuple[str, ...] = ()

    def keys(self) -> inserting.Keys:
        keys: dict[str, str | Sequence[str]] = {"id": self.id, "title": self.title, "url": self.url}
        if self.kind != "feed":
            keys["kind"] = self.kind
        if self.language:
            keys["language"] = self.language
        if self.categories:
            keys["categories"] = self.categories
        return keys


def load_to_add(folder: Path, environ: Mapping[str, str]) -> tuple[Files, Settings]:
    """Read the folder like `load`, but let sources.yaml hold nothing yet."""
    files, unreadable = read_readable(folder)
    if not unreadable and _holds_nothing(_text(files)):
        return files, parse(_with_text(files, "sources: []"), environ)
    return load(folder, environ)


def with_sources(files: Files, sources: Sequence[NewSource], environ: Mapping[str, str]) -> Files:
    """Return the files with these sources behind the others; `files` are such as `load_to_add` returns.

    Raises InvalidConfigError when the whole would not be valid.
    """
    if not sources:
        return files
    text = inserting.inserted(_text(files), _KEY, [source.keys() for source in sources])
    added = _with_text(files, text)
    problem = None
    if len(text.encode()) > MAX_FILE:
        problem = f"would be larger than {MAX_FILE // 10**6} MB with the new sources"
    elif [source.id for source in parse(added, environ).sources][-len(sources) :] != [source.id for source in sources]:
        problem = "is written in a way that no program can add to; add the sources by hand"
    if problem:
        raise InvalidConfigError([ConfigError(problem, file=files.path(_SOURCES))])
    return added


def save(old: Files, new: Files) -> None:
    """Write sources.yaml; whoever reads it meanwhile sees the old or the new one, whole.

    Raises FolderChangedError when the file is no longer as it was read, StartError when it cannot be written.
    """
    path = Path(old.path(_SOURCES))
    try:
        # The file behind a link is replaced, not the link.
        path = path.resolve(strict=True)
        with _locked(path.parent):
            body = path.read_bytes()
            if body.decode("utf-8-sig", "replace") != _text(old):
                raise FolderChangedError(f"{old.path(_SOURCES)} was changed meanwhile; nothing was written, try again")
            mark = body[: len(body) - len(_text(old).encode())]
            _replace(path, mark + _text(new).encode())
    except OSError as error:
        raise StartError(f"{old.path(_SOURCES)} cannot be written: {error.strerror}") from error


def _replace(path: Path, body: bytes) -> None:
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with beside.open("xb") as file:
            was = path.stat()
            os.fchmod(file.fileno(), was.st_mode & 0o7777)
            with suppress(PermissionError):
                os.fchown(file.fileno(), was.st_uid, was.st_gid)
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        sync_folder(path.parent)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep other imports out between the last look and the writing; editors know no locks."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _text(files: Files) -> str:
    return dict(files.texts)[_SOURCES]


def _with_text(files: Files, text: str) -> Files:
    return Files(files.folder, tuple((name, text if name == _SOURCES else old) for name, old in files.texts))


def _holds_nothing(text: str) -> bool:
    """Say whether there is no source yet, not even `[]`."""
    read = tree.compose(text, _SOURCES)
    inner = read.root
    if isinstance(inner, tree.Mapping) and list(inner.items) == [_KEY]:
        inner = inner.items[_KEY]
    return read.whole and not read.errors and isinstance(inner, tree.Scalar) and inner.value is None
