"""The words by which texts are compared."""

import re
from dataclasses import dataclass
from itertools import islice

from feedsvc.query.fold import WORD_LIMIT, exact_words, spans

_NUMBER_OR_NOT = re.compile(r"\d+|[^\d ]+")


@dataclass(frozen=True, slots=True)
class Wording:
    """A text as it is compared: its folded words, and which of them are written with a capital."""

    words: list[str]
    names: list[bool]


def words(text: str | None) -> list[str]:
    """Return the first words of a text, folded as everywhere; `15km` is two, since the next outlet writes `15 km`."""
    return _NUMBER_OR_NOT.findall(" ".join(exact_words(text or "")))


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
