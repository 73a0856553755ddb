"""How much of one text stands in another, word by word and in order."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TypeVar

from feedsvc.dedup.words import Wording

Item = TypeVar("Item")

_RUN = 3
#: a shingle that stands in a text more often says nothing about where it belongs, and costs time
_MAX_PLACES = 4
#: words between two equal passages, on either side, up to which one is taken for the other, edited
_MAX_GAP = 32
#: of those, how many may be compared word by word
_MAX_ALIGNED = 20
#: below this share of equal passages it is not worth the time
_RELATED = 0.4
#: the share of the common words before which a stray one does not count as their beginning
_STRAY = 0.2


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two texts compared; shares are between 0 and 1, of the shorter text unless it is said otherwise."""

    #: words of the shorter and the longer text
    shorter: int
    longer: int
    #: stands in the longer one in the same order, in runs of three and more words
    contained: float
    #: the same and single words between such runs
    kept: float
    #: the same runs and what was edited between them without moving anything
    in_place: float
    #: share of the longer text that `contained` makes up, and its share before that begins
    covered: float
    start: float
    #: share of the numbers, and of the capitalised words, that others stand in place of
    other_numbers: float
    other_names: float


@dataclass(frozen=True, slots=True)
class _Run:
    """An equal passage: where it begins in the shorter and in the longer text, and its words."""

    at: int
    there: int
    length: int


@dataclass(frozen=True, slots=True)
class _Gap:
    """What stands between two runs in the shorter and in the longer text."""

    ours: range
    theirs: range

    @property
    def is_edit(self) -> bool:
        """Whether one side reads like the other, edited: about as long, and not a passage of its own."""
        ours, theirs = len(self.ours), len(self.theirs)
        return max(ours, theirs) <= _MAX_GAP and abs(ours - theirs) <= 1 + ours // 6


def compare(a: Wording, b: Wording) -> Comparison:
    """Compare two texts. Symmetric; takes n log n time whatever the texts."""
    short, long = (a, b) if (len(a.words), a.words) <= (len(b.words), b.words) else (b, a)
    runs = _runs(_chain(short.words, long.words))
    gaps = list(_gaps(runs, len(short.words), len(long.words)))
    common = sum(run.length for run in runs)
    edited = sum(len(gap.ours) for gap in gaps if gap.is_edit)
    size = len(short.words) or 1
    single = 0
    if common >= size * _RELATED:
        single = sum(_aligned(_part(short.words, gap.ours), _part(long.words, gap.theirs)) for gap in gaps)
    return Comparison(
        shorter=len(short.words),
        longer=len(long.words),
        contained=common / size,
        kept=(common + single) / size,
        in_place=(common + edited) / size,
        covered=common / (len(long.words) or 1),
        start=_start(runs, common) / (len(long.words) or 1),
        other_numbers=_others(_numbers(short), _numbers(long), runs, gaps),
        other_names=_others(_names(short), _names(long), runs, gaps),
    )


def _chain(short: Sequence[str], long: Sequence[str]) -> list[tuple[int, int]]:
    """Return the longest chain of places (in short, in long) of equal shingles that rises in both."""
    places: dict[tuple[str, ...], list[int]] = {}
    for at in range(len(long) - _RUN + 1):
        found = places.setdefault(tuple(long[at : at + _RUN]), [])
        if len(found) < _MAX_PLACES:
            found.append(at)
    ends: list[int] = []  # the least last place in `long` of a chain of each length
    last: list[int] = []  # the pair that ends that chain
    pairs: list[tuple[int, int, int]] = []  # place in short, place in long, the pair before it in its chain
    for at in range(len(short) - _RUN + 1):
        # Descending, so that one place in `short` is used once.
        for there in reversed(places.get(tuple(short[at : at + _RUN]), ())):
            length = bisect_left(ends, there)
            pairs.append((at, there, last[length - 1] if length else -1))
            ends[length : length + 1] = [there]
            last[length : length + 1] = [len(pairs) - 1]
    chain: list[tuple[int, int]] = []
    index = last[-1] if last else -1
    while index >= 0:
        at, there, index = pairs[index]
        chain.append((at, there))
    return chain[::-1]


def _runs(chain: Iterable[tuple[int, int]]) -> list[_Run]:
    """Return the equal passages that a chain is made of. They do not overlap."""
    runs: list[_Run] = []
    for at, there in chain:
        before = runs[-1] if runs else _Run(-_RUN, -_RUN, 0)
        if at - before.at == there - before.there and at <= before.at + before.length:
            runs[-1] = _Run(before.at, before.there, at - before.at + _RUN)
            continue
        # Shingles that overlap without continuing each other share words: those count once.
        shared = max(before.at + before.length - at, before.there + before.length - there, 0)
        if shared < _RUN:
            runs.append(_Run(at + shared, there + shared, _RUN - shared))
    return runs


def _gaps(runs: Sequence[_Run], short: int, long: int) -> Iterator[_Gap]:
    for before, after in pairwise((_Run(0, 0, 0), *runs, _Run(short, long, 0))):
        yield _Gap(range(before.at + before.length, after.at), range(before.there + before.length, after.there))


def _part(items: Sequence[Item], places: range) -> Sequence[Item]:
    return items[places.start : places.stop]


def _aligned(ours: Sequence[str], theirs: Sequence[str]) -> int:
    """Return how many words two short passages have in common, in order (longest common subsequence)."""
    if not ours or not theirs or max(len(ours), len(theirs)) > _MAX_ALIGNED:
        return 0
    row = [0] * (len(theirs) + 1)
    for word in ours:
        corner = 0
        for at, other in enumerate(theirs, 1):
            corner, row[at] = row[at], corner + 1 if word == other else max(row[at], row[at - 1])
    return row[-1]


def _start(runs: Sequence[_Run], common: int) -> int:
    """Return where in the longer text the common words begin, but for a few that stand elsewhere by chance."""
    seen = 0
    for run in runs:
        seen += run.length
        if seen > common * _STRAY:
            return run.there
    return 0


#: the fact that a word belongs to; a fact is one or more words
_Fact = frozenset[str]


def _numbers(text: Wording) -> list[_Fact | None]:
    """Return the number that each word belongs to: adjacent digits are one number, like 12/3/2026 and 67,2."""
    found: list[_Fact | None] = []
    for is_number, group in groupby(text.words, str.isdigit):
        digits = list(group)
        found += [frozenset((*digits, "".join(digits))) if is_number else None] * len(digits)
    return found


def _names(text: Wording) -> list[_Fact | None]:
    return [frozenset((word,)) if name else None for word, name in zip(text.words, text.names, strict=True)]


def _others(
    short: Sequence[_Fact | None], long: Sequence[_Fact | None], runs: Iterable[_Run], gaps: Iterable[_Gap]
) -> float:
    """Return which share of the facts of two texts are others, standing in the same place."""
    same: set[_Fact] = set()
    replaced: set[_Fact] = set()
    for run in runs:
        for place in range(run.length):
            ours, theirs = short[run.at + place], long[run.there + place]
            if ours and theirs:
                (same if _agree(ours, theirs) else replaced).add(ours)
    for gap in gaps:
        here = {fact for fact in _part(short, gap.ours) if fact}
        there = {fact for fact in _part(long, gap.theirs) if fact}
        if gap.is_edit and here and there:
            replaced |= {fact for fact in here if not any(_agree(fact, other) for other in there)}
    return len(replaced) / len(same | replaced) if replaced else 0.0


def _agree(ours: _Fact, theirs: _Fact) -> bool:
    """Say whether two facts are the same: 1.000 and 1000, or one with more detail than the other."""
    return not ours.isdisjoint(theirs) if len(ours) == 1 or len(theirs) == 1 else ours <= theirs or theirs <= ours
