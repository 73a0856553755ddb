"""How much of one text stands in another, word by word and in order."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

_RUN = 3
#: a shingle that stands in a text more often says nothing about where it belongs, and costs time
_MAX_PLACES = 4
#: words on both sides of a gap up to which what stands there counts as put in the other's place
_MAX_GAP = 12


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two texts compared; shares are between 0 and 1."""

    #: words of the shorter and the longer text
    shorter: int
    longer: int
    #: share of the shorter text's words that stand in the longer one in the same order, in runs of three and more
    contained: float
    #: share of the longer text that they make up
    covered: float
    #: share of the longer text before the first of them
    start: float
    #: numbers in what both have, and numbers that stand in the place of another number
    numbers: int
    replaced: int

    @property
    def other_numbers(self) -> float:
        """The share of numbers that another number stands for."""
        return self.replaced / (self.numbers + self.replaced) if self.replaced else 0.0


def compare(a: Sequence[str], b: Sequence[str]) -> Comparison:
    """Compare two texts given as folded words. Symmetric; takes n log n time whatever the texts."""
    short, long = (a, b) if (len(a), a) <= (len(b), b) else (b, a)
    runs = _runs(_chain(short, long))
    common = sum(length for _, _, length in runs)
    numbers = sum(_is_number(word) for at, _, length in runs for word in short[at : at + length])
    return Comparison(
        shorter=len(short),
        longer=len(long),
        contained=common / len(short) if short else 0.0,
        covered=common / len(long) if long else 0.0,
        start=runs[0][1] / len(long) if runs else 1.0,
        numbers=numbers,
        replaced=_replaced(short, long, runs),
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
            if length == len(ends):
                ends.append(there)
                last.append(len(pairs) - 1)
            else:
                ends[length] = there
                last[length] = len(pairs) - 1
    chain: list[tuple[int, int]] = []
    index = last[-1] if last else -1
    while index >= 0:
        at, there, index = pairs[index]
        chain.append((at, there))
    return chain[::-1]


def _runs(chain: Sequence[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """Return (place in short, place in long, words) of the equal passages of a chain, without overlap."""
    runs: list[tuple[int, int, int]] = []
    for at, there in chain:
        if runs:
            at0, there0, length = runs[-1]
            if at - at0 == there - there0 and at <= at0 + length:
                runs[-1] = (at0, there0, at - at0 + _RUN)
                continue
            # Overlapping shingles that do not continue each other share words: count those once.
            behind = max(at0 + length - at, there0 + length - there, 0)
            if behind >= _RUN:
                continue
            runs.append((at + behind, there + behind, _RUN - behind))
        else:
            runs.append((at, there, _RUN))
    return runs


def _replaced(short: Sequence[str], long: Sequence[str], runs: Sequence[tuple[int, int, int]]) -> int:
    """Count the numbers of the shorter text in whose place the longer one has other numbers."""
    count = 0
    ends = [(0, 0), *((at + length, there + length) for at, there, length in runs)]
    starts = [*((at, there) for at, there, _ in runs), (len(short), len(long))]
    for (at0, there0), (at, there) in zip(ends, starts, strict=True):
        if at - at0 > _MAX_GAP or there - there0 > _MAX_GAP:
            continue
        ours = [word for word in short[at0:at] if _is_number(word)]
        theirs = [word for word in long[there0:there] if _is_number(word)]
        # 1.000 and 1000 are two words and one, and the same number.
        if ours and theirs and "".join(ours) != "".join(theirs):
            count += max(1, min(len(set(ours) - set(theirs)), len(set(theirs) - set(ours))))
    return count


def _is_number(word: str) -> bool:
    return any(char.isdigit() for char in word)
