"""Pictures and other media, from whichever format."""

import re
from collections.abc import Iterable

from feedsvc.model import Enclosure, Picture

_IMAGE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|svg)(?:[?#]|$)", re.IGNORECASE)
# WordPress.com puts the author's portrait before the entry's pictures.
_AVATAR = re.compile(r"^https?://[\w.]*gravatar\.com/avatar/")


def is_picture(href: str, type: str | None) -> bool:
    """Say whether an attachment is a picture, by its type, else by its name."""
    return type.startswith("image/") if type else bool(_IMAGE.search(href))


def is_avatar(href: str) -> bool:
    """Say whether a picture shows who wrote, not what is written about."""
    return _AVATAR.search(href) is not None


def distinct_pictures(pictures: Iterable[Picture]) -> tuple[Picture, ...]:
    """Return each address once, the first mention of it."""
    found = list(pictures)
    return tuple({picture.href: picture for picture in reversed(found)}.values())[::-1] if found else ()


def distinct_enclosures(enclosures: Iterable[Enclosure]) -> tuple[Enclosure, ...]:
    """Return each address once, the first mention of it."""
    found = list(enclosures)
    return tuple({enclosure.href: enclosure for enclosure in reversed(found)}.values())[::-1] if found else ()
