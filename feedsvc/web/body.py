"""A story's text as a page shows it: pictures from our own copies, headings in order, long texts in parts.

What comes in is safe HTML; nothing here makes it less so. A page loads nothing from elsewhere: a picture of which there
is no copy goes, sound and film become links.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

from lxml import etree

from feedsvc.fragments import take_out, tree, written
from feedsvc.store import KeptPicture
from feedsvc.web.cutting import WIDE, cut

#: bytes of one part; a page with all around it stays below 50 KB
PART_BYTES = 24_000
#: of one text, five times what extract keeps; what is behind them is read at the publisher's
MOST_PARTS = 100

#: characters of an attribute; more is no address and nobody's words
_LONGEST_VALUE = 2000

_ADAPTED = re.compile(r"<(?:a|article|aside|audio|footer|header|img|picture|pre|section|table|video)\b", re.IGNORECASE)
#: Landmarks of the page, were they to stay.
_BOXES = ("article", "aside", "footer", "header", "section")
#: A figure without any of these is a caption of what went.
_FIGURED = ("a", "blockquote", "code", "img", "p", "pre", "table")
#: A box around each `<pre>y</pre>` would make a text twenty times as long.
_WIDE = etree.XPath("//table | //pre[string-length() > 20 and not(ancestor::pre)]")
_TOO_LONG = etree.XPath(f"//*[@*[string-length() > {_LONGEST_VALUE}]]")
_HEADING = re.compile(r"<(/?)h([1-6])\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sights:
    """What text needs of the page that it is on."""

    #: by the publisher's address
    kept: Mapping[str, KeptPicture]
    #: what a picture's key stands behind
    pictures_at: str
    #: said of a film or sound, with the host's name behind it, and of what scrolls sideways
    watch: str
    listen: str
    wide: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a text."""

    html: str
    number: int
    #: how many there are
    count: int
    #: the text goes on where its parts end: there would be too many
    is_cut: bool

    @property
    def is_last(self) -> bool:
        return self.number == self.count


def part_of(html: str, sights: Sights, number: int) -> Part | None:
    """Return a part of the text, the first is 1; None: there are not so many.

    Each has at most about `PART_BYTES` and is whole HTML; they end where a block ends, else between words.
    """
    text = _adapted(html, sights)
    cuts = cut(text, PART_BYTES)
    found, count = None, 0
    for count, each in enumerate(islice(cuts, MOST_PARTS), 1):
        if count == number:
            found = each
    if found is None:
        return None
    shown = f"{found.opening}{text[found.start : found.end]}{found.closing}"
    return Part(html=_in_order(shown), number=number, count=count, is_cut=next(cuts, None) is not None)


def pictures_in(html: str | None) -> frozenset[str]:
    """Return the addresses of the pictures in a text."""
    if html is None or "<img" not in html:
        return frozenset()
    return frozenset(img.get("src", "") for img in tree(html).iter("img"))


def _adapted(html: str, sights: Sights) -> str:
    if _ADAPTED.search(html) is None and len(html.encode()) <= PART_BYTES:
        return html
    root = tree(html)
    _illustrate(root, sights)
    for link in [*root.iter("a")]:
        if not "".join(link.itertext()).strip():
            link.tag = "span"
            link.attrib.clear()
    for box in [*root.iter(*_BOXES)]:
        box.tag = "div"
    for wide in _WIDE(root):
        _wrap(wide, sights)
    for countdown in root.iter("ol"):
        if "reversed" in countdown.attrib and "start" not in countdown.attrib:
            # Behind a cut, the items would be too few to count from.
            countdown.set("start", str(len(countdown.findall("li"))))
    for element in _TOO_LONG(root):
        for name in [name for name, value in element.items() if len(value) > _LONGEST_VALUE]:
            del element.attrib[name]
    return written(root)


def _illustrate(root: etree._Element, sights: Sights) -> None:
    take_out(root, [element for element in [*root.iter("audio", "video")] if not _link_media(element, sights)])
    for element in [*root.iter("picture")]:
        etree.strip_elements(element, "source", with_tail=False)
    etree.strip_tags(root, "picture")
    take_out(root, [img for img in root.iter("img") if not _show(img, sights)])
    take_out(root, [figure for figure in root.iter("figure") if next(figure.iter(*_FIGURED), None) is None])


def _show(img: etree._Element, sights: Sights) -> bool:
    """Show our copy of a picture; say no where there is none."""
    kept = sights.kept.get(img.get("src", ""))
    if kept is None:
        return False
    alt = img.get("alt", "")[:_LONGEST_VALUE]
    img.attrib.clear()
    for name, value in (
        ("src", f"{sights.pictures_at}{kept.key}"),
        ("width", str(kept.width)),
        ("height", str(kept.height)),
        ("alt", alt),
        ("loading", "lazy"),
    ):
        img.set(name, value)
    return True


def _link_media(element: etree._Element, sights: Sights) -> bool:
    """Make a link of sound or film; say no where it leads nowhere."""
    source = element.find("source")
    href = element.get("src") or (source.get("src") if source is not None else None)
    host = urlsplit(href).hostname if href else None
    if not href or not host:
        return False
    word = sights.watch if element.tag == "video" else sights.listen
    tail = element.tail
    element.clear()
    element.tag, element.text, element.tail = "a", f"{word} ({host})", tail
    if next(element.iterancestors("a"), None) is None:
        element.set("href", href)
    else:  # it is a link already, and a link in another ends it
        element.tag = "span"
    return True


def _wrap(element: etree._Element, sights: Sights) -> None:
    """Put a box around what may be wider than the page, which scrolls and can be reached without a mouse."""
    parent = element.getparent()
    if parent is None or parent.get("class") == WIDE:
        return
    box = etree.Element("div", {"class": WIDE, "tabindex": "0", "role": "group", "aria-label": sights.wide})
    box.tail, element.tail = element.tail, None
    parent.replace(element, box)
    box.append(element)


def _in_order(html: str) -> str:
    """Renumber headings: the page's own is the first, and no level is left out on the way down."""
    levels: list[int] = []
    shown: list[int] = []

    def renumbered(found: re.Match[str]) -> str:
        level = int(found[2])
        if found[1]:
            return f"</h{shown.pop() if shown else level}"
        while levels and levels[-1] >= level:
            levels.pop()
        levels.append(level)
        shown.append(min(1 + len(levels), 6))
        return f"<h{shown[-1]}"

    return _HEADING.sub(renumbered, html)
