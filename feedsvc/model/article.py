"""What an article's own page says."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from feedsvc.model.checked import Checked
from feedsvc.model.upstream import Content, Person, Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Article(Checked):
    """A page as read. `published` is what feed, page and address together make most likely; see `notes`."""

    #: the address that the page came from
    url: str
    #: plain text
    title: str | None = None
    authors: tuple[Person, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    #: what the page calls its own address
    canonical_link: str | None = None
    language: str | None = None
    #: the lead, where the source's selectors name it, else the description for search engines
    summary: Content | None = None
    #: safe HTML; its `text` is the running text, without the captions, which are with the pictures
    content: Content | None = None
    pictures: tuple[Picture, ...] = ()
    #: where the article goes on, where the source's selectors name it
    next_link: str | None = None
    #: what did not agree, or could not be read, in words
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TextChoice:
    """The better of what feed and page have, and why, in words."""

    origin: Literal["feed", "page"]
    content: Content | None
    reason: str
