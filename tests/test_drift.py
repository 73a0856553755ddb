"""What is usual for a source is learned, and leaving it is noticed: soon, and seldom without cause."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc import drift, rhythm
from feedsvc.drift import Measures, Oddity
from feedsvc.model import Band, FetchState, Portion, Rhythm, Usual
from feedsvc.rhythm import Publication
from feedsvc.store import Store
from feedsvc.store.usuals import pack, unpack

START = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Written:
    """An entry as far as it is measured."""

    at: datetime
    words: int
    is_dated: bool
    is_copy: bool


@dataclass(slots=True)
class Habit:
    """A made-up source: how much it publishes when, how long, and what its document holds."""

    chance: random.Random
    per_day: float = 24.0
    #: of the rate, on weekends and before seven
    weekend: float = 1.0
    night: float = 1.0
    burst: float = 1.0
    words: float = 200.0
    #: in doublings
    words_spread: float = 0.7
    empty: float = 0.0
    copies: float = 0.05
    dated: float = 1.0
    pages: float = 0.95
    #: the newest so many, or what came in so many days
    last: int = 30
    window: timedelta | None = None

    def new(self, now: datetime) -> list[Written]:
        rate = self.per_day / 24 * (self.weekend if now.weekday() > 4 else 1) * (self.night if now.hour < 7 else 1)
        events, count = rate / self.burst, 0
        while self.chance.random() < events:
            count += max(1, round(self.chance.expovariate(1 / self.burst)))
            events -= 1
        return [self._written(now - HOUR * self.chance.random()) for _ in range(count)]

    def _written(self, at: datetime) -> Written:
        chance = self.chance
        words = 0 if chance.random() < self.empty else int(self.words * 2 ** chance.gauss(0, self.words_spread))
        return Written(at, words, chance.random() < self.dated, chance.random() < self.copies)


def any_habit(seed: int) -> Habit:
    chance = random.Random(seed)
    return Habit(
        chance=chance,
        per_day=2 ** chance.uniform(-3, 6.5),
        weekend=chance.choice([1, 1, 0.3, 0.05]),
        night=chance.choice([1, 0.3, 0]),
        burst=chance.choice([1, 1, 3, 8]),
        words=2 ** chance.uniform(3, 9),
        words_spread=chance.uniform(0.2, 1.3),
        empty=chance.choice([0, 0, 0.06, 0.12]),
        copies=chance.choice([0, 0.02, 0.1, 0.3, 0.6]),
        dated=chance.choice([1, 1, 1, 0.98, 0.8, 0]),
        pages=chance.choice([1, 0.95, 0.8, 0.5]),
        last=chance.choice([10, 20, 50]),
        window=chance.choice([None, None, DAY, 2 * DAY]),
    )


@dataclass(slots=True)
class Watched:
    """A source polled every hour, and what is thought of it."""

    habit: Habit
    now: datetime = START
    usual: Usual | None = None
    rhythm: Rhythm | None = None
    entries: list[Written] = field(default_factory=list)

    def follow(
        self, span: timedelta, change: Callable[[list[Written]], list[Written]] | None = None, pages: bool = True
    ) -> Iterator[tuple[Oddity, ...]]:
        """Yield what is odd after each poll; `change`: what becomes of the whole document."""
        end = self.now + span
        while self.now < end:
            seen_at, self.now = self.now if self.usual else None, self.now + HOUR
            new = self.habit.new(self.now)
            self.entries = (self.entries + new)[-self.habit.last :]
            if self.habit.window:
                self.entries = [each for each in self.entries if self.now - each.at < self.habit.window]
            shown = change(self.entries) if change else self.entries
            if new or change or seen_at is None:
                came = {each.at for each in new}
                self._learn(shown, [each for each in shown if each.at in came], seen_at, pages)
            else:
                self.usual = drift.confirmed(self.usual)
            yield drift.judged(self.usual, self.rhythm, self.now)

    def _learn(self, shown: Sequence[Written], new: Sequence[Written], seen_at: datetime | None, pages: bool) -> None:
        measures = Measures(
            entries=len(shown),
            dated=sum(each.is_dated for each in shown),
            new=tuple(each.words for each in new) if seen_at else None,
            copies=sum(each.is_copy for each in new),
            pages=len(new),
            pages_read=sum(pages and self.habit.chance.random() < self.habit.pages for _ in new),
            since=self.now - seen_at if seen_at else None,
        )
        self.usual = drift.learned(self.usual, measures, (each.at for each in new), self.rhythm, self.now)
        self.rhythm = rhythm.learned(self.rhythm, (Publication(at=each.at) for each in new), "UTC", self.now)


def alarms(found: Iterator[tuple[Oddity, ...]]) -> int:
    count, before = 0, set[str]()
    for odd in found:
        now = {each.measure for each in odd}
        count += len(now - before)
        before = now
    return count


def test_ordinary_sources_are_seldom_suspected() -> None:
    days, sources = 60, 40
    count = sum(alarms(Watched(any_habit(seed)).follow(days * DAY)) for seed in range(sources))
    assert count / (sources * days / 365) < 0.5, "a source and year"


BREAKS: dict[str, tuple[Callable[[list[Written]], list[Written]], str]] = {
    "dates no longer parse": (
        lambda shown: [replace(each, is_dated=False) for each in shown],
        "0 % of the entries have a date, usually 100 %",
    ),
    "nothing but headlines": (
        lambda shown: [replace(each, words=0) for each in shown],
        "words in a new entry: about 0, usually ",
    ),
    "one entry is left": (lambda shown: shown[-1:], "entries in the document: 1, usually "),
    "nothing is left": (lambda shown: [], "entries in the document: 0, usually "),
    "all are copies": (
        lambda shown: [replace(each, is_copy=True) for each in shown],
        "100 % of the new entries are copies of what others published, usually 0 to ",
    ),
}


@pytest.mark.parametrize("broken", BREAKS)
def test_what_breaks_is_noticed_within_a_day_and_forgiven_when_it_is_mended(broken: str) -> None:
    change, words = BREAKS[broken]
    watched = Watched(Habit(chance=random.Random(broken)))
    assert alarms(watched.follow(14 * DAY)) == 0
    odd = next(odd for odd in watched.follow(DAY, change) if odd)
    assert odd[0].words.startswith(words)
    assert watched.now > START + 14 * DAY + HOUR, "once is chance"
    assert any(not odd for odd in watched.follow(DAY)), "mended"


def test_pages_that_can_no_longer_be_read_are_noticed() -> None:
    watched = Watched(Habit(chance=random.Random(5)))
    assert alarms(watched.follow(14 * DAY)) == 0
    odd = next(odd for odd in watched.follow(DAY, pages=False) if odd)
    assert odd[0].words.startswith("0 % of the articles' pages could be read, usually ")


def test_silence_is_noticed_though_nothing_is_brought_at_all() -> None:
    watched = Watched(Habit(chance=random.Random(6), night=0.0))
    assert alarms(watched.follow(40 * DAY)) == 0
    watched.habit.per_day = 0.0
    quiet = next(at for at, odd in enumerate(watched.follow(20 * DAY)) if odd)
    assert 3 * 24 - 10 <= quiet <= 3 * 24 + 2
    (odd,) = drift.judged(watched.usual, watched.rhythm, watched.now)
    assert odd.words.startswith("nothing new for 3 days, usually at most ")
    watched.habit.per_day = 24.0
    assert any(not odd for odd in watched.follow(DAY))


def test_what_has_lasted_for_a_month_is_the_new_usual() -> None:
    watched = Watched(Habit(chance=random.Random(7)))
    assert alarms(watched.follow(14 * DAY)) == 0
    watched.habit.words = 8.0
    found = list(watched.follow(40 * DAY))
    assert any(found[: 3 * 24])
    assert all(found[7 * 24 : 28 * 24])
    assert not any(found[34 * 24 :])


def test_a_first_document_teaches_no_more_than_what_a_document_is_like() -> None:
    backlog = Measures(entries=50, dated=50, new=None)
    usual = drift.learned(None, backlog, (START - DAY * n for n in range(50)), None, START)
    assert (usual.new, usual.words, usual.copies, usual.portion) == (Band(), Band(), Band(), Portion())
    assert (usual.gaps, usual.longest_s) == (49, DAY.total_seconds())
    assert drift.judged(usual, None, START + 90 * DAY) == ()


def test_what_is_decided_is_told_once() -> None:
    as_usual = FetchState(source_id="a")
    odd = replace(as_usual, degraded="1 % of the entries have a date, usually 100 %")
    assert [event.kind for event in drift.events(as_usual, odd, START)] == ["degraded"]
    assert drift.events(odd, replace(odd, degraded="2 % have"), START) == ()
    assert [event.kind for event in drift.events(odd, as_usual, START)] == ["recovered"]


@pytest.mark.shared
def test_recorded_sources_are_seldom_taken_for_silent(shared: Path) -> None:
    """Of each source that something is known of: how often does a time between two publications look like silence?"""
    times: dict[str, set[float]] = defaultdict(set)
    for line in (shared / "schedule/times.tsv").read_text().splitlines()[1:]:
        name, said_s = line.split("\t")
        times[name].add(float(said_s))
    wrong = years = 0.0
    for moments in times.values():
        usual, known = Usual(), None
        for at_s in sorted(moments):
            at = datetime.fromtimestamp(at_s, UTC)
            if known is not None:
                years += (at - known.last) / timedelta(days=365)
                wrong += bool(drift.judged(usual, known, at))
            usual = drift.learned(usual, Measures(entries=10, dated=10, new=None), [at], known, at)
            known = rhythm.learned(known, [Publication(at=at)], "UTC", at)
    assert years > 150
    assert wrong / years < 0.1


BANDS = st.builds(
    Band,
    mean=st.floats(0, 30, width=32),
    spread=st.floats(0, 30, width=32),
    weight=st.floats(0, 200, width=32),
    last=st.floats(0, 30, width=32),
    strikes=st.integers(0, 255),
    since=st.none() | st.datetimes(datetime(1990, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)


@given(
    st.builds(
        Usual,
        **dict.fromkeys(("entries", "new", "dated", "words", "copies", "pages"), BANDS),
        portion=st.builds(Portion, entries=st.integers(0, 4), words=st.floats(0, 60, width=32)),
        gaps=st.integers(0, 65_535),
        released=st.booleans(),
    )
)
def test_what_is_usual_comes_back_from_few_bytes(usual: Usual) -> None:
    packed = pack(usual)
    assert packed is not None
    assert len(packed) < 200
    assert unpack(packed) == usual


def test_nothing_known_and_unknown_forms() -> None:
    assert pack(None) is None
    assert unpack(None) is None
    assert unpack(b"\xff whatever") is None
    many = replace(Usual(), gaps=70_000, entries=Band(strikes=300), portion=Portion(pages=90_000))
    assert unpack(pack(many)) == replace(Usual(), gaps=65_535, entries=Band(strikes=255), portion=Portion(pages=65_535))


def test_it_is_kept_with_the_state(store: Store) -> None:
    state = FetchState(source_id="a", usual=Usual(found_at=START, releases=1.0), degraded="0 % of the entries")
    with store.write() as tx:
        tx.schedule.save(state)
    with store.read() as tx:
        assert tx.schedule.state("a") == state
