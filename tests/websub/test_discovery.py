"""Which topics and hubs a document offers."""

from datetime import UTC, datetime

import pytest

from feedsvc.model import Document, FeedInfo, HubOffer, Link
from feedsvc.websub import offered

TOPIC, HUB = "https://paper.example/rss", "https://hub.example/"


def hub(href: str = HUB) -> Link:
    return Link(rel="hub", href=href)


def itself(href: str = TOPIC) -> Link:
    return Link(rel="self", href=href)


def offer(topic: str = TOPIC, *hubs: str) -> HubOffer:
    return HubOffer(topic=topic, hubs=hubs or (HUB,))


@pytest.mark.parametrize(
    ("headers", "links", "expected"),
    [
        ([hub(), itself()], [], offer()),
        ([], [hub(), itself()], offer()),
        ([hub()], [itself()], offer()),
        # Headers win.
        (
            [hub("https://a.example/"), itself(TOPIC + "?h")],
            [hub(), itself()],
            offer(TOPIC + "?h", "https://a.example/"),
        ),
        ([hub()], [], None),
        ([itself()], [], None),
        # A copy names the original's topic; a server that we asked may name any.
        ([], [hub(), itself("https://original.example/rss")], None),
        ([], [hub(), itself("https://www.paper.example/feed")], offer("https://www.paper.example/feed")),
        ([hub(), itself("https://original.example/rss")], [], offer("https://original.example/rss")),
        # What is encrypted comes first.
        (
            [hub("http://h.example/"), hub(), hub(), itself("http://paper.example/rss"), itself()],
            [],
            offer(TOPIC, HUB, "http://h.example/"),
        ),
        (
            [hub("javascript:alert(1)"), hub("https://h.example/\n"), hub("ftp://h.example/"), itself()],
            [],
            offer(TOPIC, "https://h.example/"),
        ),
        ([hub("https:///"), hub("https://" + "h" * 3000), itself()], [], None),
    ],
)
def test_what_is_offered(headers: list[Link], links: list[Link], expected: HubOffer | None) -> None:
    document = Document(
        url=TOPIC,
        status=200,
        body=b"",
        content_type=None,
        links=tuple(headers),
        fetched_at=datetime(2026, 11, 22, tzinfo=UTC),
    )
    assert offered(document, FeedInfo(links=tuple(links))) == expected


def test_only_some_hubs_are_tried() -> None:
    links = (*(hub(f"https://h{n}.example/") for n in range(99)), itself())
    document = Document(
        url=TOPIC, status=200, body=b"", content_type=None, fetched_at=datetime(2026, 11, 22, tzinfo=UTC)
    )
    found = offered(document, FeedInfo(links=links))
    assert found is not None
    assert len(found.hubs) == 5
