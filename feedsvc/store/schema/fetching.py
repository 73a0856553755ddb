"""What is known of sources and their hosts."""

from sqlalchemy import Column, ForeignKey, LargeBinary, Table, Text, UniqueConstraint
from sqlalchemy.types import Float

from feedsvc.store.columns import NUMBER, Moment, PlainText
from feedsvc.store.schema.base import key, keyed, metadata, needed

#: feeds as they describe themselves, each wording once
feed_infos = Table(
    "feed_infos",
    metadata,
    key("number", NUMBER),
    needed("hash", LargeBinary(32)),
    needed("payload", LargeBinary),
    UniqueConstraint("hash"),
)

fetch_states = Table(
    "fetch_states",
    metadata,
    key("source", NUMBER, ForeignKey("names.number")),
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
    needed("failures", NUMBER),
    Column("error", PlainText),
    Column("disabled", PlainText),
    Column("held", PlainText),
    Column("feed", NUMBER, ForeignKey("feed_infos.number"), index=True),
    #: see rhythms.py
    Column("rhythm", LargeBinary),
    #: the lifetime of the last answer that named one, in seconds
    Column("fresh_for_s", NUMBER),
    #: what is usual for the source, and in which ways it no longer is, in words
    Column("usual", LargeBinary),
    Column("degraded", PlainText),
    #: the validators of the documents that it consists of, where these are several
    Column("parts", LargeBinary),
    #: the last attempt's number
    Column("attempt", NUMBER),
    #: the process that polls it now, and until when that is believed
    Column("holder", PlainText),
    Column("held_until", Moment),
)

#: who may contact a host now; `taken_by` names the work, so that pages can take slots beside sources
host_slots = keyed(
    "host_slots",
    key("host", PlainText),
    key("taken_by", Text),
    needed("holder", PlainText),
    needed("held_until", Moment),
)

#: which sources failed at a host by no fault of their own, since it last answered one of them
host_troubles = keyed("host_troubles", key("host", PlainText), key("source", NUMBER), needed("at", Moment))

#: hosts that are left alone; after `until` one source at a time tries whether they answer again
host_pauses = keyed(
    "host_pauses",
    key("host", PlainText),
    needed("since", Moment),
    needed("until", Moment),
    needed("failures", NUMBER),
    needed("why", PlainText),
)

#: what was decided about sources beside the configuration, by whom and why
source_events = Table(
    "source_events",
    metadata,
    key("number", NUMBER),
    Column("source", NUMBER, ForeignKey("names.number"), nullable=False, index=True),
    needed("at", Moment),
    needed("kind", Text),
    needed("who", PlainText),
    needed("what", PlainText),
)

attempts = Table(
    "attempts",
    metadata,
    key("number", NUMBER),
    needed("source", NUMBER, ForeignKey("names.number")),
    needed("at", Moment),
    needed("outcome", Text),
    Column("status", NUMBER),
    needed("entries", NUMBER),
    needed("new", NUMBER),
    needed("changed", NUMBER),
    needed("copies", NUMBER),
    Column("withdrawn", NUMBER, nullable=False, server_default="0"),
    needed("seconds", Float(53)),
    Column("error", PlainText),
    #: 1: a hub brought it
    Column("pushed", NUMBER, nullable=False, server_default="0"),
)

#: the marks of the entries that a source's last document held, 16 bytes each
last_documents = Table(
    "last_documents", metadata, key("source", NUMBER, ForeignKey("names.number")), needed("marks", LargeBinary)
)

#: documents that could not be read, for inspection
kept_documents = Table(
    "kept_documents",
    metadata,
    key("number", NUMBER),
    Column("source", NUMBER, ForeignKey("names.number"), nullable=False, index=True),
    needed("at", Moment),
    needed("url", PlainText),
    Column("content_type", PlainText),
    needed("why", PlainText),
    #: in bytes, as it came
    needed("size", NUMBER),
    needed("digest", LargeBinary(32)),
    #: zlib; cut where it was too large
    needed("body", LargeBinary),
)
