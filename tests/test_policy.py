"""What a policy allows is published, and nothing else."""

import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.model import (
    Appearance,
    Content,
    Credit,
    Enclosure,
    Entry,
    FeedInfo,
    Filed,
    Filing,
    Link,
    LocalText,
    Person,
    Picture,
    Policy,
    PublishedStory,
    Republish,
    Source,
    Story,
    Term,
)
from feedsvc.policy import excerpt, publishable, shown_pictures, without_pictures

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BODY = (
    '<figure><a href="https://pic.example/big.jpg"><img src="https://pic.example/a.jpg" '
    'srcset="https://pic.example/a2.jpg 2x"/></a><figcaption>caption11</figcaption></figure>'
    "<p>Word0 word1 word2. Word3 word4 word5. Word6 word7 word8.</p>"
    '<video src="https://example.org/v.mp4" poster="https://pic.example/v.jpg" controls="controls"></video>'
)
ENTRY = Entry(
    guid="g1",
    link="https://example.org/news/1?x=y",
    title="Title",
    authors=(Person(name="An"),),
    published=NOW,
    summary=Content(value="Lead20 lead21.", type="text", text="Lead20 lead21."),
    content=Content(
        value=BODY, type="html", text="caption11\nWord0 word1 word2. Word3 word4 word5. Word6 word7 word8."
    ),
    pictures=(Picture(href="https://pic.example/a.jpg", caption="caption11", credit="AFP"),),
    enclosures=(
        Enclosure(href="https://example.org/a.mp3", type="audio/mpeg", length=1),
        Enclosure(href="https://pic.example/b", type="image/jpeg"),
        Enclosure(href="https://pic.example/c.PNG?w=1"),
    ),
    terms=(Term(term="kinh tế"),),
    rights="© entry",
    comments="https://example.org/news/1#comments",
)
FEED = FeedInfo(
    title="Feed",
    links=(Link(href="https://example.org/"), Link(href="https://example.org/own.xml", rel="self")),
    rights="© feed",
    icon="https://example.org/icon.png",
)
SOURCE = Source(
    id="one",
    title=LocalText(by_language=(("vi", "Một"), ("en", "One"))),
    url="https://user:secret@example.org/feed.xml",
    policy=Policy(republish="full", pictures=True),
)


def appearance(entry: Entry, source_id: str = "one", entry_id: int = 1, feed: FeedInfo = FEED) -> Appearance:
    return Appearance(entry_id=entry_id, source_id=source_id, entry=entry, feed=feed, first_seen_at=NOW)


def story(entry: Entry = ENTRY, *others: Appearance) -> Story:
    return Story(
        id=UUID(int=7),
        lead=appearance(entry),
        others=others,
        language="vi",
        filing=Filing(categories=(Filed(id="trade", reason="r"),), tags=(Filed(id="wipo", reason="r"),)),
        first_seen_at=NOW,
        announced_at=NOW,
        updated_at=NOW,
        sort_at=NOW,
    )


def published(policy: Policy, entry: Entry = ENTRY, *others: Appearance) -> PublishedStory:
    result = publishable(story(entry, *others), {"one": replace(SOURCE, policy=policy)}, "vi")
    assert result is not None
    return result


@pytest.mark.parametrize(
    ("policy", "texts", "hrefs", "media"),
    [
        (Policy(republish="full", pictures=True), ("Lead20 lead21.", BODY), ["a.jpg"], ["a.mp3", "b", "c.PNG?w=1"]),
        (Policy(republish="full"), ("Lead20 lead21.", without_pictures(BODY)), [], ["a.mp3"]),
        (Policy(pictures=True), ("Lead20 lead21.", None), ["a.jpg"], ["a.mp3", "b", "c.PNG?w=1"]),
        (Policy(), ("Lead20 lead21.", None), [], ["a.mp3"]),
        (Policy(republish="headline", pictures=True), (None, None), ["a.jpg"], ["b", "c.PNG?w=1"]),
        (Policy(republish="headline"), (None, None), [], []),
    ],
)
def test_what_each_policy_lets_through(
    policy: Policy, texts: tuple[str | None, str | None], hrefs: list[str], media: list[str]
) -> None:
    result = published(policy)
    assert (result.summary, result.content) == texts
    assert [picture.href.rpartition("/")[2] for picture in result.pictures] == hrefs
    assert [enclosure.href.rpartition("/")[2] for enclosure in result.enclosures] == media
    assert (result.title, result.link, result.authors) == (ENTRY.title, ENTRY.link, ENTRY.authors)
    assert (result.terms, result.categories, result.tags) == (ENTRY.terms, ("trade",), ("wipo",))


def test_pictures_go_with_their_figures_and_leave_the_rest() -> None:
    assert without_pictures(BODY) == (
        "<p>Word0 word1 word2. Word3 word4 word5. Word6 word7 word8.</p>"
        '<video src="https://example.org/v.mp4" controls="controls"></video>'
    )


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('a <img src="https://x/a.jpg"/> b', "a  b"),
        ('<p>a<b>c</b><img src="https://x/a.jpg"/>b</p><p></p>', "<p>a<b>c</b>b</p><p></p>"),
        ('<p><a href="https://x/"><img src="https://x/a.jpg"/> </a></p><p>b<br/></p>', "<p>b<br/></p>"),
        ('<picture><source srcset="https://x/a"/><img src="https://x/a.jpg"/></picture><hr/>', "<hr/>"),
        ('<figure><figure><img src="https://x/a"/></figure><figcaption>c</figcaption></figure>d', "d"),
        ('<figure><img src="https://x/a"/><p>b</p><figcaption>c</figcaption></figure>', "<figure><p>b</p></figure>"),
        ("<figure>a<figcaption>c</figcaption></figure>d<img/>", "<figure>a<figcaption>c</figcaption></figure>d"),
        ('<p>not closed <br> &nbsp;<img src=x.jpg>', "<p>not closed <br/> \xa0</p>"),
        ("", ""),
    ],
)  # fmt: skip
def test_what_a_picture_leaves_empty_goes_with_it(html: str, expected: str) -> None:
    assert without_pictures(html) == expected


def test_withdrawn_and_unannounced_stories_are_not_published() -> None:
    sources = {"one": SOURCE}
    assert publishable(replace(story(), retracted="by the publisher"), sources, "vi") is None
    assert publishable(replace(story(), announced_at=None), sources, "vi") is None


def test_a_source_that_left_the_configuration_keeps_its_stories_as_excerpts() -> None:
    result = publishable(story(), {}, "vi")
    assert result is not None
    assert (result.content, result.pictures, result.licence) == (None, (), None)
    assert result.credit == Credit(
        source_id="one",
        title="Feed",
        url="https://example.org/own.xml",
        home="https://example.org/",
        link="https://example.org/news/1?x=y",
    )


def test_credit_names_each_source_once_in_the_readers_language_and_never_a_password() -> None:
    copy = replace(ENTRY, link="https://two.example/1")
    others = (
        appearance(copy, "two", 2, FeedInfo(title="Hai", links=(Link(href="https://two.example/"),))),
        appearance(copy, "one", 3),
        appearance(copy, "two", 4),
    )
    result = published(Policy(), ENTRY, *others)
    assert (result.credit.title, result.credit.url) == ("Một", "https://example.org/feed.xml")
    assert [(credit.source_id, credit.title, credit.link) for credit in result.also] == [
        ("two", "Hai", "https://two.example/1")
    ]
    english = publishable(story(), {"one": SOURCE}, "en")
    assert english is not None
    assert english.credit.title == "One"


@pytest.mark.parametrize(
    ("policy", "entry", "feed", "expected"),
    [("© us", "© entry", "© feed", "© us"), (None, "© entry", "© feed", "© entry"), (None, None, "© feed", "© feed")],
)
def test_rights_are_the_nearest(policy: str | None, entry: str | None, feed: str, expected: str) -> None:
    assert published(Policy(rights=policy), replace(ENTRY, rights=entry)).rights == expected


def test_licence_and_attribution_come_from_the_policy() -> None:
    attribution = LocalText(by_language=(("vi", "Nguồn: X"), ("en", "Source: X")))
    result = published(Policy(licence="https://example.org/licence", attribution=attribution))
    assert (result.licence, result.attribution) == ("https://example.org/licence", "Nguồn: X")


@pytest.mark.parametrize(
    ("entry", "republish", "expected"),
    [
        (replace(ENTRY, title=None), "excerpt", "caption11 Word0 word1 word2. Word3 word4 word5."),
        (replace(ENTRY, title=None), "headline", "example.org/news/1"),
        (Entry(link="https://example.org/"), "full", "example.org"),
        (Entry(), "full", "00000000-0000-0000-0000-000000000007"),
    ],
)
def test_a_title_is_never_empty(entry: Entry, republish: Republish, expected: str) -> None:
    assert published(Policy(republish=republish), entry).title == expected


def html(text: str) -> Content:
    return Content(value=f"<p>{text}</p>", type="html", text=text)


@pytest.mark.parametrize(
    ("summary", "content", "expected"),
    [
        (html("The lead."), html("The lead. And more."), (None, "<p>The lead. And more.</p>")),
        (html("The le […]"), html("The lead.\nAnd more."), (None, "<p>The lead.\nAnd more.</p>")),
        (html("In short."), html("The lead."), ("In short.", "<p>The lead.</p>")),
        (html("All there is."), None, (None, "<p>All there is.</p>")),
        (None, Content(value="a < b\n\nc", type="text", text="a < b\nc"), (None, "<p>a &lt; b</p><p>c</p>")),
        (Content(value="Plain.", type="text", text="Plain."), None, ("Plain.", None)),
        (None, None, (None, None)),
    ],
)
def test_in_full_a_summary_is_shown_if_it_says_something_of_its_own(
    summary: Content | None, content: Content | None, expected: tuple[str | None, str | None]
) -> None:
    result = published(Policy(republish="full"), Entry(summary=summary, content=content))
    assert (result.summary, result.content) == expected


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("Short.", 300, "Short."),
        ("One two three. Four five six. Seven eight.", 31, "One two three. Four five six."),
        ("Hỏi gì? Đáp “rồi.” Và thế là hết chuyện.", 20, "Hỏi gì? Đáp “rồi.”"),
        ("Giá tăng 3.5 phần trăm so với tháng trước đó", 14, "Giá tăng 3.5…"),
        ("Ông Lê An, TP. Hồ Chí Minh, nói với báo chí", 20, "Ông Lê An, TP. Hồ…"),
        ("Mr. A. B. Smith went to U.S. Congress today to speak", 33, "Mr. A. B. Smith went to U.S.…"),
        ("1. First point of a long list of things", 15, "1. First point…"),
        ("He left… and came back to the same place again", 20, "He left… and came…"),
        ("A. Then a very long sentence without any end in sight", 25, "A. Then a very long…"),
        ("Donaudampfschifffahrt", 10, "Donaudamp…"),
        (unicodedata.normalize("NFD", "ộộộộ"), 6, unicodedata.normalize("NFD", "ộ") + "…"),
        ("one\ntwo  three", 300, "one two three"),
        ("word, word", 6, "word…"),
        ("anything", 0, ""),
        ("anything", 1, "…"),
        ("1…\u0302", 2, "1…"),
        ("经济增长。出口增加。就业稳定。", 11, "经济增长。出口增加。"),
    ],
)
def test_an_excerpt_ends_with_a_sentence_else_with_a_word(text: str, limit: int, expected: str) -> None:
    assert excerpt(text, limit) == expected


@given(st.text(st.sampled_from('ab. ?!…"đ\u0323\u0302\n1T\u200d👩')), st.integers(0, 40))
def test_an_excerpt_is_never_longer_than_allowed_and_parts_no_letter(text: str, limit: int) -> None:
    result = excerpt(text, limit)
    line = " ".join(text.split())
    assert len(result) <= limit
    # Where the text itself has "…" after what is kept, the one at the end may be ours or the text's.
    kept = [part for part in (result, result.removesuffix("…")) if line.startswith(part)]
    assert any(not part or not unicodedata.category((line[len(part) :] + " ")[0]).startswith("M") for part in kept)


@given(
    st.builds(
        Policy,
        republish=st.sampled_from(["full", "excerpt", "headline"]),
        pictures=st.booleans(),
        excerpt_chars=st.integers(0, 80),
    ),
    st.none() | st.just("Title"),
    st.booleans(),
    st.booleans(),
)
def test_nothing_forbidden_appears_in_any_field(
    policy: Policy, title: str | None, with_summary: bool, with_content: bool
) -> None:
    entry = replace(
        ENTRY,
        title=title,
        summary=ENTRY.summary if with_summary else None,
        content=ENTRY.content if with_content else None,
    )
    other = Entry(
        title="other1", summary=html("other2"), content=html("other3"), pictures=(Picture(href="https://pic.example/o"),)
    )  # fmt: skip
    result = published(policy, entry, appearance(other, "two", 2))
    everything = repr(result)
    assert "other" not in everything
    assert "pic.example/o" not in everything
    if not policy.pictures:
        assert "pic.example" not in everything
        assert "caption11" not in (result.content or "")
    if policy.republish != "full":
        assert result.content is None
        assert len(result.summary or "") <= policy.excerpt_chars
        first = next((part.text for part in (entry.summary, entry.content) if part and part.text), "")
        allowed = {first, entry.text} if policy.republish == "excerpt" else set()
        seen = {word for word in WORDS if word in everything}
        assert all(any(text.find(word) < policy.excerpt_chars for text in allowed if word in text) for word in seen)


WORDS = [*(f"ord{n}" for n in range(9)), "ead20", "ead21", "caption11"]


@pytest.mark.parametrize(("republish", "inside"), [("full", ("https://pic.example/in.png",)), ("excerpt", ())])
def test_pages_may_show_the_pictures_that_are_published_and_no_others(
    republish: Republish, inside: tuple[str, ...]
) -> None:
    body = (
        '<p><img src="https://pic.example/in.png" srcset="https://pic.example/2x.png 2x"/></p>'
        '<img src="https://pic.example/a.jpg"/><img src="data:image/png;base64,AA"/><img alt="x"/>'
        '<img src="https://u:p@pic.example/x.png"/><img src="http://[x/"/><img src="//pic.example/x.png"/>'
    )
    entry = replace(ENTRY, content=Content(value=body, type="html", text="Text"))
    published = publishable(
        story(entry), {"one": replace(SOURCE, policy=Policy(republish=republish, pictures=True))}, "vi"
    )
    assert published is not None
    assert shown_pictures(published) == ("https://pic.example/a.jpg", *inside)
    gallery = tuple(Picture(href=f"https://pic.example/{n}.jpg") for n in range(50))
    assert len(shown_pictures(replace(published, pictures=gallery))) == 20


def test_pages_show_no_picture_without_leave() -> None:
    published = publishable(story(), {"one": replace(SOURCE, policy=Policy(republish="full", pictures=False))}, "vi")
    assert published is not None
    assert shown_pictures(published) == ()
