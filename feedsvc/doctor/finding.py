"""What was found."""

from dataclasses import dataclass
from typing import Literal

#: fine: said all the same, so that it is known to have been looked at
Level = Literal["error", "warning", "fine"]
Topic = Literal["configuration", "network", "store", "sources", "hubs", "pages", "documents", "publishing", "machine"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One sentence, and what to do about it."""

    level: Level
    topic: Topic
    what: str
    advice: str | None = None
    #: the source, category or other thing that it is about, by id
    about: str | None = None


def fine(topic: Topic, what: str) -> Finding:
    return Finding(level="fine", topic=topic, what=what)


def warning(topic: Topic, what: str, advice: str, about: str | None = None) -> Finding:
    return Finding(level="warning", topic=topic, what=what, advice=advice, about=about)


def error(topic: Topic, what: str, advice: str, about: str | None = None) -> Finding:
    return Finding(level="error", topic=topic, what=what, advice=advice, about=about)


def many(count: int, one: str, several: str | None = None) -> str:
    return f"{count:,} {one if count == 1 else several or one + 's'}"
