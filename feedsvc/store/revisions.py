"""Revisions of the configuration; the latest is in force. Never deleted."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from feedsvc.model import Checked
from feedsvc.store.codec import decode, encode
from feedsvc.store.schema import config_revisions
from feedsvc.store.work import AnyRow, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision(Checked):
    """One state of the configuration folder, with what led to it. `files`: name and text, as read."""

    number: int
    at: datetime
    who: str
    diff: str
    files: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Folder:
    files: tuple[_File, ...] = ()


class Revisions:
    """Numbered from 1."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def append(self, files: tuple[tuple[str, str], ...], *, who: str, at: datetime, diff: str) -> int:
        """Return the new revision's number."""
        number = self._work.take("revision")
        folder = _Folder(files=tuple(_File(name=name, text=text) for name, text in files))
        row = {"number": number, "at": at, "who": who, "diff": diff, "files": encode(folder)}
        self._work.insert(config_revisions, [row])
        return number

    def latest(self) -> Revision | None:
        return next(iter(self.history(1)), None)

    def latest_number(self) -> int:
        """Return 0 where there is none."""
        return self._work.last("revision")

    def history(self, limit: int) -> tuple[Revision, ...]:
        """Return the latest first."""
        query = select(config_revisions).order_by(config_revisions.c.number.desc()).limit(limit)
        return tuple(_revision(row) for row in self._work.connection.execute(query))


def _revision(row: AnyRow) -> Revision:
    folder = decode(_Folder, row.files)
    files = tuple((file.name, file.text) for file in folder.files)
    return Revision(number=row.number, at=row.at, who=row.who, diff=row.diff, files=files)
