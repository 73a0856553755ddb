"""Values for store tests, with as little said as each test needs."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from feedsvc.model import (
    Appearance,
    Arrival,
    ChangeKind,
    Content,
    Entry,
    FeedInfo,
    Filed,
    Filing,
    Fingerprint,
    Snapshot,
    Story,
)
from feedsvc.store import Addition, Transaction, Wanted

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
FEED = FeedInfo(id="urn:feed", title="Nhân Dân", ttl=timedelta(minutes=15))
_SPACE = UUID("7f1c0f0e-0000-4000-8000-000000000000")


def story_id(name: str) -> UUID:
    return uuid5(_SPACE, name)


def entry(name: str, text: str = "Hàng Việt Nam") -> Entry:
    return Entry(
        guid=name,
        link=f"https://nhandan.example/{name}",
        title=f"Tin {name}",
        published=NOW - timedelta(hours=1),
        content=Content(value=f"<p>{text}</p>", type="html", text=text),
    )


def arrival(
    name: str,
    *,
    text: str = "Hàng Việt Nam",
    keys: tuple[str, ...] | None = None,
    links: tuple[str, ...] = (),
    bands: tuple[int, ...] = (),
    skipped: str | None = None,
) -> Arrival:
    return Arrival(
        entry=entry(name, text),
        keys=(f"guid:{name}",) if keys is None else keys,
        link_keys=links,
        fingerprint=Fingerprint(
            version=1, words=3, text_hash=name.encode(), content_hash=text.encode(errors="replace"), bands=bands
        ),
        skipped=skipped,
    )


def listed(tx: Transaction, *, sources: Iterable[str] = ("nhandan",), categories: Iterable[str] = ("trade",)) -> None:
    """Open the listings that most tests use."""
    tx.listings.apply(
        [
            Wanted(kind="all", id="all"),
            *(Wanted(kind="category", id=id) for id in categories),
            *(Wanted(kind="source", id=id) for id in sources),
        ],
        NOW,
    )


def story(
    name: str,
    leading: Appearance,
    *,
    others: tuple[Appearance, ...] = (),
    categories: tuple[str, ...] = ("trade",),
    language: str | None = "vi",
    at: datetime = NOW,
    announced: bool = True,
    sort_at: datetime | None = None,
    retracted: str | None = None,
) -> Story:
    return Story(
        id=story_id(name),
        lead=leading,
        others=others,
        language=language,
        filing=Filing(categories=tuple(Filed(id=id, reason=f"matched {id}") for id in categories)),
        first_seen_at=at,
        announced_at=at if announced else None,
        updated_at=at,
        sort_at=sort_at or at,
        retracted=retracted,
    )


def appearance(tx: Transaction, name: str, arrived: Arrival, source: str = "nhandan", at: datetime = NOW) -> Appearance:
    """Store an entry that begins, or joins, the story `name`."""
    (entry_id,) = tx.entries.add(source, [Addition(arrival=arrived, story_id=story_id(name))], FEED, at)
    return Appearance(entry_id=entry_id, source_id=source, entry=arrived.entry, feed=FEED, first_seen_at=at)


def put(tx: Transaction, one: Story, kind: ChangeKind | None = "new", at: datetime = NOW) -> Story:
    tx.stories.put([(one, tx.changes.append(kind, one.id, at) if kind else None)])
    return one


def published(
    tx: Transaction, name: str, arrived: Arrival | None = None, *, source: str = "nhandan", at: datetime = NOW
) -> Story:
    """Store and announce a story of one entry."""
    return put(tx, story(name, appearance(tx, name, arrived or arrival(name), source, at), at=at), at=at)


def snapshot(path: str, body: bytes = b"<rss/>") -> Snapshot:
    return Snapshot(
        path=path,
        media_type="application/rss+xml",
        body=body,
        gzip=b"gz" + body,
        br=b"br" + body,
        etag=f'W/"{body.hex()}"',
        last_modified=NOW,
        max_age=timedelta(minutes=5),
    )
