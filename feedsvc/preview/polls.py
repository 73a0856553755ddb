"""What a poll would bring, by the very functions of a poll."""

import asyncio
import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from feedsvc import outcome, update
from feedsvc.errors import SourceError
from feedsvc.model import (
    Change,
    Checked,
    Document,
    Entry,
    EntryChange,
    Evidence,
    FeedInfo,
    FetchState,
    Filed,
    NotModified,
    Source,
    Story,
    Usual,
    VerdictKind,
)
from feedsvc.outcome import Gathered
from feedsvc.preview.pages import PAGES_SHOWN, PreviewedPage, Visit, rewritten, visited
from feedsvc.rhythm import Habits, habits
from feedsvc.store import Rehearsal
from feedsvc.update import Deps, Http
from feedsvc.why import Shows, shows

#: What subscribers would see: a new story, a changed one, one withdrawn; nothing, because it is only stored, skipped by
#: a rule, or as it was.
Fate = Literal["announced", "updated", "retracted", "stored", "skipped", "nothing"]

_FATES: Mapping[str, Fate] = {"new": "announced", "updated": "updated", "retracted": "retracted"}

_ROOT = re.compile(rb"<(?:\w{1,20}:)?(rss|feed|rdf|channel)[\s>]", re.IGNORECASE)
_FORMATS = {b"rss": "RSS", b"feed": "Atom", b"rdf": "RSS 1.0", b"channel": "CDF"}
#: bytes in which the root element is looked for
_HEAD = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """The story that a copy joins, by its leading entry."""

    story: UUID
    source: str
    title: str | None
    link: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewedEntry(Checked):
    """What would become of one entry of the document."""

    title: str | None
    link: str | None
    published: datetime | None
    language: str | None
    verdict: VerdictKind
    evidence: Evidence | None
    #: None: it would get a new one, or none
    story: UUID | None
    copy_of: Original | None
    #: why it is not published
    skipped: str | None
    fate: Fate
    categories: tuple[Filed, ...] = ()
    tags: tuple[Filed, ...] = ()
    shows: Shows | None = None
    #: its announcement waits for its page
    waits: bool = False
    #: what the page would give; None: it was not asked for
    page: PreviewedPage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A story that the poll would change although the document does not hold it, such as one that was withdrawn."""

    story: UUID
    title: str | None
    fate: Fate
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview(Checked):
    """What one poll would bring. `entries` in the document's order."""

    source: str
    url: str
    status: int | None
    format: str | None
    info: FeedInfo
    size_bytes: int
    #: what is malformed but readable, in words
    problem: str | None
    #: what a poll would not believe, in words
    doubt: str | None
    #: entries that could not be read
    unreadable: int
    #: no entry of the source is stored yet: then so many are announced, None for all
    first: bool
    backfill: int | None
    every: timedelta
    next_fetch_at: datetime | None
    #: when the source publishes, as far as its entries tell
    habits: Habits | None
    entries: tuple[PreviewedEntry, ...]
    moved: tuple[Moved, ...]

    def count(self, **wanted: str) -> int:
        """Return how many entries have these values, such as `verdict="new"`."""
        return sum(all(getattr(entry, name) == value for name, value in wanted.items()) for entry in self.entries)


async def preview(source: Source, state: FetchState, visit: Visit, now: datetime) -> Preview:
    """Ask the source once, unconditionally, and say what a poll would do. Raises SourceError where it would fail.

    The pages of the first articles that would be announced are asked for, too.
    """
    http = _Listening(visit.deps.http)
    deps = replace(visit.deps, http=http)
    if state.held is not None:
        # What would become of it if it were released.
        state = replace(state, usual=replace(state.usual or Usual(), released=True))
    gathered = await update.gather(source, outcome.without_validators(state), deps, now)
    if gathered.reading is None or not http.documents:
        hint = f"; `feedsvc discover {http.documents[0].url}` looks for feeds there" if http.documents else ""
        raise SourceError(source.id, f"{gathered.error or gathered.outcome}{hint}")
    sources = {**visit.sources, source.id: source}
    found, desk, changes = await asyncio.to_thread(_decided, gathered, http.documents, deps, sources, now)
    entries = list(found.entries)
    for at in [at for at, entry in enumerate(entries) if entry.waits][:PAGES_SHOWN]:
        page, entry = await visited(changes[at].arrival, source, visit, now)
        entries[at] = replace(desk.with_page(changes[at], entry, deps), page=page)
    return replace(found, entries=tuple(entries))


class _Listening:
    """Passes requests on and keeps the documents, the source's own first."""

    def __init__(self, http: Http) -> None:
        self._http = http
        self.documents: list[Document] = []

    async def get(self, source: Source, state: FetchState, now: datetime) -> Document | NotModified:
        fetched = await self._http.get(source, state, now)
        if isinstance(fetched, Document):
            self.documents.append(fetched)
        return fetched


def _decided(
    gathered: Gathered, documents: Sequence[Document], deps: Deps, sources: Mapping[str, Source], now: datetime
) -> "tuple[Preview, _Desk, tuple[EntryChange, ...]]":
    assert gathered.reading is not None
    source, reading = gathered.source, gathered.reading
    with deps.store.read() as tx:
        rehearsal = Rehearsal(tx)
        first = not tx.entries.any_of(source.id)
        decision = update.decide(gathered, update.standing(gathered, tx, now), rehearsal, deps, now)
        changes = decision.changes
        told = {story.id: (story, change) for story, change in rehearsal.told}
        before = tx.stories.get({c.verdict.story_id for c in changes if c.verdict.story_id} | told.keys())
    desk = _Desk(before=before, told=told, waiting=decision.waiting, sources=sources, language=deps.languages[0])
    mentioned = {change.story_id for change in changes}
    found = Preview(
        source=source.id,
        url=documents[0].url,
        status=gathered.status,
        format=_format(source, documents),
        info=reading.info,
        size_bytes=sum(len(document.body) for document in documents),
        problem=reading.problem,
        doubt=decision.doubt or (gathered.error if reading.problem is None else None),
        unreadable=reading.skipped,
        first=first,
        backfill=source.backfill,
        every=source.every,
        next_fetch_at=decision.state.next_fetch_at,
        habits=habits(decision.state.rhythm, now) if decision.state.rhythm else None,
        entries=tuple(desk.entry(change) for change in changes),
        moved=tuple(desk.moved(id) for id in told if id not in mentioned),
    )
    return found, desk, changes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """What entries are judged by: the stories as they are and as they would be, and who may show what."""

    before: Mapping[UUID, Story]
    told: Mapping[UUID, tuple[Story, Change | None]]
    #: stories that are announced when their pages are in
    waiting: Set[UUID]
    sources: Mapping[str, Source]
    language: str

    def entry(self, change: EntryChange) -> PreviewedEntry:
        entry, verdict = change.arrival.entry, change.verdict
        known = self.before.get(verdict.story_id) if verdict.story_id else None
        story = self.told[change.story_id][0] if change.story_id and change.story_id in self.told else known
        return PreviewedEntry(
            title=entry.title,
            link=entry.link,
            published=entry.published,
            language=entry.language,
            verdict=verdict.kind,
            evidence=verdict.evidence,
            story=verdict.story_id,
            copy_of=_original(known) if known and verdict.kind == "copy" else None,
            skipped=change.arrival.skipped,
            fate=self._fate(change),
            categories=story.filing.categories if story else (),
            tags=story.filing.tags if story else (),
            shows=shows(story, self.sources, self.language) if story else None,
            waits=change.story_id in self.waiting and verdict.kind != "copy",
        )

    def with_page(self, change: EntryChange, entry: Entry, deps: Deps) -> PreviewedEntry:
        """Return what would become of an entry that its page has made this one."""
        assert change.story_id is not None
        story = rewritten(self.told[change.story_id][0], change.arrival.entry, entry, deps)
        return replace(
            self.entry(change),
            title=entry.title,
            published=entry.published,
            language=entry.language,
            categories=story.filing.categories,
            tags=story.filing.tags,
            shows=shows(story, self.sources, self.language),
        )

    def moved(self, id: UUID) -> Moved:
        story, change = self.told[id]
        return Moved(
            story=id,
            title=story.lead.entry.title,
            fate=_FATES[change.kind] if change else "nothing",
            reason=story.retracted,
        )

    def _fate(self, change: EntryChange) -> Fate:
        if change.arrival.skipped is not None and change.story_id is None:
            return "skipped"
        if change.story_id is None or change.story_id not in self.told:
            return "nothing"
        story, said = self.told[change.story_id]
        if said is not None:
            return _FATES[said.kind]
        if change.story_id in self.waiting:
            return "announced"
        return "stored" if story.announced_at is None else "nothing"


def _original(story: Story) -> Original:
    lead = story.lead
    return Original(story=story.id, source=lead.source_id, title=lead.entry.title, link=lead.entry.link)


def _format(source: Source, documents: Sequence[Document]) -> str | None:
    more = len(documents) - 1
    if source.kind == "page":
        return f"page, and {more} more" if more else "page"
    if source.kind == "sitemap":
        return f"sitemap index, {more} of its sitemaps" if more else "sitemap"
    body = documents[0].body
    # UTF-16 has a NUL beside each letter of the root.
    head = body[:_HEAD].replace(b"\0", b"")
    if root := _ROOT.search(head):
        return _FORMATS[root[1].lower()]
    return "JSON Feed" if head.lstrip(b"\xef\xbb\xbf\xfe\xff \t\r\n")[:1] == b"{" else None
