"""HTML from outside made safe, in two steps.

nh3 reads it as a browser would and keeps an allow-list. What it writes has every element closed, so with its void
elements closed too it is XML: lxml reads it exactly, no guessing. On that tree addresses are resolved, lazy pictures
woken, tracking pixels dropped, captions recognised. The result is markup that is the same tree in HTML and XML. Of
ordinary markup the same is made without a tree; see quick.py.
"""

import re
from collections import Counter
from collections.abc import Set
from contextlib import suppress
from dataclasses import dataclass
from html import escape

import nh3
from lxml import etree

from feedsvc.extract import elements, guard, quick, rewrite
from feedsvc.extract.addresses import HYPERLINK
from feedsvc.extract.plain import fit, text_of
from feedsvc.model import Picture

#: Characters of HTML that are read, and that are kept.
MAX_RAW = 1_000_000
MAX_KEPT = 500_000
_MAX_ROUNDS = 5


def _cleaner(tags: Set[str]) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=tags,
        clean_content_tags=elements.DROPPED_WHOLE,
        attributes=elements.ATTRIBUTES,
        url_schemes=HYPERLINK,
        link_rel=None,
    )


_CLEANER = _cleaner(elements.READ)
_FOREIGN_CLEANER = _cleaner(elements.READ | elements.FOREIGN)
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True)

#: A browser reads what is in these as text, down to the end when they are not closed. Without their tags it is read as
#: HTML: the picture for those without scripts, the rest of an article after an embedded video.
_FALLBACKS = frozenset(("iframe", "noembed", "noframes", "noscript"))
_FALLBACK_TAG = re.compile(rf"</?(?:{'|'.join(sorted(_FALLBACKS))})(?=[\s/>]){guard.ATTRIBUTES}>?", re.IGNORECASE)
_STRAY_TAG = re.compile(rf"(</?)(?=(?:{'|'.join(sorted(elements.STRAY))})[\s/>])", re.IGNORECASE)
#: A picture inside its own address; none is kept, and it would use up what may be read.
_EMBEDDED = re.compile(r"data:[\w/+.-]{0,60};base64,[A-Za-z0-9+/=%\r\n]*+")
_OPEN_REFERENCE = re.compile(r"&#?\w{0,32}$")
_VOID = re.compile(rf"(<(?:{'|'.join(sorted(elements.VOID))})(?: [^<>]*)?(?<!/))>")
_EMPTY = etree.XPath(f"//*[not(node()) and not({' or '.join(f'self::{tag}' for tag in sorted(elements.VOID))})]")
_SEEN = re.compile("<(?:img|video|audio)[ />]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Markup:
    """Safe HTML, its plain text and its pictures."""

    html: str
    text: str
    pictures: tuple[Picture, ...] = ()


def safe(html: str, base: str | None, *, quickly: bool = True) -> Markup | None:
    """Return what may be kept of `html`, or None where nothing is left to read, see or hear.

    What comes out would come out again unchanged. Not `quickly`, it is the same and takes longer.
    """
    if ";base64," in html:
        html = _EMBEDDED.sub("data:,", html)
    html = _beginning(fit(html), MAX_RAW)
    for _ in range(_MAX_ROUNDS):
        opened = guard.names(html)
        stable, kept = _kept(html, opened)
        if stable and quickly:
            with suppress(quick.Unusual):
                written = quick.rewritten(kept, base, opened.keys())
                if len(written) <= MAX_KEPT:
                    return _markup(written, quick.pictures(written))
        try:
            root = _tree(kept)
        except etree.XMLSyntaxError:  # deeper than libxml2 reads
            stable, root = False, _tree(_cleaned(guard.flattened(html), _CLEANER))
        rewrite.rewrite(root, base, opened.keys())
        written = _written(root)
        if len(written) > MAX_KEPT:
            html = _beginning(written, MAX_KEPT * 9 // 10)
        elif stable or written == html:
            return _markup(written, rewrite.pictures(root))
        else:
            html = written
    # Nothing that was seen comes here. The words are what matters.
    return _markup(f"<p>{escape(text_of(html)[: MAX_KEPT // 6], quote=False)}</p>", ())


def plain_text(html: str) -> str:
    """Return what a reader sees of any HTML, blocks separated by a newline."""
    markup = safe(html, None)
    return markup.text if markup else ""


def _markup(html: str, pictures: tuple[Picture, ...]) -> Markup | None:
    text = text_of(html)
    return Markup(html=html, text=text, pictures=pictures) if text or _SEEN.search(html) else None


def _kept(html: str, opened: Counter[str]) -> tuple[bool, str]:
    """Return whether what nh3 keeps is sure to survive being written and read again, and that."""
    reading = guard.examine(html, opened)
    if reading is guard.Reading.HOSTILE:
        return False, _cleaned(guard.flattened(html), _CLEANER)
    if opened.keys() & _FALLBACKS:
        html = _FALLBACK_TAG.sub("", html)
    cleaner = _CLEANER
    if "svg" in opened or "math" in opened:
        cleaner = _FOREIGN_CLEANER
    elif opened.keys() & elements.STRAY:
        html = _STRAY_TAG.sub(r"\1x-", html)
    return reading is guard.Reading.ORDINARY, _cleaned(html, cleaner)


def _cleaned(html: str, cleaner: nh3.Cleaner) -> str:
    kept = cleaner.clean(html).replace("&nbsp;", "\xa0")
    return fit(kept) if "&#" in html else kept


def _tree(kept: str) -> etree._Element:
    closed = _VOID.sub(r"\1/>", kept.replace("<br>", "<br/>"))
    return etree.fromstring(f"<x>{closed}</x>".encode(), _PARSER)


def _written(root: etree._Element) -> str:
    for empty in _EMPTY(root):
        empty.text = ""  # written `<p></p>`: `<p/>` would open a paragraph in HTML
    return etree.tostring(root, encoding="unicode")[3:-4].strip()


def _beginning(html: str, limit: int) -> str:
    """Return the first `limit` characters or fewer, not ending inside a tag or a character reference."""
    if len(html) <= limit:
        return html
    least = limit - limit // 10
    end = max(html.rfind("<", least, limit), 0) or max(html.rfind(" ", least, limit), 0) or limit
    return _OPEN_REFERENCE.sub("", html[:end])
