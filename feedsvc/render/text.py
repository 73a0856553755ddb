"""Characters and words that every document can hold."""

import re
from datetime import UTC, datetime

#: Marks for & and < in plain text, put right after serialising; U+FDD0 and U+FDD1 are for internal use (Unicode 23.7)
#: and `clean` takes them out of everything that comes from outside.
_AMPERSAND, _LESS_THAN = "\ufdd0", "\ufdd1"

_C0 = [code for code in range(0x20) if code not in {0x09, 0x0A}]
_SURROGATES = range(0xD800, 0xE000)
_NONCHARACTERS = [*range(0xFDD0, 0xFDF0), *(plane << 16 | low for plane in range(17) for low in (0xFFFE, 0xFFFF))]


def _from_windows(code: int) -> str:
    """Return what a C1 control meant, as HTML reads it: a character of windows-1252."""
    return bytes([code]).decode("cp1252", errors="ignore")


#: What XML cannot hold, and what validators and HTML parsers call an error (C1, noncharacters, U+FFFD).
_REPLACED = {
    **dict.fromkeys((*_C0, 0x7F, *_SURROGATES, *_NONCHARACTERS), ""),
    **{code: _from_windows(code) for code in range(0x80, 0xA0)},
    0x0D: "\n",
    0xFFFD: "?",
}
#: Anything but what is surely fine; one class without holes is ten times as fast as the exact one.
_SUSPECT = re.compile("[^\t\n -~\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffc\U00010000-\U0001fffd]")
_END_TAG = re.compile(r"</\w+>")
_TAG = re.compile(r"</?\w[^<>]*>")


def clean(text: str) -> str:
    """Return the text with only characters that every format can hold; nearly always the same text."""
    if not _SUSPECT.search(text):
        return text
    return text.replace("\r\n", "\n").translate(_REPLACED)


def said(text: str | None) -> str | None:
    """Return the cleaned text without space around it; None where nothing is left."""
    return clean(text).strip() or None if text else None


def marked(text: str) -> str:
    """Return text for an element that holds no markup, with & and < marked for `unmark`."""
    return clean(text).replace("&", _AMPERSAND).replace("<", _LESS_THAN)


def plain(text: str) -> str:
    """Return the same on one line, for an element or attribute that holds a few words."""
    return marked(text).replace("\n", " ")


def unmark(document: bytes) -> bytes:
    """Write marked characters as &#x26; and &#x3C;.

    RSS readers disagree on whether &amp; and &lt; in plain text start markup; the RSS Advisory Board's profile wants
    these, and lxml cannot write them.
    """
    marked = document.replace(_AMPERSAND.encode(), b"&#x26;")
    return marked.replace(_LESS_THAN.encode(), b"&#x3C;")


def looks_like_markup(text: str) -> bool:
    """Tell whether readers that guess would take plain text for HTML."""
    return _END_TAG.search(text) is not None


def as_html(text: str) -> str:
    """Return plain text as HTML."""
    return text.replace("&", "&amp;").replace("<", "&lt;")


def untagged(text: str) -> str:
    """Return a name or label without tags: nobody is called that, and there is no way to say that it is text."""
    return _TAG.sub("", text).strip() if looks_like_markup(text) else text


def shortened(text: str, characters: int) -> str:
    """Return the beginning of a text, on one line, cut between words."""
    line = " ".join(text.split())
    if len(line) <= characters:
        return line
    return line[: characters + 1].rsplit(" ", 1)[0][:characters] + "…"


def rfc3339(when: datetime) -> str:
    """Return the time in whole seconds, as Atom and JSON Feed want it."""
    return when.replace(microsecond=0).isoformat()


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def rfc822(when: datetime) -> str:
    """Return the time as RSS wants it, in any locale: four digits of year, a numeric zone."""
    utc = when.astimezone(UTC)
    day, month = _DAYS[utc.weekday()], _MONTHS[utc.month - 1]
    return f"{day}, {utc.day:02} {month} {utc.year:04} {utc:%H:%M:%S} +0000"
