"""The publisher: what changed in the log becomes snapshots.

A document is a pure function of the stories up to a sequence, the configuration and the renderer's version. It is
rendered once per change and kept; a render that comes out byte-equal changes nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType
from uuid import UUID, uuid5

from feedsvc import policy, render
from feedsvc.addresses import CATALOGUE, STORIES, STYLESHEET, feed_path, page_path
from feedsvc.model import (
    FORMATS,
    Category,
    Format,
    Label,
    Listing,
    ListKind,
    LocalText,
    OutputFeed,
    PublishedStory,
    PublishLimits,
    Site,
    Snapshot,
    Source,
    Tag,
)
from feedsvc.store import Mark, Store, Transaction

GENERATOR = "feedsvc"

_ALL_TITLE = LocalText(by_language=(("vi", "Tất cả tin"), ("en", "All stories")))

_KINDS = MappingProxyType[ListKind, LocalText](
    {
        "all": _ALL_TITLE,
        "category": LocalText(by_language=(("vi", "Chuyên mục"), ("en", "Categories"))),
        "tag": LocalText(by_language=(("vi", "Thẻ"), ("en", "Tags"))),
        "source": LocalText(by_language=(("vi", "Nguồn tin"), ("en", "Sources"))),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """The configuration's part in every document. `site.base_url` is the effective one, without a slash at its end."""

    site: Site
    limits: PublishLimits
    sources: tuple[Source, ...]
    categories: tuple[Category, ...]
    tags: tuple[Tag, ...]

    @property
    def basis(self) -> str:
        """Return what names this edition and the renderer; documents of another basis are rendered again."""
        return sha256(f"{render.RENDERER_VERSION} {self!r}".encode()).hexdigest()

    def texts(self, listing: Listing) -> tuple[LocalText, LocalText | None]:
        """Return title and description of a listing."""
        if listing.kind == "all":
            return _ALL_TITLE, self.site.title
        if listing.kind == "source":
            return next(source.title for source in self.sources if source.id == listing.id), None
        labels: Sequence[Category | Tag] = self.categories if listing.kind == "category" else self.tags
        label = next(label for label in labels if label.id == listing.id)
        return label.title, label.description

    def position(self, listing: Listing) -> int:
        """Return where a listing stands among those of its kind in the configuration."""
        groups: Mapping[str, Sequence[Category | Tag | Source]] = {
            "category": self.categories,
            "tag": self.tags,
            "source": self.sources,
        }
        ids = [each.id for each in groups.get(listing.kind, ())]
        return ids.index(listing.id) if listing.id in ids else len(ids)


def refresh(store: Store, edition: Edition, now: datetime) -> tuple[str, ...]:
    """Render every document that is behind the log or of another basis; return the paths whose bytes changed."""
    with store.read() as tx:
        marks, listings = tx.snapshots.marks(), tx.listings.all()
    open_now = [listing for listing in listings if listing.closed_at is None]
    stale = [x for x in open_now if marks.get((x.kind, x.id)) != Mark(sequence=x.touched, basis=edition.basis)]
    if not stale:
        return ()
    changed = [path for listing in stale for path in _refresh_listing(store, edition, listing, now)]
    return (*changed, *_refresh_catalogue(store, edition, open_now, now))


def _refresh_listing(store: Store, edition: Edition, listing: Listing, now: datetime) -> tuple[str, ...]:
    with store.read() as tx:
        feeds = tuple(_feeds(tx, edition, listing))
    snapshots = [_snapshot(feed, format, path, edition, now) for feed, paths in feeds for format, path in paths]
    with store.write() as tx:
        mark = Mark(sequence=listing.touched, basis=edition.basis)
        return tx.snapshots.save(listing.kind, listing.id, mark, snapshots, now)


def _feeds(
    tx: Transaction, edition: Edition, listing: Listing
) -> Iterator[tuple[OutputFeed, tuple[tuple[Format, str], ...]]]:
    """Yield a listing's feeds, over all languages and by each, with the address of each format."""
    sources = {source.id: source for source in edition.sources}
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
        published = [policy.publishable(story, sources, shown_in) for story in stories]
        shown = tuple(story for story in published if story is not None)
        paths = tuple((format, feed_path(listing.kind, listing.id, format, language)) for format in FORMATS)
        yield _output_feed(edition, listing, language, shown), paths


def _output_feed(
    edition: Edition, listing: Listing, language: str | None, stories: tuple[PublishedStory, ...]
) -> OutputFeed:
    site, shown_in = edition.site, language or edition.site.languages[0]
    base = site.base_url or ""
    label, description = edition.texts(listing)
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


def _refresh_catalogue(store: Store, edition: Edition, listings: Sequence[Listing], now: datetime) -> tuple[str, ...]:
    """Write the list of all feeds. It is as old as the youngest listing: stories do not change it."""
    language = edition.site.languages[0]
    updated = max((listing.opened_at for listing in listings), default=now)
    body = render.opml(
        edition.site.title.in_language(language),
        edition.site.contact,
        updated,
        tuple(_outlines(edition, listings, kind, language) for kind in _KINDS),
    )
    document = render.snapshot(CATALOGUE, render.OPML_MEDIA_TYPE, body, now, edition.limits.max_age)
    with store.write() as tx:
        return tx.snapshots.save_plain(document)


def _outlines(edition: Edition, listings: Sequence[Listing], kind: ListKind, language: str) -> render.OutlineGroup:
    """Return one kind's feeds in the order of the configuration, over all languages, then by each."""
    base = edition.site.base_url or ""
    chosen = sorted((listing for listing in listings if listing.kind == kind), key=edition.position)
    outlines = []
    for listing in chosen:
        title, description = edition.texts(listing)
        for code in (None, *edition.site.languages):
            shown_in = code or language
            outlines.append(
                render.Outline(
                    title=title.in_language(shown_in) + (f" ({code})" if code else ""),
                    xml_url=base + feed_path(kind, listing.id, "rss", code),
                    html_url=base + page_path(kind, listing.id),
                    description=description.in_language(shown_in) if description else None,
                    language=code,
                )
            )
    return render.OutlineGroup(title=_KINDS[kind].in_language(language), outlines=tuple(outlines))
