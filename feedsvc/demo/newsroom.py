"""The made-up publishers and what they have to say, read from newsroom/*.toml."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal

FOLDER = Path(__file__).parent
#: what happens after the start, in this order, one after the other; the file says which lines there are
ORDER = "order.txt"
#: before the first of them, and between two: slow enough to watch, fast enough not to wait
PAUSE_S = 3.5

_AGE = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The name is that of its file in pictures/."""

    name: str
    caption: str
    credit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Another headline, and passages that are put right."""

    at_s: float
    title: str | None
    passages: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What a publisher publishes at some time; seconds count from the start."""

    id: str
    #: before the start: it is there from the beginning
    at_s: float
    #: the date that it names is this much earlier than the start; None: the moment it appears
    age: timedelta | None
    title: str
    #: paragraphs, `## headings` and `- list items`, separated by empty lines
    text: str
    terms: tuple[str, ...]
    author: str | None
    picture: Picture | None
    edits: tuple[Edit, ...]
    withdrawn_at_s: float | None
    #: why it was withdrawn
    comment: str | None

    @property
    def moments(self) -> tuple[float, ...]:
        """When something happens to it."""
        end = () if self.withdrawn_at_s is None else (self.withdrawn_at_s,)
        return (self.at_s, *(edit.at_s for edit in self.edits), *end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """The publisher answers 503 from `first_s` on for `lasts_s`, again and again."""

    first_s: float
    lasts_s: float
    every_s: float
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    id: str
    title: str
    subtitle: str
    #: where it would be, if it were
    host: str
    language: str
    format: Literal["rss", "atom", "json"]
    articles: tuple[Article, ...]
    #: which of them are copies, by id, and of what: publisher/article
    copies: Mapping[str, str]
    #: how long every answer takes
    delay_s: float
    #: writes `&` as it is, and does not come to an end
    malformed: bool
    #: its feed has the beginnings of its articles, which are on their pages
    teasers: bool
    outage: Outage | None


@cache
def publishers() -> tuple[Publisher, ...]:
    """Return all of them, with all that is written for them."""
    files = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("newsroom/*.toml"))}
    moments = _moments((FOLDER / "newsroom" / ORDER).read_text("utf-8"))
    originals = {f"{id}/{article['id']}": article for id, file in files.items() for article in file["articles"]}
    return tuple(_publisher(id, file, originals, moments) for id, file in files.items())


def _moments(order: str) -> Mapping[tuple[str, str], list[float]]:
    """Return when it happens, in seconds after the start, by what happens (new, edit, withdraw) and to what."""
    lines = [line.split() for line in order.splitlines() if line and not line.startswith("#")]
    moments: dict[tuple[str, str], list[float]] = {}
    for number, (what, article) in enumerate(lines, 1):
        moments.setdefault((what, article), []).append(number * PAUSE_S)
    return moments


def _publisher(
    id: str, file: Mapping[str, Any], originals: Mapping[str, Any], moments: Mapping[tuple[str, str], list[float]]
) -> Publisher:
    written = [*file["articles"], *(_copy(copy, originals[copy["of"]]) for copy in file.get("copies", ()))]
    return Publisher(
        id=id,
        title=file["title"],
        subtitle=file["subtitle"],
        host=file["host"],
        language=file["language"],
        format=file["format"],
        articles=tuple(_article(f"{id}/{article['id']}", article, moments) for article in written),
        copies={copy["id"]: copy["of"] for copy in file.get("copies", ())},
        delay_s=file.get("delay_s", 0.0),
        malformed=file.get("malformed", False),
        teasers=file.get("teasers", False),
        outage=Outage(**file["outage"]) if "outage" in file else None,
    )


def _copy(copy: Mapping[str, Any], original: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the original under another headline, shortened where `paragraphs` says so, and with its source's name."""
    blocks = original["text"].strip().split("\n\n")[: copy.get("paragraphs")]
    return {"terms": (), **copy, "text": "\n\n".join([*blocks, copy["credit"]])}


def _article(name: str, written: Mapping[str, Any], moments: Mapping[tuple[str, str], list[float]]) -> Article:
    age = _age(written["age"]) if "age" in written else None
    new, withdrawn = moments.get(("new", name)), moments.get(("withdraw", name))
    if new is None and age is None:
        raise ValueError(f"{name} neither has an age nor stands in {ORDER}")
    edits = zip(moments.get(("edit", name), ()), written.get("edits", ()), strict=True)
    picture = written.get("picture")
    return Article(
        id=written["id"],
        at_s=new[0] if new else -age.total_seconds() if age else 0.0,
        age=age,
        title=written["title"],
        text=written["text"].strip(),
        terms=tuple(written["terms"]),
        author=written.get("author"),
        picture=Picture(**picture) if picture else None,
        edits=tuple(_edit(at_s, edit) for at_s, edit in edits),
        withdrawn_at_s=withdrawn[0] if withdrawn else None,
        comment=written.get("comment"),
    )


def _edit(at_s: float, written: Mapping[str, Any]) -> Edit:
    passages = tuple((before, after) for before, after in written.get("passages", ()))
    return Edit(at_s=at_s, title=written.get("title"), passages=passages)


def _age(written: str) -> timedelta:
    found = _AGE.match(written)
    if found is None:
        raise ValueError(f"{written} is no age")
    days, hours, minutes = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes)


def edited(article: Article, edits: Sequence[Edit]) -> Article:
    """Return the article with these edits made."""
    title, text = article.title, article.text
    for edit in edits:
        title = edit.title or title
        for before, after in edit.passages:
            if before not in text:
                raise ValueError(f"{article.id} does not say {before}")
            text = text.replace(before, after)
    return replace(article, title=title, text=text)


def blocks(text: str) -> Iterator[tuple[Literal["h2", "p", "ul"], str]]:
    """Yield the parts of an article's text: headings, paragraphs, and lists with an item on each line."""
    for block in text.split("\n\n"):
        if block.startswith("## "):
            yield "h2", block.removeprefix("## ")
        elif block.startswith("- "):
            yield "ul", "\n".join(item.removeprefix("- ").replace("\n", " ") for item in block.split("\n- "))
        else:
            yield "p", block.replace("\n", " ")
