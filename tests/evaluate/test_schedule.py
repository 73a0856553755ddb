"""Replays of publication times: what the policies may know, and that ours saves what it promises."""

import json
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from feedsvc.cli.main import main
from feedsvc.errors import DataSetError
from feedsvc.evaluate.schedule import (
    History,
    Replay,
    adaptive,
    compare,
    entry_frequency,
    fixed,
    history,
    read_times,
    score,
    tuned,
)

HOUR_S, DAY_S = 3600.0, 86400.0
START_S = 1_750_000_000.0


def made(source: str, times: Sequence[float]) -> History:
    found = history(source, times)
    assert found is not None
    return found


def by_chance(seed: int, per_day: Sequence[float], count: int = 80) -> list[History]:
    """Return sources without any rhythm (homogeneous Poisson) at these rates."""
    chance = random.Random(seed)
    histories = []
    for number, rate in enumerate(per_day):
        at_s, times = START_S, []
        for _ in range(count):
            at_s += chance.expovariate(rate / DAY_S)
            times.append(at_s)
        histories.append(made(f"{seed}-{number}", times))
    return histories


def waiting(replays: Sequence[Replay]) -> float:
    return sum(delay for replay in replays for delay in replay.delays_s)


def evenly(histories: Sequence[History], replays: Sequence[Replay]) -> float:
    """Return the waiting to expect if each source had its own number of requests at a fixed interval."""
    spent = zip(histories, replays, strict=True)
    return sum(len(replay.delays_s) * each.span_s / replay.requests / 2 for each, replay in spent)


def test_each_policy_finds_every_entry_at_its_next_request() -> None:
    histories = by_chance(1, [0.2, 2, 20])
    policies = [lambda dial: fixed(histories, HOUR_S), entry_frequency(histories), adaptive(histories)]
    for policy in policies:
        for each, replay in zip(histories, policy(0.01), strict=True):
            assert len(replay.delays_s) == len(each.scored)
            found = sorted(at_s + delay for at_s, delay in zip(each.scored, replay.delays_s, strict=True))
            assert found == pytest.approx([a + d for a, d in zip(each.scored, replay.delays_s, strict=True)])
            assert all(delay >= 0 for delay in replay.delays_s)
            assert len(set(found)) <= replay.requests


def test_what_comes_later_changes_no_earlier_request() -> None:
    """Nothing is known of an entry before a request found it."""
    times = [START_S + 5 * HOUR_S * n for n in range(100)]
    known, scored = tuple(times[:70]), tuple(times[70:])
    here = History(source="a", known=known, scored=scored)
    there = History(source="a", known=known, scored=(*scored[:10], *(at_s + 40 * DAY_S for at_s in scored[10:])))
    for policy in (adaptive, entry_frequency):
        (first,), (second,) = policy([here])(0.1), policy([there])(0.1)
        assert first.delays_s[:10] == second.delays_s[:10]


def test_the_frequency_rule_is_a_week_by_the_entries_of_the_last_week_within_bounds() -> None:
    daily = made("a", [START_S + DAY_S * n for n in range(100)])
    (replay,) = entry_frequency([daily])(1 / 24)
    # Eight entries lie in the last week when it ends with one.
    assert replay.requests == pytest.approx(daily.span_s / HOUR_S, rel=0.2)
    (seldom,), (often,) = entry_frequency([daily])(1e9), entry_frequency([daily])(1e-9)
    assert (seldom.requests, often.requests) == (30, daily.span_s / 300)


def test_totals_are_equal() -> None:
    histories = by_chance(2, [0.05, 0.5, 5, 50])
    for every_s in (HOUR_S, 5 * HOUR_S):
        scores = compare(histories, every_s)
        assert [each.policy for each in scores] == ["fixed", "entry-frequency", "feedsvc"]
        requests = [each.requests for each in scores]
        assert max(requests) <= min(requests) * 1.01


@pytest.mark.parametrize("seed", range(3))
def test_where_rates_differ_and_nothing_has_a_rhythm_the_square_root_saves(seed: int) -> None:
    histories = by_chance(seed, [0.1, 0.3, 1, 3, 10] * 4)
    even, _, ours = compare(histories, 4 * HOUR_S)
    assert ours.mean_delay_s < 0.8 * even.mean_delay_s


def test_where_nothing_has_a_rhythm_no_request_is_worse_placed_than_at_a_fixed_interval() -> None:
    """Neither all in all, nor, but for what luck teaches, of each source at the requests that it got.

    One source alone is luck: they are added up.
    """
    waited = expected = even = 0.0
    for seed in range(4):
        histories = by_chance(seed, [1.0] * 10 + [5.0] * 10)
        at_intervals = fixed(histories, 4 * HOUR_S)
        requests = sum(replay.requests for replay in at_intervals)
        replays = tuned(adaptive(histories), requests)
        waited += waiting(replays)
        expected += evenly(histories, replays)
        even += waiting(at_intervals)
    assert waited < even
    assert waited < 1.05 * expected


def test_a_rhythm_is_found_and_saves_most_of_the_waiting() -> None:
    chance = random.Random(7)
    histories = []
    for number in range(5):
        times = [START_S + DAY_S * day + 9 * HOUR_S + chance.random() * HOUR_S for day in range(100)]
        histories.append(made(str(number), times))
    even, frequency, ours = compare(histories, 4 * HOUR_S)
    assert ours.mean_delay_s < 0.3 * min(even.mean_delay_s, frequency.mean_delay_s)


@pytest.mark.parametrize("every", ["1s", "2d", "soon", "0h"])
def test_budgets_that_no_policy_can_spend_are_refused(tmp_path: Path, every: str) -> None:
    result = run(written(tmp_path, by_chance(3, [1])), "--every", every)
    assert result.exit_code == 2
    assert "--every" in result.stderr


def test_the_percentile_is_by_nearest_rank() -> None:
    delays = tuple(float(n) for n in range(1, 101))
    found = score("any", [Replay(source="a", requests=3, delays_s=delays[50:] + delays[:50])])
    assert (found.requests, found.mean_delay_s, found.p95_delay_s) == (3, 50.5, 95.0)


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["evaluate", "schedule", *words])


def written(folder: Path, histories: Sequence[History]) -> str:
    path = folder / "times.tsv"
    lines = [f"{each.source}\t{at_s:.0f}" for each in histories for at_s in each.known + each.scored]
    random.Random(1).shuffle(lines)
    path.write_text("\n".join(["source\tunix_time", *lines, ""]))
    return str(path)


def test_the_command_prints_one_object_a_policy(tmp_path: Path) -> None:
    path = written(tmp_path, by_chance(3, [1, 4]))
    result = run(path, "--every", "4h", "--json")
    scores = [json.loads(line) for line in result.stdout.splitlines()]
    assert [each["policy"] for each in scores] == ["fixed", "entry-frequency", "feedsvc"]
    assert all(set(each) == {"policy", "requests", "mean_delay_s", "p95_delay_s"} for each in scores)
    told = run(path, "--every", "4h").stdout
    assert f"{scores[2]['requests']:,}" in told
    assert f"{scores[2]['mean_delay_s'] / 60:,.1f} min" in told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ":1: there must be the columns"),
        ("source,unix_time\n", ":1: there must be the columns"),
        ("source\tunix_time\na\tsoon\n", ":2: 'soon' is no time"),
        ("source\tunix_time\na\t1\nb\n", ":3: a value is missing"),
        ("source\tunix_time\na\tnan\n", ":2: 'nan' is no time"),
        ("source\tunix_time\na\t1e300\n", ":2: '1e300' is no time"),
        ("source\tunix_time\na\t1\n", "no source has publications to score"),
        ("source\tunix_time\na\t1\na\t1\n", "no source has publications to score"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "times.tsv"
    path.write_text(text)
    with pytest.raises(DataSetError, match=said.replace("'", ".")):
        read_times(path)
    result = run(str(path))
    assert result.exit_code == 1
    assert said in result.stderr


@pytest.mark.shared
def test_on_recorded_times_a_third_of_the_waiting_is_saved_at_least(shared: Path) -> None:
    even, frequency, ours = compare(read_times(shared / "schedule" / "times.tsv"), 12 * HOUR_S)
    assert ours.mean_delay_s <= 0.7 * min(even.mean_delay_s, frequency.mean_delay_s)
