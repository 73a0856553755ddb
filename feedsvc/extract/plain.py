"""Plain text: which characters may stay, folded white space, and the text of safe HTML."""

import re

#: What XML 1.0 forbids, what HTML calls an error, and U+FFFD, which the W3C feed validator reports as a bad character:
#: C0 (but tab, newline, return), DEL, C1, surrogates, noncharacters.
#: The noncharacters of the higher planes are looked for one by one only where there is something so high: sixteen more
#: ranges in this class would make every search ten times slower.
_SUSPECT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffd-\uffff\U0001fffe-\U0010ffff]"
)
_UNFIT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffd-\uffff"
    + "".join(f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(1, 17))
    + "]"
)
#: C1 controls are Windows-1252 characters that someone labelled Latin-1 (HTML reads `&#146;` so too).
_WINDOWS_1252 = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
_SPACES = {0x0B: " ", 0x0C: " "}
_READABLE = _WINDOWS_1252 | _SPACES

#: Tags where a reader sees a new line; NUL stands for it.
_BREAK = "\0"
_BLOCKS = (
    "address article aside audio blockquote br caption dd details div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 "
    "header hr li main ol p pre section summary table tbody tfoot thead tr ul video"
)
_SEEN_AS = dict.fromkeys(_BLOCKS.split(), _BREAK) | {"td": " ", "th": " "}
_TAG = re.compile(r"</?([a-z0-9]+)[^<>]*>")


def fit(text: str) -> str:
    """Return `text` without the characters that no document may hold."""
    # All of them but U+FFFD are unprintable, which is quickly seen; so are some that may stay.
    if ("\ufffd" not in text and text.replace("\n", "").isprintable()) or _SUSPECT.search(text) is None:
        return text
    return _UNFIT.sub("", text.translate(_READABLE))


def folded(text: str) -> str:
    """Return `text` on one line: every run of white space is one space, none at the ends."""
    return _spaced(fit(text))


def _spaced(text: str) -> str:
    text = text.strip()
    # Printable: of white space there are only spaces, most of the time.
    return text if "  " not in text and text.isprintable() else " ".join(text.split())


def paragraphs(text: str) -> str:
    """Return the text of a text construct: an empty line separates blocks, other white space is folded."""
    blocks = (folded(block) for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n")))
    return "\n".join(block for block in blocks if block)


def text_of(safe_html: str) -> str:
    """Return what a reader sees of HTML in the form that `markup` writes, blocks separated by a newline."""
    parts = _TAG.split(safe_html)
    parts[1::2] = [_SEEN_AS.get(tag, "") for tag in parts[1::2]]
    blocks = map(_spaced, "".join(parts).split(_BREAK))
    text = "\n".join(block for block in blocks if block)
    if "&" in text:
        text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return text


def cut(text: str, limit: int) -> str:
    """Return at most `limit` characters of `text`, whole words where that is possible."""
    if len(text) <= limit:
        return text
    head = text[:limit]
    return head[: head.rfind(" ")] if head.rfind(" ") > limit // 2 else head
