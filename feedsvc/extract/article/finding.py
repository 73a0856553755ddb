"""Which words of a page are the article: trafilatura says so."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import suppress

from htmldate import find_date
from lxml import etree
from trafilatura import bare_extraction

from feedsvc.extract.article.blocks import words

#: Below this many words its own rules are taken to have failed, and the extractors that it compares itself with are
#: asked too. That scores better than asking them always, and takes a third of the time.
_FEW = 100

# It logs whatever odd page it meets, and logs are for admins.
for name in ("trafilatura", "htmldate"):
    logging.getLogger(name).setLevel(logging.CRITICAL)


def lines_of(root: etree._Element) -> tuple[str, ...]:
    """Return the article's lines of text, in order; () where it finds none."""
    page = etree.tostring(root, encoding="unicode", method="html")
    lines = _lines(page, fast=True)
    return lines if count(lines) >= _FEW else _lines(page, fast=False) or lines


def count(lines: Iterable[str]) -> int:
    """Count words."""
    return sum(len(words(line)) for line in lines)


def _lines(page: str, *, fast: bool) -> tuple[str, ...]:
    try:
        found = bare_extraction(page, fast=fast, include_comments=False, include_tables=True)
    except Exception:  # it stops at trees that nobody thought of, with whatever comes: then there is no text
        return ()
    text = getattr(found, "text", None) or ""
    return tuple(line for line in text.split("\n") if line.strip())


def day_of(root: etree._Element) -> Iterator[str]:
    """Yield the day that trafilatura's companion for dates finds on a page, as `YYYY-MM-DD`."""
    # It would fetch what looks like an address; this begins with an element.
    page = etree.tostring(root, encoding="unicode", method="html")
    with suppress(Exception):  # as above
        yield from filter(None, (find_date(page, extensive_search=False, original_date=True),))
