"""Feed's text or page's."""

import pytest

from feedsvc.extract.article import better
from feedsvc.model import Content


def text(words: int, *, start: int = 0, end: str = ".") -> str:
    return " ".join(f"word{start + at}" for at in range(words)) + end


def content(value: str) -> Content:
    return Content(value=f"<p>{value}</p>", type="html", text=value)


WHOLE = text(400)
WALL = "Please subscribe to continue reading. Already a subscriber? Sign in. " + text(60, start=900)


@pytest.mark.parametrize(
    ("feed", "page", "origin", "reason"),
    [
        (None, WHOLE, "page", "the page has 400 words, the feed 0"),
        (WHOLE, None, "feed", "the page has no text"),
        (None, None, "feed", "the page has no text"),
        (text(40, end="…"), WHOLE, "page", "the page has 400 words, the feed 40, cut off"),
        ("Told in other words by an editor.", WHOLE, "page", "the page has 400 words, the feed 7"),
        (WHOLE, WHOLE, "feed", "the feed has as much text as the page"),
        (WHOLE, WHOLE + " " + text(150, start=800), "feed", "the feed has the whole text, the page adds little to it"),
        (text(300, end=" […]"), WHOLE, "page", "the page has 400 words, the feed 300, cut off"),
        (text(160), text(900), "page", "the page has 900 words, the feed 160"),
        (WHOLE, text(900, start=2_000), "feed", "the page does not hold the feed's text"),
        (text(30), WALL, "feed", "the page asks for something instead of its text: “subscribe to continue”"),
        (text(30), text(50, start=700), "feed", "the page shows only a notice, and not the feed's text"),
    ],
)
def test_the_better_text_wins(feed: str | None, page: str | None, origin: str, reason: str) -> None:
    told, shown = (None if value is None else content(value) for value in (feed, page))
    choice = better(told, shown)
    assert (choice.origin, choice.reason) == (origin, reason)
    assert choice.content is (told if origin == "feed" else shown)


def test_an_article_about_cookies_is_no_wall() -> None:
    about = content("The court found that our cookies are data. " + WHOLE)
    assert better(content(text(30)), about).origin == "page"
