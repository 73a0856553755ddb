"""What an article's own page says."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from feedsvc.model.checked import Checked
from feedsvc.model.upstream import Content, Person, Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Article(Checked):
    """A page as read, or the pages of one article joined; nothing here is compared with its feed yet."""

    #: the address that the page came from
    url: str
    fetched_at: datetime
    #: plain text
    title: str | None = None
    authors: tuple[Person, ...] = ()
    #: as the page says, whether that can be or not
    published: datetime | None = None
    #: the day that its address names, at noon
    addressed: datetime | None = None
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
    #: what could not be read, in words
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TextChoice:
    """The better of what feed and page have, and why, in words."""

    origin: Literal["feed", "page"]
    content: Content | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution(Checked):
    """What a page gave its entry: the page, and whose text was taken and why."""

    article: Article
    origin: Literal["feed", "page"]
    reason: str
    #: what did not agree, or could not be read, in words
    notes: tuple[str, ...] = ()
