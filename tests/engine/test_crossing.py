"""What crosses over between processes arrives as it left."""

import pickle
from dataclasses import FrozenInstanceError, dataclass, field
from datetime import UTC, datetime

import pytest

from feedsvc.engine.crossing import packed
from feedsvc.errors import ParseError
from feedsvc.model import Content, Document, Entry, FeedInfo, Link, Term

NOW = datetime(2026, 11, 22, tzinfo=UTC)
SHARED = Term(term="one")


@dataclass(frozen=True, slots=True)
class Longer(Term):
    added: int = 0


@dataclass(frozen=True, slots=True)
class Single:
    one: object


@dataclass(slots=True)
class Changing:
    one: int
    two: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Roomy:
    one: int
    two: int


@pytest.mark.parametrize(
    "value",
    [
        Entry(),
        Entry(title="a", published=NOW, content=Content(value="x", type="text"), terms=(SHARED,), source=FeedInfo()),
        FeedInfo(links=(Link(href="x"), Link(href="y", rel="self")), updated=NOW, skip_hours=(1, 2)),
        Document(url="x", status=200, body=b"y" * 100_000, content_type=None, fetched_at=NOW),
        Longer(term="x", added=3),
        Single((Single(None), Changing(1, [2]))),
        Roomy(1, 2),
        {"type": Entry, "function": packed, "moment": NOW},
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_values_arrive_as_they_left(value: object) -> None:
    arrived = pickle.loads(packed(value))
    assert arrived == value
    assert type(arrived) is type(value)


def test_what_arrives_cannot_be_changed_and_is_shared_as_it_was() -> None:
    arrived = pickle.loads(packed(Entry(terms=(SHARED, SHARED))))
    assert arrived.terms[0] is arrived.terms[1]
    with pytest.raises(FrozenInstanceError):
        arrived.title = "other"


def test_errors_arrive() -> None:
    arrived = pickle.loads(packed(ParseError("one", "no feed")))
    assert (type(arrived), arrived.source_id, arrived.problem) == (ParseError, "one", "no feed")
