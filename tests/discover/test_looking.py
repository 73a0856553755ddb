"""What one document is, whatever its bytes."""

import pickle
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from feedsvc.discover import look
from feedsvc.discover.looking import per_day
from feedsvc.model import Document, LocalText, Source
from tests.discover.sites import NOW

BEGINNINGS = (
    b"",
    b"<html>",
    b"<rss><channel><item>",
    b'{"version": "https://jsonfeed.org/version/1", "items": [',
    b"<urlset>",
)


@given(st.sampled_from(BEGINNINGS), st.binary(max_size=200), st.sampled_from([None, "text/html", "application/xml"]))
def test_any_bytes_are_something(beginning: bytes, body: bytes, type: str | None) -> None:
    url = "https://paper.example/"
    document = Document(url=url, status=200, body=beginning + body, content_type=type, fetched_at=NOW)
    seen = look(document, Source(id="x", title=LocalText(by_language=()), url=url))
    assert pickle.loads(pickle.dumps(seen)) == seen


def test_the_cadence_is_that_of_the_newest() -> None:
    hourly = [NOW - timedelta(hours=hour) for hour in range(30)]
    assert per_day([*hourly, NOW - timedelta(days=3000)]) == 24
    assert per_day(hourly[:2]) is None
    assert per_day([NOW] * 10) is None
