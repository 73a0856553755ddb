"""All that is kept, in SQLite or PostgreSQL: one write transaction at a time, one change log, one schedule.

SQL lives here alone. What goes in and comes out are the model's values.
"""

from feedsvc.store.articles import Articles, PagedEntry, PageTask, PageWish, Subject, WantedPage
from feedsvc.store.engine import PATIENCE_S
from feedsvc.store.entries import Addition
from feedsvc.store.errands import Lease
from feedsvc.store.kept_documents import KeptDocument
from feedsvc.store.listings import Wanted
from feedsvc.store.pages import Around, ListingPage, Place
from feedsvc.store.pictures import KeptPicture, Pictures, Showing, WantedPicture
from feedsvc.store.rehearsal import Rehearsal
from feedsvc.store.retention import Pruned
from feedsvc.store.revisions import Revision
from feedsvc.store.schedule import Claim
from feedsvc.store.search import SearchPage
from feedsvc.store.snapshots import Delta, Mark
from feedsvc.store.store import Store, Transaction, open_store
from feedsvc.store.tracing import Standing, TracedEntry, TracedStory

__all__ = [
    "PATIENCE_S",
    "Addition",
    "Around",
    "Articles",
    "Claim",
    "Delta",
    "KeptDocument",
    "KeptPicture",
    "Lease",
    "ListingPage",
    "Mark",
    "PageTask",
    "PageWish",
    "PagedEntry",
    "Pictures",
    "Place",
    "Pruned",
    "Rehearsal",
    "Revision",
    "SearchPage",
    "Showing",
    "Standing",
    "Store",
    "Subject",
    "TracedEntry",
    "TracedStory",
    "Transaction",
    "Wanted",
    "WantedPage",
    "WantedPicture",
    "open_store",
]
