"""What the pages of articles said, and which are still to be asked."""

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, Table

from feedsvc.store.columns import NUMBER, Moment, PlainText
from feedsvc.store.schema.base import key, metadata, needed

#: one row for each entry whose page is wanted; it stays when the page is in or given up: once per entry
page_tasks = Table(
    "page_tasks",
    metadata,
    key("entry_id", NUMBER, ForeignKey("entries.id")),
    needed("source", NUMBER, ForeignKey("names.number")),
    needed("href", PlainText),
    needed("host", PlainText),
    needed("wanted_at", Moment),
    #: until when the entry waits for its page before it is announced; None: it does not wait
    Column("held_until", Moment, index=True),
    #: None: the page is in, or given up
    Column("next_fetch_at", Moment),
    needed("failures", NUMBER),
    #: why there is no page, in words
    Column("error", PlainText),
    Index(None, "next_fetch_at", "wanted_at"),
)

#: pages as read
articles = Table(
    "articles",
    metadata,
    key("entry_id", NUMBER, ForeignKey("entries.id")),
    needed("fetched_at", Moment),
    needed("payload", LargeBinary),
)
