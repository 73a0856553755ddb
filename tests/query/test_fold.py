"""Folding and cutting into words."""

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.query import WORD_LIMIT, bare, bare_words, fold, tokens

VIETNAMESE = "aăâeêioôơuưyđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ bcdghklmnpqrstvx"
TEXTS = st.text() | st.text(alphabet=VIETNAMESE + VIETNAMESE.upper() + " .-\u00ad\u0301\u0323")


def exact(text: str) -> list[str]:
    return [token.exact for token in tokens(text)]


def plain(text: str) -> list[str]:
    return [token.bare for token in tokens(text)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("hòa", "hoà"),
        ("hóa", "hoá"),
        ("tỏa", "toả"),
        ("xõa", "xoã"),
        ("họa", "hoạ"),
        ("khỏe", "khoẻ"),
        ("lòe", "loè"),
        ("thủy", "thuỷ"),
        ("quý", "qúy"),
        ("suy tụy", "suy tuỵ"),
        ("HÒA BÌNH", "Hoà Bình"),
    ],
)
def test_old_and_new_tone_placement_are_equal(old: str, new: str) -> None:
    assert exact(old) == exact(new)
    assert exact(normalize("NFD", old)) == exact(normalize("NFC", new))


@pytest.mark.parametrize(
    ("one", "other"), [("hà", "hạ"), ("múa", "mua"), ("đa", "da"), ("hoà", "hoá"), ("mía", "mìa"), ("ơ", "o")]
)
def test_other_differences_stay(one: str, other: str) -> None:
    assert exact(one) != exact(other)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("TP.HCM", ["tp", "hcm"]),
        ("24/4", ["24", "4"]),
        ("24-4", ["24", "4"]),
        ("R&D", ["r", "d"]),
        ("Hội đồng, ĐƯỜNG Đê!", ["hoi", "dong", "duong", "de"]),
        ("(NLĐ) - 1.000 tỉ", ["nld", "1", "000", "ti"]),
        ("don't", ["don", "t"]),
        ("in\u00adno\u200dva\ufefftion", ["innovation"]),
        ("chong_dich", ["chong", "dich"]),
        ("中国人民", ["中", "国", "人", "民"]),
        ("ガス", ["ガ", "ス"]),
        ("हिन्दी", ["हिन्दी"]),
        ("STRASSE straße", ["strasse", "strasse"]),
        ("İstanbul", ["istanbul"]),
        ("Việt\u00a0Nam\u3000x", ["viet", "nam", "x"]),
        ("… – ★ 😀", []),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert plain(text) == words
    assert plain(normalize("NFD", text)) == words


def test_upper_case_with_marks_however_they_are_composed() -> None:
    # Windows-1258 keeps the tone as a mark of its own behind a composed letter.
    assert exact("VIỆT") == exact("Vie\u0323\u0302t") == exact("VIÊ\u0323T") == exact("Vi\u1eb9\u0302t") == ["việt"]


@given(TEXTS)
def test_folding_is_idempotent(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert bare(bare(fold(text))) == bare(fold(text))
    for token in tokens(text):
        assert [(token.exact, token.bare)] == [(again.exact, again.bare) for again in tokens(token.exact)]


@given(TEXTS)
def test_normal_forms_give_the_same_words(text: str) -> None:
    assert tokens(normalize("NFD", text)) == tokens(text) == tokens(normalize("NFC", text))


@given(TEXTS, TEXTS)
def test_words_of_two_texts_are_the_words_of_both(one: str, other: str) -> None:
    assert tokens(f"{one}\n{other}") == tokens(one) + tokens(other)


@given(TEXTS, st.integers(min_value=0, max_value=6))
def test_a_limit_keeps_the_first_words(text: str, limit: int) -> None:
    assert tokens(text, limit) == tokens(text)[:limit]


def test_a_huge_text_costs_no_more_than_its_beginning() -> None:
    words = tokens("Hà Nội " * 3_000_000)
    assert len(words) == WORD_LIMIT
    assert exact("Hà Nội " * 3_000_000)[:2] == ["hà", "nội"]


@given(TEXTS)
def test_many_words_without_diacritics_are_each_of_them(text: str) -> None:
    words = exact(text)
    assert bare_words(words) == [bare(word) for word in words] == plain(text)
