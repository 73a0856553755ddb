"""What an element's attributes become, whether they stand in a tree or in text."""

import re

from lxml import etree

from feedsvc.extract import elements
from feedsvc.extract.addresses import resolve, resolve_srcset

Attributes = dict[str, str] | etree._Attrib  # noqa: SLF001 - lxml has no other name for it

_SIZE = re.compile(r"\s*(\d{1,5})(?:\.\d+)?(?:px)?\s*", re.IGNORECASE)
_SRCS = (*elements.LAZY_SRC, "src")
_SRCSETS = (*elements.LAZY_SRCSET, "srcset")


def keep_picture(img: Attributes, base: str | None, shown: set[str] | None) -> bool:
    """Wake and resolve a picture's addresses; say whether it is to be seen. `shown` are those that were, if asked."""
    src = next((href for name in _SRCS if (given := img.get(name)) and (href := resolve(given, base))), None)
    srcset = _srcset(img, base)
    if src is None and srcset:
        src = srcset.split()[0].rstrip(",")
    for name in ("width", "height"):
        given = img.get(name)
        size = _SIZE.fullmatch(given) if given is not None else None
        put(img, name, str(int(size[1])) if size else None)
    if src is None or {img.get("width"), img.get("height")} & {"0", "1"} or (shown is not None and src in shown):
        return False
    put(img, "src", src)
    put(img, "srcset", srcset)
    if shown is not None:
        shown.add(src)
    return True


def keep_source(source: Attributes, base: str | None) -> bool:
    """Resolve the addresses of a picture's or player's source; say whether there are any."""
    put(source, "src", resolve(source.get("src") or "", base))
    put(source, "srcset", _srcset(source, base))
    return "src" in source or "srcset" in source


def put(attributes: Attributes, name: str, value: str | None) -> None:
    if value is None:
        attributes.pop(name, None)
    elif value != attributes.get(name):
        attributes[name] = value


def number(attributes: Attributes, name: str) -> int | None:
    value = attributes.get(name)
    return int(value) if value else None


def _srcset(attributes: Attributes, base: str | None) -> str | None:
    return next(
        (found for name in _SRCSETS if (given := attributes.get(name)) and (found := resolve_srcset(given, base))), None
    )
