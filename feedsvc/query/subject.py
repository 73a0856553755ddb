"""A story as queries see it. Words are folded when first asked for, and once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cached_property
from itertools import islice
from unicodedata import normalize

from feedsvc.query.fold import WORD_LIMIT, bare, exact_words, fold, spans

# Stands between parts, so that no phrase reaches from one into the next. No word is empty.
_GAP = ""


class Passage:
    """The words of some texts in order, indexed for whole words, phrases and beginnings."""

    def __init__(self, parts: Iterable[str | None], limit: int = WORD_LIMIT) -> None:
        self.parts = tuple(part for part in parts if part)
        self.limit = limit

    @cached_property
    def exact(self) -> Sequence[str]:
        words: list[str] = []
        left = self.limit
        for part in self.parts:
            found = exact_words(part, left) if left else ()
            left -= len(found)
            words += found
            words.append(_GAP)
        return words

    @cached_property
    def bare(self) -> Sequence[str]:
        folded = {word: bare(word) for word in set(self.exact)}
        return [folded[word] for word in self.exact]

    @cached_property
    def exact_places(self) -> Mapping[str, Sequence[int]]:
        return _places(self.exact)

    @cached_property
    def bare_places(self) -> Mapping[str, Sequence[int]]:
        return _places(self.bare)

    def written(self, place: int, count: int) -> str:
        """Return some words as the text writes them, on one line."""
        places = self._spans
        if [place is None for place in places] != [word == _GAP for word in self.exact]:
            # Folding joined or parted a word (soft hyphens): the folded words have to do.
            return " ".join(self.exact[place : place + count])
        first, last = places[place], places[place + count - 1]
        assert first is not None
        assert last is not None
        return " ".join(normalize("NFC", self.parts[first[0]][first[1] : last[2]]).split())

    @cached_property
    def _spans(self) -> Sequence[tuple[int, int, int] | None]:
        """Part, start and end of each word; None for a gap."""
        places: list[tuple[int, int, int] | None] = []
        left = self.limit
        for number, part in enumerate(self.parts):
            found = [(number, start, end) for start, end in islice(spans(part), left)]
            left -= len(found)
            places += [*found, None]
        return places


@dataclass(frozen=True, kw_only=True)
class Wording:
    """What an entry says, as plain texts."""

    title: str | None = None
    summary: str | None = None
    content: str | None = None

    @cached_property
    def in_title(self) -> Passage:
        return Passage((self.title,))

    @cached_property
    def in_summary(self) -> Passage:
        return Passage((self.summary,))

    @cached_property
    def in_text(self) -> Passage:
        """Title, summary and content, together as many words as are searchable."""
        return Passage((self.title, self.summary, self.content))


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One story: the leading entry's words, and the names and ids of all its entries."""

    wording: Wording = Wording()
    authors: tuple[str, ...] = ()
    #: the publishers' labels
    terms: tuple[str, ...] = ()
    #: ids
    sources: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    #: names of the machines that the entries' pages are on
    hosts: tuple[str, ...] = ()
    #: BCP 47
    lang: str | None = None
    published: datetime | None = None
    #: the site's: what a date in a query means
    zone: tzinfo

    @cached_property
    def in_authors(self) -> Passage:
        return Passage(self.authors)

    @cached_property
    def in_terms(self) -> Passage:
        return Passage(self.terms)

    @cached_property
    def in_tags(self) -> Passage:
        return Passage(self.tags)

    @cached_property
    def ids(self) -> Mapping[str, frozenset[str]]:
        """The folded ids by field."""
        return {
            "source": _folded(self.sources),
            "category": _folded(self.categories),
            "tag": _folded(self.tags),
            "host": _folded(self.hosts),
            "lang": _folded((self.lang,) if self.lang else ()),
        }


def _folded(ids: Iterable[str]) -> frozenset[str]:
    return frozenset(fold(each) for each in ids)


def _places(words: Sequence[str]) -> Mapping[str, Sequence[int]]:
    places: dict[str, list[int]] = {}
    for place, word in enumerate(words):
        places.setdefault(word, []).append(place)
    return places
