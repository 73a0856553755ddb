"""From an article's page to its main text and what else the page says of it."""

from feedsvc.extract.article.choice import better
from feedsvc.extract.article.page import read_article

__all__ = ["better", "read_article"]
