"""Our part of refresh.py: `python refresh_feedsvc.py FOLDER FEEDS PORT`."""

import asyncio
import json
import logging
import resource
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

import structlog
import uvloop

from feedsvc import publish
from feedsvc.cli.opening import opened
from feedsvc.revisions import InForce
from feedsvc.schedule import polling
from feedsvc.store import Store

CATEGORIES = """categories:
  - {id: quality, title: {vi: Chất lượng}, match: 'title:("hàng Việt Nam" OR "chất lượng") OR text:"tiêu chuẩn"'}
  - {id: trade, title: {vi: Thương mại}, match: 'terms:"kinh tế" AND text:thương'}
tags:
  - {id: wipo, title: {en: WIPO}, match: '"World Intellectual Property" OR wipo'}
"""


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    folder, feeds, port = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    config = folder / "config"
    if not config.exists():
        write(config, feeds, port)
    with opened(config) as service:
        # A scheduler has it in memory: reading it is no part of a refresh.
        current = service.in_force()
        before, started = processor_s(), time.monotonic()
        uvloop.run(refresh(service.store, current))
        publish.index(service.store)
        seconds = time.monotonic() - started
        with service.store.read() as tx:
            failed = [state for state in tx.schedule.states().values() if state.error]
    assert not failed, f"{len(failed)} feeds failed: {failed[0].error}"
    sys.stdout.write(
        json.dumps(
            {
                "seconds": seconds,
                "processor_s": processor_s() - before,
                "peak_mb": peak_mb(),
                "entries": entries(folder),
            }
        )
    )


def write(config: Path, feeds: int, port: int) -> None:
    config.mkdir()
    (config / "feedsvc.yaml").write_text(
        "site: {title: Benchmark, languages: [vi]}\n"
        f"storage: {{url: 'sqlite:///{config.parent}/feedsvc.db'}}\n"
        "fetch: {allow_private: [127.0.0.0/8], per_host: 64}\n"
    )
    sources = (
        f"  - {{id: s{n}, title: Báo {n}, url: 'http://127.0.0.1:{port}/{n}.xml', full_text: false, backfill: all}}\n"
        for n in range(feeds)
    )
    (config / "sources.yaml").write_text("sources:\n" + "".join(sources))
    (config / "categories.yaml").write_text(CATEGORIES)


async def refresh(store: Store, current: InForce) -> None:
    async with polling(store, current) as runner:
        await asyncio.gather(*(runner.submit(source, force=True) for source in current.settings.sources))


def entries(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "feedsvc.db")) as database:
        return int(database.execute("SELECT count(*) FROM entries").fetchone()[0])


def processor_s() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def peak_mb() -> float:
    """Return what this process and its largest worker needed at most."""
    return sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1000


if __name__ == "__main__":
    main()
