"""What a page says of its article in JSON-LD (schema.org), however it is nested."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

from lxml import etree

from feedsvc.extract.plain import folded

_MAX_SCRIPT = 500_000
_MAX_SCRIPTS = 20
_MAX_NODES = 5_000
_ARTICLE = re.compile(r"(?:[A-Za-z]*Article|[A-Za-z]*Posting|Report|AnalysisNews|Review|Recipe)\Z")
_COMMENTED = re.compile(r"\A\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[|/\*.{0,40}?\*/)+|(?:-->|//\s*\]\]>|\]\]>)\s*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedData:
    """Texts as written, entities read; () and None: not said."""

    headline: str | None = None
    authors: tuple[str, ...] = ()
    published: str | None = None
    updated: str | None = None
    links: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    language: str | None = None
    #: the publisher says that the text is not free to read
    closed: bool = False


def linked_data(root: etree._Element) -> LinkedData | None:
    """Return what the first article says, of those on the page; None where none does."""
    nodes = list(_nodes(root))
    named = {str(node["@id"]): node for node in nodes if isinstance(node.get("@id"), str) and len(node) > 1}
    articles = [node for node in nodes if _is_article(node)]
    if not articles:
        return None
    # A page that lists other articles names its own with more words.
    article = max(articles[:20], key=lambda node: bool(node.get("datePublished")) + bool(node.get("headline")))
    return LinkedData(
        headline=_text(article.get("headline")) or _text(article.get("name")),
        authors=tuple(name for author in _listed(article.get("author")) if (name := _name(author, named)))[:20],
        published=_text(article.get("datePublished")) or _text(article.get("dateCreated")),
        updated=_text(article.get("dateModified")),
        links=tuple(_addresses(article.get("mainEntityOfPage"), named)) + tuple(_addresses(article.get("url"), named)),
        pictures=tuple(_addresses(article.get("image"), named))[:5],
        language=_text(article.get("inLanguage")),
        closed=str(article.get("isAccessibleForFree")).lower() == "false",
    )


def _nodes(root: etree._Element) -> Iterator[dict[str, object]]:
    """Yield every object of every script, in order, at most so many."""
    scripts = [script for script in root.iter("script") if "ld+json" in (script.get("type") or "").lower()]
    waiting: list[object] = []
    for script in reversed(scripts[:_MAX_SCRIPTS]):
        try:
            waiting.append(json.loads(_COMMENTED.sub("", (script.text or "")[:_MAX_SCRIPT]), strict=False))
        except (ValueError, RecursionError):
            continue
    for _ in range(_MAX_NODES):
        if not waiting:
            return
        value = waiting.pop()
        if isinstance(value, dict):
            yield value
            waiting.extend(reversed([inner for inner in value.values() if isinstance(inner, dict | list)]))
        elif isinstance(value, list):
            waiting.extend(reversed([inner for inner in value if isinstance(inner, dict | list)]))


def _is_article(node: dict[str, object]) -> bool:
    return any(isinstance(kind, str) and _ARTICLE.match(kind) for kind in _listed(node.get("@type")))


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _text(value: object) -> str | None:
    first = next(iter(_listed(value)), None)
    if isinstance(first, dict):
        first = first.get("name") or first.get("@value")
    # Some publishers escape twice.
    return folded(unescape(unescape(first))) or None if isinstance(first, str) else None


def _name(author: object, named: dict[str, dict[str, object]]) -> str | None:
    if isinstance(author, dict) and "name" not in author:
        author = named.get(str(author.get("@id")))
    return _text(author)


def _addresses(value: object, named: dict[str, dict[str, object]]) -> Iterator[str]:
    for one in _listed(value):
        if isinstance(one, dict):
            known = one if "url" in one or "contentUrl" in one else named.get(str(one.get("@id")), one)
            for key in ("url", "contentUrl", "@id"):
                if isinstance(known.get(key), str):
                    yield str(known[key])
                    break
        elif isinstance(one, str):
            yield one
