"""The pages of articles: asked for beside the polls, merged with what the feed said, and announced.

A story waits for the page of its leading entry, at most as long as `fetch.hold` says; the wait is kept in the store.
"""

from feedsvc.articles.arriving import arrive, let_go, release_overdue
from feedsvc.articles.asking import Asker, PageReader, Pages
from feedsvc.articles.fetching import fetching

__all__ = ["Asker", "PageReader", "Pages", "arrive", "fetching", "let_go", "release_overdue"]
