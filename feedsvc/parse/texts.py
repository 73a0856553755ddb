"""Cleaning of strings, and plain text from marked-up ones."""

import re
from html.parser import HTMLParser

# Not allowed in XML 1.0 (section 2.2), or never meant: C0 and C1 controls, halves of surrogate pairs, non-characters.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_MARKUP = re.compile(r"<[A-Za-z/!?]|&(?:#\d+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]*);")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,6}")
_UNSEEN = frozenset({"script", "style", "template"})


def clean(value: object) -> str | None:
    """Return the string without control characters and outer white space; None for "" and for anything else."""
    return _FORBIDDEN.sub("", value).strip() or None if isinstance(value, str) else None


def plain_text(value: str | None) -> str | None:
    """Strip tags and resolve character references, once; text without either is returned verbatim."""
    if value is None or not _MARKUP.search(value):
        return value
    reader = _TextReader()
    reader.feed(value)
    reader.close()
    return clean(re.sub(r"\s+", " ", "".join(reader.pieces)))


def language_tag(value: object) -> str | None:
    """Return a well-formed BCP 47 tag, else None."""
    tag = (clean(value) or "").replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) else None


class _TextReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in _UNSEEN
        if tag == "br":
            self.pieces.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN and self._unseen:
            self._unseen -= 1

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.pieces.append(data)
