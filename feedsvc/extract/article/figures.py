"""The pictures of an article, with what stands under them."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from lxml import etree

from feedsvc.extract.article.blocks import Block, text_in
from feedsvc.extract.article.filters import CAPTION, is_elsewhere
from feedsvc.extract.elements import LAZY_SRC, LAZY_SRCSET
from feedsvc.extract.plain import text_of

#: How many pictures of a page are looked at, and how many are kept.
_MAX_SEEN = 300
_MAX_KEPT = 40
#: Pixels; smaller ones are signs and portraits.
_SMALL = 100
_MAX_CAPTION = 600
_ATTRIBUTES = ("src", *LAZY_SRC, "srcset", *LAZY_SRCSET, "alt", "width", "height")
_SIGN = re.compile(r"avatar|logo|icon|emoji|sprite|spacer|pixel\.|gravatar|\.svg(?:$|\?)", re.IGNORECASE)
_CREDIT = re.compile(
    r"(?:^|[\s(\[.,;–—|/-])[(\[]?(?:"
    r"(?:ảnh|photo(?:graph)?|foto|image|picture|credit|nguồn|source|courtesy)(?: (?:by|credits?|of|courtesy of))?\s?:"
    r"|(?:photo|image|picture) by|©|\(c\))\s?(?P<credit>[^()\[\]:]{2,100})[)\]]?\W*\Z",
    re.IGNORECASE,
)


def figures(root: etree._Element, blocks: Sequence[Block]) -> set[etree._Element]:
    """Make a `<figure>` of each picture that stands among the blocks or between them and the title; return those."""
    lines = {block.element for block in blocks}
    around = {ancestor for line in lines for ancestor in line.iterancestors()}
    order = {element: at for at, element in enumerate(root.iter(etree.Element))}
    first, last = order[blocks[0].element], order[blocks[-1].element]
    first = max((order[title] for title in root.iter("h1") if order[title] < first), default=first)
    article = _shared(blocks)
    made: set[etree._Element] = set()
    for img in list(islice(root.iter("img"), _MAX_SEEN)):
        above = list(img.iterancestors())
        within = first <= order[img] <= last or article in above
        if not within or len(made) >= _MAX_KEPT or _is_sign(img) or not made.isdisjoint(above):
            continue
        if not lines.isdisjoint(above):  # in a line of text, with which it stays
            continue
        box = _box(img, around)
        if box is not None and not is_elsewhere(box) and (order[img] <= last or box.tag == "figure"):
            made.add(_figure(box))
    return made


def caption_and_credit(text: str | None) -> tuple[str | None, str | None]:
    """Split `A market. Photo: An Binh` into the caption and the name."""
    found = _CREDIT.search(text or "")
    if not text or found is None:
        return text, None
    return text[: found.start()].rstrip(" (-–—|/[") or None, found["credit"].strip(" .;,") or None


def running_text(safe_html: str) -> str:
    """Return the text without the captions: they are not part of what is compared, searched and cut to an excerpt."""
    parts = safe_html.split("<figcaption>")
    return text_of(parts[0] + "".join(part.partition("</figcaption>")[2] for part in parts[1:]))


def _shared(blocks: Sequence[Block]) -> etree._Element | None:
    """Return the deepest element that holds all blocks; None where that is the whole page."""
    common = set(blocks[0].element.iterancestors())
    for block in blocks[1:]:
        common &= set(block.element.iterancestors())
    deepest = next((one for one in blocks[0].element.iterancestors() if one in common), None)
    return None if deepest is None or deepest.tag in ("body", "html") else deepest


def _is_sign(img: etree._Element) -> bool:
    sizes = (re.match(r"\d{1,5}", img.get(name, "")) for name in ("width", "height"))
    if any(size is not None and int(size[0]) < _SMALL for size in sizes):
        return True
    if any(img.get(name) for name in LAZY_SRC):
        return False
    return bool(_SIGN.search(f"{img.get('src', '')[:300]} {img.get('class', '')}"))


def _box(img: etree._Element, around: set[etree._Element]) -> etree._Element | None:
    """Return the publisher's box for the picture and its caption; None where the picture is of another article."""
    box = img
    for ancestor in img.iterancestors():
        if ancestor in around or ancestor.tag in ("body", "article", "main"):
            break
        if ancestor.tag != "figure" and not _is_box(ancestor):
            break
        if ancestor.tag == "a" and text_in(ancestor) and next(ancestor.iter("figcaption"), None) is None:
            return None
        box = ancestor
        if ancestor.tag == "figure":
            break
    return None if next(box.iter("h1", "h2", "h3", "h4"), None) is not None else box


def _is_box(element: etree._Element) -> bool:
    """One picture, and no more text than a caption has."""
    if len(list(islice(element.iter("img"), 2))) > 1:
        return False
    length = 0
    for text in element.itertext():
        length += len(text.strip())
        if length > _MAX_CAPTION:
            return False
    return True


def _figure(box: etree._Element) -> etree._Element:
    """Put a plain figure in the place of the box."""
    figure = etree.Element("figure")
    seen: set[str] = set()
    for img in islice(box.iter("img"), _MAX_KEPT):
        attributes = {name: value for name in _ATTRIBUTES if (value := img.get(name))}
        address = next((attributes[name] for name in (*LAZY_SRC, "src") if name in attributes), "")
        if address not in seen:
            seen.add(address)
            etree.SubElement(figure, "img", attributes)
    caption = " ".join(dict.fromkeys(_captions(box)))
    if caption:
        etree.SubElement(figure, "figcaption").text = caption
    parent = box.getparent()
    assert parent is not None
    parent.replace(box, figure)
    return figure


def _captions(box: etree._Element) -> Iterator[str]:
    captions = {
        one
        for one in box.iter("figcaption", "td", "p", "div", "span", "em", "small")
        if one.tag == "figcaption" or CAPTION.search(one.get("class", ""))
    }
    outer = [one for one in box.iter() if one in captions and captions.isdisjoint(one.iterancestors())]
    for one in islice(outer or ([] if box.tag == "img" else [box]), 5):
        if (text := text_in(one)) and len(text) <= _MAX_CAPTION:
            yield text
