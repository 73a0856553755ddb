"""Stories, where they are filed and found, and the log of their changes."""

from sqlalchemy import Column, ForeignKey, Index, SmallInteger, Table, Text, UniqueConstraint

from feedsvc.store.columns import NUMBER, Id, Moment, PlainText
from feedsvc.store.schema.base import key, keyed, metadata, needed

#: Never deleted: an id once given is never used again.
stories = keyed(
    "stories",
    key("id", Id),
    needed("lead_id", NUMBER, ForeignKey("entries.id")),
    Column("language", PlainText),
    needed("first_seen_at", Moment),
    #: the sequence of its `new` change, for ever
    Column("announced", NUMBER),
    Column("announced_at", Moment),
    needed("updated_at", Moment),
    needed("sort_at", Moment),
    Column("retracted", PlainText),
    #: None also where nobody was ever told of the story
    Column("retracted_at", Moment),
    #: the story that it was merged into
    Column("replaced_by", Id),
)

filings = keyed(
    "filings",
    key("story_id", Id, ForeignKey("stories.id")),
    key("label", NUMBER, ForeignKey("names.number")),
    needed("position", SmallInteger),
    needed("reason", PlainText),
)

#: Which listings a story is in, with copies of what documents and pages select by: each index answers on its own.
memberships = keyed(
    "memberships",
    key("story_id", Id, ForeignKey("stories.id")),
    key("listing", NUMBER, ForeignKey("names.number")),
    Column("announced", NUMBER),
    Column("language", PlainText),
    needed("sort_at", Moment),
    Index(None, "listing", "announced", "story_id"),
    Index(None, "listing", "language", "announced", "story_id"),
    Index(None, "listing", "sort_at", "story_id"),
)

changes = Table(
    "changes",
    metadata,
    key("sequence", NUMBER),
    needed("kind", Text),
    needed("story_id", Id),
    needed("at", Moment),
    Column("reason", PlainText),
    Column("replaced_by", Id),
)

#: Stories as search finds them: a number that sorts as they do, newest last. Their words are in `search_words`, which
#: each database declares in its own way.
search_keys = Table(
    "search_keys",
    metadata,
    key("number", NUMBER),
    Column("story_id", Id, nullable=False),
    UniqueConstraint("story_id"),
)

#: Stories whose words are still to be taken into `search_words`, or out of it. `stamp` is the last sequence by then, so
#: that the newest come first and a mark made meanwhile is another one; 0 where all are taken in anew.
unindexed = keyed(
    "unindexed",
    key("stamp", NUMBER),
    key("story_id", Id),
    #: what search wants to know, where it was at hand; None: it is looked up
    Column("number", NUMBER),
    Column("words", PlainText),
)
