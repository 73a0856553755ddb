"""Which charset counts: byte order mark, charset parameter, XML declaration, UTF-8; and wrong labels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.parse.charset import decode

WORDS = "Đổi mới sáng tạo ở Việt Nam"


def document(text: str, declared: str | None = None) -> str:
    declaration = f"<?xml version='1.0' encoding='{declared}'?>" if declared else ""
    return f"{declaration}<rss>{text}</rss>"


@pytest.mark.parametrize(
    ("text", "written_in", "declared", "content_type"),
    [
        (WORDS, "utf-8", None, None),
        (WORDS, "utf-8", None, "text/xml"),  # RFC 3023 had us-ascii here, RFC 7303 section 3.3 has not
        (WORDS, "utf-8-sig", "iso-8859-1", "text/xml; charset=iso-8859-1"),  # the mark comes first
        (WORDS, "utf-16", "utf-8", "text/xml; charset=utf-8"),
        (WORDS, "utf-16-le", "utf-16", None),
        (WORDS, "utf-16-be", None, None),
        (WORDS, "utf-32", None, None),
        (WORDS, "utf-8", "utf-16", None),  # as .NET writes it
        (WORDS, "utf-8", None, "text/xml; charset=utf-16"),
        (WORDS, "utf-8", None, "text/xml; charset=ISO-8859-1"),  # as Apache labels everything
        (WORDS, "utf-8", "us-ascii", "application/rss+xml; charset='us-ascii'"),
        (WORDS, "utf-8", "no-such-charset", None),
        ("Dépêche", "windows-1252", None, 'text/xml; charset = "windows-1252"'),
        ("Dépêche – €", "windows-1252", "iso-8859-1", None),  # labelled with the subset (WHATWG)
        ("Żółw", "iso-8859-2", "utf-8", "text/xml; charset=iso-8859-2"),  # the parameter goes before the declaration
        ("Żółw", "iso-8859-2", "iso-8859-2", "text/xml; charset=utf-8"),  # unless the bytes refute it
        ("越南创新", "gb18030", "gb2312", None),
        ("越南創新", "big5", "big5", None),
        ("베트남", "cp949", "ks_c_5601-1987", None),
        ("ベトナム", "cp932", "shift_jis", None),
        ("ベトナム", "iso2022_jp", "iso-2022-jp", None),
        ("Dépêche du jour", "windows-1252", None, None),  # told nowhere
    ],
)
def test_the_text_is_found(text: str, written_in: str, declared: str | None, content_type: str | None) -> None:
    whole = document(text, declared)
    decoded = decode(whole.encode(written_in), content_type)
    assert decoded.text == whole
    told = declared or content_type or written_in.startswith("utf")
    assert (decoded.problem is None) == bool(told)


def test_a_cut_character_does_not_cost_the_others() -> None:
    decoded = decode(document(WORDS).encode() + "ệ".encode()[:2], None)
    assert decoded.text.startswith(document(WORDS))
    assert decoded.problem == "1 bytes are not valid UTF-8"


@pytest.mark.parametrize("label", ["idna", "punycode", "unicode_escape", "undefined", "utf-7", "rot13", "hex", "cp037"])
def test_python_codecs_that_are_no_charset_are_passed_over(label: str) -> None:
    assert decode(document(WORDS, label).encode(), f"text/xml; charset={label}").text == document(WORDS, label)


@given(st.binary(max_size=200), st.text(max_size=40) | st.none())
def test_nothing_fails(body: bytes, content_type: str | None) -> None:
    assert isinstance(decode(body, content_type).text, str)
