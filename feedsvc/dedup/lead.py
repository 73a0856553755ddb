"""Which entry speaks for a story."""

from collections.abc import Mapping, Sequence

from feedsvc.model import Appearance


def leading(appearances: Sequence[Appearance], ranks: Mapping[str, int]) -> Appearance:
    """Return the entry that leads: of the highest rank, then first seen, then stored first.

    `ranks` by source id; a source that is not in it has rank 0. There is at least one appearance.
    """
    # Provenance (who says that it copied from whom) will stand before the rank.
    return min(appearances, key=lambda each: (-ranks.get(each.source_id, 0), each.first_seen_at, each.entry_id))
