"""Whether two entries of different sources carry the same article, and why."""

from dataclasses import dataclass

from feedsvc.dedup.comparing import Comparison, compare
from feedsvc.dedup.words import Wording, wording, words
from feedsvc.model import Arrival, Candidate, Entry, Evidence

# Calibrated on labelled pairs, planted copies and articles on the same event; tests/dedup keeps the figures.
#: a copy has this much of the shorter text in the longer one, in order
_CONTAINED = 0.8
#: below this length that and more could be chance or a form letter
_SHORT = 60
_CONTAINED_SHORT = 0.9
#: or it is about as long, has this much left, and was edited in place
_SAME_LENGTH = 0.8
_KEPT = 0.65
_IN_PLACE = 0.9
#: a text that is less than this of the other is an excerpt, which begins where the other does; else the other is a
#: round-up with a story of its own
_EXCERPT = 0.25
_EXCERPT_START = 0.25
#: the share of numbers and names that may differ: weather, prices, lottery and obituaries have the same words around
#: other numbers and names
_OTHER_NUMBERS = 0.25
_OTHER_NAMES = 0.4
#: with the same link, titles or texts have to agree this much
_TITLES_AGREE = 0.5
_TEXTS_AGREE = 0.5


@dataclass(frozen=True, slots=True)
class Words:
    """What is compared of an entry, folded once for all comparisons."""

    title: list[str]
    text: Wording


def words_of(entry: Entry) -> Words:
    return Words(words(entry.title), wording(entry.text))


def evidence_of(arrival: Arrival, ours: Words, candidate: Candidate) -> Evidence | None:
    """Return why the arrival is the same article as the candidate; None: it is not, or cannot be told."""
    shared = [key for key in arrival.link_keys if key in candidate.link_keys]
    by_text = shared_bands(arrival, candidate) > 0
    if not shared and not by_text:
        return None
    theirs = words_of(candidate.entry)
    found = compare(ours.text, theirs.text)
    if shared and _agrees(ours, theirs, found):
        return _by_link(shared[0], ours, theirs, found, candidate)
    if by_text and _is_copy(found) and (_is_whole(found) or not _is_series(ours.title, theirs.title)):
        return _by_text(found, candidate)
    return None


def shared_bands(arrival: Arrival, candidate: Candidate) -> int:
    """Return in how many places the sketches of two texts agree; 0 where they cannot be compared."""
    ours, theirs = arrival.fingerprint, candidate.fingerprint
    return len({*ours.bands} & {*theirs.bands}) if ours.version == theirs.version else 0


def _is_copy(found: Comparison) -> bool:
    if found.other_numbers >= _OTHER_NUMBERS or found.other_names >= _OTHER_NAMES:
        return False
    if found.contained >= (_CONTAINED_SHORT if found.shorter < _SHORT else _CONTAINED):
        return found.covered >= _EXCERPT or found.start <= _EXCERPT_START
    same_length = found.shorter >= max(_SHORT, _SAME_LENGTH * found.longer)
    return same_length and found.kept >= _KEPT and found.in_place >= _IN_PLACE


def _is_whole(found: Comparison) -> bool:
    """Say whether two texts of some length are one and the same: then no title makes them two articles."""
    return found.shorter >= _SHORT and found.contained == found.covered == 1.0


def _is_series(ours: list[str], theirs: list[str]) -> bool:
    """Say whether the titles are the same words with other numbers: issues of a series, not copies."""
    numbers = [[word for word in title if word.isdigit()] for title in (ours, theirs)]
    rest = [[word for word in title if not word.isdigit()] for title in (ours, theirs)]
    return rest[0] == rest[1] and numbers[0] != numbers[1] and "".join(numbers[0]) != "".join(numbers[1])


def _agrees(ours: Words, theirs: Words, found: Comparison) -> bool:
    """Say whether titles or texts agree; where one side has neither, the link alone decides."""
    titled, told = bool(ours.title and theirs.title), found.shorter > 0
    if (not titled and not told) or (titled and ours.title == theirs.title):
        return True
    if _is_series(ours.title, theirs.title) or found.other_numbers >= _OTHER_NUMBERS:
        return False
    if told and found.contained >= _TEXTS_AGREE:
        return True
    return titled and len({*ours.title} & {*theirs.title}) / len({*ours.title, *theirs.title}) >= _TITLES_AGREE


def _by_link(key: str, ours: Words, theirs: Words, found: Comparison, candidate: Candidate) -> Evidence:
    detail = f"both lead to {key.partition(':')[2]} ({candidate.source_id})"
    if ours.title and ours.title == theirs.title:
        detail += ", under the same title"
    if found.shorter:
        detail += f"; {found.contained:.0%} of the shorter text stands in the other"
    return Evidence(kind="link", detail=detail, score=round(found.contained, 3), entry_id=candidate.id)


def _by_text(found: Comparison, candidate: Candidate) -> Evidence:
    share = max(found.contained, found.kept)
    detail = (
        f"{share:.0%} of the {found.shorter} words of the shorter text stand in the same order "
        f"in the longer, which has {found.longer} words ({candidate.source_id})"
    )
    if found.other_numbers:
        detail += f"; {found.other_numbers:.0%} of the numbers differ"
    return Evidence(kind="text", detail=detail, score=round(share, 3), entry_id=candidate.id)
