import pytest

from feedsvc.render.addresses import address, has_plain_host, identifier, language_tag, media_type, scheme_name


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("https://nhandan.vn/a.html?a=1&b=%20#c", "https://nhandan.vn/a.html?a=1&b=%20#c"),
        (" HTTPS://Nhandan.VN/A b\n", "https://Nhandan.VN/A%20b"),
        ("https://bộ.gov.vn/tin tức?q=[1]", "https://xn--b-8xm.gov.vn/tin%20t%E1%BB%A9c?q=%5B1%5D"),
        ("mailto:ops@example.org", "mailto:ops@example.org"),
        ("//nhandan.vn/a", None),
        ("/a", None),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("http:///a", None),
        ("", None),
        (None, None),
    ],
)
def test_addresses_are_absolute_uris_and_otherwise_the_publishers(href: str | None, expected: str | None) -> None:
    assert address(href) == expected


@pytest.mark.parametrize(
    ("candidates", "expected"),
    [
        (("tag:example.org,2024:blog", "https://example.org/feed"), "tag:example.org,2024:blog"),
        (("https://example.org/feed?x=1",), "https://example.org/feed?x=1"),
        (("https://EXAMPLE.org:443",), "https://example.org/"),
        (("http://example.org/a/../b/./%7ec%c3%a9",), "http://example.org/b/~c%C3%A9"),
        (("not an IRI", None, "https://example.org/feed"), "https://example.org/feed"),
        (("urn:uuid:nonsense", ""), "urn:uuid:a2c06f34-99b4-5ef6-b2b2-90e4c2d1f9bb"),
    ],
)
def test_identifiers_are_canonical(candidates: tuple[str | None, ...], expected: str) -> None:
    found = identifier(*candidates)
    assert found == expected or (expected.startswith("urn:uuid:") and found.startswith("urn:uuid:"))
    assert found == identifier(*candidates)


def test_languages_that_do_not_exist_are_not_said() -> None:
    assert language_tag("vi-VN") == "vi-VN"
    assert language_tag("vie") == "vie"
    assert language_tag("xx") is None
    assert language_tag("Tiếng Việt") is None


def test_media_types_come_from_the_publisher_else_the_suffix() -> None:
    assert media_type("Audio/MPEG; charset=x", "https://example.org/a.ogg") == "audio/mpeg"
    assert media_type(None, "https://example.org/a.MP3?x=1.png") == "audio/mpeg"
    assert media_type("nonsense", "https://example.org/a") == "application/octet-stream"


def test_only_hosts_with_a_dot_can_have_an_enclosure() -> None:
    assert has_plain_host("https://nhandan.vn:8443/a.mp3")
    assert not has_plain_host("http://localhost:8000/a.mp3")


def test_schemes_are_addresses_tags_or_urns() -> None:
    assert scheme_name("urn:isbn:0451450523") == "urn:isbn:0451450523"
    assert scheme_name("tag:example.org,2024:x") == "tag:example.org,2024:x"
    assert scheme_name("https://example.org/a b") == "https://example.org/a%20b"
    assert scheme_name("topics") is None
