"""Which of two texts of one article is the better: the feed's or the page's."""

import re

from feedsvc.extract.article.blocks import words
from feedsvc.extract.article.keeping import shingles
from feedsvc.model import Content, TextChoice

#: Words from which on a feed's text can be a whole article.
_WHOLE = 150
#: Words of a page that are more than a notice.
_LEAST = 60
#: The share of the feed's phrases that a page of the same article holds.
_SAME = 0.3
#: The share of the page's words from which on a feed's text is the whole, and the rest is the page's own.
_AS_LONG = 0.6
_CUT_OFF = re.compile(
    r"(?:…|\.\.\.|\[…\]|\[\.\.\.\]|read more|continue reading|xem thêm|đọc thêm|xem tiếp|weiterlesen|leer más"
    r"|lire la suite)\W*\Z|the post .{1,300} (?:appeared first|first appeared) on .{1,100}\Z",
    re.IGNORECASE,
)
_WALL = re.compile(
    r"enable (?:javascript|cookies)|javascript (?:is )?(?:disabled|required)|(?:accept|use of|uses|our) cookies"
    r"|cookie (?:policy|settings|preferences)|consent to (?:the )?(?:use|processing)"
    r"|verify (?:that )?you are (?:a )?human|are you a robot|checking your browser|access denied|captcha"
    r"|unusual traffic|subscribe (?:now )?to (?:continue|read|keep)|to continue reading|already a subscriber"
    r"|subscribers only|sign in to (?:read|continue)|create (?:a free )?account to"
    r"|page (?:you requested )?(?:could not be|was not|not) found"
    r"|đăng nhập để|bật javascript|dành cho (?:thuê bao|hội viên)|không tìm thấy trang|trang không tồn tại"
    r"|sử dụng cookie",
    re.IGNORECASE,
)
#: A longer text may speak of cookies.
_WALL_WORDS = 120


def wall(text: str) -> str | None:
    """Return the words by which a short text shows that it asks for something instead of telling it."""
    found = _WALL.search(text)
    return found[0] if found and len(words(text)) <= _WALL_WORDS else None


def better(feed: Content | None, page: Content | None) -> TextChoice:
    """Choose the text to publish; both come from `extract`, with their plain text.

    A page is larger than the article on it, so of two that are about as long the feed's is the cleaner; a feed's teaser
    gives way to the page that goes on from it; a page that does not say what the feed says is another page.
    """
    told, shown = (words((content.text or "") if content else "") for content in (feed, page))
    cut_off = feed is not None and bool(_CUT_OFF.search(feed.text or ""))
    against = _against(told, shown, cut_off=cut_off)
    if against is None and page is not None and (notice := wall(page.text or "")):
        against = f"the page asks for something instead of its text: “{notice}”"
    if against is not None:
        return TextChoice(origin="feed", content=feed, reason=against)
    reason = f"the page has {len(shown)} words, the feed {len(told)}" + (", cut off" if cut_off else "")
    return TextChoice(origin="page", content=page, reason=reason)


def _against(told: tuple[str, ...], shown: tuple[str, ...], *, cut_off: bool) -> str | None:
    """Return what speaks against the page's words."""
    if not shown or not told:
        return None if shown else "the page has no text"
    if len(shown) <= len(told):
        return "the feed has as much text as the page"
    phrases = shingles(told)
    same = len(phrases & shingles(shown)) >= _SAME * len(phrases)
    if len(told) < _WHOLE:
        return None if same or len(shown) >= _LEAST else "the page shows only a notice, and not the feed's text"
    if not same:
        return "the page does not hold the feed's text"
    whole = not cut_off and len(told) >= _AS_LONG * len(shown)
    return "the feed has the whole text, the page adds little to it" if whole else None
