"""What is among the words of an article's page and is not its text: its title again, other articles, appeals."""

import re
from collections.abc import Sequence

from lxml import etree

from feedsvc.extract.article.blocks import HEADINGS, Block, words


def _any(*patterns: str) -> str:
    return "|".join(patterns)


CAPTION = re.compile(r"caption|\bcredit\b|photo-?desc|image-?desc|PhotoCMS|image__meta", re.IGNORECASE)
#: Classes and ids of what a page puts beside its article, or into it.
_ELSEWHERE = re.compile(
    _any(
        r"related|recirc|read-?more|more-?(?:from|on|stories)|recommend|see-?also|most-?(?:read|popular)|tin-?lien-?quan",
        r"newsletter|subscri|promo\b|sponsor|outbrain|taboola|sidebar|author-?(?:bio|box|info)|share|social",
        r"comment(?!ary)|cookie|consent|tags?-?list|breadcrumb|copyright|disclaimer",
    ),
    re.IGNORECASE,
)
_LEADS_AWAY = re.compile(
    r"\W*(?:"
    + _any(
        r"related|read (?:more|also|next|this)|see (?:also|more)|more(?: on this| from|:)|also read|don[’']t miss",
        r"watch|recommended|click here|xem thêm|đọc thêm|tin liên quan|xem tiếp|leggi anche|siehe auch|mehr zum thema",
        r"lire aussi|lee también|czytaj",
    )
    + r")\b",
    re.IGNORECASE,
)
#: What speaks to the reader instead of telling.
_APPEAL = re.compile(
    _any(
        r"click here (?:for|to)|by clicking here|sign up (?:for|to)|subscribe (?:to|now|today)|our newsletter",
        r"to your inbox|follow (?:us|him|her|me|them|@?\w+ )\s*(?:on|@)|like us on|join us on|download (?:the|our) app",
        r"(?:write to|email) .{3,40} at \S{1,60}@|contributed to this (?:report|story|article)|has been sent to",
        r"an error has occurred|all rights reserved|alle rechte vorbehalten|for your personal, non-?commercial use",
        r"copyright (?:©|\(c\)|\d{4})|^©|theo dõi .{0,40}(?:facebook|zalo|youtube|google news|tiktok)",
        r"mời (?:quý )?(?:độc giả|bạn đọc)|đăng ký (?:nhận|theo dõi)",
    ),
    re.IGNORECASE,
)
#: In words; a longer block tells something too.
_LONG_APPEAL = 60
#: The share of a text from which on it is no side matter.
_MAJOR = 0.3
#: How many elements up from a block a class still speaks of it.
_NEAR = 6


def own_text(blocks: Sequence[Block], title: str | None) -> list[Block]:
    """Return the blocks without all that; of what would be a large part of the text, none is taken away."""
    left = _without_title(without_captions(blocks), title)
    total = sum(len(block.text) for block in left)
    if sum(len(block.text) for block in left if block.is_link) < _MAJOR * total:  # else it is an article of links
        left = [block for block in left if not _leads_away(block)]
    left = [block for block in left if len(block.words) > _LONG_APPEAL or not _APPEAL.search(block.text)] or left
    marked = {block for block in left if is_elsewhere(block.element)}
    if sum(len(block.text) for block in marked) < _MAJOR * total:  # else the publisher names things oddly
        left = [block for block in left if block not in marked]
    while left and left[-1].element.tag in HEADINGS:
        left.pop()
    return left


def without_captions(blocks: Sequence[Block]) -> list[Block]:
    """Captions are kept with their pictures."""
    return [block for block in blocks if not _is_caption(block.element)] or list(blocks)


def is_elsewhere(element: etree._Element) -> bool:
    """Is this in a part of the page that is not the article, by the name that the publisher gave it?"""
    for level, one in enumerate((element, *element.iterancestors())):
        if one.tag in ("article", "body", "main") or level >= _NEAR:
            return False
        if one.tag in ("aside", "nav", "footer") or _ELSEWHERE.search(f"{one.get('class', '')} {one.get('id', '')}"):
            return True
    return False


def _is_caption(element: etree._Element) -> bool:
    for level, one in enumerate((element, *element.iterancestors())):
        if one.tag in ("figcaption", "caption") or (one.tag == "figure" and next(one.iter("img"), None) is not None):
            return True
        if level < 4 and CAPTION.search(one.get("class", "")):
            return True
    return False


def _without_title(blocks: list[Block], title: str | None) -> list[Block]:
    wanted = words(title or "")
    for at, block in enumerate(blocks[:5]):
        is_title = block.words == wanted[: len(block.words)] and len(block.words) >= 0.6 * len(wanted)
        if block.element.tag == "h1" or (block.words and is_title):
            return blocks[:at] + blocks[at + 1 :]
    return blocks


def _leads_away(block: Block) -> bool:
    announced = bool(_LEADS_AWAY.match(block.text))
    if block.is_heading:
        return block.is_link and announced
    return (block.is_link and 4 <= len(block.words) <= 40) or (announced and block.linked > 0.4 * len(block.text))
