"""The words by which texts are compared."""

import re
from dataclasses import dataclass
from itertools import islice

from feedsvc.query.fold import WORD_LIMIT, exact_words, fold, spans

_NUMBER_OR_NOT = re.compile(r"\d+|[^\d ]+")

#: What is not written in an alphabet with spaces between words, or has letters that are made of several characters.
_NOT_ALPHABETIC = re.compile("[^\0-\u02ff\u0370-\u0482\u048a-\u052f\u1e00-\u20cf]")
_LETTERS_OR_NUMBER = re.compile(r"\d+|[^\W\d_]+")
#: longer texts are cut after their first words before anything else is done with them
_ORDINARY_LENGTH = 8 * WORD_LIMIT


@dataclass(frozen=True, slots=True)
class Wording:
    """A text as it is compared: its folded words, and which of them are written with a capital."""

    words: list[str]
    names: list[bool]


def words(text: str | None) -> list[str]:
    """Return the first words of a text, folded as everywhere; `15km` is two, since the next outlet writes `15 km`."""
    if not text:
        return []
    found = _ordinary(text)
    return _NUMBER_OR_NOT.findall(" ".join(exact_words(text))) if found is None else found


def _ordinary(text: str) -> list[str] | None:
    """Say what `words` says, in a third of the time, of ordinary text in an alphabet; None: it is not."""
    folded = fold(text) if len(text) <= _ORDINARY_LENGTH else None
    if folded is None or not (folded.isascii() or _NOT_ALPHABETIC.search(folded) is None):
        return None
    found: list[str] = []
    for piece in folded.split():
        if piece.isalpha():
            found.append(piece)
        else:
            found += _LETTERS_OR_NUMBER.findall(piece)
    # The limit is on words before numbers are told from letters.
    return found if len(found) <= WORD_LIMIT else None


def wording(text: str) -> Wording:
    folded = exact_words(text)
    capitals = [text[at].isupper() for at, _ in islice(spans(text), WORD_LIMIT)]
    if len(capitals) != len(folded):
        # Characters that fold to nothing: better no names than misplaced ones.
        capitals = [False] * len(folded)
    parts = [(part, capital) for word, capital in zip(folded, capitals, strict=True) for part in _parts(word)]
    return Wording([part for part, _ in parts], [capital for _, capital in parts])


def _parts(word: str) -> list[str]:
    return [word] if word.isalpha() else _NUMBER_OR_NOT.findall(word)
