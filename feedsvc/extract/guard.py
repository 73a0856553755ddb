"""A look at HTML before it is parsed: what would take the parser quadratic time is made flat first.

An HTML parser opens unclosed formatting anew in every block, and walks its stack of open elements at every tag:
some kilobytes of `<b>` or `<div>` cost minutes and gigabytes (nh3: 100,000 nested `<div>` take 23 s).
"""

import re
from collections import Counter, defaultdict
from enum import Enum, auto
from itertools import accumulate

from feedsvc.extract import elements
from feedsvc.extract.elements import named

#: libxml2 reads this many levels and no more; what comes out of nh3 deeper than that is made flat too.
MAX_DEPTH = 250
#: Open formatting elements times tags: how many elements the parser could make of it.
_MAX_PRODUCT = 200_000
_FEW = 200

_NAME = re.compile(r"<([a-zA-Z][^\s/>]*)")
_ATTRIBUTES = r"""(?:[\s/]++|=?+[^\s/>=]++(?:\s*+=\s*+(?:"[^"]*+"?+|'[^']*+'?+|[^\s>"'][^\s>]*+)?+)?+|=)*+"""
#: A comment, a script or style with its text, or one tag (slash, name). What is not closed reaches to the end.
_TOKEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(?:script|style|title|iframe)\b.*?(?:</(?:script|style|title|iframe)\b|\Z)|"
    rf"<(/?)([a-zA-Z][^\s/>]*){_ATTRIBUTES}>?",
    re.IGNORECASE | re.DOTALL,
)

_FORMATTING = named("a b big code em font i nobr s small strike strong tt u")
#: In HTML these end by themselves, wherever they are; the others of each line only outside SVG and MathML.
_FLAT = named("br dd dt embed hr img li meta p")
_ENDING = _FLAT | named(
    "area base col input link param source track wbr caption colgroup optgroup option tbody td tfoot th thead tr"
)
#: A document of these alone is parsed to a tree that its own markup gives again.
_ORDINARY = ((elements.KEPT | elements.RENAMED.keys()) - named("dialog legend optgroup option search")) | named(
    "base body embed head html iframe input link meta noscript param script style title track"
)


class Reading(Enum):
    #: what is written will be read the same
    ORDINARY = auto()
    #: that has to be tried
    ODD = auto()
    #: to be made flat
    HOSTILE = auto()


def examine(html: str) -> Reading:
    opened: Counter[str] = Counter()
    for name, count in Counter(_NAME.findall(html)).items():
        opened[name.lower()] += count
    ending = _FLAT if "svg" in opened or "math" in opened else _ENDING
    # Most documents need no closer look: even with nothing closed they would be neither deep nor large.
    if sum(count for name, count in opened.items() if name not in ending) > _FEW:
        depth, formatting, tags = _measure(html, ending)
        if depth > MAX_DEPTH or formatting * tags > _MAX_PRODUCT:
            return Reading.HOSTILE
    return Reading.ORDINARY if opened.keys() <= _ORDINARY else Reading.ODD


def _measure(html: str, ending: frozenset[str]) -> tuple[int, int, int]:
    """Return how many elements are open at most, how many formatting ones among them, and the number of tags.

    The first two are upper bounds: the sums of what each name reaches by itself.
    """
    tags = _TOKEN.findall(html)
    steps: defaultdict[str, list[int]] = defaultdict(list)
    for slash, name in tags:
        steps[name.lower()].append(-1 if slash else 1)
    depths = {name: _deepest(walk) for name, walk in steps.items() if name and name not in ending}
    return sum(depths.values()), sum(depths.get(name, 0) for name in _FORMATTING), len(tags)


def _deepest(walk: list[int]) -> int:
    """Return the highest point of a walk that starts at 0 and never goes below."""
    heights = list(accumulate(walk))
    lows = accumulate(heights, min, initial=0)
    return max(height - low for height, low in zip(heights, lows, strict=False))


def flattened(html: str) -> str:
    """Return `html` with only those tags that cannot nest."""
    return _TOKEN.sub(lambda token: token[0] if token[2] and token[2].lower() in _FLAT else " ", html)
