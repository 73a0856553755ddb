"""What feedparser flattens or leaves out, read with lxml: media with captions, tombstones, RFC 5005, skip hints."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from lxml import etree

from feedsvc.model import DeletedEntry, Enclosure, Picture
from feedsvc.parse.addresses import absolute, base_of
from feedsvc.parse.media import distinct_enclosures, distinct_pictures, is_picture
from feedsvc.parse.reading import MAX_ENTRIES, Reading, seconds, whole_number
from feedsvc.parse.texts import clean, plain_text

_MEDIA = ("{http://search.yahoo.com/mrss/}", "{http://search.yahoo.com/mrss}")
_TOMBSTONES = "{http://purl.org/atompub/tombstones/1.0}"
_HISTORY = "{http://purl.org/syndication/history/1.0}"
_ATOM = "{http://www.w3.org/2005/Atom}"
#: A document with none of these, nor an image in an item, has nothing for us here.
_MARKS = (
    b"search.yahoo.com/mrss",
    b"purl.org/atompub/tombstones",
    b"purl.org/syndication/history",
    b"<skipHours",
    b"<skipDays",
)
#: Of one entry; what is said of a medium is looked for among its siblings.
_MAX_MEDIA = 100
# WordPress.com puts the author's portrait before the entry's pictures.
_AVATAR = re.compile(r"^https?://[\w.]*gravatar\.com/avatar/")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class EntryExtensions:
    """One entry's media, which of its texts are captions of theirs, and then its own description."""

    pictures: tuple[Picture, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    captions: frozenset[str] = frozenset()
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Extensions:
    """`entries` is empty where the tree does not show as many entries as feedparser found."""

    entries: tuple[EntryExtensions, ...] = ()
    deleted: tuple[DeletedEntry, ...] = ()
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    complete: bool = False


def are_extended(document: bytes) -> bool:
    """Say whether there may be something for us."""
    return any(mark in document for mark in _MARKS) or document.find(b"<image", document.find(b"<item")) >= 0


def read_extensions(document: bytes, count: int, reading: Reading) -> Extensions:
    """Read them from a document in which feedparser found `count` entries."""
    root = _tree(document, reading.base)
    if root is None:
        return Extensions()
    elements = [element for element in root.iter("*") if _local(element) in ("item", "entry") and _is_plain(element)]
    return Extensions(
        entries=tuple(_entry(element, reading) for element in elements) if len(elements) == count else (),
        deleted=_deleted(root, reading),
        skip_hours=tuple(
            sorted({n % 24 for n in map(whole_number, _values(root, "hour")) if n is not None and n <= 24})
        ),
        skip_days=tuple(sorted({_DAYS.index(day.lower()) for day in _values(root, "day") if day.lower() in _DAYS})),
        complete=any(_is_of_feed(element) for element in root.iter(f"{_HISTORY}complete")),
    )


def _tree(document: bytes, base: str) -> etree._Element | None:
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True, huge_tree=False
    )
    try:
        return etree.fromstring(document, parser, base_url=base)
    except etree.XMLSyntaxError:  # nothing could be recovered, or too deep
        return None


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2].lower()


def _is_plain(element: etree._Element) -> bool:
    return element.prefix is None or element.prefix.lower() in ("r", "rss", "atom", "a")


def _is_of_feed(element: etree._Element) -> bool:
    """Say whether something is said of this feed: an entry's `atom:source` repeats what another feed says of itself."""
    return all(_local(around) not in ("item", "entry", "source") for around in element.iterancestors("*"))


def _text(element: etree._Element | None) -> str | None:
    return None if element is None else clean("".join(element.itertext()))


def _values(root: etree._Element, name: str) -> Iterator[str]:
    """Return the texts of `hour` in `skipHours`, or of `day` in `skipDays`."""
    for parent in root.iter("*"):
        if _local(parent) == f"skip{name}s":
            yield from (text for child in parent.iterchildren("*") if _local(child) == name and (text := _text(child)))


def _deleted(root: etree._Element, reading: Reading) -> tuple[DeletedEntry, ...]:
    """Source: RFC 6721 section 3."""
    found = []
    for element in root.findall(f".//{_TOMBSTONES}deleted-entry")[:MAX_ENTRIES]:
        guid = clean(element.get("ref"))
        if guid and _is_of_feed(element):
            by = element.find(f"{_TOMBSTONES}by")
            found.append(
                DeletedEntry(
                    guid=guid,
                    when=reading.date(element.get("when")),
                    by=_text(by.find(f"{_ATOM}name")) if by is not None else None,
                    comment=plain_text(_text(element.find(f"{_TOMBSTONES}comment"))),
                )
            )
    return tuple(found)


def _entry(element: etree._Element, reading: Reading) -> EntryExtensions:
    pictures: list[Picture] = []
    enclosures: list[Enclosure] = []
    groups: dict[etree._Element, Picture] = {}
    for part in _media(element, "content"):
        medium = _medium(part, reading)
        if isinstance(medium, Enclosure):
            enclosures.append(medium)
        elif medium is not None:
            parent = part.getparent()
            if parent is not None and _local(parent) == "group":  # one picture in several sizes
                best = groups.get(parent)
                groups[parent] = medium if best is None or (medium.width or 0) > (best.width or 0) else best
            else:
                pictures.append(medium)
    pictures.extend(groups.values())
    pictures.extend(_plain_images(element, reading))
    if not pictures:
        thumbnails = (_picture(part, reading) for part in _media(element, "thumbnail"))
        pictures.extend(picture for picture in thumbnails if picture is not None)
    captions, description = _captions(element)
    return EntryExtensions(
        pictures=distinct_pictures(pictures),
        enclosures=distinct_enclosures(enclosures),
        captions=captions,
        description=description,
    )


def _captions(element: etree._Element) -> tuple[frozenset[str], str | None]:
    """Without a text of its own an entry keeps its medium's description: YouTube's feeds have no other."""
    children = element.iterchildren("*")  # the plain iterator yields undeclared entities too
    own = {_local(child): _text(child) for child in children if not str(child.tag).startswith(_MEDIA)}
    if not any(name in own for name in ("description", "summary", "content", "encoded", "body", "fullitem")):
        return frozenset(), None
    texts = {_text(part) for name in ("description", "text") for part in _media(element, name)}
    return frozenset(text for text in texts - set(own.values()) if text), own.get("description")


def _media(element: etree._Element, name: str) -> Iterator[etree._Element]:
    return islice(element.iter(*(namespace + name for namespace in _MEDIA)), _MAX_MEDIA)


def _medium(part: etree._Element, reading: Reading) -> Picture | Enclosure | None:
    href, said, medium = absolute(part.get("url"), _base(part, reading)), clean(part.get("type")), part.get("medium")
    if href is None or _AVATAR.search(href):
        return None
    if medium == "image" or (medium is None and is_picture(href, said)):
        return _picture(part, reading)
    if medium not in ("audio", "video") and not (said or "").startswith(("audio/", "video/")):
        return None
    if "flash" in (said or ""):  # YouTube still names a player that no browser runs
        return None
    length, duration = whole_number(part.get("fileSize")), seconds(part.get("duration"))
    return Enclosure(href=href, type=said, length=length, duration=duration, title=_said_of(part, "title"))


def _base(part: etree._Element, reading: Reading) -> str:
    return base_of(part.base, reading.base)


def _picture(part: etree._Element, reading: Reading) -> Picture | None:
    href = absolute(part.get("url") or _text(part), _base(part, reading))
    if href is None:
        return None
    return Picture(
        href=href,
        type=clean(part.get("type")),
        width=whole_number(part.get("width")) or None,
        height=whole_number(part.get("height")) or None,
        caption=_said_of(part, "description"),
        credit=_said_of(part, "credit"),
    )


def _said_of(part: etree._Element, name: str) -> str | None:
    """Return what is said of a medium, else of its group, else of all media of the entry.

    Source: Media RSS 1.5.1, "optional elements": the innermost one counts.
    """
    holder: etree._Element | None = part
    while holder is not None:
        for child in holder.iterchildren("*"):
            if str(child.tag) in (_MEDIA[0] + name, _MEDIA[1] + name):
                return plain_text(_text(child))
        if _local(holder) in ("item", "entry"):
            return None
        holder = holder.getparent()
    return None


def _plain_images(element: etree._Element, reading: Reading) -> Iterator[Picture]:
    """`<image>` in an item is in no specification, but outlets write it, with the address or a `<url>` in it."""
    for child in element.iterchildren("image"):
        inner = child.find("url")
        href = absolute(_text(child if inner is None else inner), reading.base)
        if href:
            yield Picture(href=href)
