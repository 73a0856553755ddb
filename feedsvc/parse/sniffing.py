"""What kind of document a text is, by its beginning."""

import re
from dataclasses import dataclass, replace
from typing import Literal

from feedsvc.parse.reading import NotAFeedError
from feedsvc.parse.texts import plain_text

_ELEMENT = re.compile(r"<([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
_FEED = re.compile(r"(?:<\?xml[^>]{0,200}>\s*)?<(?:rss|feed|rdf:RDF)[\s>]")
_ENTRIES = re.compile(r"<(?:[\w.-]+:)?(?:channel|item|entry)[\s>]", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]{0,200}>(.{1,500}?)</title", re.IGNORECASE | re.DOTALL)
#: what decoding leaves of a picture or an archive; one of them may be a damaged letter
_NO_TEXT = re.compile(r"[\0-\x08\x0e-\x1f\x7f-\x9f\ufffd]")
_FEED_ROOTS = frozenset({"rss", "feed", "rdf", "channel"})
_HTML_ROOTS = frozenset(
    {"html", "head", "body", "title", "meta", "script", "div", "p", "h1", "center", "table", "br", "b"}
)
_OTHERS = {
    "opml": "an OPML list, not a feed",
    "urlset": "a sitemap, not a feed",
    "sitemapindex": "a list of sitemaps, not a feed",
    "svg": "a picture (SVG), not a feed",
    "entry": "a single Atom entry, not a feed",
    "service": "an AtomPub service document, not a feed",
    "opensearchdescription": "an OpenSearch description, not a feed",
    "error": "an error message in XML, not a feed",
}
#: Junk before a feed, a script's warnings mostly, is passed over up to here.
_MAX_JUNK_CHARS = 20_000


@dataclass(frozen=True, slots=True)
class Sniffed:
    """`text` begins with the root element; `doctype` is what stood before it, "" without any."""

    kind: Literal["json", "xml"]
    text: str
    doctype: str = ""
    #: lines before the root element
    lines_before: int = 0
    #: the root element is one of a feed; else only an element inside looks like one
    is_certain: bool = True
    problem: str | None = None


def sniff(text: str) -> Sniffed:
    """Say what to read. Raises NotAFeedError."""
    text = text.lstrip("\ufeff \t\r\n\0")
    if not text:
        raise NotAFeedError("the document is empty")
    if text[0] in "{[":
        return Sniffed("json", text)
    start, doctype = _prologue(text)
    root = _ELEMENT.match(text, start)
    name = root[2].lower() if root else ""
    is_html = name == "html" or doctype[:20].lower().split()[1:2] == ["html"]
    if name in _FEED_ROOTS:
        return Sniffed("xml", text[start:], doctype, text.count("\n", 0, start))
    if not is_html and (later := _FEED.search(text, start, _MAX_JUNK_CHARS)):
        inner = sniff(text[later.start() :])
        return replace(inner, problem="text before the feed")
    if root and not is_html and name not in _HTML_ROOTS and name not in _OTHERS and _ENTRIES.search(text, start):
        return Sniffed("xml", text[start:], doctype, text.count("\n", 0, start), is_certain=False)
    raise NotAFeedError(_refusal(text, is_html or name in _HTML_ROOTS, name))


def _refusal(text: str, is_html: bool, name: str) -> str:
    if is_html:
        title = _TITLE.search(text, 0, 100_000)
        words = " ".join((plain_text(title[1]) or "").split()) if title else ""
        return f"an HTML page, not a feed (its title: “{words[:120]}”)" if words else "an HTML page, not a feed"
    if name:
        return _OTHERS.get(name, f"an XML document (<{name[:60]}>), not a feed")
    if text.startswith("<"):
        return "an XML document without an element"
    if text.startswith("%PDF-"):
        return "a PDF document, not a feed"
    begin = text[:60]
    if len(_NO_TEXT.findall(begin)) > 1:
        return "neither XML nor JSON, nor text at all"
    return f"neither XML nor JSON: it begins with “{' '.join(begin.split())}”"


def _prologue(text: str) -> tuple[int, str]:
    """Return where the first element (or text) begins, and the document type declaration before it."""
    at, doctype = 0, ""
    while True:
        while at < len(text) and text[at].isspace():
            at += 1
        if text.startswith("<!--", at):
            end = text.find("-->", at + 4) + 3
        elif text.startswith("<?", at):
            end = text.find(">", at) + 1
        elif text[at : at + 9].lower() == "<!doctype":
            end = _end_of_doctype(text, at)
            doctype = doctype or text[at:end]
        else:
            return at, doctype
        if end < at + 2:
            return len(text), doctype
        at = end


def _end_of_doctype(text: str, start: int) -> int:
    bracket, close = text.find("[", start), text.find(">", start)
    if 0 <= bracket < close:
        close = text.find(">", text.find("]", bracket))
    return close + 1
