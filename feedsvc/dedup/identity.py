"""What names an entry inside its source, resolved over the document that it came in."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from feedsvc.dedup.fingerprint import FINGERPRINT_VERSION, fingerprint
from feedsvc.dedup.links import article_number, is_specific, normal_guid, normal_link
from feedsvc.dedup.words import words
from feedsvc.model import Arrival, Entry, Fingerprint

#: kinds of keys, strongest first; a key is its kind, a colon, and a value. "post" is a number of which the address says
#: that it names the article, "number" one that looks so, "whole" the last resort
KINDS = ("guid", "guid+link", "guid+title", "link+title", "link", "post", "number", "title", "whole")

#: longer values are hashed: a key is stored with its entry
_MAX_VALUE = 500


@dataclass(frozen=True, slots=True)
class _Named:
    """An entry with what names it, worked out once."""

    entry: Entry
    guid: str
    #: normalised; None: it has none
    link: str | None
    #: the normalised addresses that can name the entry, the canonical one first
    links: tuple[str, ...]
    #: as it is compared; one without any word (a single emoji) as it is
    title: str
    #: of an entry that was read before, and is not read again
    content_hash: bytes | None


def arrivals(entries: Sequence[Entry]) -> tuple[Arrival, ...]:
    """Return the entries of one document, in its order, with what identity and comparing need.

    Each entry is there once: of exact repetitions the one updated last stays, else the first. What several entries of
    the document share (a guid, a link) is no key of any of them, so that each can be told from the others.
    """
    return _arrivals([_named(entry) for entry in entries])


def arrivals_again(entries: Iterable[tuple[Entry, bytes | None]]) -> tuple[Arrival, ...] | None:
    """Return what `arrivals` does, brief for entries that have a content hash and hence nothing but names and dates.

    None: the names of one of those do not suffice.
    """
    named = [_named(entry, content_hash) for entry, content_hash in entries]
    if not all(each.content_hash is None or _is_told_by_name(each) for each in named):
        return None
    found = _arrivals(named)
    return None if any(each.is_brief and kind_of(each.keys[0]) == "whole" for each in found) else found


def _arrivals(entries: Iterable[_Named]) -> tuple[Arrival, ...]:
    kept = _without_repetitions(entries)
    keys = [_keys(named) for named in kept]
    shared = _repeated(keys)
    # Without a guid and link of its own, an entry is told by its title; most documents never need that.
    for named, own in zip(kept, keys, strict=True):
        if any(key in shared and kind_of(key) == "guid+link" for key in own) and _titled_guid(named) not in own:
            own.append(_titled_guid(named))
    shared = _repeated(keys)
    return tuple(
        Arrival(
            entry=named.entry,
            keys=tuple(key for key in own if key not in shared) or (_whole(named.entry),),
            link_keys=_link_keys(named, shared),
            fingerprint=_fingerprint(named),
            is_brief=named.content_hash is not None,
        )
        for named, own in zip(kept, keys, strict=True)
    )


def _fingerprint(named: _Named) -> Fingerprint:
    if named.content_hash is None:
        return fingerprint(named.entry)
    return Fingerprint(version=FINGERPRINT_VERSION, words=0, text_hash=b"", content_hash=named.content_hash)


def is_named(arrival: Arrival) -> bool:
    """Say whether guid, link and title name an entry, so that it can arrive again without its text."""
    return bool(arrival.entry.guid) and any(kind_of(key) == "link+title" for key in arrival.keys)


def guid_key(guid: str) -> str:
    """Return the key under which an entry with this guid is known."""
    guid = guid.strip()
    return f"guid:{_short(normal_guid(guid) or guid)}"


def kind_of(key: str) -> str:
    return key.partition(":")[0]


def value_of(key: str) -> str:
    return key.partition(":")[2]


def _repeated(keys: Iterable[Iterable[str]]) -> set[str]:
    return {key for key, times in Counter(key for own in keys for key in own).items() if times > 1}


def _named(entry: Entry, content_hash: bytes | None = None) -> _Named:
    link = normal_link(entry.link)
    links = (normal_link(entry.canonical_link), link)
    return _Named(
        entry=entry,
        guid=(entry.guid or "").strip(),
        link=link,
        links=tuple(dict.fromkeys(link for link in links if link and is_specific(link))),
        title=" ".join(words(entry.title)) or " ".join((entry.title or "").split()),
        content_hash=content_hash,
    )


def _is_told_by_name(named: _Named) -> bool:
    """Say whether an entry has guid, specific link and title: then neither repetitions nor keys go by its text."""
    return bool(named.entry.guid and named.entry.title and is_specific(named.link))


def _without_repetitions(entries: Iterable[_Named]) -> list[_Named]:
    kept: dict[str, _Named] = {}
    for named in entries:
        same = _repetition(named)
        known = kept.get(same)
        if known is None or _is_later(named.entry, known.entry):
            kept[same] = named
    return list(kept.values())


def _is_later(entry: Entry, other: Entry) -> bool:
    return entry.updated is not None and other.updated is not None and entry.updated > other.updated


def _repetition(named: _Named) -> str:
    """Return what is equal only where two entries of one document are one.

    The same guid, specific link and title: two states of one entry (RFC 4287 section 4.1.1). Without one of them also
    everything else has to agree: there are feeds with one guid for all.
    """
    if _is_told_by_name(named):
        return _hash("same", named.guid, named.link, named.title)
    return _whole(named.entry)


def _keys(named: _Named) -> list[str]:
    """Return the keys that an entry can have, strongest first."""
    entry, guid, links = named.entry, named.guid, named.links
    found = [guid_key(guid)] if guid else []
    found += [f"guid+link:{_hash(guid, named.link)}"] if guid and entry.link else []
    found += [_titled_guid(named)] if guid and not (entry.title and links) else []
    found += [f"link+title:{_hash(link, named.title)}" for link in links if entry.title]
    found += [f"link:{_short(link)}" for link in links]
    found += sorted({key for key in map(_number_key, links) if key}, key=lambda key: KINDS.index(kind_of(key)))
    if not guid and (entry.title or not links) and (entry.published or not links):
        # A link that is shared today may be alone tomorrow, so a dated title stands beside a link too.
        said = entry.published.isoformat() if entry.published else " ".join(entry.text.split())
        found.append(f"title:{_hash(named.title, said)}")
    return list(dict.fromkeys(found))


def _titled_guid(named: _Named) -> str:
    """Return the key that tells entries of one guid and link: the title, or else the text."""
    said = named.title if named.entry.title else " ".join(named.entry.text.split())
    return f"guid+title:{_hash(named.guid, said)}"


def _number_key(link: str) -> str | None:
    number = article_number(link)
    if number is None:
        return None
    return f"post:{number[0]}" if number[1] else f"number:{number[0]}"


def _link_keys(named: _Named, shared: set[str]) -> tuple[str, ...]:
    """Return the addresses of the article that other sources may carry too."""
    links = list(named.links)
    guid = normal_link(named.entry.guid) if normal_guid(named.guid) else None
    if guid and is_specific(guid):
        links.append(guid)
    found = [f"link:{_short(link)}" for link in links]
    found += [key for link in links if (key := _number_key(link)) and kind_of(key) == "post"]
    return tuple(key for key in dict.fromkeys(found) if key not in shared)


def _whole(entry: Entry) -> str:
    date = entry.published.isoformat() if entry.published else None
    enclosures = [enclosure.href for enclosure in entry.enclosures]
    text = " ".join(entry.text.split())
    return f"whole:{_hash(entry.guid, entry.link, entry.title, date, text, *enclosures)}"


def _short(value: str) -> str:
    return value if len(value) <= _MAX_VALUE else _hash(value)


def _hash(*parts: str | None) -> str:
    """Return a short hash of the parts; None and "" differ."""
    joined = "\0".join("\1" if part is None else part for part in parts)
    return blake2b(joined.encode(errors="surrogatepass"), digest_size=16).hexdigest()
