"""From an article's page to its main text and what else the page says of it."""

from feedsvc.extract.article.choice import better
from feedsvc.extract.article.joining import joined
from feedsvc.extract.article.merging import merged
from feedsvc.model import Article, Document, Entry, Source

__all__ = ["better", "joined", "merged", "read_article"]


def read_article(document: Document, source: Source, hint: Entry | None = None) -> Article:
    """Read a page; `hint` is what the feed says of the same article. The source's selectors override what is found.

    Raises ParseError where the document is no page.
    """
    # What it needs takes half a second and 70 MB to import: only the worker processes that read pages pay for it.
    from feedsvc.extract.article.page import read  # noqa: PLC0415

    return read(document, source, hint)
