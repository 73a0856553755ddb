"""What can be told from a query's symbols alone: quotes, refused syntax, unfinished input, pitfalls.

luqum names no column for most of these, and reads some in a way that nobody means.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import luqum.parser
from luqum.exceptions import IllegalCharacterError

from feedsvc.errors import QueryError

_OTHER_QUOTES = "“”„‟«»＂"

_REFUSED = {
    "REGEX": "regular expressions are not supported; to find the text itself, put it in quotes",
    "APPROX": "“~” (similar words, words near each other) is not supported",
    "BOOST": "“^” (weights) is not supported: a story matches or it does not",
}
_ILLEGAL = {
    '"': "the quote is not closed",
    "'": "a word cannot begin with “'”; put it in double quotes",
    "/": "a word cannot begin with “/”; put it in double quotes",
    "\\": "“\\” makes the next character an ordinary one, but none follows",
}
_RANGE = "a range is written [2025-01-01 TO 2025-02-01], with * for an open end"
_LEADS_ON = ("AND_OP", "OR_OP", "NOT", "PLUS", "MINUS", "COLUMN", "LESSTHAN", "GREATERTHAN")
_OPENING = ("LPAREN", "LBRACKET")
_CLOSING = ("RPAREN", "RBRACKET")


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """One symbol of a query; `kind` is luqum's, `start` and `end` count from 0."""

    kind: str
    text: str
    start: int
    end: int


def straightened(text: str) -> str:
    """Return the text with every kind of double quote as `"`, each character in its place.

    Typographic quotes inside straight ones are part of the phrase.
    """
    characters = list(text)
    last_straight = text.rfind('"')
    opened, escaped = "", False
    for place, character in enumerate(text):
        if escaped or character == "\\":
            escaped = not escaped
        elif character == '"' or character in _OTHER_QUOTES:
            inside = opened == '"' != character and place < last_straight
            characters[place] = " " if inside else '"'
            if not inside:
                opened = "" if opened else character
    return "".join(characters)


def symbols(text: str) -> tuple[Symbol, ...]:
    """Return the symbols of a straightened query. Raises QueryError for what its symbols give away."""
    found = _cut(text)
    if not found:
        raise QueryError("the query is empty; a word is expected", column=1)
    _check_closed(found)
    if found[-1].kind in _LEADS_ON:
        raise QueryError(f"the query is unfinished: something is expected after “{found[-1].text}”", column=_end(found))
    for one, following in pairwise(found):
        if one.kind in {"PLUS", "MINUS"} and following.start > one.end:
            problem = f"“{one.text}” stands alone: write it directly before a word, or put the text in quotes"
            raise QueryError(problem, column=one.start + 1)
    for place, one in enumerate(found):
        if one.kind == "COLUMN" and place:
            _check_reach(found[place - 1 : place + 4])
    return found


def unexpected(found: Sequence[Symbol], position: int | None) -> QueryError:
    """Return the error for the symbol at which luqum gave up; None: at the end."""
    if position is None:
        return QueryError("the query is unfinished", column=_end(found))
    before = [one for one in found if one.start < position]
    symbol = found[len(before)]
    opened = [one.kind for one in before if one.kind in {"LBRACKET", "RBRACKET"}][-1:] == ["LBRACKET"]
    if opened or symbol.kind in {"LBRACKET", "RBRACKET"}:
        problem = _RANGE
    elif symbol.kind in {"AND_OP", "OR_OP"}:
        problem = f"“{symbol.text}” joins two parts; the one before it is missing"
    elif symbol.kind == "COLUMN":
        problem = "a field is expected before “:”; text with a colon goes in quotes"
    else:
        problem = f"a word is expected here, not “{symbol.text}”"
    return QueryError(problem, column=position + 1)


def _cut(text: str) -> tuple[Symbol, ...]:
    lexer = luqum.parser.lexer.clone()  # as luqum.thread does: the shared one is not safe between threads
    lexer.input(text)
    found: list[Symbol] = []
    try:
        while (token := lexer.token()) is not None:
            start, end = token.lexpos, lexer.lexpos
            if token.type in _REFUSED:
                raise _address(found) or QueryError(_REFUSED[token.type], column=start + 1)
            found.append(Symbol(kind=token.type, text=text[start:end], start=start, end=end))
    except IllegalCharacterError as error:
        place = lexer.lexpos
        problem = _ILLEGAL.get(text[place], f"“{text[place]}” cannot stand here")
        address = _address(found) if text[place] == "/" else None
        raise address or QueryError(problem, column=place + 1) from error
    return tuple(found)


def _address(found: Sequence[Symbol]) -> QueryError | None:
    """Return the error for `http:` when a slash follows."""
    if [one.kind for one in found[-2:]] != ["TERM", "COLUMN"]:
        return None
    return QueryError("text with a colon, such as an address, goes in quotes", column=found[-2].start + 1)


def _check_closed(found: Sequence[Symbol]) -> None:
    opened: list[Symbol] = []
    for one in found:
        if one.kind in _OPENING:
            opened.append(one)
        elif one.kind in _CLOSING:
            if not opened:
                raise QueryError(f"“{one.text}” closes nothing", column=one.start + 1)
            if _OPENING.index(opened[-1].kind) != _CLOSING.index(one.kind):
                raise QueryError(f"“{one.text}” cannot close “{opened[-1].text}”", column=one.start + 1)
            opened.pop()
    if opened:
        raise QueryError(f"“{opened[-1].text}” is not closed", column=opened[-1].start + 1)


def _check_reach(found: Sequence[Symbol]) -> None:
    """Refuse `title: hà nội`: the space says that both words are meant, but Lucene's syntax gives the field only one.

    `found` begins with the field, then its colon.
    """
    if len(found) < 4:
        return
    field, colon, first, second, *after = found
    if field.kind != "TERM" or first.kind != "TERM":
        return
    spaced = colon.start > field.end or first.start > colon.end
    if spaced and second.kind in {"TERM", "PHRASE"} and not (after and after[0].kind == "COLUMN"):
        joined = f'{field.text}:"{first.text} {second.text.strip(chr(34))} …"'
        problem = (
            f"“{field.text}:” holds for the next word only, not for “{second.text}”; "
            f"write {joined} for a phrase or {field.text}:(…) for words anywhere"
        )
        raise QueryError(problem, column=second.start + 1)


def _end(found: Sequence[Symbol]) -> int:
    return found[-1].end + 1 if found else 1
