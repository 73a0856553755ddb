"""A story as queries see it. Words are folded when first asked for, and once."""

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cached_property
from itertools import islice
from unicodedata import normalize

from feedsvc.query.ast import WordField
from feedsvc.query.fold import WORD_LIMIT, bare_words, exact_words, fold, spans, visible

#: stands where a text ends; no word equals it
GAP = ""


class Index:
    """Words: which there are, in which order, and where each of them stands. Most are only asked which there are."""

    def __init__(self, distinct: Collection[str], ordered: Callable[[], Sequence[str]]) -> None:
        self.distinct = distinct
        self._ordered = ordered

    @cached_property
    def words(self) -> Sequence[str]:
        return self._ordered()

    @cached_property
    def places(self) -> Mapping[str, Sequence[int]]:
        places: dict[str, list[int]] = {}
        for place, word in enumerate(self.words):
            places.setdefault(word, []).append(place)
        return places

    def beginning(self, text: str) -> Iterator[str]:
        """Yield the different words that begin so."""
        found = self._sorted
        place = bisect_left(found, text)
        while place < len(found) and found[place].startswith(text):
            yield found[place]
            place += 1

    @cached_property
    def _sorted(self) -> Sequence[str]:
        return sorted(self.distinct)


class Passage:
    """The words of some texts. Each text ends in a gap, which no word equals: no phrase runs over an end."""

    def __init__(self, parts: Iterable[str | None], limit: int = WORD_LIMIT) -> None:
        self.parts = tuple(visible(part) for part in parts if part)
        self.limit = limit

    @cached_property
    def exact(self) -> Index:
        """With their diacritics."""
        words: list[str] = []
        left = self.limit
        for part in self.parts:
            found = exact_words(part, left) if left else ()
            left -= len(found)
            words += [*found, GAP]
        return Index(set(words), lambda: words)

    @cached_property
    def bare(self) -> Index:
        """Without; the same places."""
        words = list(self.exact.distinct)
        folded = dict(zip(words, bare_words(words), strict=True))
        return Index(set(folded.values()), lambda: [folded[word] for word in self.exact.words])

    @property
    def is_cut(self) -> bool:
        """Say whether it has as many words as are searchable, so that there may be more."""
        return len(self.exact.words) - len(self.parts) >= self.limit

    def written(self, place: int, count: int) -> str:
        """Return some words as the text writes them, on one line."""
        places = self._spans
        if places is None:
            return " ".join(self.exact.words[place : place + count])
        first, last = places[place], places[place + count - 1]
        assert first is not None
        assert last is not None
        return " ".join(normalize("NFC", self.parts[first[0]][first[1] : last[2]]).split())

    @cached_property
    def _spans(self) -> Sequence[tuple[int, int, int] | None] | None:
        """Part, start and end of each word, None for a gap; no list where folding made or unmade a word."""
        places: list[tuple[int, int, int] | None] = []
        left = self.limit
        for number, part in enumerate(self.parts):
            found = [(number, start, end) for start, end in islice(spans(part), left)]
            left -= len(found)
            places += [*found, None]
        aligned = [place is None for place in places] == [word == GAP for word in self.exact.words]
        return places if aligned else None


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
    def passages(self) -> Mapping[WordField | None, Sequence[tuple[str, Passage]]]:
        """Where the words of a field are, by name; None: where a bare word looks."""
        text, terms = ("text", self.wording.in_text), ("terms", Passage(self.terms))
        return {
            None: (text, terms, ("tags", Passage(self.tags))),
            "title": (("title", self.wording.in_title),),
            "summary": (("summary", self.wording.in_summary),),
            "text": (text,),
            "author": (("author", Passage(self.authors)),),
            "terms": (terms,),
        }

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
