"""The second step on HTML from outside: what the allow-list cannot say, on the tree that nh3's output makes."""

from collections.abc import Set

from lxml import etree

from feedsvc.extract import elements
from feedsvc.extract.addresses import HYPERLINK, resolve
from feedsvc.extract.attributes import keep_picture, keep_source, number, put
from feedsvc.extract.plain import folded
from feedsvc.model import Picture

MAX_PICTURES = 20
_DROP, _UNWRAP = "drop", "unwrap"
TABLE_PARTS = ("caption", "col", "colgroup", "table", "tbody", "td", "tfoot", "th", "thead", "tr")

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
#: What closes an open one of the same kind when it opens, and which those are.
_CLOSED_BY = {"a": ("a",), "li": ("li",), "dd": ("dd", "dt"), "dt": ("dd", "dt"), **dict.fromkeys(_HEADINGS, _HEADINGS)}
_OWN_PARENTS = {"li": ("ol", "ul"), "dd": ("dl",), "dt": ("dl",), "rp": ("ruby",), "rt": ("ruby",)}
_NESTED = ("p", "rp", "rt", *_CLOSED_BY)
#: Between these an HTML parser leaves only headings nested as it would not read them again.
WELL_NESTED = elements.KEPT - {"figcaption", "rp", "rt", "ruby", "summary", "table"}
_GLOBAL = elements.ATTRIBUTES["*"]


def rewrite(root: etree._Element, base: str | None, names: Set[str]) -> None:
    """Bring the tree into its final form. `names` are those of the elements that it was read from."""
    # A lazy picture may be there twice, with and without scripts.
    shown: set[str] | None = set() if "noscript" in names else None
    for element in list(root.iter(*elements.SPECIAL)):
        _rewrite_one(element, base, shown)
    etree.strip_elements(root, _DROP, with_tail=False)
    etree.strip_tags(root, _UNWRAP)
    if not names <= elements.KEPT:
        etree.strip_tags(root, *elements.FOREIGN)
    etree.strip_attributes(root, *elements.LOOKED_AT)
    for element in list(root.iter(*(_HEADINGS if names <= WELL_NESTED else _NESTED))):
        if _misnested(element):
            _rename(element, "span" if element.tag in ("a", "rp", "rt") else "div")
    for pre in root.iter("pre"):
        if pre.text:
            # HTML drops a newline there, so each reading would take one more.
            pre.text = pre.text.lstrip("\n")


def _rewrite_one(element: etree._Element, base: str | None, shown: set[str] | None) -> None:
    tag = str(element.tag)
    if tag in elements.RENAMED:
        # A form may stand between a table and its rows; a `div` may not.
        _rename(element, _UNWRAP if _between_cells(element) else elements.RENAMED[tag])
    elif tag == "a":
        _link(element, base)
    elif tag == "img":
        if not keep_picture(element.attrib, base, shown):
            element.tag = _DROP
    elif tag == "source":
        if not keep_source(element.attrib, base):
            element.tag = _DROP
    elif tag in ("audio", "video"):
        _player(element, base)
    elif tag in ("table", "div"):
        _captioned(element)
    elif "cite" in element.attrib:
        put(element.attrib, "cite", resolve(element.get("cite", ""), base))


def pictures(root: etree._Element) -> tuple[Picture, ...]:
    """Return the pictures of a tree in its final form, each address once."""
    found: dict[str, Picture] = {}
    for img in root.iter("img"):
        href = img.get("src", "")
        if href not in found and len(found) < MAX_PICTURES:
            width, height = number(img.attrib, "width"), number(img.attrib, "height")
            found[href] = Picture(href=href, width=width, height=height, caption=_caption(img))
    return tuple(found.values())


def _misnested(element: etree._Element) -> bool:
    """Would this, written as it is, close the element around it, or be closed by one inside?

    Publishers nest so, inside elements that are not kept; an HTML parser does, with what stands in no cell of a table.
    """
    tag = str(element.tag)
    if tag == "p":
        return len(element) > 0 and not elements.CLOSES_P.isdisjoint([inner.tag for inner in element.iterdescendants()])
    parent = element.getparent()
    if parent is not None and parent.tag in _OWN_PARENTS.get(tag, ()):
        return False
    return tag not in _CLOSED_BY or next(element.iterancestors(*_CLOSED_BY[tag]), None) is not None


def _rename(element: etree._Element, tag: str) -> None:
    element.tag = tag
    for name in set(element.attrib) - _GLOBAL:
        del element.attrib[name]


def _between_cells(element: etree._Element) -> bool:
    parent = element.getparent()
    return parent is not None and parent.tag in ("table", "tbody", "tfoot", "thead", "tr")


def _link(a: etree._Element, base: str | None) -> None:
    href = a.get("href")
    address = resolve(href, base, HYPERLINK) if href else None
    if address is None:
        _rename(a, "span")
    elif address != href:
        a.set("href", address)


def _player(player: etree._Element, base: str | None) -> None:
    put(player.attrib, "src", resolve(player.get("src", ""), base))
    if player.tag == "video":
        put(player.attrib, "poster", resolve(player.get("poster", ""), base))
    if "src" in player.attrib or any(resolve(source.get("src", ""), base) for source in player.iter("source")):
        player.set("controls", "controls")
    else:
        _rename(player, "span")


def _captioned(box: etree._Element) -> None:
    """Make a figure of a publisher's own box for a picture with its caption."""
    if not classes(box.get("class")) & elements.CAPTIONED or box.find(".//img") is None:
        return
    for caption in box.iter("td", "p", "div", "span"):
        if classes(caption.get("class")) & elements.CAPTION and caption is not box:
            _rename(caption, "figcaption")
            break
    _rename(box, "figure")
    etree.strip_tags(box, *TABLE_PARTS)


def classes(given: str | None) -> set[str]:
    """Return the names in a `class`; their case does not matter."""
    return set(given.lower().split()) if given else set()


def _caption(img: etree._Element) -> str | None:
    figure = next(img.iterancestors("figure"), None)
    caption = None if figure is None else next(figure.iter("figcaption"), None)
    return None if caption is None else folded(" ".join(caption.itertext())) or None
