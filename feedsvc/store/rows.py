"""Parts of rows that several parts read."""

from feedsvc.model import Fingerprint
from feedsvc.store.fingerprints import Findable, unpack_bands, unpack_texts
from feedsvc.store.schema import entries
from feedsvc.store.work import AnyRow

#: the columns of a fingerprint
FINGERPRINT = (
    entries.c.fingerprint_version,
    entries.c.words,
    entries.c.text_hash,
    entries.c.content_hash,
    entries.c.bands,
)

#: the columns of a `Findable`
FINDABLE = (entries.c.id, entries.c.link_keys, entries.c.bands)


def fingerprint_of(row: AnyRow) -> Fingerprint:
    return Fingerprint(
        version=row.fingerprint_version,
        words=row.words,
        text_hash=row.text_hash,
        content_hash=row.content_hash,
        bands=unpack_bands(row.bands),
    )


def findable_of(row: AnyRow) -> Findable:
    return Findable(row.id, unpack_texts(row.link_keys), unpack_bands(row.bands))
