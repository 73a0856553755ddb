"""Parts of rows that several parts read."""

from collections.abc import Collection

from sqlalchemy import bindparam, func, select

from feedsvc.model import Fingerprint
from feedsvc.store.fingerprints import Findable, unpack_bands, unpack_texts
from feedsvc.store.schema import articles, contents, entries
from feedsvc.store.work import AnyRow, Work, chunks

#: the columns of a fingerprint
FINGERPRINT = (
    entries.c.fingerprint_version,
    entries.c.words,
    entries.c.text_hash,
    entries.c.content_hash,
    entries.c.bands,
)

#: under what copies find an entry, where `articles` is joined: by its page's words if it has some
FOUND_BY = (
    func.coalesce(articles.c.link_keys, entries.c.link_keys).label("link_keys"),
    func.coalesce(articles.c.bands, entries.c.bands).label("bands"),
)
#: an entry in its feed's own words, where `contents` and `articles` are joined
OWN = func.coalesce(articles.c.own, contents.c.payload).label("own")
_FINDABLE = (
    select(entries.c.id, *FOUND_BY)
    .outerjoin(articles, articles.c.entry_id == entries.c.id)
    .where(entries.c.id.in_(bindparam("ids", expanding=True)))
)


def fingerprint_of(row: AnyRow) -> Fingerprint:
    return Fingerprint(
        version=row.fingerprint_version,
        words=row.words,
        text_hash=row.text_hash,
        content_hash=row.content_hash,
        bands=unpack_bands(row.bands),
    )


def findables(work: Work, ids: Collection[int]) -> list[Findable]:
    """Return under what each of these entries is found, or is to be."""
    rows = (row for part in chunks(ids) for row in work.connection.execute(_FINDABLE, {"ids": part}))
    return [Findable(row.id, unpack_texts(row.link_keys), unpack_bands(row.bands)) for row in rows]
