"""Where upstream hubs push to us (WebSub), and what they pushed."""

from sqlalchemy import Column, ForeignKey, LargeBinary, Table, Text

from feedsvc.store.columns import NUMBER, Moment, PlainText
from feedsvc.store.schema.base import key, metadata, needed

subscriptions = Table(
    "subscriptions",
    metadata,
    #: the secret part of our callback's address
    key("token", Text),
    #: one that is leaving may still be there beside the one that takes its place
    Column("source", NUMBER, ForeignKey("names.number"), nullable=False, index=True),
    needed("topic", PlainText),
    needed("hub", PlainText),
    #: one a line
    needed("hubs", PlainText),
    #: what the hub signs with
    needed("secret", Text),
    Column("callback", PlainText),
    needed("state", Text),
    #: when the hub is asked next
    Column("next_request_at", Moment, nullable=False, index=True),
    Column("requested_at", Moment),
    Column("verified_at", Moment),
    Column("lease_until", Moment),
    Column("last_push_at", Moment),
    needed("failures", NUMBER),
    needed("given_up", NUMBER),
    Column("error", PlainText),
    needed("pushed", NUMBER),
    needed("missed", NUMBER),
    Column("doubted_at", Moment),
    needed("rejected", NUMBER),
    needed("recent", LargeBinary),
)

#: received, and not read yet
pushes = Table(
    "pushes",
    metadata,
    key("number", NUMBER),
    Column("source", NUMBER, ForeignKey("names.number"), nullable=False, index=True),
    needed("topic", PlainText),
    needed("at", Moment),
    Column("content_type", PlainText),
    #: in bytes
    needed("size", NUMBER),
    needed("body", LargeBinary),
)
