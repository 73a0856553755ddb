"""One entry of a feed's words and a page's."""

from datetime import UTC, datetime, timedelta

from feedsvc.extract.article import merged
from feedsvc.model import Article, Content, Entry, Person, Picture

FETCHED = datetime(2025, 5, 1, 8, tzinfo=UTC)
WHOLE = " ".join(f"word{at}" for at in range(400))
TEASER = "An editor's own words about it."


def html(text: str) -> Content:
    return Content(value=f"<p>{text}</p>", type="html", text=text)


def page(content: str | None = WHOLE, **more: object) -> Article:
    text = html(content) if content else None
    return Article(url="https://a.example/bridge", fetched_at=FETCHED, content=text, **more)  # type: ignore[arg-type]


def test_the_page_gives_its_text_and_what_the_feed_did_not_say() -> None:
    entry = Entry(guid="1", link="https://a.example/bridge?rss", title="The bridge", summary=html(TEASER))
    article = page(
        title="The bridge | Paper",
        authors=(Person(name="Minh Hà"),),
        published=FETCHED - timedelta(hours=3),
        canonical_link="https://a.example/bridge",
        language="vi",
    )
    found, given = merged(entry, article)
    assert (found.guid, found.link, found.title, found.summary) == (entry.guid, entry.link, entry.title, entry.summary)
    assert found.content == article.content
    assert (found.authors, found.language) == (article.authors, "vi")
    assert (found.published, found.canonical_link) == (article.published, article.canonical_link)
    assert (given.origin, given.notes) == ("page", ())
    # The same page again says the same.
    assert merged(entry, article) == (found, given)


def test_what_the_feed_says_stays() -> None:
    entry = Entry(
        title="The bridge",
        authors=(Person(name="An"),),
        published=FETCHED - timedelta(days=1),
        language="en",
        content=html(WHOLE),
        canonical_link="https://b.example/x",
        updated=FETCHED - timedelta(hours=9),
    )
    article = page(
        title="Bridge",
        authors=(Person(name="Minh Hà"),),
        published=FETCHED - timedelta(hours=30),
        language="vi",
        canonical_link="https://a.example/bridge",
        updated=FETCHED,
    )
    assert merged(entry, article)[0] == entry


def test_a_teaser_in_the_content_becomes_the_summary() -> None:
    found, _ = merged(Entry(content=html(TEASER)), page(summary=html("For search engines.")))
    assert found.summary == html(TEASER)
    assert found.content == html(WHOLE)


def test_without_any_text_in_the_feed_the_page_says_what_it_is_about() -> None:
    lead = Content(value="In short.", type="text", text="In short.")
    assert merged(Entry(), page(summary=lead))[0].summary == lead
    assert merged(Entry(), page(None, summary=lead))[0].summary == lead


def test_dates_that_do_not_agree_are_noted_and_one_that_cannot_be_loses() -> None:
    entry = Entry(published=datetime(2025, 3, 1, 10, tzinfo=UTC))
    article = page(published=datetime(2025, 4, 20, 10, tzinfo=UTC), addressed=datetime(2025, 4, 20, 5, tzinfo=UTC))
    found, given = merged(entry, article)
    assert found.published == article.published
    assert any("the feed says 2025-03-01" in note and "weeks apart" in note for note in given.notes)
    found, given = merged(entry, page(published=FETCHED + timedelta(days=9)))
    assert found.published == entry.published
    assert any("cannot be: it is in the future" in note for note in given.notes)


def test_pictures_go_with_the_text_and_keep_what_either_says_of_them() -> None:
    feed = Picture(href="https://a.example/1.jpg", width=800, credit="An")
    thumbnail = Picture(href="https://a.example/thumb/1.jpg")
    shown = Picture(href="https://a.example/1.jpg", caption="The pier")
    both = Picture(href="https://a.example/1.jpg", width=800, caption="The pier", credit="An")
    entry, article = Entry(summary=html(TEASER), pictures=(feed, thumbnail)), page(pictures=(shown,))
    assert merged(entry, article)[0].pictures == (both,)
    assert merged(entry, page(None, pictures=(shown,)))[0].pictures == (both, thumbnail)
    assert merged(Entry(), page(None, pictures=(shown,)))[0].pictures == (shown,)
    assert merged(entry, page())[0].pictures == (feed, thumbnail)
