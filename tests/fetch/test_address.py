"""Addresses as hosts and moves are told by."""

import pytest
from yarl import URL

from feedsvc.fetch import authority_of, host_of
from feedsvc.fetch.address import gives_up_tls


@pytest.mark.parametrize(
    ("url", "host", "authority"),
    [
        ("https://me:secret@Paper.Example/feed?a", "paper.example", "paper.example:443"),
        ("http://paper.example:8080/", "paper.example", "paper.example:8080"),
        ("http://báo.example/", "xn--bo-mia.example", "xn--bo-mia.example:80"),
        ("http://paper.example./", "paper.example", "paper.example:80"),
        ("http://[::1]/", "::1", "::1:80"),
        ("nonsense", "", ""),
    ],
)
def test_who_is_asked(url: str, host: str, authority: str) -> None:
    assert (host_of(url), authority_of(url)) == (host, authority)


def test_what_gives_up_tls() -> None:
    assert gives_up_tls(URL("https://e.org/"), URL("http://e.org/"))
    assert not gives_up_tls(URL("http://e.org/"), URL("https://e.org/"))
    assert not gives_up_tls(URL("https://e.org/"), URL("https://e.org/2"))
