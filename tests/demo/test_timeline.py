"""What the made-up publishers show, at any moment, without waiting for it."""

import struct
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from unicodedata import is_normalized

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.demo import Timeline, publishers
from feedsvc.demo.bulletins import PAUSE_S as BULLETIN_PAUSE_S
from feedsvc.demo.documents import FEEDS, Paths, feed
from feedsvc.demo.newsroom import FOLDER, PAUSE_S, Publisher
from feedsvc.demo.timeline import MAX_POSTS, Issue, Post, Withdrawal
from feedsvc.model import ParsedFeed
from tests.parse.given import read

START = datetime(2026, 3, 9, 7, 30, tzinfo=UTC)
TIMELINE = Timeline(publishers=publishers(), start=START)
END_S = TIMELINE.written_out_s

moments = st.one_of(st.floats(0, END_S + 100), st.floats(0, 10**7))
somebody = st.sampled_from(publishers())


def paths(publisher: Publisher) -> Paths:
    return Paths(address="http://127.0.0.1:8", publisher=publisher)


def parsed(publisher: Publisher, issue: Issue, t: float) -> ParsedFeed:
    """Return the publisher's feed as feedsvc reads it."""
    body, kind = feed(paths(publisher), issue), FEEDS[publisher.format][1]
    return read(body, content_type=kind, url=paths(publisher).feed, fetched_at=START + timedelta(seconds=t))


@given(publisher=somebody, t=moments)
def test_every_feed_can_be_read_at_every_moment(publisher: Publisher, t: float) -> None:
    issue = TIMELINE.issue(publisher, t)
    found = parsed(publisher, issue, t)
    assert (found.problem is not None) == publisher.malformed
    assert [entry.title for entry in found.entries] == [post.article.title for post in issue.posts]
    assert 0 < len(found.entries) <= MAX_POSTS
    assert found.skipped == 0
    assert (
        len({entry.guid for entry in found.entries}) == len({entry.link for entry in found.entries}) == len(issue.posts)
    )
    for entry in found.entries:
        assert entry.published is not None
        assert entry.published <= START + timedelta(seconds=t)
        assert (entry.content is None) == publisher.teasers
        assert entry.summary is not None


@given(publisher=somebody, t=moments, later_s=st.floats(0, 10**5))
def test_an_id_stays_with_its_article_and_what_is_withdrawn_stays_away(
    publisher: Publisher, t: float, later_s: float
) -> None:
    before, after = TIMELINE.issue(publisher, t), TIMELINE.issue(publisher, t + later_s)
    published = {post.article.id: post.published for post in before.posts}
    gone = {each.id for each in after.withdrawals}
    assert {each.id for each in before.withdrawals} <= gone
    assert before.changed_at <= after.changed_at <= START + timedelta(seconds=t + later_s)
    for post in after.posts:
        assert post.article.id not in gone
        assert published.get(post.article.id, post.published) == post.published
    for id in published:
        later = TIMELINE.post(publisher, id, t + later_s)
        assert isinstance(later, Withdrawal if id in gone else Post)


@given(publisher=somebody, t=st.floats(0, END_S + 200), later_s=st.floats(0, 30))
def test_a_document_changes_only_when_something_happened(publisher: Publisher, t: float, later_s: float) -> None:
    before, after = TIMELINE.issue(publisher, t), TIMELINE.issue(publisher, t + later_s)
    same = feed(paths(publisher), before) == feed(paths(publisher), after)
    assert same == (before.changed_at == after.changed_at)


def test_something_happens_every_few_seconds_for_ever() -> None:
    written = {m for each in publishers() for article in each.articles for m in article.moments if m > 0}
    assert {later - earlier for earlier, later in pairwise(sorted({0.0, *written}))} == {PAUSE_S}
    for t in range(int(END_S), int(END_S) + 400, int(BULLETIN_PAUSE_S)):
        shown = [TIMELINE.issue(each, t).changed_at for each in publishers()]
        assert shown != [TIMELINE.issue(each, t + BULLETIN_PAUSE_S).changed_at for each in publishers()]


def test_one_publisher_takes_an_article_back_and_says_so() -> None:
    atom = next(each for each in publishers() if each.format == "atom")
    (article,) = [each for each in atom.articles if each.withdrawn_at_s is not None]
    assert article.withdrawn_at_s is not None
    guid = paths(atom).guid(article.id)
    for t, is_there in ((article.at_s, True), (article.withdrawn_at_s, False)):
        found = parsed(atom, TIMELINE.issue(atom, t), t)
        assert (guid in {entry.guid for entry in found.entries}) is is_there
        assert [each.guid for each in found.deleted] == ([] if is_there else [guid])
    assert found.deleted[0].comment == article.comment


def test_one_publisher_fails_for_a_while_again_and_again() -> None:
    (failing,) = [each for each in publishers() if each.outage]
    down = [TIMELINE.is_down(failing, t) for t in range(600)]
    assert not down[0]
    assert sum(now != before for before, now in pairwise(down)) >= 6
    assert sum(down) < 200


def test_what_was_written_is_enough_and_in_both_languages() -> None:
    assert len(publishers()) >= 5
    assert {publisher.format for publisher in publishers()} == {"rss", "atom", "json"}
    articles = [(publisher.language, article) for publisher in publishers() for article in publisher.articles]
    assert len(articles) >= 50
    assert sum(article.at_s <= 0 for _, article in articles) >= 24
    assert all(sum(language == each for language, _ in articles) >= 25 for each in ("vi", "en"))
    for _, article in articles:
        assert is_normalized("NFC", article.title + article.text)


def test_each_picture_is_used_small_and_of_the_size_that_feeds_name() -> None:
    named = {article.picture.name for each in publishers() for article in each.articles if article.picture}
    assert (
        named
        == {path.stem for path in FOLDER.glob("pictures/*.png")}
        == {p.stem for p in FOLDER.glob("pictures/*.svg")}
    )
    for path in FOLDER.glob("pictures/*.png"):
        body = path.read_bytes()
        assert struct.unpack(">II", body[16:24]) == (960, 540)
        assert len(body) <= 20_000


@pytest.mark.parametrize("publisher", publishers(), ids=lambda each: each.id)
def test_nothing_but_invented_hosts_is_named(publisher: Publisher) -> None:
    assert publisher.host.endswith(".example")
    assert not any("http" in article.text for article in publisher.articles)
