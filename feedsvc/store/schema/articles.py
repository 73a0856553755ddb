"""What the pages of articles said, and which are still to be asked."""

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, SmallInteger, Table

from feedsvc.store.columns import NUMBER, Moment, PlainText
from feedsvc.store.schema.base import key, metadata, needed

#: one row for each entry whose page is wanted; it stays when the page is in or given up: once per entry
page_tasks = Table(
    "page_tasks",
    metadata,
    key("entry_id", NUMBER, ForeignKey("entries.id")),
    needed("href", PlainText),
    needed("host", PlainText),
    needed("wanted_at", Moment),
    #: until when the entry's story waits for the page before it is announced; None: it does not wait
    Column("held_until", Moment, index=True),
    #: None: the page is in, or given up
    Column("next_fetch_at", Moment),
    needed("failures", NUMBER),
    #: why there is no page, in words
    Column("error", PlainText),
    Index(None, "next_fetch_at", "wanted_at"),
)

#: What pages gave their entries, whose content is the two merged; the row is there as long as it is.
articles = Table(
    "articles",
    metadata,
    key("entry_id", NUMBER, ForeignKey("entries.id")),
    #: the contribution; a text that was taken is the content's alone
    needed("payload", LargeBinary),
    #: the entry in the feed's own words
    needed("own", LargeBinary),
    #: under what copies find the merged entry; what its source's next poll compares with stays in `entries`
    needed("fingerprint_version", SmallInteger),
    needed("bands", LargeBinary),
    needed("link_keys", LargeBinary),
)
