"""What changed rules would move among the stories that are stored."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from feedsvc import filing
from feedsvc.model import Category, Checked, Filed, Filing, Story, Tag
from feedsvc.store import Store

#: stories filed anew between two looks at the store: no long reader keeps a database from tidying up
_BATCH = 500
#: stories shown of those that enter or leave
SAMPLES = 5

Kind = Literal["category", "tag"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample(Checked):
    """A story that enters or leaves, and why; `beside`: what it leaves or enters of the same kind meanwhile."""

    story: UUID
    title: str | None
    link: str | None
    sort_at: datetime
    #: the words that match, or that matched until now
    reason: str
    beside: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class Shift:
    """What changed rules do to one category or tag. Samples are the newest."""

    kind: Kind
    id: str
    stays: int = 0
    enters: int = 0
    leaves: int = 0
    entering: list[Sample] = field(default_factory=list)
    leaving: list[Sample] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refiling:
    """What changed rules do to all that is stored, against where it stands now."""

    #: how many were filed anew
    stories: int
    #: how many would stand elsewhere, and how many of those leave one category and enter another
    changed: int
    moved: int
    shifts: tuple[Shift, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """Categories and tags of one configuration."""

    categories: tuple[Category, ...]
    tags: tuple[Tag, ...]

    def ids(self) -> Iterable[tuple[Kind, str]]:
        yield from (("category", each.id) for each in self.categories)
        yield from (("tag", each.id) for each in self.tags)

    def renamed(self) -> Mapping[tuple[str, str], str]:
        """Return the present id by kind and former id."""
        groups = (("category", self.categories), ("tag", self.tags))
        return {(kind, was): each.id for kind, group in groups for each in group for was in each.was}


def refiled(
    store: Store, rules: filing.Rules, before: Labels, after: Labels, progress: Callable[[int], None]
) -> Refiling:
    """File every story that is not retracted by `rules`, those of `after`; `progress` hears how many are done."""
    counting = _Counting(before, after)
    last: UUID | None = None
    while True:
        with store.read() as tx:
            ids = tx.tracing.stories_after(last, _BATCH)
            found = tx.stories.get(ids)
        for story in found.values():
            counting.add(story, rules.file(story.lead, story.appearances))
        progress(len(ids))
        if len(ids) < _BATCH:
            return counting.result()
        last = ids[-1]


class _Counting:
    def __init__(self, before: Labels, after: Labels) -> None:
        names = dict.fromkeys([*after.ids(), *before.ids()])
        self._renamed = after.renamed()
        # A former id that was renamed has no shift of its own.
        gone = {name for name in before.ids() if name in self._renamed and name not in set(after.ids())}
        self._shifts = {name: Shift(kind=name[0], id=name[1]) for name in names if name not in gone}
        self._stories = self._changed = self._moved = 0

    def add(self, story: Story, filed: Filing) -> None:
        self._stories += 1
        changed = moved = False
        pairs: tuple[tuple[Kind, tuple[Filed, ...], tuple[Filed, ...]], ...] = (
            ("category", story.filing.categories, filed.categories),
            ("tag", story.filing.tags, filed.tags),
        )
        for kind, was, now in pairs:
            left, entered = self._shift(kind, story, was, now)
            changed |= left or entered
            moved |= kind == "category" and left and entered
        self._changed += changed
        self._moved += moved

    def result(self) -> Refiling:
        return Refiling(
            stories=self._stories, changed=self._changed, moved=self._moved, shifts=tuple(self._shifts.values())
        )

    def _shift(self, kind: Kind, story: Story, was: Iterable[Filed], now: Iterable[Filed]) -> tuple[bool, bool]:
        """Count one story; say whether it leaves and whether it enters something."""
        before = {id: each.reason for each in was if (kind, id := self._present(kind, each.id)) in self._shifts}
        after = {each.id: each.reason for each in now}
        left, entered = [id for id in before if id not in after], [id for id in after if id not in before]
        for id in after:
            self._shifts[kind, id].stays += id in before
        for id in entered:
            shift = self._shifts[kind, id]
            shift.enters += 1
            _keep(shift.entering, story, after[id], left)
        for id in left:
            shift = self._shifts[kind, id]
            shift.leaves += 1
            _keep(shift.leaving, story, before[id], entered)
        return bool(left), bool(entered)

    def _present(self, kind: str, id: str) -> str:
        return id if (kind, id) in self._shifts else self._renamed.get((kind, id), id)


def _keep(samples: list[Sample], story: Story, reason: str, beside: Iterable[str]) -> None:
    entry = story.lead.entry
    samples.append(
        Sample(
            story=story.id,
            title=entry.title,
            link=entry.link,
            sort_at=story.sort_at,
            reason=reason,
            beside=tuple(beside),
        )
    )
    samples.sort(key=lambda each: (each.sort_at, each.story), reverse=True)
    del samples[SAMPLES:]
