"""The parts of an article that goes on on further pages, as one."""

from collections.abc import Sequence
from dataclasses import replace

from lxml import etree

from feedsvc.extract.article.blocks import words
from feedsvc.extract.article.figures import running_text
from feedsvc.extract.markup import MAX_KEPT, safe
from feedsvc.model import Article, Content

#: Shorter lines may be said twice: "No.", "* * *".
_LEAST_WORDS = 5
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True)


def joined(parts: Sequence[Article]) -> Article:
    """Return the first part with the text and the pictures of all; what it says of itself is the article's.

    What stands on several parts, such as the lead, is there once.
    """
    first = parts[0]
    pictures = {picture.href: picture for part in reversed(parts) for picture in reversed(part.pictures)}
    return replace(
        first,
        content=_content([part.content for part in parts if part.content is not None]),
        pictures=tuple(reversed(pictures.values())),
        next_link=None,
        notes=tuple(dict.fromkeys(note for part in parts for note in part.notes)),
    )


def _content(parts: Sequence[Content]) -> Content | None:
    root, seen = etree.Element("div"), set[str]()
    size = 0
    for part in parts:
        for block in etree.fromstring(f"<div>{part.value}</div>", _PARSER):
            written = etree.tostring(block, encoding="unicode")
            size += len(written)
            if size > MAX_KEPT:
                break
            if written not in seen or not _is_telling(written):
                seen.add(written)
                root.append(block)
    found = safe("".join(etree.tostring(block, encoding="unicode", method="html") for block in root), None)
    return Content(value=found.html, type="html", text=running_text(found.html)) if found is not None else None


def _is_telling(block: str) -> bool:
    return "<img" in block or len(words(block)) >= _LEAST_WORDS
