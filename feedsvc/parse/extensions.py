"""What feedparser flattens or leaves out: media with captions, tombstones, RFC 5005, skip hints."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from feedsvc.model import DeletedEntry, Enclosure, Picture
from feedsvc.parse.addresses import absolute, base_of
from feedsvc.parse.media import distinct_enclosures, distinct_pictures, is_avatar, is_picture
from feedsvc.parse.nodes import Node, all_text
from feedsvc.parse.reading import MAX_ENTRIES, Reading, seconds, whole_number
from feedsvc.parse.texts import clean, plain_text

#: Of one entry and kind.
_MAX_MEDIA = 100
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_OWN_TEXTS = frozenset(
    (
        *("body", "content", "content_encoded", "dc_description", "description", "fullitem", "itunes_summary"),
        *("summary", "xhtml_body"),
    )
)
#: Elements that say of a feed what is read here.
OF_FEEDS = ("at_", "fh_", "skiphours", "skipdays")


@dataclass(frozen=True, slots=True)
class EntryExtensions:
    """One entry's media, which of its texts are captions of theirs, and then its own description."""

    pictures: tuple[Picture, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    captions: frozenset[str] = frozenset()
    description: str | None = None


@dataclass(frozen=True, slots=True)
class FeedExtensions:
    """What is said of the whole feed."""

    deleted: tuple[DeletedEntry, ...] = ()
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    complete: bool = False


class _Medium(NamedTuple):
    """An element of Media RSS, those around it from the innermost to the entry, and what its addresses relate to."""

    node: Node
    around: tuple[Node, ...]
    base: str


def based(base: str, node: Node) -> str:
    """Return what holds inside an element."""
    said = node.attributes.get("xml:base") if node.attributes else None
    return base_of(said, base) if said else base


def read_feed_extensions(root: Node, reading: Reading) -> FeedExtensions:
    """Read what a feed says of itself; an entry's `atom:source` repeats what another feed says of itself."""
    elements = _of_feed(root)
    hours = (whole_number(text) for text in _values(elements, "hour"))
    days = (text.lower() for text in _values(elements, "day"))
    return FeedExtensions(
        deleted=_deleted(elements, reading),
        skip_hours=tuple(sorted({hour % 24 for hour in hours if hour is not None and hour <= 24})),
        skip_days=tuple(sorted({_DAYS.index(day) for day in days if day in _DAYS})),
        complete=any(node.name == "fh_complete" for node in elements),
    )


def _of_feed(node: Node) -> list[Node]:
    """Return the elements that stand in no entry and in no entry's source."""
    found = []
    for child in node.children:
        if child.name not in ("item", "entry", "source"):
            found.append(child)
            if child.children:
                found.extend(_of_feed(child))
    return found


def _values(elements: list[Node], name: str) -> Iterator[str]:
    """Return the texts of `hour` in `skipHours`, or of `day` in `skipDays`."""
    for parent in elements:
        if parent.name == f"skip{name}s":
            yield from (text for child in parent.children if child.name == name and (text := _text(child)))


def _deleted(elements: list[Node], reading: Reading) -> tuple[DeletedEntry, ...]:
    """Source: RFC 6721 section 3."""
    found = []
    for node in [node for node in elements if node.name == "at_deleted-entry"][:MAX_ENTRIES]:
        attributes = node.attributes or {}
        if guid := clean(attributes.get("ref")):
            by = _child(node, "at_by")
            found.append(
                DeletedEntry(
                    guid=guid,
                    when=reading.date(attributes.get("when")),
                    by=_text(_child(by, "name")),
                    comment=plain_text(_text(_child(node, "at_comment"))),
                )
            )
    return tuple(found)


def _child(node: Node | None, name: str) -> Node | None:
    return next((child for child in node.children if child.name == name), None) if node else None


def _text(node: Node | None) -> str | None:
    return clean(all_text(node)) if node else None


def read_entry_extensions(entry: Node, base: str, reading: Reading) -> EntryExtensions:
    """Read an entry's media. `base` holds around it."""
    media: defaultdict[str, list[_Medium]] = defaultdict(list)
    _gather(entry, (), based(base, entry), media)
    said = _Said(frozenset(media))
    pictures: list[Picture] = []
    enclosures: list[Enclosure] = []
    groups: dict[int, Picture] = {}
    for part in media["media_content"]:
        medium = _medium(part, said)
        if isinstance(medium, Enclosure):
            enclosures.append(medium)
        elif medium is not None:
            if part.around[0].name == "media_group":  # one picture in several sizes
                group = id(part.around[0])
                best = groups.get(group)
                groups[group] = medium if best is None or (medium.width or 0) > (best.width or 0) else best
            else:
                pictures.append(medium)
    pictures.extend(groups.values())
    pictures.extend(_plain_images(entry, reading))
    if not pictures:
        thumbnails = (_picture(part, said) for part in media["media_thumbnail"])
        pictures.extend(picture for picture in thumbnails if picture is not None)
    captions, description = _captions(entry, [*media["media_description"], *media["media_text"]])
    return EntryExtensions(
        pictures=distinct_pictures(pictures),
        enclosures=distinct_enclosures(enclosures),
        captions=captions,
        description=description,
    )


def _gather(node: Node, around: tuple[Node, ...], base: str, media: defaultdict[str, list[_Medium]]) -> None:
    around = (node, *around)
    for child in node.children:
        inside = based(base, child) if child.attributes else base
        if child.name.startswith("media_") and len(media[child.name]) < _MAX_MEDIA:
            media[child.name].append(_Medium(child, around, inside))
        if child.children:
            _gather(child, around, inside, media)


def _captions(entry: Node, media: list[_Medium]) -> tuple[frozenset[str], str | None]:
    """Without a text of its own an entry keeps its medium's description: YouTube's feeds have no other."""
    own = {child.name: child for child in entry.children if not child.name.startswith("media_")}
    if not media or own.keys().isdisjoint(_OWN_TEXTS):
        return frozenset(), None
    texts = {text for part in media if (text := _text(part.node))}
    return frozenset(texts.difference(map(_text, own.values()))), _text(own.get("description"))


def _medium(part: _Medium, said: "_Said") -> Picture | Enclosure | None:
    attributes = part.node.attributes or {}
    href, type, medium = (
        absolute(attributes.get("url"), part.base),
        clean(attributes.get("type")),
        attributes.get("medium"),
    )
    if href is None or is_avatar(href):
        return None
    if medium == "image" or (medium is None and is_picture(href, type)):
        return _picture(part, said)
    if medium not in ("audio", "video") and not (type or "").startswith(("audio/", "video/")):
        return None
    if "flash" in (type or ""):  # YouTube still names a player that no browser runs
        return None
    length, duration = whole_number(attributes.get("filesize")), seconds(attributes.get("duration"))
    return Enclosure(href=href, type=type, length=length, duration=duration, title=said.of(part, "media_title"))


def _picture(part: _Medium, said: "_Said") -> Picture | None:
    attributes = part.node.attributes or {}
    href = absolute(attributes.get("url") or _text(part.node), part.base)
    if href is None:
        return None
    return Picture(
        href=href,
        type=clean(attributes.get("type")),
        width=whole_number(attributes.get("width")) or None,
        height=whole_number(attributes.get("height")) or None,
        caption=said.of(part, "media_description"),
        credit=said.of(part, "media_credit"),
    )


class _Said:
    """What is said of a medium, else of its group, else of all media of the entry.

    Source: Media RSS 1.5.1, "optional elements": the innermost one counts.
    """

    def __init__(self, names: frozenset[str]) -> None:
        #: of all elements of Media RSS that the entry has
        self._names = names
        self._by_holder: dict[int, dict[str, Node]] = {}

    def of(self, part: _Medium, name: str) -> str | None:
        """Return the words of the nearest element of a name."""
        for holder in (part.node, *part.around) if name in self._names else ():
            if node := self._inside(holder).get(name):
                return plain_text(_text(node))
        return None

    def _inside(self, holder: Node) -> dict[str, Node]:
        """Return the first element of each name: looked up once, for an entry may have very many beside each other."""
        if not holder.children:
            return {}
        found = self._by_holder.get(id(holder))
        if found is None:
            found = self._by_holder[id(holder)] = {child.name: child for child in reversed(holder.children)}
        return found


def _plain_images(entry: Node, reading: Reading) -> Iterator[Picture]:
    """`<image>` in an item is in no specification, but outlets write it, with the address or a `<url>` in it."""
    for child in entry.children:
        if child.name == "image":
            inner = _child(child, "url")
            href = absolute(_text(child if inner is None else inner), reading.base)
            if href:
                yield Picture(href=href)
