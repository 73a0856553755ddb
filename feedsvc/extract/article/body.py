"""The main text of a page, as safe HTML."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from lxml import etree

from feedsvc.extract import markup
from feedsvc.extract.article.blocks import blocks_of
from feedsvc.extract.article.building import built, written
from feedsvc.extract.article.figures import caption_and_credit, running_text
from feedsvc.extract.article.filters import own_text, without_captions
from feedsvc.extract.article.finding import count, lines_of
from feedsvc.extract.article.keeping import kept
from feedsvc.model import Content, Picture

_MAX_NOSCRIPTS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    content: Content | None = None
    pictures: tuple[Picture, ...] = ()


def body_of(root: etree._Element, base: str, title: str | None, chosen: Sequence[etree._Element]) -> Body:
    """Return what was found on the page, or what is in the `chosen` elements where there are any. Changes the tree."""
    _settle_noscript(root)
    if chosen:
        found = blocks_of(root)
        # What was chosen may also be a part of a line; then the line is taken.
        inside = {element for one in chosen for element in (*one.iter(), *one.iterancestors())}
        blocks = [block for block in found if block.element in inside]
        return _finished(built(root, without_captions(blocks)), base)
    lines = lines_of(root)
    if not lines:
        return Body()
    blocks = kept(blocks_of(root), lines)
    if sum(len(block.words) for block in blocks) < count(lines) / 2:
        # The words are not in the tree: in JSON, or in elements that a reader does not see.
        return _finished(written(lines), base)
    return _finished(built(root, own_text(blocks, title)), base)


def _finished(raw: str, base: str) -> Body:
    safe = markup.safe(raw, base) if raw else None
    if safe is None:
        return Body()
    pictures = []
    for picture in safe.pictures:
        caption, credit = caption_and_credit(picture.caption)
        pictures.append(
            Picture(href=picture.href, width=picture.width, height=picture.height, caption=caption, credit=credit)
        )
    return Body(content=Content(value=safe.html, type="html", text=running_text(safe.html)), pictures=tuple(pictures))


def _settle_noscript(root: etree._Element) -> None:
    """A lazy picture may be there twice, with and without scripts; one that is only in `<noscript>` is let out."""
    for noscript in list(islice(root.iter("noscript"), _MAX_NOSCRIPTS)):
        parent = noscript.getparent()
        if (
            parent is None
            or parent.tag == "head"
            or noscript.find(".//img") is None
            or len(list(parent.iter("img"))) > len(list(noscript.iter("img")))
        ):
            continue
        noscript.tag = "span"
