"""What a source published last, as far as it is still kept."""

from sqlalchemy import bindparam, select

from feedsvc.model import Entry, KnownEntry, StoredEntry
from feedsvc.store.codec import decode
from feedsvc.store.fingerprints import unpack_texts
from feedsvc.store.rows import FINGERPRINT, OWN, fingerprint_of
from feedsvc.store.schema import articles, contents, entries, memberships
from feedsvc.store.work import Work

#: The index of listings leads to the newest; no index of entries begins with the source.
_NEWEST = (
    select(
        entries.c.id,
        entries.c.own_keys,
        entries.c.story_id,
        entries.c.skipped,
        entries.c.withdrawn,
        *FINGERPRINT,
        OWN,
    )
    .join(memberships, memberships.c.story_id == entries.c.story_id)
    .join(contents, contents.c.entry_id == entries.c.id)
    .outerjoin(articles, articles.c.entry_id == entries.c.id)
    .where(memberships.c.listing == bindparam("source"), entries.c.source == bindparam("source"))
    .order_by(memberships.c.sort_at.desc(), memberships.c.story_id.desc())
    .limit(bindparam("most"))
)


def newest(work: Work, source_id: str, limit: int) -> tuple[StoredEntry, ...]:
    source = work.names.number("source", source_id)
    rows = work.connection.execute(_NEWEST, {"source": source, "most": limit}) if source is not None else ()
    return tuple(
        StoredEntry(
            known=KnownEntry(
                id=row.id,
                keys=unpack_texts(row.own_keys),
                story_id=row.story_id,
                fingerprint=fingerprint_of(row),
                skipped=row.skipped,
                withdrawn=row.withdrawn,
            ),
            entry=decode(Entry, row.own),
        )
        for row in rows
    )
