"""What sources published, and by what it is recognised."""

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, SmallInteger, Table

from feedsvc.store.columns import NUMBER, Id, Moment, PlainText
from feedsvc.store.schema.base import key, keyed, metadata, needed

#: What identity needs of an entry. The row stays when retention purges the content: nothing is imported twice.
entries = Table(
    "entries",
    metadata,
    key("id", NUMBER),
    needed("source", NUMBER, ForeignKey("names.number")),
    Column("story_id", Id, ForeignKey("stories.id", deferrable=True, initially="DEFERRED", use_alter=True), index=True),
    needed("first_seen_at", Moment),
    #: when it was stored last, as `revised_at`: what a poll finds unchanged is not written
    needed("last_seen_at", Moment),
    #: of the current revision
    needed("revision", NUMBER),
    needed("revised_at", Moment),
    needed("fingerprint_version", SmallInteger),
    needed("words", NUMBER),
    needed("text_hash", LargeBinary),
    needed("content_hash", LargeBinary),
    #: the MinHash bands, 8 bytes each, big-endian
    needed("bands", LargeBinary),
    #: JSON arrays of text; the tables of keys hold hashes only
    needed("own_keys", LargeBinary),
    needed("link_keys", LargeBinary),
    Column("skipped", PlainText),
    Column("evidence", LargeBinary),
    #: the publisher took it back: why
    Column("withdrawn", PlainText),
    #: where a window of time begins
    Index(None, "first_seen_at", "id"),
)

#: the current revision's content, apart from what identity needs: a poll that brings nothing new never reads it
contents = Table(
    "contents",
    metadata,
    key("entry_id", NUMBER, ForeignKey("entries.id")),
    Column("feed", NUMBER, ForeignKey("feed_infos.number"), nullable=False, index=True),
    needed("payload", LargeBinary),
)

#: earlier revisions
entry_revisions = Table(
    "entry_revisions",
    metadata,
    key("entry_id", NUMBER, ForeignKey("entries.id")),
    key("number", NUMBER),
    needed("at", Moment),
    Column("feed", NUMBER, ForeignKey("feed_infos.number"), nullable=False, index=True),
    needed("payload", LargeBinary),
)

# The three tables of keys are derived from entries, written with them and hot: a foreign key would only cost a look-up.
entry_keys = keyed("entry_keys", key("source", NUMBER), key("key", LargeBinary(16)), needed("entry_id", NUMBER))
link_keys = keyed("link_keys", key("key", NUMBER), key("entry_id", NUMBER))
bands = keyed("bands", key("band", NUMBER), key("entry_id", NUMBER))
