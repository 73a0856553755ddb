"""Every exception that feedsvc raises on purpose.

FeedsvcError
├── ConfigError        one fault in the configuration
├── InvalidConfigError all faults of one reading
├── FolderChangedError the configuration changed while it was read
├── ConfigChangedError another revision came into force meanwhile
├── QueryError         a query that is refused, with its column
├── StoreError         the database refused; stops the tick
├── SourceError        one source failed; the batch goes on
│   ├── FetchError
│   └── ParseError
│       └── NothingListedError
├── IsolationError     a worker process did not survive its task
├── RenderError        a document could not be written
├── DataSetError       a data set to measure with that cannot be read
└── StartError         a command cannot start
"""

from collections.abc import Iterable


class FeedsvcError(Exception):
    """The base of all; its text is for an admin."""

    def __reduce__(self) -> tuple[object, ...]:
        # The inherited one calls the class with the text alone, which those with parts of their own refuse: then an
        # error raised in a worker process could not come back from there.
        return _revived, (type(self), self.args, self.__dict__)


def _revived(kind: type[FeedsvcError], args: tuple[object, ...], attributes: dict[str, object]) -> FeedsvcError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(attributes)
    return error


class ConfigError(FeedsvcError):
    """One fault: `file:line:column: key: what is wrong, what is allowed`. Line and column count from 1."""

    def __init__(self, problem: str, *, file: str, key: str = "", line: int = 1, column: int = 1) -> None:
        self.problem, self.file, self.key, self.line, self.column = problem, file, key, line, column
        super().__init__(f"{file}:{line}:{column}: {key}: {problem}" if key else f"{file}:{line}:{column}: {problem}")


class InvalidConfigError(FeedsvcError):
    """All faults of one reading of the configuration, in order of file and position."""

    def __init__(self, errors: Iterable[ConfigError]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(str(error) for error in self.errors))


class FolderChangedError(FeedsvcError):
    """The folder was edited between reading and recording; read it again."""


class ConfigChangedError(FeedsvcError):
    """Another revision came into force while something went by the former one."""


class QueryError(FeedsvcError):
    """A query that cannot be read or is refused. `column` counts characters from 1."""

    def __init__(self, problem: str, *, column: int) -> None:
        self.problem, self.column = problem, column
        super().__init__(f"column {column}: {problem}")


class StoreError(FeedsvcError):
    """The database refused or is not usable."""


def printable(text: str) -> str:
    """Return a text without characters that a terminal would obey: parts of messages come from outside."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


class SourceError(FeedsvcError):
    """One source failed; it is recorded and the batch goes on."""

    def __init__(self, source_id: str, problem: str) -> None:
        self.source_id, self.problem = source_id, printable(problem)
        super().__init__(f"{source_id}: {self.problem}")


class FetchError(SourceError):
    """A request that brought no document. `retryable`: trying later may help. `status` is the HTTP status, if any."""

    def __init__(
        self, source_id: str, problem: str, *, retryable: bool, status: int | None = None, freshness: object = None
    ) -> None:
        self.retryable, self.status, self.freshness = retryable, status, freshness
        #: host and port of the last request, and whether it brought no answer at all; set by who sent it
        self.authority: str | None = None
        self.is_unreachable = False
        super().__init__(source_id, problem)


class ParseError(SourceError):
    """A document that holds no feed that we can read."""


class NothingListedError(ParseError):
    """A page in which the selectors of its source find no entry."""


class IsolationError(FeedsvcError):
    """A worker process did not survive its task: it took too long, needed too much memory or crashed."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(problem)


class RenderError(FeedsvcError):
    """A document could not be written."""


class DataSetError(FeedsvcError):
    """A data set to measure with that cannot be read."""


class StartError(FeedsvcError):
    """A command cannot start: a port in use, a folder that cannot be written."""
