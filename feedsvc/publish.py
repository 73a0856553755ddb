"""The publisher: what changed in the log becomes snapshots.

A document is a pure function of the stories up to a sequence, the configuration and the renderer's version. It is
rendered once per change and kept; a render that comes out byte-equal changes nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from uuid import UUID, uuid5

from feedsvc import policy, render
from feedsvc.addresses import CATALOGUE, STORIES, STYLESHEET, feed_path, page_path
from feedsvc.edition import KIND_TITLES, Edition, Texts
from feedsvc.model import (
    FORMATS,
    Format,
    Label,
    Listing,
    ListKind,
    OutputFeed,
    PublishedStory,
    Snapshot,
)
from feedsvc.store import Mark, Store, Transaction

GENERATOR = "feedsvc"

#: stories whose words are taken in by one transaction
_INDEXED_AT_ONCE = 200

#: note in the store: of what the list of feeds was made
_CATALOGUE_MADE_OF = "catalogue"


def refresh(store: Store, edition: Edition, now: datetime) -> tuple[str, ...]:
    """Render every document that is behind the log or of another basis; return the paths whose bytes changed."""
    basis = f"{render.RENDERER_VERSION} {edition.basis}"
    with store.read() as tx:
        marks, found, catalogue = tx.snapshots.marks(), tx.listings.all(), tx.notes.get(_CATALOGUE_MADE_OF)
    texts = edition.texts()
    # What was opened a moment ago may belong to a revision that this process has not taken up yet.
    listings = [each for each in found if each.closed_at is None and (each.kind, each.id) in texts]
    stale = [each for each in listings if marks.get((each.kind, each.id)) != Mark(sequence=each.touched, basis=basis)]
    # News first: another basis alone concerns everything, and can wait.
    stale.sort(key=lambda each: not _has_news(each, marks))
    changed: list[str] = []
    for listing in stale:
        snapshots = _documents(store, edition, texts, listing, now)
        with store.write() as tx:
            mark = Mark(sequence=listing.touched, basis=basis)
            changed += tx.snapshots.save(listing.kind, listing.id, mark, snapshots, now)
    made_of = sha256(f"{basis} {[(each.uuid, each.opened_at) for each in listings]}".encode()).hexdigest()
    if made_of != catalogue:
        changed += _write_catalogue(store, edition, listings, now, made_of)
    return tuple(changed)


def index(store: Store, most: int | None = None) -> None:
    """Let search know the words of what changed, of at most so many stories; None: of all.

    In short turns, each read before it is written: polls do not wait for it.
    """
    left = most
    while left is None or left > 0:
        with store.read() as tx:
            behind = tx.search.behind(_INDEXED_AT_ONCE)
        if behind is None:
            return
        with store.write() as tx:
            tx.search.take_in(behind)
        left = None if left is None else left - _INDEXED_AT_ONCE


def _has_news(listing: Listing, marks: Mapping[tuple[ListKind, str], Mark]) -> bool:
    mark = marks.get((listing.kind, listing.id))
    return mark is None or mark.sequence != listing.touched


def _documents(store: Store, edition: Edition, texts: Texts, listing: Listing, now: datetime) -> list[Snapshot]:
    """Render a listing over all languages and by each, in each format."""
    with store.read() as tx:
        feeds = list(_feeds(tx, edition, texts, listing))
    return [
        _snapshot(feed, format, feed_path(listing.kind, listing.id, format, language), edition, now)
        for language, feed in feeds
        for format in FORMATS
    ]


def _feeds(
    tx: Transaction, edition: Edition, texts: Texts, listing: Listing
) -> Iterator[tuple[str | None, OutputFeed]]:
    sources = {source.id: source for source in edition.sources}
    licensed: dict[tuple[UUID, str], PublishedStory | None] = {}
    for language in (None, *edition.site.languages):
        stories = tx.stories.latest(
            listing.kind,
            listing.id,
            language=language,
            entries=edition.limits.entries,
            window=edition.limits.window,
            max_entries=edition.limits.max_entries,
        )
        shown_in = language or edition.site.languages[0]
        for story in stories:
            if (story.id, shown_in) not in licensed:
                licensed[story.id, shown_in] = policy.publishable(story, sources, shown_in)
        published = (licensed[story.id, shown_in] for story in stories)
        yield language, _output_feed(edition, texts, listing, language, tuple(s for s in published if s is not None))


def _output_feed(
    edition: Edition, texts: Texts, listing: Listing, language: str | None, stories: tuple[PublishedStory, ...]
) -> OutputFeed:
    site, shown_in = edition.site, language or edition.site.languages[0]
    base = site.base_url or ""
    label, description = texts[listing.kind, listing.id]
    site_title, title = site.title.in_language(shown_in), label.in_language(shown_in)
    source = next((s for s in edition.sources if listing.kind == "source" and s.id == listing.id), None)
    return OutputFeed(
        id=_feed_id(listing.uuid, language).urn,
        title=site_title if listing.kind == "all" else f"{title} | {site_title}",
        description=description.in_language(shown_in) if description else f"{title} | {site_title}",
        self_urls=tuple((format, base + feed_path(listing.kind, listing.id, format, language)) for format in FORMATS),
        home_url=base + page_path(listing.kind, listing.id),
        site_title=site_title,
        site_url=f"{base}/",
        language=language or (source.language if source else None) or shown_in,
        # From content, never from the clock; a feed without stories is as old as its listing.
        updated=max((story.updated for story in stories), default=listing.opened_at),
        ttl=edition.limits.max_age,
        icon=site.icon,
        rights=source.policy.rights if source else None,
        stylesheet=base + STYLESHEET,
        story_url=base + STORIES,
        labels=_labels(edition, shown_in),
        stories=stories,
        generator=GENERATOR,
    )


def _feed_id(listing: UUID, language: str | None) -> UUID:
    return uuid5(listing, language) if language else listing


def _labels(edition: Edition, language: str) -> tuple[Label, ...]:
    base = edition.site.base_url or ""
    return tuple(
        Label(id=label.id, title=label.title.in_language(language), scheme=f"{base}/{kind}/")
        for kind, labels in (("category", edition.categories), ("tag", edition.tags))
        for label in labels
    )


def _snapshot(feed: OutputFeed, format: Format, path: str, edition: Edition, now: datetime) -> Snapshot:
    body = {"rss": render.rss, "atom": render.atom, "json": render.json_feed}[format](feed)
    return render.snapshot(path, render.MEDIA_TYPES[format], body, now, edition.limits.max_age)


def _write_catalogue(
    store: Store, edition: Edition, listings: Sequence[Listing], now: datetime, made_of: str
) -> tuple[str, ...]:
    """Write the list of all feeds. It is as old as the youngest listing: stories do not change it."""
    language = edition.site.languages[0]
    updated = max((listing.opened_at for listing in listings), default=now)
    body = render.opml(
        edition.site.title.in_language(language),
        edition.site.contact,
        updated,
        tuple(_outlines(edition, listings, kind, language) for kind in KIND_TITLES),
    )
    document = render.snapshot(CATALOGUE, render.OPML_MEDIA_TYPE, body, now, edition.limits.max_age)
    with store.write() as tx:
        tx.notes.set(_CATALOGUE_MADE_OF, made_of)
        return tx.snapshots.save_plain(document)


def _outlines(edition: Edition, listings: Sequence[Listing], kind: ListKind, language: str) -> render.OutlineGroup:
    """Return one kind's feeds in the order of the configuration, over all languages, then by each."""
    base = edition.site.base_url or ""
    opened = {(listing.kind, listing.id) for listing in listings}
    outlines = [
        render.Outline(
            title=title.in_language(code or language) + (f" ({code})" if code else ""),
            xml_url=base + feed_path(kind, id, "rss", code),
            html_url=base + page_path(kind, id),
            description=description.in_language(code or language) if description else None,
            language=code,
        )
        for (listed, id), (title, description) in edition.texts().items()
        if listed == kind and (listed, id) in opened
        for code in (None, *edition.site.languages)
    ]
    return render.OutlineGroup(title=KIND_TITLES[kind].in_language(language), outlines=tuple(outlines))
