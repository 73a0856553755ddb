"""A story's text on a page: whole over all its parts, well-formed, and from our own copies."""

import re
from collections.abc import Sequence
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from feedsvc.extract.markup import safe
from feedsvc.fragments import tree, written
from feedsvc.store import KeptPicture
from feedsvc.web.body import MOST_PARTS, PART_BYTES, Part, Sights, part_of, pictures_in

SIGHTS = Sights(
    kept={
        "https://a.example/1.jpg": KeptPicture(key="f" * 32, media_type="image/jpeg", width=640, height=400, etag="")
    },
    pictures_at="/picture/",
    watch="Watch",
    listen="Listen",
    wide="Table",
)


def parts(markup: str) -> list[str]:
    found: list[Part] = []
    for number in count(1):
        part = part_of(markup, SIGHTS, number)
        if part is None:
            break
        found.append(part)
    assert [part.number for part in found] == [*range(1, len(found) + 1)]
    assert {part.count for part in found} == {len(found)}
    return [part.html for part in found]


def one(markup: str) -> str:
    found = parts(markup)
    assert len(found) == 1
    return found[0]


def cleaned(markup: str) -> str:
    """What a publisher's markup is when it comes to a page."""
    made = safe(markup, "https://a.example/")
    assert made is not None
    return made.html


def test_pictures_come_from_our_copies_or_go_with_what_they_leave_empty() -> None:
    shown = one(
        '<p>A</p><p><a href="https://a.example/"><img src="https://a.example/1.jpg" alt="Bến" width="9"/></a></p>'
    )
    picture = f'<img src="/picture/{"f" * 32}" width="640" height="400" alt="Bến" loading="lazy"/>'
    assert shown == f"<p>A</p><p><span>{picture}</span></p>"
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
    found = parts(markup)
    for part in found:
        assert len(part.encode()) < 1.5 * PART_BYTES
        # Every part is closed: parsing and writing it changes nothing.
        body = etree.fromstring(f"<body>{part}</body>", etree.HTMLParser()).find("body")
        assert body is not None
        body.tag = "x"
        assert written(body) == part.strip()
    assert words(found) == words([markup])


def words(markups: Sequence[str]) -> str:
    """Return the text without its white space, as a browser reads it."""
    made = [safe(markup, None) for markup in markups]
    return "".join("".join(each.text.split()) for each in made if each is not None)


ODD = st.text("a\"'<>&=/ \n", max_size=12)
QUOTED = ODD.map(lambda text: text.replace("&", "&amp;").replace('"', "&quot;"))
LEAF = st.one_of(
    ODD.map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;")),
    QUOTED.map(lambda alt: f'<img src="https://a.example/1.jpg" alt="{alt}" title=\'x\'>'),
    QUOTED.map(lambda title: f'<p title="{title}">' + "đoạn văn " * 150),
    st.sampled_from(["<br>", "<hr>", "&amp;lt;" * 1000, "x" * 9000, "<pre>a  b</pre>", "<p></p>", "<li>y"]),
)
NAMES = st.sampled_from(
    ["a", "b", "blockquote", "div", "h2", "h4", "li", "ol", "p", "pre", "section", "table", "td", "tr", "ul"]
)
MARKUP = st.recursive(
    LEAF,
    lambda inner: st.builds(
        lambda name, title, inside: f'<{name} href="/{title}" title="{title}">{"".join(inside)}</{name}>',
        NAMES,
        QUOTED,
        st.lists(inner, min_size=1, max_size=5),
    ),
    max_leaves=12,
)


@settings(deadline=None, max_examples=50)
@given(markup=MARKUP, times=st.sampled_from([1, 3, 12, 40]))
def test_whatever_the_markup_its_parts_have_all_words_and_pictures_of_it(markup: str, times: int) -> None:
    html = cleaned(f"<p>Begin</p>{markup * times}")
    found = parts(html)
    assert words(found) == words([html])
    alts = [img.get("alt", "") for img in tree(html).iter("img")]
    assert [img.get("alt") for part in found for img in tree(part).iter("img")] == alts
    for part in found:
        assert len(part.encode()) < 2 * PART_BYTES
        # It is XML too, so nothing in it is left open.
        etree.fromstring(f"<x>{part}</x>")


@pytest.mark.parametrize(
    "markup",
    [
        f'<div title="{"t" * 1000}">' * 60 + "<p>y</p>" * 7000 + "</div>" * 60,
        f'<div lang="{"t" * 1000}">' * 200 + "<p>y</p>" * 7000 + "</div>" * 200,
        "<ol>" + "<li>y" * 7000,
        "<table><tr><td>" * 60 + "<p>y</p>" * 7000,
        "<pre>" * 120 + "<pre>y</pre>" * 5000,
        "<p>" + '<b title="a&quot;">y</b>' * 5000,
        "<p>" + "&lt;" * 30_000,
        f'<p title="{"t" * 200_000}">y</p>' * 5,
        "<h2>" * 200 + "y " * 50_000,
    ],
)
def test_the_parts_of_hostile_markup_are_few_and_small(markup: str) -> None:
    html = cleaned(markup)
    found = parts(html)
    assert len(found) <= len(html.encode()) // PART_BYTES + 1
    assert sum(len(part) for part in found) < 3 * len(html) + PART_BYTES
    assert max(len(part.encode()) for part in found) < 2 * PART_BYTES
    assert words(found) == words([html])


def test_what_no_number_of_parts_could_hold_is_cut() -> None:
    paragraph = f"<p>{'y' * 900}</p>"
    whole = part_of(paragraph * 2000, SIGHTS, 1)
    assert whole is not None
    assert not whole.is_cut
    long = paragraph * (MOST_PARTS + 2) * (PART_BYTES // len(paragraph) + 1)
    last = part_of(long, SIGHTS, MOST_PARTS)
    assert last is not None
    assert (last.count, last.is_last, last.is_cut) == (MOST_PARTS, True, True)
    assert part_of(long, SIGHTS, MOST_PARTS + 1) is None
    assert part_of(long, SIGHTS, 0) is None


def test_no_part_is_empty() -> None:
    found = parts(f"<div><p>{'y ' * (PART_BYTES // 2)}</p></div>")
    assert len(found) == 1
    assert parts("") == [""]


def test_lists_count_on_behind_a_cut() -> None:
    def starts(attributes: str, item: str = "<li>") -> list[str]:
        items = "".join(f"{item}<p>{number}</p>{'x ' * 4000}</li>" for number in range(8))
        return re.findall("<ol[^>]*>", "".join(parts(f"<ol{attributes}>{items}</ol><p>end</p>")))

    assert starts("") == ["<ol>", '<ol start="4">', '<ol start="7">']
    assert starts(' start="-3" type="a" dir="rtl"')[1] == '<ol type="a" dir="rtl" start="0">'
    assert starts(' reversed=""') == [
        '<ol reversed="" start="8">',
        '<ol reversed="" start="5">',
        '<ol reversed="" start="2">',
    ]
    assert starts("", '<li value="30">')[1] == '<ol start="31">'
    # Cut inside an item: it keeps its number.
    inside = parts(f"<ol><li>a</li><li>{'<p>x</p>' * 5000}</li></ol>")[1]
    assert inside.startswith('<ol start="2"><li><p>')


def test_what_goes_on_is_read_as_before_and_scrolls_as_before() -> None:
    row = f"<tr><td>{'x ' * 300}</td></tr>"
    table = f'<div lang="en" dir="ltr" title="of it"><table>{row * 60}</table></div>'
    first, second = parts(table)
    box = '<div class="wide" tabindex="0" role="group" aria-label="Table">'
    assert first.startswith(f'<div lang="en" dir="ltr" title="of it">{box}<table><tr>')
    assert second.startswith(f'<div lang="en" dir="ltr">{box}<table><tr>')


def test_no_link_is_in_a_link() -> None:
    film = '<a href="https://a.example/">See <video src="https://tube.example/v.mp4"></video></a>'
    assert one(film) == '<a href="https://a.example/">See <span>Watch (tube.example)</span></a>'


def test_headings_in_headings_end_as_they_began() -> None:
    assert one("<h2>A<span><h3>B</h3></span></h2><h3>C</h3>") == "<h2>A<span><h3>B</h3></span></h2><h3>C</h3>"
