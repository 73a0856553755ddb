"""What polls work with."""

import time
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from feedsvc import filing
from feedsvc.model import Document, FetchState, NotModified, Source
from feedsvc.reading import Reading
from feedsvc.store import Store
from feedsvc.update.writing import Writes


class Http(Protocol):
    """The part of `fetch.Client` that a poll uses."""

    async def get(self, source: Source, state: FetchState, now: datetime) -> Document | NotModified: ...


class Reader(Protocol):
    """Runs `read` where it can be killed. Raises IsolationError, or what `read` raises."""

    def __call__(self, document: Document, source: Source, marks: bytes = b"") -> Awaitable[Reading]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """When an attempt began: the time that it goes by, and the monotonic clock, in seconds."""

    at: datetime
    clock_s: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deps:
    """What a poll works with, built once by the command."""

    http: Http
    reader: Reader
    store: Store
    #: of the configuration that rules, ranks and languages are of
    revision: int
    rules: filing.Rules
    ranks: Mapping[str, int]
    languages: tuple[str, ...]
    #: this process's name in claims
    holder: str
    #: how many revisions of an entry are kept
    keep_revisions: int
    #: how long a story waits for its article's page before it is announced
    hold: timedelta
    #: all that polls of this process write, one after the other: threads would only queue up inside the database
    writes: Writes
