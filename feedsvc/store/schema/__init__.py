"""The tables, declared once for both databases. Migrations repeat them; a test compares the two.

Sources, categories and tags go by a number everywhere but in `names`: renaming one changes one row, and keys are short.
Ids, sequences and versions come from `counters`, inside the single-writer order: a database's own sequence gives
numbers out before commit, so that a reader can see 2 before 1.
"""

from feedsvc.store.schema.articles import articles, page_tasks
from feedsvc.store.schema.base import metadata
from feedsvc.store.schema.configuration import config_revisions, counters, listings, names, notes
from feedsvc.store.schema.entries import bands, contents, entries, entry_keys, entry_revisions, link_keys
from feedsvc.store.schema.fetching import (
    attempts,
    feed_infos,
    fetch_states,
    host_pauses,
    host_slots,
    host_troubles,
    kept_documents,
    last_documents,
    source_events,
)
from feedsvc.store.schema.published import dropped_snapshots, marks, pictures, snapshots, story_pictures
from feedsvc.store.schema.pushes import pushes, subscriptions
from feedsvc.store.schema.stories import changes, filings, memberships, search_keys, stories, unindexed

__all__ = [
    "articles",
    "attempts",
    "bands",
    "changes",
    "config_revisions",
    "contents",
    "counters",
    "dropped_snapshots",
    "entries",
    "entry_keys",
    "entry_revisions",
    "feed_infos",
    "fetch_states",
    "filings",
    "host_pauses",
    "host_slots",
    "host_troubles",
    "kept_documents",
    "last_documents",
    "link_keys",
    "listings",
    "marks",
    "memberships",
    "metadata",
    "names",
    "notes",
    "page_tasks",
    "pictures",
    "pushes",
    "search_keys",
    "snapshots",
    "source_events",
    "stories",
    "story_pictures",
    "subscriptions",
    "unindexed",
]
