"""The tables by which entries that may be the same article find each other: hashed addresses, and MinHash bands.

Rows by the dozen for each entry, so this module speaks to the driver in the fastest way that each database has.
"""

import hashlib
import json
import struct
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Table, bindparam, delete, text

from feedsvc.store.schema import bands, link_keys
from feedsvc.store.work import Work

#: Entries looked at for one address or band, the newest. Boilerplate puts the same band into all articles of an outlet.
PER_KEY = 200

#: entries looked at for one arrival, those that share the most
PER_ARRIVAL = 200

# For each asked key the rows from the 200th newest on, or from the start of the window: both are ends of one range of
# the primary key, so nothing else is read however common the key is.
_SHARING = """
    SELECT asked.value, found.entry_id
    FROM {asked} CROSS JOIN {table} AS found
    WHERE found.{key} = asked.value
      AND found.entry_id >= coalesce(
        (SELECT newer.entry_id FROM {table} AS newer
         WHERE newer.{key} = asked.value AND newer.entry_id >= :first
         ORDER BY newer.entry_id DESC LIMIT 1 OFFSET {nth}),
        :first)
"""
_ASKED = {"sqlite": "json_each(:asked) AS asked", "postgresql": "unnest(CAST(:asked AS bigint[])) AS asked(value)"}
_KEY_COLUMNS = ((link_keys, "key"), (bands, "band"))
_FIND = {
    (dialect, table.name): text(_SHARING.format(asked=asked, table=table.name, key=key, nth=PER_KEY - 1))
    for dialect, asked in _ASKED.items()
    for table, key in _KEY_COLUMNS
}
_DELETE = {
    table.name: delete(table).where(
        table.c[key].in_(bindparam("asked", expanding=True)), table.c.entry_id == bindparam("entry")
    )
    for table, key in _KEY_COLUMNS
}
_INSERT = {
    "sqlite": "INSERT INTO {table} VALUES (?, ?) ON CONFLICT DO NOTHING",
    "postgresql": (
        "INSERT INTO {table} SELECT * FROM unnest(CAST(%s AS bigint[]), CAST(%s AS bigint[])) ON CONFLICT DO NOTHING"
    ),
}


@dataclass(frozen=True, slots=True)
class Findable:
    """Under what one entry is found."""

    entry_id: int
    link_keys: tuple[str, ...]
    bands: tuple[int, ...]


def insert_fingerprints(work: Work, found: Iterable[Findable]) -> None:
    listed = list(found)
    _insert(work, link_keys, [(key, each.entry_id) for each in listed for key in _hashes(each.link_keys)])
    _insert(work, bands, [(band, each.entry_id) for each in listed for band in each.bands])


def delete_fingerprints(work: Work, found: Iterable[Findable]) -> None:
    for each in found:
        for table, keys in ((link_keys, _hashes(each.link_keys)), (bands, each.bands)):
            if keys:
                work.connection.execute(_DELETE[table.name], {"asked": list(keys), "entry": each.entry_id})


def sharing(work: Work, asked: Sequence[Findable], first: int) -> list[list[int]]:
    """Return, for each, the entries from id `first` on that share an address or bands, the likeliest first."""
    by_address = _find(work, link_keys, {key for each in asked for key in _hashes(each.link_keys)}, first)
    by_band = _find(work, bands, {band for each in asked for band in each.bands}, first)
    return [_likeliest(each, by_address, by_band) for each in asked]


def _likeliest(each: Findable, by_address: Mapping[int, list[int]], by_band: Mapping[int, list[int]]) -> list[int]:
    """Order by addresses, then rare bands, then common ones, then the newest."""
    weights: dict[int, float] = {}
    for band in each.bands:
        sharers = by_band.get(band, ())
        # Where only the newest were looked at, it is boilerplate: it must not outweigh a rare band of an older entry.
        weight = 1 if len(sharers) < PER_KEY else 1 / 1000
        for id in sharers:
            weights[id] = weights.get(id, 0) + weight
    for key in _hashes(each.link_keys):
        for id in by_address.get(key, ()):
            weights[id] = weights.get(id, 0) + 1000
    return sorted(weights, key=lambda entry_id: (weights[entry_id], entry_id), reverse=True)[:PER_ARRIVAL]


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


def _insert(work: Work, table: Table, rows: list[tuple[int, int]]) -> None:
    if not rows:
        return
    statement = _INSERT[work.dialect].format(table=table.name)
    if work.dialect == "sqlite":
        work.connection.exec_driver_sql(statement, rows)
    else:
        keys, ids = zip(*rows, strict=True)
        work.connection.exec_driver_sql(statement, (list(keys), list(ids)))


def _find(work: Work, table: Table, asked: set[int], first: int) -> dict[int, list[int]]:
    if not asked:
        return {}
    values = json.dumps(list(asked)) if work.dialect == "sqlite" else list(asked)
    found: dict[int, list[int]] = {}
    for key, id in work.connection.execute(_FIND[work.dialect, table.name], {"asked": values, "first": first}):
        found.setdefault(key, []).append(id)
    return found
