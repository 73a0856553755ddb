"""The tables by which entries that may be the same article find each other."""

import hashlib
import json
import struct
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import delete, func, select

from feedsvc.store.schema import bands, link_keys
from feedsvc.store.work import Work, chunks

#: entries looked at for one arrival
MAX_SHARING = 200


@dataclass(frozen=True, slots=True)
class Findable:
    """Under what one entry is found."""

    entry_id: int
    link_keys: tuple[str, ...]
    bands: tuple[int, ...]


def insert_fingerprints(work: Work, found: Iterable[Findable]) -> None:
    listed = list(found)
    for table, rows in (
        (link_keys, [{"key": k, "entry_id": e.entry_id} for e in listed for k in _hashes(e.link_keys)]),
        (bands, [{"band": band, "entry_id": e.entry_id} for e in listed for band in set(e.bands)]),
    ):
        work.insert(table, rows)


def delete_fingerprints(work: Work, found: Iterable[Findable]) -> None:
    for each in found:
        for part in chunks(_hashes(each.link_keys)):
            chosen = (link_keys.c.key.in_(part), link_keys.c.entry_id == each.entry_id)
            work.connection.execute(delete(link_keys).where(*chosen))
        for numbers in chunks(each.bands):
            work.connection.execute(delete(bands).where(bands.c.band.in_(numbers), bands.c.entry_id == each.entry_id))


def sharing(work: Work, link_texts: Collection[str], numbers: Collection[int], first: int) -> Mapping[int, int]:
    """Return entries from id `first` on that share an address or a band, with a weight: an address beats all bands.

    Both look-ups are answered by the keys alone.
    """
    shared: Counter[int] = Counter()
    for part in chunks(_hashes(link_texts)):
        query = select(link_keys.c.entry_id).where(link_keys.c.key.in_(part), link_keys.c.entry_id >= first)
        for id in work.connection.execute(query.order_by(link_keys.c.entry_id.desc()).limit(MAX_SHARING)).scalars():
            shared[id] = len(numbers) + 1
    for chosen in chunks(numbers):
        times = func.count()
        query = select(bands.c.entry_id, times).where(bands.c.band.in_(chosen), bands.c.entry_id >= first)
        query = query.group_by(bands.c.entry_id).order_by(times.desc(), bands.c.entry_id.desc()).limit(MAX_SHARING)
        for id, count in work.connection.execute(query):
            shared[id] += count
    return shared


def pack_bands(numbers: tuple[int, ...]) -> bytes:
    return struct.pack(f">{len(numbers)}q", *numbers)


def unpack_bands(stored: bytes) -> tuple[int, ...]:
    return struct.unpack(f">{len(stored) // 8}q", stored)


def pack_texts(texts: Iterable[str]) -> bytes:
    # ASCII with escapes: keys come back exactly, whatever is in them.
    return json.dumps(list(texts), separators=(",", ":")).encode()


def unpack_texts(stored: bytes) -> tuple[str, ...]:
    return tuple(json.loads(stored))


def key_hash(key: str) -> bytes:
    """Return what stands for a key of any length; long enough that nobody finds two with the same."""
    return hashlib.blake2b(key.encode(errors="surrogatepass"), digest_size=16).digest()


def _hashes(texts: Collection[str]) -> set[int]:
    """Return short hashes; two addresses with the same one only make a candidate more."""
    digests = (hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest() for text in texts)
    return {int.from_bytes(digest, signed=True) for digest in digests}
