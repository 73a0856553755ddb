"""Who speaks for a story."""

from datetime import timedelta
from itertools import permutations

from feedsvc.dedup import leading
from feedsvc.model import Appearance, FeedInfo
from tests.dedup.samples import DAY, entry


def appearance(entry_id: int, source_id: str, minutes: int = 0) -> Appearance:
    return Appearance(
        entry_id=entry_id,
        source_id=source_id,
        entry=entry(),
        feed=FeedInfo(),
        first_seen_at=DAY + timedelta(minutes=minutes),
    )


def test_rank_leads_then_first_sight_then_entry_id() -> None:
    early, twin, late = appearance(1, "a"), appearance(2, "b"), appearance(3, "c", minutes=5)
    for order in permutations((early, twin, late)):
        assert leading(order, {}) is early
        assert leading(order, {"c": 1}) is late
        assert leading(order, {"a": -1}) is twin
