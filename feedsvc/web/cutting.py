"""Cuts a long text into parts, each of them whole HTML: what is open at a cut is closed there and opened again behind.

The parts of one text are at most a few times as long as the text, whatever is in it: an element is opened again
without its attributes, but for those that say how to read it, and libxml2 reads none that are deeper than 256.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

#: the class of the box around what may be wider than the page
WIDE = "wide"

#: Characters of a text that is cut between words.
_PIECE = 1500
#: In the form that `fragments.written` gives, no value holds "<", ">" or a double quote.
_TOKEN = re.compile(r"<[^>]*>|[^<]+")
# A character reference is one character.
_CHARACTERS = rf"(?>&#?\w{{1,31}};|.){{1,{_PIECE}}}"
_WORDS = re.compile(rf"(?s){_CHARACTERS}(?:\s|$)|{_CHARACTERS}")
_END_TAGS = re.compile(r"(?:\s|</[^>]*>)*")
_NAME = re.compile(r"</?([a-z][a-z0-9]*)", re.IGNORECASE)
_NUMBER = re.compile(r' (?:start|value)="\s*\+?(-?[0-9]{1,9})(?![0-9])')
#: How what follows is read and counted; not the publisher's long words and addresses.
_STAYING = re.compile(r' (?:dir|lang|open|reversed|type)="[^"]{0,40}"')
_VOID = frozenset(("br", "col", "hr", "img", "source", "wbr"))
_ENDING = frozenset(("blockquote", "dd", "div", "dl", "figure", "li", "ol", "p", "pre", "table", "tr", "ul"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The part from `start` up to `end`, with the tags that it takes before and behind to be whole."""

    opening: str
    start: int
    end: int
    closing: str


@dataclass(slots=True, kw_only=True)
class _Open:
    """An element that has begun."""

    name: str
    #: as it is opened again
    tag: str
    #: of a numbered list: of the item that is open, else of the next
    number: int | None = None
    step: int = 1

    @classmethod
    def read(cls, name: str, token: str) -> Self:
        if token.startswith(f'<div class="{WIDE}"'):
            return cls(name=name, tag=token)
        tag = f"<{name}{''.join(_STAYING.findall(token))}>"
        if name != "ol":
            return cls(name=name, tag=tag)
        given = _NUMBER.search(token)
        return cls(name=name, tag=tag, number=int(given[1]) if given else 1, step=-1 if ' reversed="' in token else 1)

    @property
    def again(self) -> str:
        return self.tag if self.number is None else f'{self.tag[:-1]} start="{self.number}">'


def cut(html: str, limit: int) -> Iterator[Cut]:
    """Yield the parts of a text in order, one at least; each takes about `limit` bytes of it.

    `html` is in the form that `fragments.written` gives; where it is no longer than `limit`, in any.
    """
    open_now: list[_Open] = []
    opening, start, size = "", 0, 0
    for end, token in _pieces(html) if len(html.encode()) > limit else ():
        size += len(token.encode())
        ended = _follow(token, open_now)
        if size < limit or (ended not in _ENDING and size < limit + limit // 8):
            continue
        if _END_TAGS.fullmatch(html, end):
            break
        yield Cut(opening=opening, start=start, end=end, closing=_closing(open_now))
        opening, start, size = "".join(each.again for each in open_now), end, 0
    yield Cut(opening=opening, start=start, end=len(html), closing="")


def _pieces(html: str) -> Iterator[tuple[int, str]]:
    """Yield tags and texts with where they end, long texts in pieces that end between words."""
    for token in _TOKEN.finditer(html):
        if token[0][0] == "<" or len(token[0]) <= _PIECE:
            yield token.end(), token[0]
        else:
            yield from ((token.start() + words.end(), words[0]) for words in _WORDS.finditer(token[0]))


def _follow(token: str, open_now: list[_Open]) -> str | None:
    """Note that an element begins or ends; return the name of one that ends."""
    found = _NAME.match(token)
    name = found[1].lower() if found else ""
    if not name or name in _VOID:
        return None
    if token[1] == "/":
        if open_now:
            open_now.pop()
        if name == "li" and open_now and open_now[-1].number is not None:
            open_now[-1].number += open_now[-1].step
        return name
    if name == "li" and open_now and open_now[-1].number is not None and (given := _NUMBER.search(token)):
        open_now[-1].number = int(given[1])
    open_now.append(_Open.read(name, token))
    return None


def _closing(open_now: Sequence[_Open]) -> str:
    return "".join(f"</{each.name}>" for each in reversed(open_now))
