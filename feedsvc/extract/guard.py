"""A look at HTML before it is parsed: what would take the parser quadratic time is made flat first.

An HTML parser opens unclosed formatting anew in every block, and walks its stack of open elements at every tag:
some kilobytes of `<b>` or `<div>` cost minutes and gigabytes (nh3: 100,000 nested `<div>` take 23 s).
"""

import re
from enum import Enum, auto

from feedsvc.extract import elements
from feedsvc.extract.elements import named

#: libxml2 reads this many levels and no more; what comes out of nh3 deeper than that is made flat too.
MAX_DEPTH = 250
#: Open formatting elements times tags: how many elements the parser could make of it.
_MAX_PRODUCT = 200_000
#: With fewer tags nothing can grow.
_FEW = 64

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
_ORDINARY = (
    elements.KEPT
    | elements.RENAMED.keys()
    | named("base body embed font head html iframe input link meta noscript param script style title track")
)


class Reading(Enum):
    #: what is written will be read the same
    ORDINARY = auto()
    #: that has to be tried
    ODD = auto()
    #: to be made flat
    HOSTILE = auto()


def examine(html: str) -> Reading:
    names = {name.lower() for name in set(_NAME.findall(html))}
    odd = not names <= _ORDINARY
    if html.count("<") > _FEW:
        ending = _FLAT if names & {"svg", "math"} else _ENDING
        depth, formatting, tags = _measure(html, ending)
        if depth > MAX_DEPTH or formatting * tags > _MAX_PRODUCT:
            return Reading.HOSTILE
        odd = odd or formatting > 8
    return Reading.ODD if odd else Reading.ORDINARY


def _measure(html: str, ending: frozenset[str]) -> tuple[int, int, int]:
    """Return how many elements are open at most, how many formatting ones among them, and the number of tags."""
    opened: dict[str, int] = {}
    depth = formatting = deepest = most = tags = 0
    for token in _TOKEN.finditer(html):
        if token[2] is None:
            continue
        name = token[2].lower()
        tags += 1
        if name in ending:
            continue
        step = -1 if token[1] else 1
        count = opened.get(name, 0) + step
        if count < 0:
            continue
        opened[name] = count
        depth += step
        deepest = max(deepest, depth)
        if name in _FORMATTING:
            formatting += step
            most = max(most, formatting)
    return deepest, most, tags


def flattened(html: str) -> str:
    """Return `html` with only those tags that cannot nest."""
    return _TOKEN.sub(lambda token: token[0] if token[2] and token[2].lower() in _FLAT else " ", html)
