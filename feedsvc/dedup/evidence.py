"""Whether two entries of different sources carry the same article, and why."""

from collections.abc import Sequence

from feedsvc.dedup.comparing import Comparison, compare
from feedsvc.dedup.words import words
from feedsvc.model import Arrival, Candidate, Evidence

# Calibrated on labelled pairs, planted copies and articles on the same event; tests/dedup keeps the figures.
#: a copy has this much of the shorter text in the longer one, in order
_CONTAINED = 0.8
#: below this length that and more could be chance or a form letter
_SHORT = 60
_CONTAINED_SHORT = 0.9
#: a text that is less than this of the other is an excerpt, which begins where the other does; else the other is a
#: round-up with a story of its own
_EXCERPT = 0.25
_EXCERPT_START = 0.25
#: the share of numbers that may differ: weather, prices, lottery have the same words around other numbers
_OTHER_NUMBERS = 0.25
#: with the same link, titles or texts have to agree this much
_TITLES_AGREE = 0.5
_TEXTS_AGREE = 0.5


def evidence_of(arrival: Arrival, candidate: Candidate) -> Evidence | None:
    """Return why the arrival is the same article as the candidate; None: it is not, or cannot be told."""
    titles = words(arrival.entry.title or ""), words(candidate.entry.title or "")
    if _is_series(*titles):
        return None
    shared = [key for key in arrival.link_keys if key in candidate.link_keys]
    comparable = arrival.fingerprint.version == candidate.fingerprint.version
    has_bands = bool(arrival.fingerprint.bands and candidate.fingerprint.bands)
    if not shared and not (comparable and has_bands):
        return None
    comparison = compare(words(arrival.entry.text), words(candidate.entry.text))
    if shared and _agrees(titles, comparison):
        return _by_link(shared[0], titles, comparison, candidate)
    if comparable and has_bands and _is_copy(comparison):
        return _by_text(comparison, candidate)
    return None


def _is_copy(found: Comparison) -> bool:
    if found.other_numbers >= _OTHER_NUMBERS:
        return False
    if found.contained < (_CONTAINED_SHORT if found.shorter < _SHORT else _CONTAINED):
        return False
    return found.covered >= _EXCERPT or found.start <= _EXCERPT_START


def _is_series(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Say whether the titles are the same words with other numbers: issues of a series, not copies."""
    numbers = [[word for word in title if word.isdigit()] for title in (ours, theirs)]
    rest = [[word for word in title if not word.isdigit()] for title in (ours, theirs)]
    return rest[0] == rest[1] and numbers[0] != numbers[1] and "".join(numbers[0]) != "".join(numbers[1])


def _agrees(titles: tuple[Sequence[str], Sequence[str]], found: Comparison) -> bool:
    """Say whether titles or texts agree; where one side has neither, the link alone decides."""
    ours, theirs = set(titles[0]), set(titles[1])
    comparable = bool(ours and theirs), found.shorter > 0
    if not any(comparable):
        return True
    if comparable[0] and len(ours & theirs) / len(ours | theirs) >= _TITLES_AGREE:
        return True
    return comparable[1] and found.contained >= _TEXTS_AGREE


def _by_link(
    key: str, titles: tuple[Sequence[str], Sequence[str]], found: Comparison, candidate: Candidate
) -> Evidence:
    address = key.partition(":")[2]
    detail = f"both lead to {address}"
    if titles[0] and list(titles[0]) == list(titles[1]):
        detail += ", under the same title"
    elif found.contained >= _TEXTS_AGREE:
        detail += f"; {found.contained:.0%} of the shorter text stands in the other"
    return Evidence(
        kind="link", detail=f"{detail} ({candidate.source_id})", score=round(found.contained, 3), entry_id=candidate.id
    )


def _by_text(found: Comparison, candidate: Candidate) -> Evidence:
    detail = (
        f"{found.contained:.0%} of the {found.shorter} words of the shorter text stand in the same order "
        f"in the longer, which has {found.longer} words ({candidate.source_id})"
    )
    if found.replaced:
        detail += f"; {found.replaced} of {found.numbers + found.replaced} numbers differ"
    return Evidence(kind="text", detail=detail, score=round(found.contained, 3), entry_id=candidate.id)
