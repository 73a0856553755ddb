"""What the full-text tables hold of a story, and what they are asked for a query: the same words, cut alike.

A story is one bag of folded words, each with its diacritics and without, and of marks that no word can equal: the lists
that it is in, its languages and its hosts. What a query asks of that may yield more than it matches, never less.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Protocol

from feedsvc.model import Story
from feedsvc.query import FOLDING_VERSION, And, Is, Not, Or, Phrase, Published, Query, story_subject
from feedsvc.store.columns import microseconds

#: Raised when a story gives other words than before: all are then taken in again.
INDEX_VERSION = f"1 {FOLDING_VERSION}"

#: Of one word, in UTF-8. A tsvector holds a megabyte, and upstream may fill it: 4,000 words in text, summary, terms and
#: authors each, all in two forms. The few words that are longer are told apart in memory.
WORD_BYTES = 30

#: numbers that `sort_at` alone leaves to choose from, and how far beyond them a crowd may go
TIES, CROWD = 1 << 10, 1 << 29

#: beyond all numbers of stories
FIRST, LAST = -(1 << 62), 1 << 62

# Private use characters: no word has them, and both databases take them for letters.
_LISTED, _SPEAKS, _AT, _SORTED_OTHERWISE, _NEVER = "\ue000", "\ue001", "\ue002", "\ue003", "\ue004"
_PUNCTUATION = re.compile(r"[\x00-\x2f\x3a-\x60\x7b-\x7f]")

#: Deeper parts of a query are left to memory: FTS5 gives up at some 30.
_DEEPEST = 16

#: (kind, folded id) → the numbers of the listings that are meant
Named = Callable[[str, str], Sequence[int]]


class Grammar(Protocol):
    """How a database writes a full-text query."""

    AND: str
    OR: str

    def term(self, word: str, *, prefix: bool) -> str: ...


def is_shown(story: Story) -> bool:
    """Say whether a story is to be found."""
    return story.announced_at is not None and story.retracted is None


def words_of(story: Story, numbers: Mapping[tuple[str, str], int]) -> tuple[str, ...]:
    """Return the different words and marks of a story. `numbers` are those of its listings."""
    subject = story_subject(story, UTC)
    passages = {field: [passage for _, passage in found] for field, found in subject.passages.items()}
    if not subject.wording.in_text.is_cut:
        # The text begins with these.
        del passages["title"], passages["summary"]
    words = {
        word
        for found in passages.values()
        for passage in found
        for form in (passage.exact, passage.bare)
        for word in form.distinct
        if word
    }
    found = {word if len(word) * 4 <= WORD_BYTES else cut(word) for word in words}
    listed = {("source", each.source_id) for each in story.appearances}
    listed |= {("category", filed.id) for filed in story.filing.categories}
    listed |= {("tag", filed.id) for filed in story.filing.tags}
    found |= {_listed(numbers[name]) for name in listed}
    # `lang:en` also means en-GB, `host:nhandan.vn` also en.nhandan.vn.
    found |= {_mark(_SPEAKS, part) for lang in subject.ids["lang"] for part in _beginnings(lang[:WORD_BYTES])}
    found |= {_mark(_AT, part) for host in subject.ids["host"] for part in _ends(host[-WORD_BYTES:])}
    if subject.published not in (None, story.sort_at):
        found.add(_SORTED_OTHERWISE)
    return tuple(sorted(found))


def asked(query: Query, grammar: Grammar, named: Named) -> str | None:
    """Return what every story that the query matches fulfils, as a full-text query; None: that says nothing."""
    return _asked(query, grammar, named, 0)


def sorted_otherwise(expression: str | None, grammar: Grammar) -> str:
    """Restrict a full-text query to stories that do not stand where they were published."""
    term = grammar.term(_SORTED_OTHERWISE, prefix=False)
    return term if expression is None else _joined([expression, term], grammar.AND)


def cut(word: str) -> str:
    if len(word) * 4 <= WORD_BYTES or (word.isascii() and len(word) <= WORD_BYTES):
        return word
    return word.encode(errors="replace")[:WORD_BYTES].decode(errors="ignore")


def first_number(moment: datetime) -> int:
    """Return the least number of a story that sorts by this."""
    return max(FIRST, min(microseconds(moment) * TIES, LAST))


def published_range(query: Query, zone: tzinfo) -> tuple[int, int]:
    """Return from which number on, and below which, stories are that match and stand where they were published."""
    match query:
        case Published():
            since, until = query.bounds(zone)
            low = FIRST if since is None else first_number(since)
            return low, LAST if until is None else first_number(until) + CROWD
        case And():
            ranges = [published_range(operand, zone) for operand in query.operands]
            return max(low for low, _ in ranges), min(high for _, high in ranges)
        case Or():
            ranges = [published_range(operand, zone) for operand in query.operands]
            return min(low for low, _ in ranges), max(high for _, high in ranges)
    return FIRST, LAST


def _asked(query: Query, grammar: Grammar, named: Named, depth: int) -> str | None:
    if depth > _DEEPEST:
        return None
    match query:
        case Phrase():
            words = [cut(word.text) for word in query.words]
            last = len(words) - 1
            terms = [grammar.term(word, prefix=query.prefix and n == last) for n, word in enumerate(words)]
            return _joined(terms, grammar.AND)
        case And():
            parts = [_asked(operand, grammar, named, depth + 1) for operand in query.operands]
            return _joined([part for part in parts if part is not None], grammar.AND) or None
        case Or():
            parts = [_asked(operand, grammar, named, depth + 1) for operand in query.operands]
            known = [part for part in parts if part is not None]
            return _joined(known, grammar.OR) if len(known) == len(parts) else None
        case Is():
            return _joined([grammar.term(mark, prefix=False) for mark in _meant(query, named)], grammar.OR)
        case Not() | Published():
            return None


def _meant(query: Is, named: Named) -> list[str]:
    if query.field == "lang":
        return [_mark(_SPEAKS, query.value[:WORD_BYTES])]
    if query.field == "host":
        return [_mark(_AT, query.value[-WORD_BYTES:])]
    return [_listed(number) for number in named(query.field, query.value)] or [_NEVER]


def _joined(parts: Iterable[str], operator: str) -> str:
    different = list(dict.fromkeys(parts))
    return f"({operator.join(different)})" if len(different) > 1 else "".join(different)


def _listed(number: int) -> str:
    return f"{_LISTED}{number}"


def _mark(kind: str, value: str) -> str:
    # Both databases would take a word apart at a hyphen; what two values then have in common memory tells apart.
    return cut(kind + _PUNCTUATION.sub(kind, value))


def _beginnings(lang: str) -> Iterator[str]:
    return (lang[:place] for place in (*_places(lang, "-"), len(lang)))


def _ends(host: str) -> Iterator[str]:
    return (host[place + 1 :] for place in (-1, *_places(host, ".")))


def _places(text: str, character: str) -> list[int]:
    return [place for place, each in enumerate(text) if each == character]
