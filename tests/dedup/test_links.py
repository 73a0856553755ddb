"""Addresses that are the same, and addresses that are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.dedup.links import article_number, is_specific, normal_guid, normal_link

SAME = [
    ("http://nhandan.vn/a.html", "https://www.NHANDAN.vn:443/a.html"),
    ("https://a.vn/bai/", "https://a.vn/bai"),
    ("https://a.vn/bai?utm_source=rss&utm_medium=feed", "https://a.vn/bai"),
    ("https://a.vn/bai?id=3&fbclid=xyz&page=2", "https://a.vn/bai?id=3&page=2"),
    ("https://a.vn/bai#comments", "https://a.vn/bai"),
    ("https://a.vn/bai#xtor=RSS-1", "https://a.vn/bai"),
    ("https://a.vn/bai?", "https://a.vn/bai"),
    ("https://a.vn//bai", "https://a.vn/bai"),
    ("https://a.vn/bai/amp/", "https://a.vn/bai"),
    ("https://a.vn/bai.amp.html", "https://a.vn/bai.html"),
    ("https://amp.a.vn/bai?amp=1", "https://a.vn/bai"),
    ("https://m.a.vn/bai", "https://a.vn/bai"),
    ("https://www.google.com/amp/s/a.vn/bai", "https://a.vn/bai"),
    ("https://a-vn.cdn.ampproject.org/c/s/a.vn/bai", "https://a.vn/bai"),
    ("https://a.vn/%c4%91%e1%bb%95i-m%e1%bb%9bi/%7Ean", "https://a.vn/đổi-mới/~an"),
    ("//a.vn/bai", "https://a.vn/bai"),
    (" https://a.vn/bai\n", "https://a.vn/bai"),
]
DIFFERENT = [
    ("https://nhandan.vn/a.html", "https://en.nhandan.vn/a.html"),
    ("https://a.vn/?p=1", "https://a.vn/?p=2"),
    ("https://a.vn/?a=1&b=2", "https://a.vn/?b=2&a=1"),
    ("https://a.vn/changes#v1.2", "https://a.vn/changes#v1.3"),
    ("https://a.vn:8443/bai", "https://a.vn/bai"),
    ("https://a.vn/Bai", "https://a.vn/bai"),
    ("https://a.vn/camp", "https://a.vn/c"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_address_are_equal(one: str, other: str) -> None:
    assert normal_link(one) == normal_link(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_other_addresses_stay_apart(one: str, other: str) -> None:
    assert normal_link(one) != normal_link(other)


URLS = st.one_of(
    st.text(),
    st.builds(
        "{}://{}/{}?{}#{}".format,
        st.sampled_from(["http", "https", "HTTPS", "ftp"]),
        st.sampled_from(["a.vn", "www.a.vn:80", "AMP.a.vn", "[::1]", "m.b", "xn--a.vn.", "@", "a b"]),
        st.text(alphabet="aA/.%7eđ -amp~;&+"),
        st.text(alphabet="ab=&utm_id%20?amp;"),
        st.text(alphabet="ab#-:~%"),
    ),
)


@given(URLS)
def test_a_normalised_link_is_its_own_normal_form(url: str) -> None:
    once = normal_link(url)
    assert normal_link(once) == once
    # What was http is still found equal when it is written as an address again.
    if once and url.startswith(("http://", "https://")) and not once.startswith("http"):
        assert normal_link(f"https://{once}") == once


@given(URLS)
def test_nothing_upstream_writes_stops_us(url: str) -> None:
    link = normal_link(url)
    normal_guid(url)
    is_specific(link)
    article_number(link or "")


@pytest.mark.parametrize(
    "root", ["https://a.vn", "http://www.a.vn/", "https://a.vn/index.html", "https://a.vn/?utm_id=1"]
)
def test_a_home_page_names_no_article(root: str) -> None:
    assert not is_specific(normal_link(root))


def test_a_number_names_the_article_whatever_its_slug() -> None:
    assert article_number("nhandan.vn/tieu-de-cu-post845123.html") == ("nhandan.vn 845123", True)
    assert article_number("nhandan.vn/tieu-de-moi-post845123.html") == ("nhandan.vn 845123", True)
    assert article_number("en.nhandan.vn/title-post845123.html") == ("en.nhandan.vn 845123", True)
    assert article_number("vnexpress.net/gia-xang-giam-4680123.html") == ("vnexpress.net 4680123", False)


@pytest.mark.parametrize(
    "link", ["a.vn/gia-vang-20261122.html", "a.vn/du-bao-22112026", "a.vn/toi-kiem-1000000", "a.vn/top-10"]
)
def test_a_date_or_a_round_number_names_nothing(link: str) -> None:
    assert article_number(link) is None
