"""Bytes to text: RFC 7303 for XML, RFC 8259 for JSON, and what publishers really send."""

import codecs
import re
from dataclasses import dataclass

_BOMS = (  # UTF-32 before UTF-16: its little-endian mark begins with UTF-16's
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
)
# How `<?`, or the `<` or `{` of a document without a declaration, begins (XML 1.0 appendix F, RFC 4627 section 3).
_WIDE = (
    (re.compile(rb"\x00\x00\x00[<{]"), "utf-32-be"),
    (re.compile(rb"[<{]\x00\x00\x00"), "utf-32-le"),
    (re.compile(rb"\x00[<{]\x00[^\x00]"), "utf-16-be"),
    (re.compile(rb"[<{]\x00[^\x00]\x00"), "utf-16-le"),
    (re.compile(rb"\x4c\x6f\xa7\x94"), "cp037"),
)
_DECLARED = re.compile(r"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([^\"'>]{1,40})[\"']")
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?\s*([^\"';\s]{1,40})", re.IGNORECASE)
# What is labelled with the left is written in the right, a superset (WHATWG Encoding Standard, section 4.2).
_SUPERSETS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
}
# Python codecs that are no charset of a document; some take quadratic time.
_REFUSED = frozenset(
    {"idna", "mbcs", "oem", "palmos", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"}
)
_UPPER_HALF = bytes(range(128, 256))
_EVERY_BYTE = "iso8859-2"  # has a character for every byte, as feedparser's last resort


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text without its byte order mark. `problem`: it is a guess, or bytes were lost."""

    text: str
    problem: str | None = None


def decode(body: bytes, content_type: str | None) -> Decoded:
    """Decode by byte order mark, else charset parameter, else XML declaration, else as UTF-8. Never fails.

    A label that the bytes contradict is passed over: a wide encoding over bytes that begin in ASCII, a one-byte
    charset over valid UTF-8, or any under which the bytes do not decode.

    Source: RFC 7303 section 3, RFC 3629 section 6; text/* without charset is no longer US-ASCII.
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return _wide(body[len(mark) :], encoding)
    for pattern, encoding in _WIDE:
        if pattern.match(body):
            return _wide(body, encoding)
    labels = [label for label in (_parameter(content_type), _declaration(body)) if label]
    utf8 = _strictly(body, "utf-8")
    if utf8 is not None:
        return _valid_utf8(body, utf8, labels)
    usable = [name for label in labels if (name := _usable(label))]
    texts = [text for name in usable if (text := _strictly(body, name)) is not None]
    return Decoded(texts[0]) if texts else _broken_utf8(body, labels)


def _wide(body: bytes, encoding: str) -> Decoded:
    text = body.decode(encoding, "replace")
    return Decoded(text.removeprefix("\ufeff"), "some bytes are not valid " + encoding if "\ufffd" in text else None)


def _valid_utf8(body: bytes, utf8: str, labels: list[str]) -> Decoded:
    """A one-byte label gives way: text in such a charset is next to never valid UTF-8 by accident."""
    encoding = _usable(labels[0]) if labels else None
    if encoding in (None, "utf-8") or _is_one_byte(encoding):
        return Decoded(utf8)
    text = _strictly(body, encoding)
    return Decoded(utf8 if text is None else text)


def _is_one_byte(encoding: str) -> bool:
    """Multi-byte encodings read fewer characters in the upper half, ISO-2022 and HZ none."""
    text = _UPPER_HALF.decode(encoding, "replace")
    return len(text) == 128 and text.count("\ufffd") < 100


def _broken_utf8(body: bytes, labels: list[str]) -> Decoded:
    """UTF-8 with a few bad bytes (a cut character, mostly) stays UTF-8; else it was a one-byte charset all along."""
    text = body.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = len(text) - len(text.encode("ascii", "ignore")) - bad
    if good >= 4 * bad:
        return Decoded(text.removeprefix("\ufeff"), f"{bad} bytes are not valid UTF-8")
    for encoding in ("cp1252", _EVERY_BYTE):
        guess = _strictly(body, encoding)
        if guess is not None:
            break
    said = f"labelled {labels[0]}" if labels else "without a charset"
    return Decoded(guess or "", f"the text is {said} and not valid in it, read as {encoding}")


def _strictly(body: bytes, encoding: str) -> str | None:
    try:
        return body.decode(encoding)
    except (UnicodeError, LookupError):
        return None


def _usable(label: str) -> str | None:
    """Return the Python codec for a label of a byte-oriented charset that begins as ASCII does, else None."""
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        return None
    name = _SUPERSETS.get(name, name)
    if name in _REFUSED or name.startswith(("utf-16", "utf-32")):
        return None
    # EBCDIC and binary codecs: the bytes began as ASCII (or the declaration could not have been read)
    return name if _strictly(b"<?xml", name) == "<?xml" else None


def _parameter(content_type: str | None) -> str | None:
    found = _CHARSET.search(content_type or "")
    return found[1] if found else None


def _declaration(body: bytes) -> str | None:
    found = _DECLARED.match(body[:300].decode("latin-1").lstrip())
    return found[1] if found else None
