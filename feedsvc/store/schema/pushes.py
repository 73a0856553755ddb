"""Where upstream hubs push to us (WebSub), and what they pushed."""

from sqlalchemy import Column, ForeignKey, LargeBinary, Table, Text, UniqueConstraint

from feedsvc.store.columns import NUMBER, Moment, PlainText
from feedsvc.store.schema.base import key, metadata, needed

subscriptions = Table(
    "subscriptions",
    metadata,
    key("source", NUMBER, ForeignKey("names.number")),
    #: the secret part of our callback's address
    needed("token", Text),
    needed("topic", PlainText),
    needed("hub", PlainText),
    #: what the hub signs with
    needed("secret", Text),
    needed("state", Text),
    #: when the hub is asked next; None: not before something happens
    Column("next_request_at", Moment, index=True),
    Column("requested_at", Moment),
    Column("verified_at", Moment),
    Column("lease_until", Moment),
    Column("last_push_at", Moment),
    needed("failures", NUMBER),
    Column("error", PlainText),
    #: entries that pushes brought, and that polls found although nothing was pushed
    needed("pushed", NUMBER),
    needed("missed", NUMBER),
    UniqueConstraint("token"),
)

#: received, and not read yet
pushes = Table(
    "pushes",
    metadata,
    key("number", NUMBER),
    Column("source", NUMBER, ForeignKey("names.number"), nullable=False, index=True),
    needed("at", Moment),
    Column("content_type", PlainText),
    needed("body", LargeBinary),
)
