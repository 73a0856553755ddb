"""How fast the store is: `python tests/benchmarks/store.py [ADDRESS]`, about a minute, an empty database.

Prints medians. Figures of one machine only compare with others of the same run.
"""

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from feedsvc.model import (
    Appearance,
    Arrival,
    Content,
    Entry,
    FeedInfo,
    FetchState,
    Filed,
    Filing,
    Fingerprint,
    Story,
)
from feedsvc.store import Addition, Store, Wanted, open_store

STORED = 100_000
FILL_S = 45
DOCUMENT = 50
SOURCES = 200
BANDS = 17
NOW = datetime(2026, 11, 22, tzinfo=UTC)
WORDS = ["hàng", "Việt", "Nam", "chất", "lượng", "cao", "tiêu", "chuẩn", "sản", "phẩm", "innovation", "trade", "of"]
FEED = FeedInfo(title="Tin", id="urn:feed")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        address = sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{folder}/feedsvc.db"
        with open_store(address) as store:
            store.migrate()
            measure(store)


def measure(store: Store) -> None:
    chance = random.Random(1)
    ids = [f"s{i}" for i in range(SOURCES)]
    with store.write() as tx:
        wanted = [Wanted(kind="source", id=id) for id in ids]
        tx.listings.apply([Wanted(kind="all", id="all"), Wanted(kind="category", id="trade"), *wanted], NOW)
    stored: list[tuple[str, list[Arrival]]] = []

    def poll(size: int) -> Callable[[], None]:
        source, arrivals = chance.choice(ids), [arrival(chance) for _ in range(size)]
        stored.append((source, arrivals))
        return lambda: new_document(store, source, arrivals)

    report("new documents of 50 entries of 3 KB, everything stored", DOCUMENT, [poll(DOCUMENT) for _ in range(40)])
    filled = fill(poll, 40 * DOCUMENT)
    del stored[40:]
    report(f"the same with {filled:,} entries stored", DOCUMENT, [poll(DOCUMENT) for _ in range(40)])
    report("documents of 50 known entries", DOCUMENT, [known(store, *each) for each in stored[:80]])
    alone = [arrival(chance) for _ in range(300)]
    copies = [edited(chance.choice(chance.choice(stored)[1])) for _ in range(300)]
    report("candidates, asked alone, nothing alike but boilerplate", 1, [ask(store, [each]) for each in alone])
    report("candidates, asked alone, of edited copies", 1, [ask(store, [each]) for each in copies])
    documents = [copies[n : n + DOCUMENT] for n in range(0, 300, DOCUMENT)]
    report("candidates, a document of copies at once", DOCUMENT, [ask(store, each) for each in documents])
    report(f"latest 50 of a category, {3 * filled:,} memberships", 1, [lambda: latest(store)] * 40)
    report("counts of all categories", 1, [lambda: counts(store)] * 5)


def new_document(store: Store, source: str, arrivals: list[Arrival]) -> None:
    """Do what one poll does with a document of new entries."""
    with store.write() as tx:
        tx.schedule.save(FetchState(source_id=source, next_fetch_at=NOW, info=FEED))
        tx.entries.known(source, [key for each in arrivals for key in each.keys])
        if len(arrivals) == DOCUMENT:
            tx.entries.expect(arrivals, source_id=source, since=NOW)
        additions = [Addition(arrival=each, story_id=uuid4()) for each in arrivals]
        ids = tx.entries.add(source, additions, FEED, NOW)
        made = [story(source, each, id) for each, id in zip(additions, ids, strict=True)]
        tx.stories.put([(each, tx.changes.append("new", each.id, NOW)) for each in made])


def known(store: Store, source: str, arrivals: list[Arrival]) -> Callable[[], None]:
    def run() -> None:
        with store.write() as tx:
            found = tx.entries.known(source, [key for each in arrivals for key in each.keys])
            tx.schedule.save(FetchState(source_id=source, next_fetch_at=NOW, info=FEED))
        assert len(found) == 2 * len(arrivals)

    return run


def ask(store: Store, arrivals: list[Arrival]) -> Callable[[], None]:
    def run() -> None:
        with store.read() as tx:
            tx.entries.expect(arrivals, source_id="another", since=NOW)

    return run


def latest(store: Store) -> None:
    with store.read() as tx:
        found = tx.stories.latest("category", "trade", language="vi", entries=50, window=timedelta(0), max_entries=50)
    assert len(found) == 50


def counts(store: Store) -> None:
    with store.read() as tx:
        assert tx.stories.counts("category")["trade"] > 0


def arrival(chance: random.Random) -> Arrival:
    name = f"{chance.getrandbits(64):x}"
    text = " ".join(chance.choices(WORDS, k=300))
    link = f"https://nhandan.example/{name}.html"
    entry = Entry(
        guid=name,
        link=link,
        title=text[:60],
        published=NOW,
        content=Content(value=f"<p>{text}</p>", type="html", text=text),
    )
    # One band in eight texts is boilerplate's; the place is part of a band, as in dedup.
    bands = [place << 32 | chance.getrandbits(32) for place in range(BANDS)]
    if chance.random() < 1 / 8:
        bands[0] = 7
    return Arrival(
        entry=entry,
        keys=(f"guid:{name}", f"link:{link}"),
        link_keys=(link,),
        fingerprint=Fingerprint(
            version=1, words=300, text_hash=name.encode() * 2, content_hash=name.encode() * 2, bands=tuple(bands)
        ),
    )


def edited(original: Arrival) -> Arrival:
    """Return a copy under another address that kept a third of its bands."""
    chance = random.Random(original.keys[0])
    other = arrival(chance)
    bands = (*original.fingerprint.bands[: BANDS // 3], *other.fingerprint.bands[BANDS // 3 :])
    fingerprint = Fingerprint(version=1, words=300, text_hash=b"", content_hash=b"", bands=bands)
    return Arrival(entry=other.entry, keys=other.keys, link_keys=other.link_keys, fingerprint=fingerprint)


def story(source: str, addition: Addition, entry_id: int) -> Story:
    assert isinstance(addition.story_id, UUID)
    entry = addition.arrival.entry
    lead = Appearance(entry_id=entry_id, source_id=source, entry=entry, feed=FEED, first_seen_at=NOW)
    return Story(
        id=addition.story_id,
        lead=lead,
        language="vi",
        filing=Filing(categories=(Filed(id="trade", reason="matched title: “hàng Việt Nam”"),)),
        first_seen_at=NOW,
        announced_at=NOW,
        updated_at=NOW,
        sort_at=NOW,
    )


def report(what: str, each: int, runs: list[Callable[[], object]]) -> None:
    seconds = []
    for run in runs:
        begun = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - begun)
    median, worst = statistics.median(seconds), sorted(seconds)[int(len(seconds) * 0.95)]
    print(f"{what}: {median * 1000:.2f} ms (95 %: {worst * 1000:.2f} ms), {each / median:,.0f}/s")  # noqa: T201


def fill(poll: Callable[[int], Callable[[], None]], stored: int) -> int:
    """Store what the other figures are measured on, for as long as a benchmark may take; return how much there is."""
    begun = time.perf_counter()
    while stored < STORED and time.perf_counter() - begun < FILL_S:
        poll(1000)()
        stored += 1000
    return stored


if __name__ == "__main__":
    main()
