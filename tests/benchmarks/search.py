"""How fast search is: `python -m tests.benchmarks.search [--stories 20000] [--words 300] [--address URL]`.

Fills an empty database (SQLite in a temporary folder unless an address is given) with stories of words that are as
unevenly frequent as those of a language, takes their words in, and asks. Prints the stories stored and taken in each
second, then medians, and whether a page was full or what it may cost was used up. Allow a minute for 20,000 stories.
"""

import argparse
import random
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from uuid import uuid4
from zoneinfo import ZoneInfo

from feedsvc import publish
from feedsvc.model import Appearance, Arrival, Content, Entry, FeedInfo, Filed, Filing, Fingerprint, Story
from feedsvc.query import Query, parse
from feedsvc.store import Addition, SearchPage, Store, Wanted, open_store

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
FEED = FeedInfo(title="Tin", id="urn:feed")
AT_ONCE = 500
ROUNDS = 15
PAGE = 20
VOCABULARY = [a + b + c for a in ("", *"bcdghklmnpstvx") for b in "aàáeèéioòóuùúy" for c in ("", *"cnmpt")]
LONG = [f"{one}{other}" for one in VOCABULARY[:100] for other in VOCABULARY[100:400]]
#: the most frequent words come first
WORDS = VOCABULARY + LONG
WEIGHTS = list(accumulate(1 / rank for rank in range(1, len(WORDS) + 1)))
#: what it shows, and the query; numbers are ranks
QUERIES = (
    ("everything, newest first", "-thisisnowhere"),
    ("a word of nearly every story", "{0}"),
    ("a common word", "{60}"),
    ("a rare word", "{20000}"),
    ("a rare word and a common one", "{20000} {0}"),
    ("two common words", "{60} {61}"),
    ("two common words side by side", '"{60} {61}"'),
    ("two words of the middle side by side", '"{1500} {1501}"'),
    ("a common beginning", "b*"),
    ("a rare beginning", "{20000}*"),
    ("a category and a word", "category:c7 {300}"),
    ("a category but not a word", "category:c7 -{0}"),
    ("a day and a word", "published:2026-11-20 {300}"),
    ("nothing", '"{2} {2} {2} {2} {2}"'),
)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    words.add_argument("--stories", type=int, default=20_000)
    words.add_argument("--words", type=int, default=300, help="of one story")
    words.add_argument("--address", help="of an empty database")
    asked = words.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        open_store(asked.address or f"sqlite:///{folder}/feedsvc.db") as store,
    ):
        store.migrate()
        measure(store, asked.stories, asked.words)


def measure(store: Store, count: int, length: int) -> None:
    chance = random.Random(1)
    with store.write() as tx:
        categories = [Wanted(kind="category", id=f"c{n}") for n in range(20)]
        tx.listings.apply([Wanted(kind="all", id="all"), Wanted(kind="source", id="s"), *categories], NOW)
    begun = time.perf_counter()
    for first in range(0, count, AT_ONCE):
        fill(store, chance, first, length)
    stored = time.perf_counter()
    publish.index(store)
    indexed = time.perf_counter()
    print(f"{count:,} stories stored, {count / (stored - begun):,.0f}/s")  # noqa: T201
    print(f"{count:,} stories taken in, {count / (indexed - stored):,.0f}/s")  # noqa: T201
    for what, text in QUERIES:
        report(store, what, text.format(*WORDS))


def fill(store: Store, chance: random.Random, first: int, length: int) -> None:
    with store.write() as tx:
        additions = [
            Addition(arrival=arrival(chance, n, length), story_id=uuid4()) for n in range(first, first + AT_ONCE)
        ]
        ids = tx.entries.add("s", additions, FEED, NOW)
        made = [story(chance, *each) for each in zip(additions, ids, strict=True)]
        tx.stories.put([(each, tx.changes.append("new", each.id, NOW)) for each in made])


def arrival(chance: random.Random, number: int, length: int) -> Arrival:
    text = " ".join(chance.choices(WORDS, cum_weights=WEIGHTS, k=length))
    entry = Entry(
        link=f"https://nhandan.example/{number}.html",
        title=text[:60],
        published=NOW - timedelta(minutes=number),
        content=Content(value=f"<p>{text}</p>", type="html", text=text),
        language="vi",
    )
    mark = Fingerprint(version=1, words=length, text_hash=b"t", content_hash=b"c", bands=())
    return Arrival(entry=entry, keys=(f"guid:{number}",), link_keys=(), fingerprint=mark)


def story(chance: random.Random, addition: Addition, entry_id: int) -> Story:
    entry = addition.arrival.entry
    assert addition.story_id is not None
    assert entry.published is not None
    return Story(
        id=addition.story_id,
        lead=Appearance(entry_id=entry_id, source_id="s", entry=entry, feed=FEED, first_seen_at=NOW),
        language="vi",
        filing=Filing(categories=(Filed(id=f"c{chance.randrange(20)}", reason="matched"),)),
        first_seen_at=NOW,
        announced_at=NOW,
        updated_at=NOW,
        sort_at=entry.published,
    )


def report(store: Store, what: str, text: str) -> None:
    query, seconds = parse(text), []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        page = asked(store, query)
        seconds.append(time.perf_counter() - begun)
    median, worst = statistics.median(seconds) * 1000, max(seconds) * 1000
    came = "used up" if page.exhausted else "full" if page.older else "all"
    print(f"{what:40}{median:8.1f} ms (at most {worst:6.1f}), {len(page.stories):2} found, {came}")  # noqa: T201


def asked(store: Store, query: Query) -> SearchPage:
    with store.read() as tx:
        return tx.search.page(query, zone=ZONE, limit=PAGE)


if __name__ == "__main__":
    main()
