"""Folding and cutting into words: the one place that decides when two words are the same.

A text and a query go through the same functions, so that the in-memory matcher, the full-text tables and the duplicate
search can never disagree about what a word is.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from unicodedata import category, normalize

#: raised whenever some text gives other words than before: what is stored folded is then folded anew
FOLDING_VERSION = 1

#: words of a text that are looked at; the rest of a longer one is not searchable
WORD_LIMIT = 4000

# Han and kana are written without spaces: each character is a word, so that a phrase finds them inside a sentence.
_UNSPACED = "\u3005-\u3007\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# `\w` knows no combining marks: without them a syllable in NFD, or any Devanagari word, would fall apart.
_MARKS = "".join(chr(code) for code in range(0x300, 0x3100) if category(chr(code)).startswith("M"))
_WORD = re.compile(rf"[{_UNSPACED}][{_MARKS}]*|[^\W_{_UNSPACED}]+(?:[{_MARKS}]+[^\W_{_UNSPACED}]*)*")

# Soft hyphen, joiners, byte order mark.
_INVISIBLE = re.compile("[\u00ad\u200c\u200d\u2060\ufeff]")

# The two spellings of the same syllable, the tone on the first vowel (old) or on the second (new): hòa and hoà.
_OLD_TONES = ("òa", "óa", "ỏa", "õa", "ọa", "òe", "óe", "ỏe", "õe", "ọe", "ùy", "úy", "ủy", "ũy", "ụy")
_NEW_TONES = ("oà", "oá", "oả", "oã", "oạ", "oè", "oé", "oẻ", "oẽ", "oẹ", "uỳ", "uý", "uỷ", "uỹ", "uỵ")
_NEW_BY_OLD = dict(zip(_OLD_TONES, _NEW_TONES, strict=True))
_OLD_TONE = re.compile("|".join(_OLD_TONES))

# Only the marks of alphabets (Latin, Greek, Cyrillic): the voiced mark of kana makes another letter.
_ACCENT = re.compile("[\u0300-\u036f]+")


@dataclass(frozen=True, slots=True)
class Token:
    """A word, folded twice: `exact` keeps its diacritics, `bare` has none."""

    exact: str
    bare: str

    @property
    def marked(self) -> bool:
        """Tell whether it is written with diacritics; in a query it then matches only words written so."""
        return self.exact != self.bare


def visible(text: str) -> str:
    """Return the text without the characters that stand inside words without being part of them."""
    return _INVISIBLE.sub("", text)


def invisible(text: str) -> list[int]:
    """Return where the characters stand that `visible` leaves out."""
    return [match.start() for match in _INVISIBLE.finditer(text)]


def fold(text: str) -> str:
    """Return the text in NFC, casefolded, in the new tone placement, without invisible characters. Idempotent."""
    # Casefolding may take composed letters apart, hence NFC on both sides (Unicode 15.0, section 3.13, D145).
    folded = normalize("NFC", normalize("NFC", visible(text)).casefold())
    return _OLD_TONE.sub(lambda match: _NEW_BY_OLD[match[0]], folded)


def bare(folded: str) -> str:
    """Return folded text without diacritics; `đ`, which no normal form takes apart, becomes `d`."""
    if folded.isascii():
        return folded
    return normalize("NFC", _ACCENT.sub("", normalize("NFD", folded))).replace("đ", "d")


def bare_words(folded: Iterable[str]) -> list[str]:
    """Return folded words without diacritics."""
    return [word if word.isascii() else _bare_word(word) for word in folded]


# A language has few words, Vietnamese some 7,000 syllables: looking one up takes a tenth of folding it.
_bare_word = lru_cache(maxsize=1 << 15)(bare)


def exact_words(text: str, limit: int = WORD_LIMIT) -> tuple[str, ...]:
    """Return the first words of a text, folded, with their diacritics."""
    return tuple(_WORD.findall(fold(_beginning(visible(text), limit)))[:limit])


def tokens(text: str, limit: int = WORD_LIMIT) -> tuple[Token, ...]:
    """Return the first words of a text, folded both ways."""
    words = exact_words(text, limit)
    made = {word: Token(word, bare(word)) for word in set(words)}
    return tuple(made[word] for word in words)


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each word of a text stands, as written."""
    return (match.span() for match in _WORD.finditer(text))


def _beginning(text: str, limit: int) -> str:
    """Return as much of a text as holds its first words: nothing is spent on the rest of a huge one."""
    if len(text) <= limit:
        return text
    last = next(islice(_WORD.finditer(text), limit, None), None)
    return text if last is None else text[: last.start()]
