"""Names, listings, revisions of the configuration, and what has no better place."""

from sqlalchemy import Column, ForeignKey, LargeBinary, Table, Text, UniqueConstraint

from feedsvc.store.columns import NUMBER, Id, Moment, PlainText
from feedsvc.store.schema.base import key, keyed, metadata, needed

counters = keyed("counters", key("name", Text), needed("value", NUMBER))

#: kind is all, category, tag or source
names = Table(
    "names",
    metadata,
    key("number", NUMBER),
    needed("kind", Text),
    needed("id", PlainText),
    UniqueConstraint("kind", "id"),
)

listings = Table(
    "listings",
    metadata,
    key("number", NUMBER, ForeignKey("names.number")),
    needed("uuid", Id),
    needed("opened_at", Moment),
    Column("closed_at", Moment),
    needed("touched", NUMBER),
    Column("touched_at", Moment),
)

config_revisions = Table(
    "config_revisions",
    metadata,
    key("number", NUMBER),
    needed("at", Moment),
    needed("who", PlainText),
    needed("diff", PlainText),
    needed("files", LargeBinary),
)

notes = keyed("notes", key("key", Text), needed("value", PlainText))
