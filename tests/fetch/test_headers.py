"""What we say of ourselves, and hostile Link headers."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.fetch import user_agent
from feedsvc.fetch.headers import MAX_LINKS, read_links


@pytest.mark.parametrize(
    ("contact", "subscribers", "said"),
    [
        (None, None, "feedsvc/1.2"),
        ("ops@example.org", 12, "feedsvc/1.2 (+ops@example.org; 12 subscribers)"),
        (None, 0, "feedsvc/1.2 (0 subscribers)"),
        ("a\r\nX: ä(b)", None, "feedsvc/1.2 (+aX:b)"),
    ],
)
def test_user_agent(contact: str | None, subscribers: int | None, said: str) -> None:
    assert user_agent("1.2", contact, subscribers) == said


@given(st.text(alphabet='<>;,="\\ rel:/a', max_size=80))
def test_links_are_absolute_whatever_comes(header: str) -> None:
    for link in read_links([header], "https://example.org/feed"):
        assert link.href.startswith(("http://", "https://"))


@pytest.mark.parametrize("piece", ["<", "<a>;", '<a>;rel="', "<a>;rel=self,", '"', ";", '<a>"'])
def test_long_link_headers_take_no_time(piece: str) -> None:
    started = time.process_time()
    assert len(read_links([piece * 10_000], "https://example.org/")) <= MAX_LINKS
    assert time.process_time() - started < 2
