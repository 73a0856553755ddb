"""Equal in substance, equal in what is published, and near enough to be compared."""

import subprocess
import sys
import unicodedata
from dataclasses import replace

import pytest

from feedsvc.dedup import FINGERPRINT_VERSION, fingerprint
from feedsvc.model import Content, Entry, Person, Term
from tests.dedup.samples import ARTICLE, DAY, ENGLISH, edited, entry


def html(value: str) -> Entry:
    return Entry(title="Tin", content=Content(value=value, type="html", text="Chữ."))


def common(a: str, b: str) -> int:
    return len({*fingerprint(entry(text=a)).bands} & {*fingerprint(entry(text=b)).bands})


def test_bands_are_signed_64_bit_numbers_and_the_same_in_every_process() -> None:
    bands = fingerprint(entry()).bands
    assert len(set(bands)) == len(bands)
    assert all(-(2**63) <= band < 2**63 for band in bands)
    code = "from feedsvc.dedup import fingerprint as f; from tests.dedup.samples import entry; print(f(entry()).bands)"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == str(bands)


def test_what_is_stored_stays_comparable() -> None:
    # When this fails, the fingerprints that are stored everywhere are of no use: raise the method's number.
    assert FINGERPRINT_VERSION == 1002
    assert fingerprint(entry(text=ENGLISH)).bands[:3] == (126546789, 4341476051, 8890337324)


def test_composition_and_tone_placement_make_no_difference() -> None:
    plain = fingerprint(entry())
    old_tones = ARTICLE.replace("Hoà", "Hòa").replace("Thuỷ", "Thủy").replace("khoá", "khóa")
    for text in (unicodedata.normalize("NFD", ARTICLE), old_tones, ARTICLE.upper()):
        other = fingerprint(entry(text=text))
        assert (other.text_hash, other.bands) == (plain.text_hash, plain.bands)


def test_short_texts_have_no_bands() -> None:
    words = ARTICLE.split()
    assert fingerprint(entry(text=" ".join(words[:25]))).bands == ()
    assert fingerprint(entry(text=None)).bands == ()
    assert fingerprint(entry(text=" ".join(words[:60]))).bands


@pytest.mark.parametrize("text", [ARTICLE, ENGLISH], ids=["vi", "en"])
def test_copies_share_bands_and_others_do_not(text: str) -> None:
    assert common(text, text) > 10
    assert all(common(text, edited(text, 0.1, seed)) for seed in range(20))
    assert common(ARTICLE, ENGLISH) == 1  # the title


def test_substance_is_words_not_markup_or_dates() -> None:
    plain = fingerprint(entry())
    same = replace(entry(), published=DAY, authors=(Person(name="An"),))
    assert fingerprint(same).text_hash == plain.text_hash
    assert fingerprint(same).content_hash != plain.content_hash
    assert fingerprint(entry(title="Tin khác")).text_hash != plain.text_hash


def test_cosmetic_churn_is_no_change() -> None:
    one = html('<p>Chữ <img src="a.png" alt="ảnh" width="3"></p>\n<br/>')
    other = html("<p>Chữ  <img  width='3' alt='ảnh' src=\"a.png\"/></p> <br>")
    assert fingerprint(one).content_hash == fingerprint(other).content_hash
    assert fingerprint(one).content_hash != fingerprint(html('<p>Chữ <img src="b.png"></p>')).content_hash


def test_order_counts_where_it_means_something() -> None:
    terms, people = (Term(term="a"), Term(term="b")), (Person(name="a"), Person(name="b"))
    plain = replace(entry(), terms=terms, authors=people)
    assert fingerprint(replace(plain, terms=terms[::-1])).content_hash == fingerprint(plain).content_hash
    assert fingerprint(replace(plain, authors=people[::-1])).content_hash != fingerprint(plain).content_hash
    assert fingerprint(replace(plain, updated=DAY)).content_hash == fingerprint(plain).content_hash
