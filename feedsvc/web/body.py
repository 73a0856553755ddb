"""A story's text as a page shows it: pictures from our own copies, headings in order, long texts in parts.

What comes in is safe HTML; nothing here makes it less so. A page loads nothing from elsewhere: a picture of which there
is no copy goes, sound and film become links.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml import etree

from feedsvc.fragments import take_out, tree
from feedsvc.store import KeptPicture

#: bytes of one part; a page with all around it stays below 50 KB
PART_BYTES = 24_000

_ADAPTED = re.compile(r"<(?:a|article|aside|audio|footer|header|img|picture|pre|section|table|video)\b", re.IGNORECASE)
#: Landmarks of the page, were they to stay.
_BOXES = ("article", "aside", "footer", "header", "section")
_TOKEN = re.compile(r'</?[a-z](?:[^>"]|"[^"]*")*>|[^<]+', re.IGNORECASE)
_NAME = re.compile(r"</?([a-z][a-z0-9]*)", re.IGNORECASE)
_VOID = frozenset(("br", "col", "hr", "img", "source", "wbr"))
_ENDING = frozenset(("blockquote", "dd", "div", "dl", "figure", "li", "ol", "p", "pre", "table", "tr", "ul"))
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


def parts(html: str, sights: Sights) -> tuple[str, ...]:
    """Return the text in parts of at most about `PART_BYTES`, cut where a block ends, else between words."""
    return tuple(_in_order(part) for part in _cut(_adapted(html, sights)))


def pictures_in(html: str | None) -> frozenset[str]:
    """Return the addresses of the pictures in a text."""
    if html is None or "<img" not in html:
        return frozenset()
    return frozenset(img.get("src", "") for img in tree(html).iter("img"))


def _adapted(html: str, sights: Sights) -> str:
    if _ADAPTED.search(html) is None:
        return html
    root = tree(html)
    for element in [*root.iter("audio", "video")]:
        _link_media(element, sights)
    for element in [*root.iter("picture")]:
        etree.strip_elements(element, "source", with_tail=False)
    etree.strip_tags(root, "picture")
    for img in [*root.iter("img")]:
        _show(img, sights)
    for figure in [*root.iter("figure")]:
        if not any(True for _ in figure.iter("a", "blockquote", "code", "img", "p", "pre", "table")):
            take_out(figure)
    for link in [*root.iter("a")]:
        if not "".join(link.itertext()).strip():
            link.tag = "span"
            link.attrib.clear()
    for box in [*root.iter(*_BOXES)]:
        box.tag = "div"
    for wide in [*root.iter("pre", "table")]:
        _wrap(wide, sights)
    # As HTML: `<td/>` would stay open in it.
    written = etree.tostring(root, encoding="unicode", method="html")
    return written.partition(">")[2].rpartition("<")[0].strip()


def _show(img: etree._Element, sights: Sights) -> None:
    kept = sights.kept.get(img.get("src", ""))
    if kept is None:
        take_out(img)
        return
    alt = img.get("alt", "")
    img.attrib.clear()
    for name, value in (
        ("src", f"{sights.pictures_at}{kept.key}"),
        ("width", str(kept.width)),
        ("height", str(kept.height)),
        ("alt", alt),
        ("loading", "lazy"),
    ):
        img.set(name, value)


def _link_media(element: etree._Element, sights: Sights) -> None:
    source = element.find("source")
    href = element.get("src") or (source.get("src") if source is not None else None)
    host = urlsplit(href).hostname if href else None
    if not href or not host:
        take_out(element)
        return
    word = sights.watch if element.tag == "video" else sights.listen
    tail = element.tail
    element.clear()
    element.tag, element.text, element.tail = "a", f"{word} ({host})", tail
    element.set("href", href)


def _wrap(element: etree._Element, sights: Sights) -> None:
    """Put a box around what may be wider than the page, which scrolls and can be reached without a mouse."""
    parent = element.getparent()
    if parent is None or parent.get("class") == "wide":
        return
    box = etree.Element("div", {"class": "wide", "tabindex": "0", "role": "group", "aria-label": sights.wide})
    box.tail, element.tail = element.tail, None
    parent.replace(element, box)
    box.append(element)


def _cut(html: str) -> Iterator[str]:
    if len(html.encode()) <= PART_BYTES:
        yield html
        return
    #: start tags that are open, to be opened again in the next part
    open_tags: list[str] = []
    part: list[str] = []
    size = 0
    for token in _pieces(html):
        part.append(token)
        size += len(token.encode())
        name = _follow(token, open_tags)
        if size >= PART_BYTES and (name in _ENDING or size >= PART_BYTES + PART_BYTES // 8):
            yield "".join([*part, *_closing(open_tags)])
            part, size = [*open_tags], sum(len(tag.encode()) for tag in open_tags)
    if "".join(part[len(open_tags) :]).strip():
        yield "".join([*part, *_closing(open_tags)])


def _pieces(html: str) -> Iterator[str]:
    """Yield tags and texts, long texts in pieces that end between words."""
    for token in _TOKEN.findall(html):
        if token[0] == "<" or len(token) < PART_BYTES // 16:
            yield token
        else:
            yield from re.findall(rf"(?s).{{1,{PART_BYTES // 16}}}(?:\s|$)|.{{1,{PART_BYTES // 16}}}", token)


def _follow(token: str, open_tags: list[str]) -> str | None:
    """Note that an element begins or ends; return the name of one that ends."""
    found = _NAME.match(token)
    if found is None or found[1].lower() in _VOID:
        return None
    if token[1] != "/":
        open_tags.append(token)
        return None
    if open_tags:
        open_tags.pop()
    return found[1].lower()


def _closing(open_tags: list[str]) -> list[str]:
    names = (_NAME.match(tag) for tag in reversed(open_tags))
    return [f"</{found[1]}>" for found in names if found]


def _in_order(html: str) -> str:
    """Renumber headings: the page's own is the first, and no level is left out on the way down."""
    levels: list[int] = []

    def renumbered(found: re.Match[str]) -> str:
        level = int(found[2])
        if not found[1]:
            while levels and levels[-1] >= level:
                levels.pop()
            levels.append(level)
        return f"<{found[1]}h{min(1 + len(levels), 6)}"

    return _HEADING.sub(renumbered, html)
