"""Which blocks of a page are the article's: those that hold the words that were found."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice

from lxml import etree

from feedsvc.extract.article.blocks import Block, words

_SHINGLE = 4
#: Words of a block from which on most of its sequences of four decide; a shorter one must be there as it is.
_LONG = 8
_MOST = 0.6
#: Of the words, how many the container holds; the rest stands outside of it.
_BULK = 0.9

#: An article in several pieces: how far up from the container they are looked for, how many, and what a piece has.
_LEVELS = 3
_MAX_TWINS = 30
_LEAST_SENTENCE = 12
_LEAST_PIECE = 40


def shingles(row: Sequence[str]) -> set[tuple[str, ...]]:
    return {tuple(row[at : at + _SHINGLE]) for at in range(len(row) - _SHINGLE + 1)}


def kept(blocks: Sequence[Block], lines: Sequence[str]) -> list[Block]:
    """Return the blocks that hold these lines, in order, each long text once."""
    rows = [words(line) for line in lines]
    known = shingles([word for row in rows for word in row])
    exact = set(rows) - {()}
    anchors = {block for block in blocks if len(block.words) >= _LONG and _share(block, known) >= _MOST}
    if not anchors:
        return [block for block in blocks if block.words in exact]
    container = _container([block for block in blocks if block in anchors])
    anchors.update(_continued(container, blocks))
    inside = set(container.iter())
    places = [at for at, block in enumerate(blocks) if block in anchors and block.element in inside]
    texts = {blocks[at].words for at in places}
    chosen: list[Block] = []
    for at, block in enumerate(blocks):
        if block.element in inside:
            between = places[0] <= at <= places[-1] and _SHINGLE <= len(block.words) < _LONG
            if block in anchors or block.words in exact or (between and _share(block, known) == 1):
                chosen.append(block)
        elif block in anchors and block.words not in texts:
            chosen.append(block)
            texts.add(block.words)
    return chosen


def _share(block: Block, known: set[tuple[str, ...]]) -> float:
    own = shingles(block.words)
    return len(own & known) / len(own) if own else 0.0


def _container(anchors: Sequence[Block]) -> etree._Element:
    """Return the deepest element that holds the bulk of the words, each text counted once."""
    held: defaultdict[etree._Element, dict[tuple[str, ...], int]] = defaultdict(dict)
    depths: dict[etree._Element, int] = {}
    for anchor in anchors:
        around = [anchor.element, *anchor.element.iterancestors()]
        for level, element in enumerate(reversed(around)):
            held[element][anchor.words] = len(anchor.words)
            depths[element] = level
    total = sum({anchor.words: len(anchor.words) for anchor in anchors}.values())
    enough = [element for element, texts in held.items() if sum(texts.values()) >= _BULK * total]
    return max(enough, key=depths.__getitem__)


def _continued(container: etree._Element, blocks: Sequence[Block]) -> Iterator[Block]:
    """Yield the sentences in elements beside the container that are made like it: trafilatura takes the first only."""
    node = container
    for _ in range(_LEVELS):
        parent = node.getparent()
        if parent is None or parent.tag in ("body", "html"):
            return
        if node.get("class"):
            made_alike = (one for one in parent.iterchildren(str(node.tag)) if one.get("class") == node.get("class"))
            for twin in islice(made_alike, _MAX_TWINS):
                if twin is not node and not _is_another_article(twin):
                    yield from _piece(twin, blocks)
        node = parent


def _is_another_article(element: etree._Element) -> bool:
    """Has it a headline that leads elsewhere, or a date?"""
    if next(element.iter("h1", "time"), None) is not None:
        return True
    return any(next(heading.iter("a"), None) is not None for heading in element.iter("h2", "h3"))


def _piece(element: etree._Element, blocks: Sequence[Block]) -> list[Block]:
    inside = set(element.iter())
    found = [
        block
        for block in blocks
        if block.element in inside and len(block.words) >= _LEAST_SENTENCE and block.linked < 0.4 * len(block.text)
    ]
    return found if sum(len(block.words) for block in found) >= _LEAST_PIECE else []
