"""A query, as both back ends read it: frozen nodes of our own, none of luqum's.

`str()` of a node is its canonical text; parsing that gives an equal node, unless it outgrows the limits of a query.
"""

from dataclasses import dataclass
from dataclasses import field as attribute
from datetime import UTC, datetime, tzinfo
from typing import Literal

WordField = Literal["title", "summary", "text", "author", "terms"]
IdField = Literal["source", "category", "tag", "lang", "host"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One folded word. Marked: it matches only words written with the same diacritics; else with any or none."""

    text: str
    marked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """Whole words in this order, next to each other. One word is a phrase of one."""

    #: None: in text, terms or tags
    field: WordField | None
    words: tuple[Word, ...]
    #: the last word is only the beginning of one, in the new tone placement as all words are
    prefix: bool = False

    def __str__(self) -> str:
        words = [word.text for word in self.words]
        # Folded words hold letters, digits and marks alone, so nothing needs escaping; a dot keeps them one phrase.
        value = ".".join(words) + "*" if self.prefix else '"' + " ".join(words) + '"'
        return f"{self.field}:{value}" if self.field else value


@dataclass(frozen=True, slots=True, kw_only=True)
class Is:
    """A whole id, folded: letters, digits, `_`, `-`, `.`.

    A language also means its regional forms, a host its subdomains.
    """

    field: IdField
    value: str
    #: where it stands in the text, from 1; no part of what it means
    column: int = attribute(default=1, compare=False)

    def __str__(self) -> str:
        return f'{self.field}:"{self.value}"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """Published at `since` or later and before `until`; a story without a date is never meant.

    A time without a zone is the site's wall clock; None: open at that end.
    """

    since: datetime | None
    until: datetime | None

    def bounds(self, zone: tzinfo) -> tuple[datetime | None, datetime | None]:
        """Return `since` and `until` in UTC."""
        return _instant(self.since, zone), _instant(self.until, zone)

    def __str__(self) -> str:
        since, until = (f'"{bound.isoformat()}"' if bound else "*" for bound in (self.since, self.until))
        return f"published:[{since} TO {until}}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """Everything that the operand does not match, whatever else a story says."""

    operand: "Query"

    def __str__(self) -> str:
        return f"NOT {_inner(self.operand)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class And:
    """All of two or more, none of them an And itself."""

    operands: tuple["Query", ...]

    def __str__(self) -> str:
        return " AND ".join(_inner(operand) for operand in self.operands)


@dataclass(frozen=True, slots=True, kw_only=True)
class Or:
    """At least one of two or more, none of them an Or itself."""

    operands: tuple["Query", ...]

    def __str__(self) -> str:
        return " OR ".join(_inner(operand) for operand in self.operands)


Query = Phrase | Is | Published | Not | And | Or


def all_of(operands: list[Query]) -> Query:
    """Return the conjunction of one or more, flat."""
    flat = tuple(part for each in operands for part in (each.operands if isinstance(each, And) else (each,)))
    return flat[0] if len(flat) == 1 else And(operands=flat)


def any_of(operands: list[Query]) -> Query:
    """Return the disjunction of one or more, flat."""
    flat = tuple(part for each in operands for part in (each.operands if isinstance(each, Or) else (each,)))
    return flat[0] if len(flat) == 1 else Or(operands=flat)


def negation(operand: Query) -> Query:
    return operand.operand if isinstance(operand, Not) else Not(operand=operand)


def _inner(query: Query) -> str:
    return f"({query})" if isinstance(query, And | Or) else str(query)


def _instant(wall: datetime | None, zone: tzinfo) -> datetime | None:
    if wall is None:
        return None
    return (wall if wall.tzinfo else wall.replace(tzinfo=zone)).astimezone(UTC)
