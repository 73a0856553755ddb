"""How often a domain is asked."""

import pytest

from feedsvc.fetch.rate import BURST, MAX_DOMAINS, Rate


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_then_one_after_the_other() -> None:
    clock = Clock()
    rate = Rate(2.0, clock)
    waits = [rate.reserve(f"{n}.example.co.uk") for n in range(int(BURST) + 3)]
    assert waits == [0.0] * int(BURST) + [0.5, 1.0, 1.5]
    assert rate.reserve("example.com") == 0
    rate.give_back("example.co.uk")
    clock.now += 1.0
    assert rate.reserve("EXAMPLE.co.uk.") == 0.5
    clock.now += 1000
    assert [rate.reserve("example.co.uk") for _ in range(int(BURST) + 1)][-1] == 0.5


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("www.news.example.com.vn", "example.com.vn"),
        ("a.github.io", "a.github.io"),
        ("com.vn", "com.vn"),
        ("localhost", "localhost"),
        ("192.0.2.1", "192.0.2.1"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("", ""),
    ],
)
def test_who_shares_a_bucket(host: str, domain: str) -> None:
    assert Rate(1.0).domain(host) == domain


def test_memory_is_bounded() -> None:
    clock = Clock()
    rate = Rate(1.0, clock)
    for number in range(MAX_DOMAINS + 10):
        clock.now += 1
        rate.reserve(f"host{number}")
    assert len(rate._buckets) < MAX_DOMAINS
