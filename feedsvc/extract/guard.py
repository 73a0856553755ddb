"""A look at HTML before it is parsed: what would take the parser quadratic time is made flat first.

An HTML parser opens unclosed formatting anew in every block, and walks its stack of open elements at every tag:
some kilobytes of `<b>` or `<div>` cost minutes and gigabytes (nh3: 100,000 nested `<div>` take 23 s).
"""

import re
from collections import Counter, defaultdict
from enum import Enum, auto
from itertools import accumulate
from operator import sub

from feedsvc.extract import elements
from feedsvc.extract.elements import named

#: libxml2 reads this many levels and no more; what comes out of nh3 deeper than that is made flat too.
MAX_DEPTH = 250
#: Open formatting elements times tags: how many elements the parser could make of it.
_MAX_PRODUCT = 200_000
#: Characters of one tag; a parser compares each attribute with all before.
_MAX_TAG = 100_000

_NAME = re.compile(r"<([a-zA-Z][^\s/>]*)")
ATTRIBUTES = r"""(?:[\s/]++|=?+[^\s/>=]++(?:\s*+=\s*+(?:"[^"]*+"?+|'[^']*+'?+|[^\s>"'][^\s>]*+)?+)?+|=)*+"""
#: A comment, a script or style with its text, or one tag (slash, name). What is not closed reaches to the end.
_TOKEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(?:script|style|title)\b.*?(?:</(?:script|style|title)\b|\Z)|"
    rf"<(/?)([a-zA-Z][^\s/>]*)({ATTRIBUTES})>?",
    re.IGNORECASE | re.DOTALL,
)

_FORMATTING = named("a b big code em font i nobr s small strike strong tt u")
#: In HTML these end by themselves, wherever they are; the others of each line only outside SVG and MathML.
_FLAT = named("br dd dt embed hr img li meta p")
_ENDING = _FLAT | named(
    "area base col input link param source track wbr caption colgroup optgroup option tbody td tfoot th thead tr"
)
#: A document of these alone is parsed to a tree that its own markup gives again.
ORDINARY = ((elements.KEPT | elements.RENAMED.keys()) - named("dialog legend optgroup option search")) | named(
    "base body embed head html iframe input link meta noscript param script style title track"
)


#: What is open around one of these cannot be closed inside it, so that closing tags there count for nothing.
_BARRIERS = named("annotation-xml applet desc foreignobject marquee mi mn mo ms mtext object template")
_MAX_BARRIERS = 2_000


class Reading(Enum):
    #: what is written will be read the same
    ORDINARY = auto()
    #: that has to be tried
    ODD = auto()
    #: to be made flat
    HOSTILE = auto()


def names(html: str) -> Counter[str]:
    """Count what looks like a start tag, by name, in comments and attributes too."""
    opened: Counter[str] = Counter()
    for name, count in Counter(_NAME.findall(html)).items():
        opened[name.lower()] += count
    return opened


def examine(html: str, opened: Counter[str]) -> Reading:
    """Tell what parsing will do, before it is done; `opened` is what `names` counted."""
    ending = _FLAT if "svg" in opened or "math" in opened else _ENDING
    # Most documents need no closer look: even with nothing closed they would be neither deep nor large.
    harmless = (
        len(html) <= _MAX_TAG
        and sum(count for name, count in opened.items() if name not in ending) <= MAX_DEPTH
        and sum(opened[name] for name in _FORMATTING) * opened.total() <= _MAX_PRODUCT
    )
    if not harmless and _is_hostile(html, ending):
        return Reading.HOSTILE
    return Reading.ORDINARY if opened.keys() <= ORDINARY else Reading.ODD


def _is_hostile(html: str, ending: frozenset[str]) -> bool:
    tags = _TOKEN.findall(html)
    steps: defaultdict[str, list[int]] = defaultdict(list)
    for slash, name, _ in tags:
        steps[name.lower()].append(-1 if slash else 1)
    # Upper bounds: the sums of what each name reaches by itself.
    depths = {name: _deepest(walk) for name, walk in steps.items() if name and name not in ending}
    formatting = sum(depths.get(name, 0) for name in _FORMATTING)
    return (
        sum(depths.values()) > MAX_DEPTH
        or formatting * len(tags) > _MAX_PRODUCT
        or sum(len(steps[name]) for name in _BARRIERS) > _MAX_BARRIERS
        or (len(html) > _MAX_TAG and any(len(attributes) > _MAX_TAG for _, _, attributes in tags))
    )


def _deepest(walk: list[int]) -> int:
    """Return the highest point of a walk that starts at 0 and never goes below."""
    heights = list(accumulate(walk))
    deepest: int = max(map(sub, heights, accumulate(heights, min, initial=0)))
    return deepest


def flattened(html: str) -> str:
    """Return `html` with only those tags that cannot nest."""

    def kept(token: re.Match[str]) -> str:
        return token[0] if token[2] and token[2].lower() in _FLAT and len(token[0]) <= _MAX_TAG else " "

    return _TOKEN.sub(kept, html)
