"""Which feeds of a list are new here, and what they are to be called."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from feedsvc import query
from feedsvc.model import ListedFeed
from feedsvc.settings.edit import NewSource
from feedsvc.settings.kinds import address_problem, read_language, read_line, read_slug
from feedsvc.settings.reading import Settings
from feedsvc.settings.tree import UNUSABLE

_MAX_ID = 64
_PAGE = "a page, which needs `select`: `feedsvc discover` proposes it"
_DEFAULT_PORTS = {"http": 80, "https": 443}
#: letters that no normal form takes apart; `đ` is the query language's
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d", "þ": "th", "ħ": "h"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What becomes of each feed of a list, in its order."""

    new: tuple[NewSource, ...]
    #: with the id of the source that has the address, which may be a new one
    known: tuple[tuple[ListedFeed, str], ...]
    #: with the reason
    refused: tuple[tuple[ListedFeed, str], ...]


def choose(settings: Settings, feeds: Sequence[ListedFeed], category: str | None = None) -> Choice:
    """Say which feeds are not configured yet.

    `category`: files all of them there; else a label that is the id or a title of a category files a feed there.
    """
    by_address = {address_key(source.url): source.id for source in settings.sources}
    taken = {id for source in settings.sources for id in (source.id, *source.was)}
    names = _category_names(settings)
    new: list[NewSource] = []
    known: list[tuple[ListedFeed, str]] = []
    refused: list[tuple[ListedFeed, str]] = []
    for feed in feeds:
        problem = address_problem(feed.url) or (_PAGE if feed.kind == "page" else None)
        if problem is not None:
            refused.append((feed, problem))
            continue
        key = address_key(feed.url)
        if key in by_address:
            known.append((feed, by_address[key]))
            continue
        filed = (category,) if category else tuple(dict.fromkeys(_filed(feed, names)))
        source = _source(feed, taken, filed)
        by_address[key] = source.id
        taken.add(source.id)
        new.append(source)
    return Choice(new=tuple(new), known=tuple(known), refused=tuple(refused))


def address_key(url: str) -> str:
    """Return what two spellings of an address have in common: all but scheme, `www.`, last slash and fragment."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".").removeprefix("www.")
    port = "" if parts.port in {None, _DEFAULT_PORTS.get(parts.scheme)} else f":{parts.port}"
    return f"{host}{port}{parts.path.rstrip('/')}?{parts.query}"


def free_id(title: str, url: str, taken: Collection[str]) -> str:
    """Return an id made from the title, else from the host, that is not taken."""
    wanted = _slug(title)
    if not re.search("[a-z]", wanted):  # a title in another script, of which nothing or a number is left
        wanted = _slug(f"{(urlsplit(url).hostname or '').removeprefix('www.')} {wanted}") or "source"
    number, id = 1, _cut(wanted, _MAX_ID)
    while id in taken:
        number += 1
        id = f"{_cut(wanted, _MAX_ID - 6)}-{number}"
    return id


def _slug(text: str) -> str:
    plain = re.sub("['’]", "", query.bare(query.fold(text))).translate(_LETTERS)
    return re.sub("[^a-z0-9]+", "-", plain).strip("-")


def _cut(slug: str, length: int) -> str:
    """Shorten a slug, between its words if it has short ones."""
    if len(slug) <= length:
        return slug
    whole = slug[: length + 1].rpartition("-")[0]
    return (whole if len(whole) > length // 2 else slug[:length]).strip("-")


def _source(feed: ListedFeed, taken: Collection[str], categories: tuple[str, ...]) -> NewSource:
    title = _accepted(read_line, UNUSABLE.sub("", feed.title or "")) or urlsplit(feed.url).hostname or feed.url
    id = _accepted(read_slug, feed.id)
    return NewSource(
        id=id if id and id not in taken else free_id(title, feed.url, taken),
        title=title,
        url=feed.url,
        kind=feed.kind,
        language=_accepted(read_language, (feed.language or "").replace("_", "-")),
        categories=categories,
    )


def _accepted(read: Callable[[object], str], value: str | None) -> str | None:
    try:
        return read(value)
    except ValueError:
        return None


def _category_names(settings: Settings) -> dict[str, str]:
    """Return ids by all folded names; where two share a name, the first one has it."""
    names = {category.id: category.id for category in settings.categories}
    for category in settings.categories:
        for _, title in category.title.by_language:
            names.setdefault(query.fold(title), category.id)
    return names


def _filed(feed: ListedFeed, names: dict[str, str]) -> list[str]:
    return [names[name] for label in feed.labels if (name := query.fold(label.strip())) in names]
