"""What pages tell machines is JSON whatever publishers say, and nothing in it ends the element around it."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from feedsvc.model import Credit, FeedInfo, Person, PublishedStory
from feedsvc.web.linked_data import news_article

AT = datetime(2025, 4, 24, 22, tzinfo=UTC)
STORY = PublishedStory(
    id=UUID(int=7),
    link="https://paper.example/1",
    title="Cá tra",
    summary=None,
    content=None,
    language="vi",
    authors=(Person(name="Lê Thứ"), Person(email="no-name@paper.example")),
    contributors=(),
    published=AT,
    updated=AT + timedelta(days=1),
    edited=AT,
    dated=AT,
    pictures=(),
    enclosures=(),
    terms=(),
    categories=(),
    tags=(),
    comments=None,
    rights=None,
    licence=None,
    attribution=None,
    feed=FeedInfo(),
    credit=Credit(source_id="paper", title="Paper", url="https://paper.example/rss", home=None, link=None),
    also=(),
)
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
PAGE = "https://news.example.org/story/7"


def said(story: PublishedStory) -> str:
    return news_article(story, page=PAGE, pictures=(), sections=("Thương mại",), zone=ZONE)


def test_what_nobody_said_is_left_out() -> None:
    assert json.loads(said(STORY)) == {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "@id": "urn:uuid:00000000-0000-0000-0000-000000000007",
        "headline": "Cá tra",
        "url": PAGE,
        "datePublished": "2025-04-25T05:00:00+07:00",
        "dateModified": "2025-04-25T05:00:00+07:00",
        "inLanguage": "vi",
        "articleSection": ["Thương mại"],
        "author": [{"@type": "Person", "name": "Lê Thứ"}],
        "publisher": {"@type": "Organization", "name": "Paper"},
        "isBasedOn": "https://paper.example/1",
        "creditText": "Paper",
    }


EVIL = st.text() | st.sampled_from(["</script>", "<!--<script>", "\u2028", "]]>", "\ud800", '"\\', "\x00"])


@given(title=EVIL, summary=EVIL, name=EVIL, rights=EVIL)
def test_it_stays_one_element_and_one_object(title: str, summary: str, name: str, rights: str) -> None:
    story = replace(STORY, title=title, summary=summary, authors=(Person(name=name),), rights=rights)
    text = said(story)
    text.encode()
    markup = f'<script type="application/ld+json">{text}</script><p>behind</p>'
    page = etree.fromstring(markup, etree.HTMLParser())
    assert [each.tag for each in page.iter("script", "p")] == ["script", "p"]
    object = json.loads(text)
    if title and len(title) < 300 and "\ud800" not in title:
        assert object["headline"] == title
