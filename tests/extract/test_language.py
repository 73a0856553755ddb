"""Language tags, and the guess for texts without one."""

import unicodedata

import pytest

from feedsvc.extract.language import detected, normalised


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("vi", "vi"),
        ("en-us", "en-US"),
        ("EN_GB", "en-GB"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("de-ch-1996", "de-CH-1996"),
        ("fil", "fil"),
        (" vi-VN ", "vi-VN"),
        ("english", None),
        ("vietnamese", None),
        ("xx", None),
        ("und", None),
        ("en-", None),
        ("en-us-", None),
        ("", None),
        (None, None),
        ("utf-8", None),
    ],
)
def test_a_tag_is_written_as_usual_or_is_none(tag: str | None, expected: str | None) -> None:
    assert normalised(tag) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Đẩy mạnh chuyển đổi số trong doanh nghiệp nhỏ và vừa", "vi"),
        (unicodedata.normalize("NFD", "Xuất khẩu gạo tăng mạnh trong quý một"), "vi"),
        ("VN-Index vượt mốc 1.300 điểm nhờ nhóm cổ phiếu ngân hàng", "vi"),
        ("Vietnam and the European Union agreed on a new trade deal for the next decade", "en"),
        ("Apple Vision Pro", None),
        ("Doi moi sang tao", None),
        ("La production industrielle a progressé de 3 % au premier trimestre", None),
        ("Wirtschaft in der Krise: Was die Regierung jetzt plant", None),
        ("São Paulo não é a capital do Brasil", None),
        ("Ìròyìn nípa ọ̀rọ̀ ajé ní Nàìjíríà", None),
        ("Việt", None),
        ("越南经济增长", None),
        ("2026 · 24/7 · 100 %", None),
        ("", None),
    ],
)
def test_only_plain_cases_are_guessed(text: str, expected: str | None) -> None:
    assert detected(text) == expected
