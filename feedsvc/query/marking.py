"""Which words of a text a query means, for showing them: spans of the text as it is written."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice

from feedsvc.query.ast import And, Or, Phrase, Query
from feedsvc.query.fold import WORD_LIMIT, exact_words, invisible, spans, visible
from feedsvc.query.matcher import places
from feedsvc.query.subject import GAP, Index, Passage

#: characters from `start` up to `end`
Span = tuple[int, int]

_FIELDS = {None, "title", "summary", "text"}
_CUT = "…"


class _Written(Passage):
    """A text with where each of its words stands in it."""

    def __init__(self, text: str) -> None:
        super().__init__((text,))
        self.found = list(islice(_words(text), WORD_LIMIT))

    @cached_property
    def exact(self) -> Index:
        words = [*(word for word, _, _ in self.found), GAP]
        return Index(set(words), lambda: words)


def marked(query: Query, text: str) -> tuple[Span, ...]:
    """Return where in the text the words, phrases and beginnings stand that the query looks for, in order.

    A word is found here as it is in matching. What stands under NOT is not looked for, nor are authors and terms.
    """
    written = _Written(text)
    found = []
    for phrase in _sought(query):
        for place in places(phrase, written):
            first, last = written.found[place], written.found[place + len(phrase.words) - 1]
            found.append((first[1], last[2]))
    return _joined(sorted(found))


def snippet(query: Query, text: str, limit: int) -> tuple[str, tuple[Span, ...]]:
    """Return at most `limit` characters of a plain text around what the query first finds in it, and where that is.

    On one line; cut between words, with "…" on that side. Where nothing is found it is the beginning.
    """
    line = " ".join(text.split())
    if len(line) > limit:
        first = next(iter(marked(query, line)), (0, 0))
        line = _around(line, first, limit)
    return line, marked(query, line)


def _sought(query: Query) -> Iterator[Phrase]:
    match query:
        case Phrase():
            if query.field in _FIELDS:
                yield query
        case And() | Or():
            for operand in query.operands:
                yield from _sought(operand)


def _words(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield each word, folded, with its span."""
    # Invisible characters stand inside words without being part of them.
    shown = visible(text)
    # For each of them, what follows it in `shown`.
    gaps = [place - number for number, place in enumerate(invisible(text))]
    folded: dict[str, Sequence[str]] = {}
    for start, end in spans(shown):
        written = shown[start:end]
        if written not in folded:
            folded[written] = exact_words(written)
        for word in folded[written]:
            yield word, start + bisect_right(gaps, start), end + bisect_right(gaps, end - 1)


def _joined(found: Sequence[Span]) -> tuple[Span, ...]:
    """Join sorted spans that touch or overlap."""
    joined: list[Span] = []
    for start, end in found:
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return tuple(joined)


def _around(line: str, match: Span, limit: int) -> str:
    """Cut a line that is too long: some words before the match, and as many behind it as fit."""
    room = max(limit - 2 * len(_CUT), 1)
    # A third for what comes before; more, where less follows.
    start = max(min(match[0] - room // 3, len(line) - room), 0)
    if start and not line[start - 1].isspace():
        # A word that is cut off gives way to the next one.
        gap = line.find(" ", start, match[0])
        start = gap + 1 if gap >= 0 else match[0]
    end = start + room
    if end >= len(line):
        return _CUT + line[start:]
    gap = line.rfind(" ", start + 1, end + 1)
    # What was found stays whole where it fits.
    stop = match[1] if gap < match[1] <= end else gap
    return (_CUT if start else "") + line[start : stop if stop > start else end].rstrip() + _CUT
