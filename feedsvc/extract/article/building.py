"""From the blocks of an article, in the page's tree, to HTML of its own: paragraphs, lists, tables, figures."""

from collections.abc import Iterable, Sequence
from html import escape

from lxml import etree

from feedsvc.extract.article.blocks import Block
from feedsvc.extract.article.figures import figures
from feedsvc.extract.elements import named

#: Boxes that say nothing of what is in them.
_BOXES = named(
    "article aside body button center dialog div fieldset font footer form header hgroup label main menu nav section "
    "span"
)
_TABLE = named("caption col colgroup table tbody td tfoot th thead tr")
#: What a line of text may be in; another element of a block becomes a paragraph.
_LINES = named("address blockquote dd dt h1 h2 h3 h4 h5 h6 li p pre summary td th tr")
#: A table of so few rows that holds whole paragraphs places them, and is no table.
_FEW_ROWS = 3


def built(root: etree._Element, blocks: Sequence[Block]) -> str:
    """Return the HTML of these blocks and of the pictures among them. Changes the tree."""
    if not blocks:
        return ""
    lines = {block.element for block in blocks}
    kept = lines | figures(root, blocks)
    _prune(root, kept, {ancestor for element in kept for ancestor in element.iterancestors()})
    for line in lines:
        if line.tag not in _LINES:
            line.tag = "p"
    for table in list(root.iter("table")):
        rows = list(table.iter("tr"))
        if len(rows) < _FEW_ROWS and lines.isdisjoint(rows):
            for part in [table, *table.iterdescendants(*_TABLE)]:
                part.tag = "p" if part in lines else "div"
    etree.strip_tags(root, *_BOXES)
    return "".join(etree.tostring(child, encoding="unicode", method="html") for child in root)


def written(lines: Iterable[str]) -> str:
    """Return the HTML of lines that have no place in the tree."""
    return "".join(f"<p>{escape(line.removeprefix('- '), quote=False)}</p>" for line in lines)


def _prune(root: etree._Element, kept: set[etree._Element], around: set[etree._Element]) -> None:
    waiting = [root]
    while waiting:
        holder = waiting.pop()
        holder.text = None
        for child in list(holder):
            child.tail = None
            if child in kept:
                continue
            if child in around:
                waiting.append(child)
            else:
                holder.remove(child)
