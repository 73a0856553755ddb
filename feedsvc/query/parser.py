"""Text to our own tree, by way of luqum. Every refusal names its column."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from itertools import chain
from typing import Any, cast, get_args

import luqum.thread
from luqum import tree
from luqum.exceptions import ParseError

from feedsvc.errors import QueryError
from feedsvc.query import scan
from feedsvc.query.ast import (
    IdField,
    Is,
    Phrase,
    Published,
    Query,
    Word,
    WordField,
    all_of,
    any_of,
    negation,
)
from feedsvc.query.dates import period
from feedsvc.query.fold import fold, tokens

_WORD_FIELDS: tuple[str, ...] = get_args(WordField)
_ID_FIELDS: tuple[str, ...] = get_args(IdField)
#: every field of the language
FIELDS: tuple[str, ...] = (*_WORD_FIELDS, *_ID_FIELDS, "published")

#: characters
MAX_LENGTH = 10_000
#: parentheses, fields and negations inside each other
MAX_DEPTH = 50

# Characters of a query that an error repeats.
_SHOWN = 40

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SPECIAL = re.compile(r'\\.|([*?"]|&&|\|\|)', re.DOTALL)
_ID = re.compile(r"[\w.-]+")
_POSITION = re.compile(r"position (\d+)")
_SIGNED = (tree.Not, tree.Prohibit, tree.Plus)
_DATE_WANTED = "a date is expected, such as 2025, 2025-01, 2025-01-31 or 2025-01-31T15:30"

# luqum is not typed; its items are looked at in this module only.
Item = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where in the tree we are."""

    fields: Collection[str]
    field: str | None = None
    depth: int = 0


def parse(text: str, *, fields: Collection[str] = FIELDS) -> Query:
    """Read a query. `fields` are those that may be used here. Raises QueryError.

    Parts side by side mean AND, which binds tighter than OR: `tiêu chuẩn OR chất lượng` is two pairs. A part that
    begins with `+`, `-` or NOT and has no operator beside it holds for all between the same parentheses: `a OR b -c`
    never finds c. Only capitals make operators (AND, OR, NOT, TO). A query that only forbids matches every other story.
    """
    if len(text) > MAX_LENGTH:
        raise QueryError(f"the query is longer than {MAX_LENGTH} characters", column=MAX_LENGTH + 1)
    straight = scan.straightened(text)
    symbols = scan.symbols(straight)
    try:
        item = luqum.thread.parse(straight)
    except ParseError as error:
        position = _POSITION.search(str(error))
        raise scan.unexpected(symbols, int(position[1]) if position else None) from error
    return _query(item, _Place(fields=fields))


def _query(item: Item, place: _Place) -> Query:
    if place.depth > MAX_DEPTH:
        raise _refused(item, f"the query is nested more than {MAX_DEPTH} deep")
    inside = _Place(fields=place.fields, field=place.field, depth=place.depth + 1)
    match item:
        case tree.SearchField():
            read = _query(item.expr, _within(item, inside))
        case tree.BaseGroup():
            read = _query(item.expr, inside)
        case tree.BaseOperation():
            read = _joined(item, inside)
        case tree.Not() | tree.Prohibit():
            read = negation(_query(item.a, inside))
        case tree.Plus():
            read = _query(item.a, inside)
        case _:
            read = _value(item, place)
    return read


def _joined(operation: Item, place: _Place) -> Query:
    """Read all that stands between the same parentheses.

    luqum binds parts side by side now looser than OR (`a b OR c`), now tighter (`a OR b -c`). So its tree is only gone
    through in the order of the text: OR parts alternatives, all else joins.
    """
    alternatives: list[list[Item]] = [[]]
    everywhere: list[Item] = []
    # A stack, for luqum nests a long query as deep as it is long; None: the next alternative begins.
    waiting: list[tuple[Item | None, bool]] = [(operation, False)]
    while waiting:
        part, has_operator = waiting.pop()
        if part is None:
            alternatives.append([])
        elif isinstance(part, tree.BaseOperation):
            waiting += reversed(list(_parts(part, has_operator)))
        elif isinstance(part, _SIGNED) and not has_operator:
            everywhere.append(part)
        else:
            alternatives[-1].append(part)
    if len(alternatives) > 1:
        for part in chain.from_iterable(alternatives):
            if isinstance(part, tree.Plus):
                raise _refused(part, "“+” requires a part that OR leaves open: use one or the other")
    read = [all_of([_query(part, place) for part in parts]) for parts in alternatives if parts]
    return all_of([*([any_of(read)] if read else []), *(_query(part, place) for part in everywhere)])


def _parts(operation: Item, has_operator: bool) -> Iterator[tuple[Item | None, bool]]:
    """Yield the operands in order, each with whether an operator stands beside it."""
    beside = not isinstance(operation, tree.UnknownOperation)
    for number, operand in enumerate(operation.operands):
        if number and isinstance(operation, tree.OrOperation):
            yield None, True
        yield operand, beside or (number == 0 and has_operator)


def _within(item: Item, place: _Place) -> _Place:
    name = item.name.lower()
    if place.field is not None:
        raise _refused(item, f"{_shown(item.name)} stands inside “{place.field}:”; one part can look in one field only")
    if name not in place.fields:
        raise _refused(item, _unknown_field(item.name, place.fields))
    return _Place(fields=place.fields, field=name, depth=place.depth)


def _unknown_field(name: str, fields: Collection[str]) -> str:
    if name.lower() in FIELDS:
        return f"“{name}:” cannot be used here"
    near = get_close_matches(name.lower(), fields, n=1)
    guess = f"did you mean “{near[0]}:”? " if near else ""
    allowed = " ".join(field for field in FIELDS if field in fields)
    return f"there is no field {_shown(name)}; {guess}fields are {allowed}; text with a colon goes in quotes"


def _value(item: Item, place: _Place) -> Query:
    field = place.field
    if field == "published":
        return _published(item)
    if not isinstance(item, tree.Term):
        where = f"not for “{field}:”" if field else "written published:[2025-01-01 TO 2025-02-01]"
        raise _refused(item, f"ranges and comparisons are for dates, {where}")
    text, prefix = _text(item)
    if field in _ID_FIELDS:
        value = fold(text.strip())
        if prefix or not _ID.fullmatch(value):
            raise _refused(item, f"“{field}:” is followed by one whole id, not by {_shown(item.value)}")
        return Is(field=cast("IdField", field), value=value, column=(item.pos or 0) + 1)
    words = tuple(Word(text=token.exact, marked=token.marked) for token in tokens(text, limit=len(text) + 1))
    if not words:
        raise _refused(item, f"{_shown(item.value)} holds no word to look for")
    return Phrase(field=cast("WordField | None", field), words=words, prefix=prefix)


def _text(item: Item) -> tuple[str, bool]:
    """Return the text of a word or phrase, and whether it is only the beginning of a word."""
    raw: str = item.value
    if isinstance(item, tree.Phrase):
        return _ESCAPED.sub(r"\1", raw[1:-1]), False
    if raw.startswith("!"):
        raise _refused(item, "“!” is not an operator here; write NOT")
    prefix = False
    for found in _SPECIAL.finditer(raw):
        special = found[1]
        if special in {"&&", "||"}:
            word = "AND" if special == "&&" else "OR"
            raise _refused(item, f"“{special}” is not an operator here; write {word}", found.start())
        if special == '"':
            raise _refused(item, "a quote begins inside a word; put a space before it", found.start())
        if special == "*" and found.start() == 0:
            raise _refused(item, "a word cannot begin with “*”: only its end may be left open, as in inno*")
        if special == "?" or (special == "*" and found.end() < len(raw)):
            problem = f"“{special}” inside a word is not supported: only its end may be left open, as in inno*"
            raise _refused(item, problem, found.start())
        prefix = special == "*"
    return _ESCAPED.sub(r"\1", raw.removesuffix("*") if prefix else raw), prefix


def _published(item: Item) -> Published:
    match item:
        case tree.Range():
            return Published(
                since=_bound(item.low, 0 if item.include_low else 1),
                until=_bound(item.high, 1 if item.include_high else 0),
            )
        case tree.From():
            return Published(since=_bound(item.a, 0 if item.include else 1), until=None)
        case tree.To():
            return Published(since=None, until=_bound(item.a, 1 if item.include else 0))
    since, until = _period(item)
    return Published(since=since, until=until)


def _bound(item: Item, end: int) -> datetime | None:
    if isinstance(item, tree.Word) and item.value == "*":
        return None
    return _period(item)[end]


def _period(item: Item) -> tuple[datetime, datetime]:
    text = str(getattr(item, "value", ""))
    found = period(text[1:-1] if isinstance(item, tree.Phrase) else text)
    if found is None:
        raise _refused(item, f"{_DATE_WANTED}, not {_shown(text)}" if text else _DATE_WANTED)
    return found


def _shown(text: str) -> str:
    return f"“{text}”" if len(text) <= _SHOWN else f"“{text[:_SHOWN]}…”"


def _refused(item: Item, problem: str, offset: int = 0) -> QueryError:
    return QueryError(problem, column=(item.pos or 0) + offset + 1)
