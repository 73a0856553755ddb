"""RSS, RDF, CDF and Atom, by feedparser."""

import io
import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from xml.sax import SAXParseException

import feedparser

from feedsvc.model import Document, Entry, ParsedFeed
from feedsvc.parse import fields
from feedsvc.parse.entries import read_entry
from feedsvc.parse.extensions import EntryExtensions, Extensions, are_extended, read_extensions
from feedsvc.parse.feed_info import feed_info
from feedsvc.parse.fields import Fields, Shape
from feedsvc.parse.nodes import Unusual
from feedsvc.parse.quick import read_quickly
from feedsvc.parse.reading import MAX_ENTRIES, NotAFeedError, Reading
from feedsvc.parse.sniffing import Sniffed
from feedsvc.parse.texts import language_tag

_DECLARATION = b"<?xml version='1.0' encoding='utf-8'?>"
_ENTRY = re.compile(r"<(?:[\w.-]+:)?(?:item|entry)[\s>/]", re.IGNORECASE)
_ENTITY = re.compile(r"<!ENTITY\s+(\w{1,40})\s+\"(&#\w{1,8};|[^&\"<%]{0,200})\"\s*>")
_BAD_REFERENCE = re.compile(r"&#(?:x([0-9a-f]{1,12})|([0-9]{1,12}));", re.IGNORECASE)
# Of references, those that may be bad: few, and most documents have none, while many are full of the good ones.
_DOUBTFUL_REFERENCE = re.compile(
    r"&#(?:0*(?:[12]?\d|3[01]|5[5-7]\d{3}|6553[45]|[1-9]\d{6,11})"
    r"|[xX]0*(?:1?[\da-fA-F]|[dD][89a-fA-F]..|[fF]{3}[eEfF]|[1-9a-fA-F][\da-fA-F]{5,11}));",
    re.ASCII,
)
# What expat ends a document at; dropping it loses nothing.
_CONTROLS = bytes(number for number in range(32) if number not in b"\t\n\r")
# Where feedparser looks for an e-mail address, in quadratic time: 50 KB of letters in one word take it 13 s.
_LONG = 1000
_AUTHOR_NAME = r"(?:[\w.-]{1,40}:)?(?:author|creator|managingEditor|webMaster|publisher|owner)\b"
_LONG_AUTHOR = re.compile(rf"<{_AUTHOR_NAME}[^<>]{{0,200}}>(?:\s*<!\[CDATA\[)?[^<]{{{_LONG},}}", re.IGNORECASE)
_AUTHOR = re.compile(_AUTHOR_NAME, re.IGNORECASE)
_LONG_WORD = re.compile(r"([\w.+-]{300})[\w.+-]+", re.ASCII)
#: A real feed of 15 MB has about 200,000; feedparser takes 10 µs for each.
_MAX_TAGS = 500_000
#: What entities may blow a document up to, beyond its own size.
_MAX_EXPANSION = 4_000_000
# What feedparser's code lets through for one malformed document or another.
XmlReader = Callable[[bytes, str | None, str], Shape]
_FAILURES = (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)


def read_by_feedparser(body: bytes, language: str | None, base: str) -> Shape:
    """The one place where feedparser runs; it gets bytes and never an address to open.

    Unless the document sets bases of its own it is not told the document's either: it would resolve ids against it (RFC
    4287 section 4.2.6.1 wants them as they are), and a feed that moves would have all entries renamed. What it leaves
    relative is resolved after it.
    """
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": base}
    if language:
        headers["content-language"] = language
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its own deprecated aliases
            result = feedparser.parse(
                io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
            )
    except _FAILURES as exc:
        raise NotAFeedError(f"a document that feedparser cannot read ({type(exc).__name__}: {str(exc)[:100]})") from exc
    return Shape(
        feed=fields.part(result, "feed"),
        entries=fields.parts(result, "entries"),
        is_known=bool(result.get("version")),
        problem=result.get("bozo_exception") if result.get("bozo") else None,
        is_extended=are_extended(body),
    )


#: Why a document is not read when none of the readers takes it.
UNUSUAL = "an unusual document"
#: Each is asked in turn; what it finds unusual is for the next one.
READERS: tuple[XmlReader, ...] = (read_quickly, read_by_feedparser)


def read_xml_feed(
    sniffed: Sniffed, document: Document, reading: Reading, readers: Sequence[XmlReader] = READERS
) -> ParsedFeed:
    """Read a document of which `sniffed` is the text. Raises NotAFeedError."""
    text, excess = _first_entries(sniffed.text)
    if text.count("<") > 2 * _MAX_TAGS:
        raise NotAFeedError(f"more than {_MAX_TAGS} elements")
    body = _DECLARATION + _repaired(_entities(sniffed.doctype, text) + text)
    language, base = language_tag(document.content_language), reading.base if "xml:base" in text else ""
    shape = _shape(readers, body, language, base)
    found = shape.entries
    if not found and not shape.is_known and not sniffed.is_certain:
        raise NotAFeedError("XML without a feed in it")
    extensions = read_extensions(body, len(found), reading) if shape.is_extended else Extensions()
    reading = replace(reading, text=text)
    info = replace(
        feed_info(shape.feed, reading),
        skip_hours=extensions.skip_hours,
        skip_days=extensions.skip_days,
        complete=extensions.complete,
    )
    problem = sniffed.problem or _problem(shape.problem, sniffed.lines_before)
    entries = _entries(found, extensions, info.language, reading)
    if problem and entries and entries[-1] == Entry():  # cut off before it said anything
        entries = entries[:-1]
    return ParsedFeed(
        info=info,
        entries=entries,
        deleted=extensions.deleted,
        problem=problem,
        skipped=len(found) - len(entries) + excess,
    )


def _shape(readers: Sequence[XmlReader], body: bytes, language: str | None, base: str) -> Shape:
    for reader in readers:
        try:
            return reader(body, language, base)
        except Unusual:
            continue
    raise NotAFeedError(UNUSUAL)


def _entries(found: list[Fields], extensions: Extensions, language: str | None, reading: Reading) -> tuple[Entry, ...]:
    none = EntryExtensions()
    beside = extensions.entries or (none,) * len(found)
    return tuple(read_entry(entry, more, language, reading) for entry, more in zip(found, beside, strict=True))


def _first_entries(text: str) -> tuple[str, int]:
    """Cut out what follows the first MAX_ENTRIES entries, up to the end of the last one; return how many those are."""
    if text.count("<") <= MAX_ENTRIES:
        return text, 0
    starts = [found.start() for found in _ENTRY.finditer(text)]
    if len(starts) <= MAX_ENTRIES:
        return text, 0
    last = max(text.rfind("</item>"), text.rfind("</entry>"), starts[-1])
    return text[: starts[MAX_ENTRIES]] + text[text.find(">", last) + 1 :], len(starts) - MAX_ENTRIES


def _entities(doctype: str, text: str) -> str:
    """Return a declaration of the plain entities only, and of none where they could blow the document up."""
    entities = [f'<!ENTITY {name} "{value}">' for name, value in _ENTITY.findall(doctype)]
    longest = max(map(len, entities), default=0)
    if not entities or text.count("&") * longest > _MAX_EXPANSION:
        return ""
    return f"<!DOCTYPE feed [{' '.join(entities[:1000])}]>"


def _repaired(text: str) -> bytes:
    """Take out what would end the document or hold feedparser up, and what nobody can have meant."""
    if "&#" in text and _DOUBTFUL_REFERENCE.search(text):
        text = _BAD_REFERENCE.sub(_legal_reference, text)
    if _may_have_long_author(text):
        text = _LONG_AUTHOR.sub(lambda found: _LONG_WORD.sub(r"\1", found[0]), text)
    if "\ufffe" in text or "\uffff" in text:
        text = text.replace("\ufffe", "").replace("\uffff", "")
    return text.encode("utf-8", "replace").translate(None, _CONTROLS)


def _may_have_long_author(text: str) -> bool:
    """Say no quickly, where nothing is long enough for _LONG_AUTHOR or nothing of that is an author."""
    at = 0
    while at < len(text):
        if text.find("<", at, at + _LONG // 2) >= 0:
            at += _LONG // 2
            continue
        tag = text.rfind("<", 0, at)
        before = text.rfind("<", 0, max(tag, 0))  # where it is not the beginning of a CDATA section that was found
        if _AUTHOR.match(text, tag + 1) or _AUTHOR.match(text, before + 1):
            return True
        at = text.find("<", at)
        if at < 0:
            break
    return False


def _legal_reference(found: re.Match[str]) -> str:
    """Drop references to what is no character: they would end the document (or feedparser, with an exception)."""
    number = int(found[1], 16) if found[1] else int(found[2])
    is_legal = number in (9, 10, 13) or 32 <= number < 0xD800 or 0xE000 <= number < 0xFFFE or 0xFFFF < number < 0x110000
    return found[0] if is_legal else ""


def _problem(reason: object, lines_before: int) -> str | None:
    if reason is None:
        return None
    if isinstance(reason, SAXParseException):
        where = f"line {(reason.getLineNumber() or 1) + lines_before}, column {reason.getColumnNumber()}"
        return f"not well-formed XML: {reason.getMessage()} ({where})"
    return f"not well-formed XML: {reason}"
