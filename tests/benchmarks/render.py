"""How long a document takes: 50 stories with full text, a fresh render each time.

python -m tests.benchmarks.render
"""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from feedsvc import render
from tests.render.samples import FULL, RICH

STORIES = 50
ROUNDS = 20
PARAGRAPH = '<p>Doanh nghiệp đầu tư cho <a href="https://nhandan.vn/">R&amp;D</a> và tiêu chuẩn chất lượng.</p>'


def best_ms(act: Callable[[], object]) -> float:
    """Return the processor time of the shortest of some rounds."""
    times = []
    for _ in range(ROUNDS):
        started = time.process_time()
        act()
        times.append(time.process_time() - started)
    return 1000 * min(times)


def main() -> None:
    stories = tuple(
        replace(FULL, id=UUID(int=number), updated=FULL.updated - timedelta(minutes=number), content=PARAGRAPH * 20)
        for number in range(STORIES)
    )
    feed = replace(RICH, stories=stories)
    for format, make in (("rss", render.rss), ("atom", render.atom), ("json", render.json_feed)):
        body = make(feed)
        render_ms = best_ms(lambda make=make: make(feed))  # type: ignore[misc]
        kept = render.snapshot("/", "", body, feed.updated, feed.ttl)
        snapshot_ms = best_ms(lambda body=body: render.snapshot("/", "", body, feed.updated, feed.ttl))  # type: ignore[misc]
        print(  # noqa: T201
            f"{format:5} {render_ms:6.1f} ms + {snapshot_ms:5.1f} ms for snapshot,"
            f" {len(body)} bytes, gzip {len(kept.gzip)}, br {len(kept.br)}"
        )


if __name__ == "__main__":
    main()
