"""A story's text on a page: whole over all its parts, well-formed, and from our own copies."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from feedsvc.store import KeptPicture
from feedsvc.web.body import PART_BYTES, Sights, parts, pictures_in

SIGHTS = Sights(
    kept={"https://a.example/1.jpg": KeptPicture(key="f" * 32, media_type="image/jpeg", width=640, height=400)},
    pictures_at="/picture/",
    watch="Watch",
    listen="Listen",
    wide="Table",
)


def one(markup: str) -> str:
    found = parts(markup, SIGHTS)
    assert len(found) == 1
    return found[0]


def test_pictures_come_from_our_copies_or_go_with_what_they_leave_empty() -> None:
    shown = one(
        '<p>A</p><p><a href="https://a.example/"><img src="https://a.example/1.jpg" alt="Bến" width="9"/></a></p>'
    )
    assert shown == (
        f'<p>A</p><p><span><img src="/picture/{"f" * 32}" width="640" height="400" alt="Bến" loading="lazy"></span></p>'
    )
    assert (
        one('<p>A</p><figure><img src="https://b.example/2.jpg"/><figcaption>Of it</figcaption></figure>') == "<p>A</p>"
    )
    assert one('<p>A<img src="https://b.example/2.jpg"/> b</p>') == "<p>A b</p>"
    picture = (
        '<picture><source srcset="https://b.example/x.webp"/><img src="https://a.example/1.jpg" alt=""/></picture>'
    )
    assert "b.example" not in one(picture)
    assert pictures_in(picture) == {"https://a.example/1.jpg"}


def test_sound_and_film_become_links_and_nothing_is_loaded() -> None:
    film = '<video src="https://tube.example/v.mp4" poster="https://tube.example/p.jpg"></video>'
    assert one(film) == '<a href="https://tube.example/v.mp4">Watch (tube.example)</a>'
    sound = '<p>Nghe: <audio><source src="https://radio.example/a.mp3"/></audio></p>'
    assert one(sound) == '<p>Nghe: <a href="https://radio.example/a.mp3">Listen (radio.example)</a></p>'
    assert one("<p>A</p><video></video>") == "<p>A</p>"


def test_headings_go_down_level_by_level_below_the_title() -> None:
    markup = "<h1>A</h1><h4>B</h4><h4>C</h4><h2>D</h2><p>x</p><h1>E</h1>"
    assert re.findall(r"<h\d>", one(markup)) == ["<h2>", "<h3>", "<h3>", "<h3>", "<h2>"]


def test_what_may_be_wide_scrolls_by_itself_and_landmarks_become_boxes() -> None:
    assert one("<table><tr><td></td></tr></table>") == (
        '<div class="wide" tabindex="0" role="group" aria-label="Table"><table><tr><td></td></tr></table></div>'
    )
    assert one("<aside><p>A</p></aside>") == "<div><p>A</p></div>"


WORDS = st.text("abc đồng ", min_size=1, max_size=300).map(lambda text: text.strip() or "a")
BLOCK = st.recursive(
    WORDS.map(lambda text: f"<p>{text}</p>"),
    lambda inner: st.lists(inner, min_size=1, max_size=6).flatmap(
        lambda blocks: st.sampled_from(["div", "blockquote", "ul"]).map(
            lambda name: (
                f"<ul>{''.join(f'<li>{block}</li>' for block in blocks)}</ul>"
                if name == "ul"
                else f"<{name}>{''.join(blocks)}</{name}>"
            )
        )
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(blocks=st.lists(BLOCK, min_size=1, max_size=4), times=st.integers(1, 60), length=st.integers(1, 3 * PART_BYTES))
def test_long_texts_are_cut_without_losing_a_word(blocks: list[str], times: int, length: int) -> None:
    markup = "".join(blocks) * times + f"<p><em>{('từ ' * length)[:length]}</em></p>"
    found = parts(markup, SIGHTS)
    for part in found:
        assert len(part.encode()) < 1.5 * PART_BYTES
        # Every part is closed: parsing and writing it changes nothing.
        body = etree.fromstring(f"<body>{part}</body>", etree.HTMLParser()).find("body")
        assert body is not None
        assert etree.tostring(body, encoding="unicode", method="html") == f"<body>{part}</body>"
    assert words("".join(found)) == words(markup)


def words(markup: str) -> str:
    return re.sub(r"\s+", "", re.sub("<[^>]*>", "", markup))
