"""What is served: documents and pictures."""

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, Table, Text

from feedsvc.store.columns import NUMBER, Id, Moment, PlainText
from feedsvc.store.schema.base import key, keyed, metadata, needed

snapshots = Table(
    "snapshots",
    metadata,
    key("path", PlainText),
    #: None: belongs to no listing
    Column("listing", NUMBER, ForeignKey("names.number"), index=True),
    Column("version", NUMBER, nullable=False, index=True),
    needed("media_type", Text),
    needed("etag", Text),
    needed("last_modified", Moment),
    needed("max_age_s", NUMBER),
    needed("body", LargeBinary),
    needed("gzip", LargeBinary),
    needed("br", LargeBinary),
)

dropped_snapshots = keyed(
    "dropped_snapshots", key("path", PlainText), Column("version", NUMBER, nullable=False, index=True)
)

#: up to where a listing's documents are rendered, and from which configuration and renderer
marks = Table(
    "marks",
    metadata,
    key("listing", NUMBER, ForeignKey("names.number")),
    needed("sequence", NUMBER),
    needed("basis", Text),
)

#: pictures that pages may show, kept here so that a reader's browser asks nobody else
pictures = Table(
    "pictures",
    metadata,
    #: a hash of the address
    key("key", LargeBinary(16)),
    needed("href", PlainText),
    needed("host", PlainText),
    #: `sort_at` of the story that it was first wanted for: the newest are fetched first
    needed("newest_at", Moment),
    #: None: it is here, or given up
    Column("next_fetch_at", Moment, index=True),
    needed("failures", NUMBER),
    Column("error", PlainText),
    Column("media_type", Text),
    Column("width", NUMBER),
    Column("height", NUMBER),
    #: a hash of the body, which comes last: what stands before it is read without it
    Column("digest", LargeBinary(16)),
    Column("body", LargeBinary),
)

#: which stories show it, with a copy of what they are sorted by: thousands may show one logo
story_pictures = keyed(
    "story_pictures",
    key("story_id", Id),
    key("picture", LargeBinary(16)),
    needed("sort_at", Moment),
    Index(None, "picture", "sort_at", "story_id"),
)
