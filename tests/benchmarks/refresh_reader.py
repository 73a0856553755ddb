"""reader's part of refresh.py: `python refresh_reader.py FOLDER FEEDS PORT`, with an interpreter that has reader."""

import json
import resource
import sys
import time
from importlib import import_module

make_reader = import_module("reader").make_reader

folder, feeds, port = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
reader = make_reader(f"{folder}/reader.db", feed_root=None)
if not reader.get_feed_counts().total:
    for number in range(feeds):
        reader.add_feed(f"http://127.0.0.1:{port}/{number}.xml")
before = resource.getrusage(resource.RUSAGE_SELF)
started = time.monotonic()
reader.update_feeds(workers=10, scheduled=False)
seconds = time.monotonic() - started
after = resource.getrusage(resource.RUSAGE_SELF)
broken = reader.get_feed_counts(broken=True).total
assert not broken, f"{broken} feeds failed"
sys.stdout.write(
    json.dumps(
        {
            "seconds": seconds,
            "processor_s": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
            "peak_mb": after.ru_maxrss / 1000,
            "entries": reader.get_entry_counts().total,
        }
    )
)
