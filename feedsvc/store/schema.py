"""The tables, declared once for both databases. Migrations repeat them; a test compares the two.

Sources, categories and tags go by a number everywhere but in `names`: renaming one changes one row, and keys are short.
Ids, sequences and versions come from `counters`, inside the single-writer order: a database's own sequence gives
numbers out before commit, so that a reader can see 2 before 1.
"""

from typing import Any

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, MetaData, SmallInteger, Table, Text, UniqueConstraint
from sqlalchemy.types import Float

from feedsvc.store.columns import NUMBER, Id, Moment, PlainText

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _key(name: str, kind: Any, *more: Any) -> Column[Any]:
    return Column(name, kind, *more, primary_key=True, autoincrement=False)


def _needed(name: str, kind: Any, *more: Any) -> Column[Any]:
    return Column(name, kind, *more, nullable=False)


def _keyed(name: str, *parts: Any) -> Table:
    """Declare a table whose rows live in its primary key; SQLite would else keep each row and its key apart."""
    return Table(name, metadata, *parts, sqlite_with_rowid=False)


counters = _keyed("counters", _key("name", Text), _needed("value", NUMBER))

#: kind is all, category, tag or source
names = Table(
    "names",
    metadata,
    _key("number", NUMBER),
    _needed("kind", Text),
    _needed("id", PlainText),
    UniqueConstraint("kind", "id"),
)

listings = Table(
    "listings",
    metadata,
    _key("number", NUMBER, ForeignKey("names.number")),
    _needed("uuid", Id),
    _needed("opened_at", Moment),
    Column("closed_at", Moment),
    _needed("touched", NUMBER),
    Column("touched_at", Moment),
)

config_revisions = Table(
    "config_revisions",
    metadata,
    _key("number", NUMBER),
    _needed("at", Moment),
    _needed("who", PlainText),
    _needed("diff", PlainText),
    _needed("files", LargeBinary),
)

notes = _keyed("notes", _key("key", Text), _needed("value", PlainText))

#: feeds as they describe themselves, each wording once
feed_infos = Table(
    "feed_infos",
    metadata,
    _key("number", NUMBER),
    _needed("hash", LargeBinary(32)),
    _needed("payload", LargeBinary),
    UniqueConstraint("hash"),
)

fetch_states = Table(
    "fetch_states",
    metadata,
    _key("source", NUMBER, ForeignKey("names.number")),
    Column("etag", PlainText),
    Column("last_modified", PlainText),
    Column("body_hash", LargeBinary),
    Column("parser_version", PlainText),
    Column("effective_url", PlainText),
    Column("moved_to", PlainText),
    Column("moved_since", Moment),
    Column("moved_polls", NUMBER, nullable=False, server_default="0"),
    Column("move_refused", PlainText),
    Column("next_fetch_at", Moment),
    Column("not_before", Moment),
    Column("last_fetch_at", Moment),
    Column("last_success_at", Moment),
    _needed("failures", NUMBER),
    Column("error", PlainText),
    Column("disabled", PlainText),
    Column("held", PlainText),
    Column("feed", NUMBER, ForeignKey("feed_infos.number"), index=True),
    #: see rhythms.py
    Column("rhythm", LargeBinary),
    #: the last attempt's number
    Column("attempt", NUMBER),
    #: the process that polls it now, and until when that is believed
    Column("holder", PlainText),
    Column("held_until", Moment),
)

#: who may contact a host now; `taken_by` names the work, so that pages can take slots beside sources
host_slots = _keyed(
    "host_slots",
    _key("host", PlainText),
    _key("taken_by", Text),
    _needed("holder", PlainText),
    _needed("held_until", Moment),
)

#: which sources failed at a host by no fault of their own, since it last answered one of them
host_troubles = _keyed("host_troubles", _key("host", PlainText), _key("source", NUMBER), _needed("at", Moment))

#: hosts that are left alone; after `until` one source at a time tries whether they answer again
host_pauses = _keyed(
    "host_pauses",
    _key("host", PlainText),
    _needed("since", Moment),
    _needed("until", Moment),
    _needed("failures", NUMBER),
    _needed("why", PlainText),
)

#: what was decided about sources beside the configuration, by whom and why
source_events = Table(
    "source_events",
    metadata,
    _key("number", NUMBER),
    Column("source", NUMBER, ForeignKey("names.number"), nullable=False, index=True),
    _needed("at", Moment),
    _needed("kind", Text),
    _needed("who", PlainText),
    _needed("what", PlainText),
)

#: What identity needs of an entry. The row stays when retention purges the content: nothing is imported twice.
entries = Table(
    "entries",
    metadata,
    _key("id", NUMBER),
    _needed("source", NUMBER, ForeignKey("names.number")),
    Column("story_id", Id, ForeignKey("stories.id", deferrable=True, initially="DEFERRED", use_alter=True), index=True),
    _needed("first_seen_at", Moment),
    #: when it was stored last, as `revised_at`: what a poll finds unchanged is not written
    _needed("last_seen_at", Moment),
    #: of the current revision
    _needed("revision", NUMBER),
    _needed("revised_at", Moment),
    _needed("fingerprint_version", SmallInteger),
    _needed("words", NUMBER),
    _needed("text_hash", LargeBinary),
    _needed("content_hash", LargeBinary),
    #: the MinHash bands, 8 bytes each, big-endian
    _needed("bands", LargeBinary),
    #: JSON arrays of text; the tables of keys hold hashes only
    _needed("own_keys", LargeBinary),
    _needed("link_keys", LargeBinary),
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
    _key("entry_id", NUMBER, ForeignKey("entries.id")),
    Column("feed", NUMBER, ForeignKey("feed_infos.number"), nullable=False, index=True),
    _needed("payload", LargeBinary),
)

#: earlier revisions
entry_revisions = Table(
    "entry_revisions",
    metadata,
    _key("entry_id", NUMBER, ForeignKey("entries.id")),
    _key("number", NUMBER),
    _needed("at", Moment),
    Column("feed", NUMBER, ForeignKey("feed_infos.number"), nullable=False, index=True),
    _needed("payload", LargeBinary),
)

# The three tables of keys are derived from entries, written with them and hot: a foreign key would only cost a look-up.
entry_keys = _keyed("entry_keys", _key("source", NUMBER), _key("key", LargeBinary(16)), _needed("entry_id", NUMBER))
link_keys = _keyed("link_keys", _key("key", NUMBER), _key("entry_id", NUMBER))
bands = _keyed("bands", _key("band", NUMBER), _key("entry_id", NUMBER))

#: Never deleted: an id once given is never used again.
stories = _keyed(
    "stories",
    _key("id", Id),
    _needed("lead_id", NUMBER, ForeignKey("entries.id")),
    Column("language", PlainText),
    _needed("first_seen_at", Moment),
    #: the sequence of its `new` change, for ever
    Column("announced", NUMBER),
    Column("announced_at", Moment),
    _needed("updated_at", Moment),
    _needed("sort_at", Moment),
    Column("retracted", PlainText),
    #: None also where nobody was ever told of the story
    Column("retracted_at", Moment),
    #: the story that it was merged into
    Column("replaced_by", Id),
)

filings = _keyed(
    "filings",
    _key("story_id", Id, ForeignKey("stories.id")),
    _key("label", NUMBER, ForeignKey("names.number")),
    _needed("position", SmallInteger),
    _needed("reason", PlainText),
)

#: Which listings a story is in, with copies of what documents and pages select by: each index answers on its own.
memberships = _keyed(
    "memberships",
    _key("story_id", Id, ForeignKey("stories.id")),
    _key("listing", NUMBER, ForeignKey("names.number")),
    Column("announced", NUMBER),
    Column("language", PlainText),
    _needed("sort_at", Moment),
    Index(None, "listing", "announced", "story_id"),
    Index(None, "listing", "language", "announced", "story_id"),
    Index(None, "listing", "sort_at", "story_id"),
)

changes = Table(
    "changes",
    metadata,
    _key("sequence", NUMBER),
    _needed("kind", Text),
    _needed("story_id", Id),
    _needed("at", Moment),
    Column("reason", PlainText),
    Column("replaced_by", Id),
)

attempts = Table(
    "attempts",
    metadata,
    _key("number", NUMBER),
    _needed("source", NUMBER, ForeignKey("names.number")),
    _needed("at", Moment),
    _needed("outcome", Text),
    Column("status", NUMBER),
    _needed("entries", NUMBER),
    _needed("new", NUMBER),
    _needed("changed", NUMBER),
    _needed("copies", NUMBER),
    Column("withdrawn", NUMBER, nullable=False, server_default="0"),
    _needed("seconds", Float(53)),
    Column("error", PlainText),
)

snapshots = Table(
    "snapshots",
    metadata,
    _key("path", PlainText),
    #: None: belongs to no listing
    Column("listing", NUMBER, ForeignKey("names.number"), index=True),
    Column("version", NUMBER, nullable=False, index=True),
    _needed("media_type", Text),
    _needed("etag", Text),
    _needed("last_modified", Moment),
    _needed("max_age_s", NUMBER),
    _needed("body", LargeBinary),
    _needed("gzip", LargeBinary),
    _needed("br", LargeBinary),
)

dropped_snapshots = _keyed(
    "dropped_snapshots", _key("path", PlainText), Column("version", NUMBER, nullable=False, index=True)
)

#: up to where a listing's documents are rendered, and from which configuration and renderer
marks = Table(
    "marks",
    metadata,
    _key("listing", NUMBER, ForeignKey("names.number")),
    _needed("sequence", NUMBER),
    _needed("basis", Text),
)

#: Stories as search finds them: a number that sorts as they do, newest last. Their words are in `search_words`, which
#: each database declares in its own way.
search_keys = Table(
    "search_keys",
    metadata,
    _key("number", NUMBER),
    Column("story_id", Id, nullable=False),
    UniqueConstraint("story_id"),
)

#: Stories whose words are still to be taken into `search_words`, or out of it. `stamp` is the last sequence by then, so
#: that the newest come first and a mark made meanwhile is another one; 0 where all are taken in anew.
unindexed = _keyed("unindexed", _key("stamp", NUMBER), _key("story_id", Id))

#: pictures that pages may show, kept here so that a reader's browser asks nobody else
pictures = Table(
    "pictures",
    metadata,
    #: a hash of the address
    _key("key", LargeBinary(16)),
    _needed("href", PlainText),
    _needed("host", PlainText),
    #: `sort_at` of the story that it was first wanted for: the newest are fetched first
    _needed("newest_at", Moment),
    #: None: it is here, or given up
    Column("next_fetch_at", Moment, index=True),
    _needed("failures", NUMBER),
    Column("error", PlainText),
    Column("media_type", Text),
    Column("width", NUMBER),
    Column("height", NUMBER),
    #: a hash of the body, which comes last: what stands before it is read without it
    Column("digest", LargeBinary(16)),
    Column("body", LargeBinary),
)

#: which stories show it, with a copy of what they are sorted by: thousands may show one logo
story_pictures = _keyed(
    "story_pictures",
    _key("story_id", Id),
    _key("picture", LargeBinary(16)),
    _needed("sort_at", Moment),
    Index(None, "picture", "sort_at", "story_id"),
)
