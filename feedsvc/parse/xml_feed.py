"""RSS, RDF, CDF and Atom: what is refused, cut or mended before a reader sees it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from feedsvc.model import Document, Entry, ParsedFeed
from feedsvc.parse.by_feedparser import problem_of, read_by_feedparser
from feedsvc.parse.nodes import Unusual
from feedsvc.parse.quick import read_quickly
from feedsvc.parse.reading import MAX_ENTRIES, Found, NotAFeedError, Reading, XmlText
from feedsvc.parse.sniffing import Sniffed
from feedsvc.parse.texts import language_tag

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
#: Raises Unusual, or NotAFeedError.
XmlReader = Callable[[XmlText, Reading], Found]
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
    given = XmlText(
        body=_repaired(text),
        entities=_repaired(_entities(sniffed.doctype, text)),
        language=language_tag(document.content_language),
        base=reading.base if "xml:base" in text else "",
    )
    found = _found(readers, given, replace(reading, text=text))
    entries = tuple(found.entries)
    if not entries and not found.is_known and not sniffed.is_certain:
        raise NotAFeedError("XML without a feed in it")
    problem = sniffed.problem or problem_of(found.problem, sniffed.lines_before)
    if problem and entries and entries[-1] == Entry():  # cut off before it said anything
        entries, excess = entries[:-1], excess + 1
    return ParsedFeed(info=found.info, entries=entries, deleted=found.deleted, problem=problem, skipped=excess)


def _found(readers: Sequence[XmlReader], given: XmlText, reading: Reading) -> Found:
    for reader in readers:
        try:
            return reader(given, reading)
        except Unusual:
            continue
    raise NotAFeedError(UNUSUAL)


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
