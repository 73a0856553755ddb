"""What `rewrite` does, on the text that nh3 wrote, for ordinary markup: a tree costs more than all else.

nh3 writes every element closed, every attribute in quotes and `<` and `>` as nothing but tags, so that its text can be
taken apart without parsing. Nothing here decides anything: it makes what `rewrite` would make, or finds that the markup
is unusual, and then that does it. tests/extract/test_quick.py compares the two.
"""

import re
from collections.abc import Iterator, Sequence, Set
from itertools import accumulate, pairwise

from feedsvc.extract import elements, guard
from feedsvc.extract.addresses import HYPERLINK, resolve
from feedsvc.extract.attributes import keep_picture, keep_source, number, put
from feedsvc.extract.elements import named
from feedsvc.extract.plain import folded
from feedsvc.extract.rewrite import MAX_PICTURES, TABLE_PARTS, WELL_NESTED, classes
from feedsvc.model import Picture

#: A document of other elements is unusual.
NAMES = guard.ORDINARY - elements.RENAMED.keys() - named("audio rp rt ruby video")
#: lxml reads up to 256 levels.
_MAX_DEPTH = 250

_ONLY_CLASS = re.compile(r'<(div|p|span|table|td) class="[^"]*">')
#: Of a link the address, where it comes first.
_WITH_ATTRIBUTES = re.compile(r'<([a-z][a-z0-9]*)(?= )(?:(?<=<a) href="([^"]*)")?([^<>]*)>')
_ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')
_END_OR_START = re.compile(r"<(/?)(?!(?:br|col|hr|img|source|wbr)[ >])")
_LEADING_NEWLINES = re.compile(r"(<pre(?: [^<>]*)?>)\n+")

_HEADING = re.compile(r"<(/?)h[1-6][ >]")
_TAG_NAME = re.compile(r"<(/?[a-z0-9]+)")
#: Start and end of what is in none of its kind.
_KINDS = tuple(map(named, ("a /a", "dd /dd dt /dt", "figure /figure", "figcaption /figcaption")))
_ITEM = named("li /li")
_BLOCK = elements.CLOSES_P | {f"/{name}" for name in elements.CLOSES_P}
#: An item whose parent is a list, if that of the item before it is.
_ITEM_OF_LIST = re.compile(r"(?:<[ou]l(?: [^<>]*)?|</li)>[^<>]*<li[ >]")

_CAPTIONED = re.compile(rf'<(?:div|table) [^<>]*class="[^"]*(?i:{"|".join(sorted(elements.CAPTIONED))})')
_BOX = re.compile(r"<(div|table)( [^<>]*)>")
_CAPTION = re.compile(r"<(td|p|div|span)( [^<>]*)>")
_TABLE_TAG = re.compile(rf"</?(?:{'|'.join(TABLE_PARTS)})(?: [^<>]*)?>")
_FIGURE = re.compile(r"(<figure[ >].*?</figure>)", re.DOTALL)
_FIGCAPTION = re.compile(r"<figcaption(?: [^<>]*)?>(.*?)</figcaption>", re.DOTALL)
_IMG = re.compile(r"<img( [^<>]*)/>")
_TAG = re.compile(r"<[^<>]*>")

_GLOBAL = elements.ATTRIBUTES["*"]


class Unusual(Exception):  # noqa: N818 - nothing is wrong with the markup
    """Markup that is left to `rewrite`."""


def rewritten(kept: str, base: str | None, names: Set[str]) -> str:
    """Return in its final form what nh3 wrote, of a document of elements `names`. Raises Unusual."""
    # XML makes newlines of returns. An `<a>` without attributes is renamed, with its end.
    if not names <= NAMES or "\r" in kept or "<a>" in kept or _is_deep(kept):
        raise Unusual
    if _CAPTIONED.search(kept):
        kept = "".join(_captioned(kept))
    for tag in {"br", *(names & elements.VOID)}:  # HTML makes a `<br>` of `</br>` too
        kept = kept.replace(f"<{tag}>", "" if tag in ("img", "source") else f"<{tag}/>")
    html = _WITH_ATTRIBUTES.sub(_Tags(base, "noscript" in names), _ONLY_CLASS.sub(r"<\1>", kept))
    _check_nesting(html, names)
    if "<pre" in html:
        html = _LEADING_NEWLINES.sub(r"\1", html)
    return html.strip()


def pictures(html: str) -> tuple[Picture, ...]:
    """Return the pictures of what `rewritten` returned, each address once."""
    if "<img " not in html:
        return ()
    found: dict[str, Picture] = {}
    for part in _FIGURE.split(html):
        words = _FIGCAPTION.search(part) if part.startswith("<figure") else None
        caption = folded(_unescaped(_TAG.sub(" ", words[1]))) or None if words else None
        for written in _IMG.findall(part):
            img = _read(written)
            if img["src"] not in found and len(found) < MAX_PICTURES:
                width, height = number(img, "width"), number(img, "height")
                found[img["src"]] = Picture(href=img["src"], width=width, height=height, caption=caption)
    return tuple(found.values())


class _Tags:
    """Writes anew a start tag that has attributes."""

    def __init__(self, base: str | None, is_twice: bool) -> None:
        self.base = base
        self.shown: set[str] | None = set() if is_twice else None

    def __call__(self, start: re.Match[str]) -> str:
        tag, href, rest = start.groups()
        if "\n" in rest or "\t" in rest:  # so does XML
            rest = rest.replace("\n", " ").replace("\t", " ")
        if tag == "a":
            return self._linked(href, rest)
        if tag in ("img", "source"):
            attributes = _read(rest)
            if tag == "img":
                is_kept = keep_picture(attributes, self.base, self.shown)
            else:
                is_kept = keep_source(attributes, self.base)
            return f"<{tag}{_written(attributes)}/>" if is_kept else ""
        if ' class="' in rest or ' cite="' in rest:
            attributes = _read(rest)
            if "cite" in attributes:
                put(attributes, "cite", resolve(attributes["cite"], self.base))
            rest = _written(attributes)
        return f"<{tag}{rest}/>" if tag in elements.VOID else f"<{tag}{rest}>"

    def _linked(self, href: str | None, rest: str) -> str:
        if href is None:
            raise Unusual
        address = resolve(_unescaped(href), self.base, HYPERLINK)
        if address is None:
            raise Unusual
        return f'<a href="{_escaped(address)}"{rest}>'


def _read(written: str) -> dict[str, str]:
    attributes = dict(_ATTRIBUTE.findall(written))
    return {name: _unescaped(value) for name, value in attributes.items()} if "&" in written else attributes


def _written(attributes: dict[str, str]) -> str:
    """Return attributes but for those that are only looked at."""
    return "".join([f' {name}="{_escaped(attributes[name])}"' for name in attributes if name not in elements.LOOKED_AT])


def _escaped(value: str) -> str:
    value = value.replace("&", "&amp;") if "&" in value else value
    return value.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _unescaped(text: str) -> str:
    if "&" not in text:
        return text
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")


def _is_deep(kept: str) -> bool:
    if kept.count("</") <= _MAX_DEPTH:
        return False
    return max(accumulate(-1 if slash else 1 for slash in _END_OR_START.findall(kept))) > _MAX_DEPTH


def _check_nesting(html: str, names: Set[str]) -> None:
    """Raise Unusual where an element may have to be renamed; the rules are those of `rewrite`, but stricter."""
    if "<h" in html and not _take_turns(_HEADING.findall(html)):
        raise Unusual
    if names <= WELL_NESTED and "<fig" not in html:
        return
    tags = _TAG_NAME.findall(html)
    kinds = list(_KINDS)
    if tags.count("li") != len(_ITEM_OF_LIST.findall(html)):
        kinds.append(_ITEM)
    blocks = [tag for tag in tags if tag in _BLOCK]
    if any(block == "p" and after != "/p" for block, after in pairwise(blocks)):
        raise Unusual
    for kind in kinds:
        if not _take_turns([tag[0] == "/" for tag in tags if tag in kind]):
            raise Unusual


def _take_turns(are_ends: Sequence[object]) -> bool:
    """Do starts and ends take turns, so that none is in another?"""
    return not any(are_ends[::2]) and all(are_ends[1::2])


def _captioned(kept: str) -> Iterator[str]:
    """Give the text in which each publisher's own box around a picture and its caption is a figure."""
    at = 0
    for box in _BOX.finditer(kept):
        if not classes(_read(box[2]).get("class")) & elements.CAPTIONED:
            continue
        end = _end(kept, box)
        inside = kept[box.end() : end]
        if box.start() < at:
            raise Unusual
        if "<img" in inside:
            yield kept[at : box.start()]
            yield f"<figure{_global(box[2])}>{_TABLE_TAG.sub('', _with_caption(inside))}</figure>"
            at = end + len(box[1]) + 3
    yield kept[at:]


def _with_caption(inside: str) -> str:
    for caption in _CAPTION.finditer(inside):
        if classes(_read(caption[2]).get("class")) & elements.CAPTION:
            end = _end(inside, caption)
            head, tail = inside[: caption.start()], inside[end + len(caption[1]) + 3 :]
            return f"{head}<figcaption{_global(caption[2])}>{inside[caption.end() : end]}</figcaption>{tail}"
    return inside


def _end(html: str, start: re.Match[str]) -> int:
    """Return where an element's end tag begins."""
    end = html.index(f"</{start[1]}>", start.end())
    if html.find(f"<{start[1]}", start.end(), end) >= 0:  # there may be another of its name in it
        raise Unusual
    return end


def _global(written: str) -> str:
    return "".join([f' {name}="{value}"' for name, value in _ATTRIBUTE.findall(written) if name in _GLOBAL])
