from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from feedsvc.render.text import clean, plain, rfc822, shortened, unmark, untagged


@given(st.text(st.characters(exclude_categories=[])))
def test_cleaned_text_survives_xml(text: str) -> None:
    element = etree.Element("a")
    element.text = clean(text)
    assert etree.fromstring(etree.tostring(element)).text == (clean(text) or None)
    assert clean(clean(text)) == clean(text)


def test_cleaning_changes_only_what_cannot_stay() -> None:
    assert clean("Hòa hoà \u200d đ 😀\t\n\u202e") == "Hòa hoà \u200d đ 😀\t\n\u202e"
    assert clean("a\r\nb\rc\x00\x0b\ud800\ufffe\U0010ffff") == "a\nb\nc"
    assert clean("\x93Brat\x94 \x96 5\x80 \x81") == "“Brat” – 5€ "
    assert clean("b\ufffdo") == "b?o"


def test_plain_text_is_written_with_hexadecimal_references() -> None:
    element = etree.Element("title", label=plain("A & B"))
    element.text = plain("R&D <\n&amp; \ufdd0")
    written = unmark(etree.tostring(element, encoding="utf-8"))
    assert written == b'<title label="A &#x26; B">R&#x26;D &#x3C; &#x26;amp; </title>'


def test_dates_have_four_digits_of_year_and_a_numeric_zone() -> None:
    assert rfc822(datetime(2026, 3, 2, 1, 5, 9, 999, tzinfo=UTC)) == "Mon, 02 Mar 2026 01:05:09 +0000"
    assert rfc822(datetime(1, 1, 1, tzinfo=UTC) + timedelta(days=1)) == "Tue, 02 Jan 0001 00:00:00 +0000"


def test_long_text_is_cut_between_words() -> None:
    assert shortened("Một  hai\nba", 10) == "Một hai ba"
    assert shortened("Một hai ba bốn", 8) == "Một hai…"
    assert shortened("Mộthaiba", 3) == "Một…"


def test_names_have_no_tags() -> None:
    assert untagged("<b class=x>An</b>") == "An"
    assert untagged("a < b and c > d") == "a < b and c > d"
