"""What the made-up publishers show at any moment: a pure function of the seconds since the start."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from feedsvc.demo import bulletins
from feedsvc.demo.newsroom import PAUSE_S, Article, Publisher, edited

#: a feed holds the last so many
MAX_POSTS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """An article as its publisher shows it at some moment."""

    article: Article
    published: datetime
    updated: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """An article that its publisher took back."""

    id: str
    at: datetime
    comment: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """All that a publisher has to show at some moment."""

    posts: Sequence[Post]
    withdrawals: Sequence[Withdrawal]
    #: when something happened last
    changed_at: datetime


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """Times count from `start`, in UTC."""

    publishers: Sequence[Publisher]
    start: datetime

    @cached_property
    def written_out_s(self) -> float:
        """When everything that was written is out, and bulletins begin."""
        moments = (moment for each in self.publishers for article in each.articles for moment in article.moments)
        return max(moments) + PAUSE_S

    def publisher(self, id: str) -> Publisher | None:
        return next((publisher for publisher in self.publishers if publisher.id == id), None)

    def issue(self, publisher: Publisher, t: float) -> Issue:
        """Return what the publisher shows `t` seconds after the start, newest first."""
        out = [article for article in publisher.articles if article.at_s <= t]
        after_s = t - self.written_out_s
        shown = [article for article in out if article.withdrawn_at_s is None or article.withdrawn_at_s > t]
        shown += bulletins.last(publisher.id, after_s, MAX_POSTS, self.written_out_s)
        posts = sorted((self._post(article, t) for article in shown), key=lambda post: post.published, reverse=True)
        moments = [moment for article in (*out, *shown) for moment in article.moments if moment <= t]
        return Issue(
            posts=posts[:MAX_POSTS],
            withdrawals=[self._withdrawal(article) for article in out if article not in shown],
            changed_at=self._at(max(moments, default=0.0)),
        )

    def post(self, publisher: Publisher, id: str, t: float) -> Post | Withdrawal | None:
        """Return one article, as it is then; None: there is none yet."""
        written = next((article for article in publisher.articles if article.id == id), None)
        article = written or bulletins.numbered(publisher.id, id, self.written_out_s)
        if article is None or article.at_s > t:
            return None
        if article.withdrawn_at_s is not None and article.withdrawn_at_s <= t:
            return self._withdrawal(article)
        return self._post(article, t)

    def is_down(self, publisher: Publisher, t: float) -> bool:
        outage = publisher.outage
        return outage is not None and t >= outage.first_s and (t - outage.first_s) % outage.every_s < outage.lasts_s

    def _post(self, article: Article, t: float) -> Post:
        edits = [edit for edit in article.edits if edit.at_s <= t]
        return Post(
            article=edited(article, edits),
            published=self._at(article.at_s) if article.age is None else self.start - article.age,
            updated=self._at(edits[-1].at_s) if edits else None,
        )

    def _withdrawal(self, article: Article) -> Withdrawal:
        assert article.withdrawn_at_s is not None
        return Withdrawal(id=article.id, at=self._at(article.withdrawn_at_s), comment=article.comment)

    def _at(self, seconds: float) -> datetime:
        return self.start + timedelta(seconds=seconds)
