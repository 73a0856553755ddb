"""What a query marks in a text, and which part of a longer one it shows."""

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.query import Subject, Wording, marked, matches, parse, snippet
from tests.query.test_matcher import ZONE, chances, combined, spelt, word_leaves, word_lists


def shown(query: str, text: str) -> list[str]:
    return [text[start:end] for start, end in marked(parse(query), text)]


@pytest.mark.parametrize(
    ("query", "text", "parts"),
    [
        ("ha noi", "Về Hà Nội, hạ nội", ["Hà", "Nội", "hạ", "nội"]),
        ('"ha noi"', "Về Hà Nội, hạ nội", ["Hà Nội", "hạ nội"]),
        ("hà nội", "hạ nội", ["nội"]),
        ('"hà nội"', "hạ nội", []),
        ('"hà nội"', normalize("NFD", "HÀ NỘI ơi"), [normalize("NFD", "HÀ NỘI")]),
        ("duong", "Đường đường Duong đ", ["Đường", "đường", "Duong"]),
        ("hoà thuỷ", "Hòa hoà hoa THỦY", ["Hòa", "hoà", "THỦY"]),
        ("tp.hcm", "ở TP. HCM và TP HCM, TPHCM", ["TP. HCM", "TP HCM"]),
        ("inno*", "inno\u00advation in no innovate", ["inno\u00advation", "innovate"]),
        ("a b -c NOT (d OR a)", "a b c d", ["a", "b"]),
        ("title:a summary:b text:c author:d terms:e source:f lang:vi published:2025", "a b c d e f vi 2025", [*"abc"]),
        ("a OR b", "b & a", ["b", "a"]),
        ('"a b" "b c"', "a b c", ["a b c"]),
        ('"中国" OR 人', "中国人民", ["中国人"]),
        ("x", "", []),
        ("-x", "x", []),
    ],
)
def test_marked(query: str, text: str, parts: list[str]) -> None:
    assert shown(query, text) == parts


@given(word_leaves("text"), word_lists, chances)
def test_something_is_marked_where_a_phrase_matches(leaf: tuple[str, object], words: list[str], chance: object) -> None:
    text, query = spelt(words, " -/.\n", chance), parse(f"text:{leaf[0]}")  # type: ignore[arg-type]
    assert bool(marked(query, text)) == matches(query, Subject(wording=Wording(title=text), zone=ZONE))


@given(combined(word_leaves(None)), st.text() | word_lists.map(" \u00ad".join))
def test_marks_are_in_order_and_apart(meant: tuple[str, object], text: str) -> None:
    found = marked(parse(meant[0]), text)
    edges = [edge for span in found for edge in span]
    assert edges == sorted(set(edges))
    assert all(0 <= edge <= len(text) for edge in edges)


@given(combined(word_leaves("text")), word_lists, st.lists(st.integers(0, 80)))
def test_invisible_characters_change_nothing(meant: tuple[str, object], words: list[str], places: list[int]) -> None:
    text, query = " ".join(words), parse(meant[0])
    # At the ends of words too, and several in a row.
    hidden = text
    for place in places:
        hidden = hidden[:place] + "\u200c" + hidden[place:]
    found = [hidden[start:end] for start, end in marked(query, hidden)]
    assert [part.replace("\u200c", "") for part in found] == shown(meant[0], text)
    assert not any(part.startswith("\u200c") or part.endswith("\u200c") for part in found)


LONG = "Một hai ba bốn năm sáu bảy tám chín mười, rồi đến Hà Nội và những con số khác nữa cho đến hết bài này."


@pytest.mark.parametrize(
    ("query", "limit", "cut", "parts"),
    [
        ("ha", 40, "…rồi đến Hà Nội và những con số khác…", ["Hà"]),
        ("mot", 20, "Một hai ba bốn năm…", ["Một"]),
        ("nope", 20, "Một hai ba bốn năm…", []),
        ("nay", 24, "…cho đến hết bài này.", ["này"]),
        ("ha", 200, LONG, ["Hà"]),
    ],
)
def test_snippet(query: str, limit: int, cut: str, parts: list[str]) -> None:
    text, found = snippet(parse(query), LONG.replace(" ", "\n "), limit)
    assert [text[start:end] for start, end in found] == parts
    assert len(text) <= limit
    assert text == cut


@given(st.text(alphabet="aà x\n", max_size=60), st.sampled_from(["a", '"a à"', "x*", "nope"]), st.integers(5, 40))
def test_a_snippet_fits_and_shows_what_was_found(text: str, query: str, limit: int) -> None:
    shown_text, found = snippet(parse(query), text, limit)
    assert len(shown_text) <= limit
    whole = marked(parse(query), text)
    if whole and whole[0][1] - whole[0][0] < limit - 2:
        assert found
