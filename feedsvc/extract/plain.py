"""Plain text: which characters may stay, folded white space, and the text of safe HTML."""

import html
import re

#: What XML 1.0 forbids, what HTML calls an error, and U+FFFD, which the W3C feed validator reports as a bad character:
#: C0 (but tab, newline, return), DEL, C1, surrogates, noncharacters.
_UNFIT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffd-\uffff"
    + "".join(f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(1, 17))
    + "]"
)
#: C1 controls are Windows-1252 characters that someone labelled Latin-1 (HTML reads `&#146;` so too).
_WINDOWS_1252 = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
_SPACES = {0x0B: " ", 0x0C: " "}
_READABLE = _WINDOWS_1252 | _SPACES

#: Markup before and after which a reader sees a new line.
_BLOCK = re.compile(
    r"</?(?:address|article|aside|audio|blockquote|br|caption|dd|details|div|dl|dt|figcaption|figure|footer|h[1-6]|"
    r"header|hr|li|main|ol|p|pre|section|summary|table|tbody|tfoot|thead|tr|ul|video)\b[^<>]*>"
)
_CELL = re.compile(r"</?t[dh]\b[^<>]*>")
_TAG = re.compile(r"<[^<>]*>")
_BREAK = "\x1e"


def fit(text: str) -> str:
    """Return `text` without the characters that no document may hold."""
    if _UNFIT.search(text) is None:
        return text
    return _UNFIT.sub("", text.translate(_READABLE))


def folded(text: str) -> str:
    """Return `text` on one line: every run of white space is one space, none at the ends."""
    return " ".join(fit(text).split())


def paragraphs(text: str) -> str:
    """Return the text of a text construct: an empty line separates blocks, other white space is folded."""
    blocks = (folded(block) for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n")))
    return "\n".join(block for block in blocks if block)


def text_of(safe_html: str) -> str:
    """Return what a reader sees of HTML in the form that `markup` writes, blocks separated by a newline."""
    text = _BLOCK.sub(_BREAK, safe_html)
    text = _TAG.sub("", _CELL.sub(" ", text))
    lines = (" ".join(line.split()) for line in html.unescape(text).split(_BREAK))
    return "\n".join(line for line in lines if line)


def cut(text: str, limit: int) -> str:
    """Return at most `limit` characters of `text`, whole words where that is possible."""
    if len(text) <= limit:
        return text
    head = text[:limit]
    return head[: head.rfind(" ")] if head.rfind(" ") > limit // 2 else head
