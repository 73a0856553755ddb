"""A page as a row of blocks: each paragraph, heading, item, cell or bare run of text becomes one element."""

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

from feedsvc.extract.elements import named
from feedsvc.extract.plain import folded

#: Elements that start a line of their own.
BLOCKS = named(
    "address article aside blockquote body button caption center dd details dialog div dl dt fieldset figcaption "
    "figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre section summary table "
    "tbody td tfoot th thead tr ul"
)
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
#: Whose text is not the page's.
UNREAD = named("audio canvas embed head input link meta noscript object script style template title video")
#: In which bare text cannot stand.
_NO_TEXT = named("html ol table tbody tfoot thead tr ul")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Block:
    """A leaf: an element that holds a line of text and no other block."""

    element: etree._Element
    text: str
    words: tuple[str, ...]
    #: characters of the text that are in links
    linked: int

    @property
    def is_link(self) -> bool:
        return self.linked >= 0.8 * len(self.text)

    @property
    def is_heading(self) -> bool:
        return self.element.tag in HEADINGS or next(self.element.iterancestors(*HEADINGS), None) is not None


def words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text.lower()))


def text_in(element: etree._Element) -> str:
    """Return the text on one line; a `<br>` and the end of a cell separate words."""
    for br in element.iter("br", "td", "th"):
        br.tail = f" {(br.tail or '').lstrip()}"
    if next(element.iter("rt"), None) is not None:  # how to say it, above each word
        element = deepcopy(element)
        element.tail = None
        etree.strip_elements(element, "rt", "rp", with_tail=False)
    return folded("".join(str(text) for text in element.itertext()))


def blocks_of(root: etree._Element) -> list[Block]:
    """Wrap bare runs of text in `<p>`, and return all leaves in document order. Changes the tree."""
    etree.strip_elements(root, *UNREAD, with_tail=False)
    plain = {cell for row in root.iter("tr") if _is_plain(row) for cell in row}
    holders = _holders(root, plain)
    for holder in holders:
        if holder.tag not in _NO_TEXT and any(text.strip() for text in _own_texts(holder)):
            _wrap_runs(holder, holders)
    leaves = (one for one in root.iter(*BLOCKS) if one not in holders and one not in plain)
    return [block for leaf in leaves if (block := _block(leaf))]


def _holders(root: etree._Element, plain: set[etree._Element]) -> set[etree._Element]:
    """Return the elements that have a block somewhere inside, but for rows of plain cells."""
    found: set[etree._Element] = set()
    for block in root.iter(*BLOCKS):
        for ancestor in block.iterancestors() if block not in plain else ():
            if ancestor in found:
                break
            found.add(ancestor)
    return found


def _is_plain(row: etree._Element) -> bool:
    """Is this a row of cells without blocks in them? Then it is one line."""
    return len(row) > 1 and sum(1 for _ in row.iter(*BLOCKS)) == 1 + len(row)


def _own_texts(holder: etree._Element) -> Iterator[str]:
    yield holder.text or ""
    for child in holder:
        yield child.tail or ""
        if child.tag not in BLOCKS:
            yield from (str(text) for text in child.itertext())


def _wrap_runs(holder: etree._Element, holders: set[etree._Element]) -> None:
    """Put each run of text and inline elements between blocks into a paragraph of its own; two `<br>` end a run."""
    children, text, holder.text = list(holder), holder.text, None
    tails = [child.tail for child in children]
    for child in children:
        holder.remove(child)
        child.tail = None
    run = _Run(holder)
    run.add_text(text)
    for child, tail in zip(children, tails, strict=True):
        if child.tag in BLOCKS or child in holders:
            run.end()
            holder.append(child)
        else:
            run.add(child)
        run.add_text(tail)


class _Run:
    """The paragraph that is being put together at the end of `holder`."""

    def __init__(self, holder: etree._Element) -> None:
        self._holder = holder
        self._open: etree._Element | None = None

    def end(self) -> None:
        self._open = None

    def add_text(self, text: str | None) -> None:
        if text and (self._open is not None or text.strip()):
            run = self._opened()
            if len(run):
                run[-1].tail = (run[-1].tail or "") + text
            else:
                run.text = (run.text or "") + text

    def add(self, inline: etree._Element) -> None:
        if inline.tag == "br":
            last = self._open[-1] if self._open is not None and len(self._open) else None
            if last is None or (last.tag == "br" and not (last.tail or "").strip()):
                self.end()
                return
        self._opened().append(inline)

    def _opened(self) -> etree._Element:
        if self._open is None:
            self._open = etree.SubElement(self._holder, "p")
        return self._open


def _block(leaf: etree._Element) -> Block | None:
    text = text_in(leaf)
    if not text:
        return None
    return Block(element=leaf, text=text, words=words(text), linked=sum(len(text_in(a)) for a in leaf.iter("a")))
