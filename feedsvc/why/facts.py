"""What became of an article, as facts."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit
from uuid import UUID

from feedsvc import dedup, policy
from feedsvc.addresses import STORIES, feed_path
from feedsvc.edition import KIND_TITLES, Edition
from feedsvc.model import (
    Attempt,
    Checked,
    Contribution,
    Entry,
    Evidence,
    FetchState,
    Filed,
    PublishLimits,
    Republish,
    Source,
    Story,
)
from feedsvc.store import PageTask, Standing, TracedEntry, TracedStory, Transaction

State = Literal["announced", "stored", "retracted", "merged", "forgotten"]
#: `not seen`: no source brought it; `skipped`: seen, and kept back by a rule; else what became of its story
Outcome = Literal["not seen", "skipped", State]

#: Keys that name the article by its address; those that also hold a title or are no more than likely are left out.
_ADDRESSES = frozenset({"guid", "link", "post"})
#: in the order of telling
_KINDS = tuple(KIND_TITLES)
_STORY_PAGE = re.compile(re.escape(STORIES) + r"([0-9A-Fa-f-]{32,36})/?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shows:
    """What the leading source's policy lets us show of a story, and of how much."""

    source: str
    #: None: the source left the configuration, so only the headline is shown
    republish: Republish | None
    #: characters of text that are shown, and that there are
    chars: int
    of_chars: int
    pictures: int
    of_pictures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFacts(Checked):
    """How it stands with an entry's page."""

    href: str
    wanted_at: datetime
    #: until when the story waits for it; None: it does not
    held_until: datetime | None
    #: when it is asked for, again or first; None: it is in, or given up
    next_fetch_at: datetime | None
    failures: int
    #: why there is none, or not the last one
    error: str | None
    #: whose text was taken, and why; None: it was never in
    text: Literal["feed", "page"] | None
    why: str | None
    fetched_at: datetime | None
    #: what did not agree, or could not be read
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFacts(Checked):
    """One entry. Title, link and date are None where retention took its text."""

    source: str
    title: str | None
    link: str | None
    published: datetime | None
    first_seen_at: datetime
    #: how often it was stored, and when last
    revisions: int
    revised_at: datetime
    leads: bool
    #: the address that was asked for is this entry's
    is_asked: bool
    evidence: Evidence | None
    skipped: str | None
    withdrawn: str | None
    forgotten: bool
    #: None: it was not wanted
    page: PageFacts | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFacts:
    """One document that lists the story. `path` without its format's ending."""

    path: str
    #: by announcement, 1 is the newest; None: further back than any document reaches
    position: int | None
    is_inside: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryFacts(Checked):
    """What became of one story."""

    id: UUID
    state: State
    title: str | None
    #: the sequence of its announcement in the change log
    announced: int | None
    announced_at: datetime | None
    retracted: str | None
    retracted_at: datetime | None
    replaced_by: UUID | None
    entries: tuple[EntryFacts, ...]
    categories: tuple[Filed, ...]
    tags: tuple[Filed, ...]
    #: ids of the categories and tags that it is not in
    other_categories: tuple[str, ...]
    other_tags: tuple[str, ...]
    shows: Shows | None
    documents: tuple[DocumentFacts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFacts(Checked):
    """A configured source that an article would come from, by its host."""

    id: str
    url: str
    paused: bool
    last_fetch_at: datetime | None
    last_success_at: datetime | None
    next_fetch_at: datetime | None
    #: of the last poll
    entries: int | None
    #: why it is not read, or the last failure
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Why(Checked):
    """What became of what was asked for. Several stories: the address, or its like, is several entries'."""

    asked: str
    outcome: Outcome
    stories: tuple[StoryFacts, ...] = ()
    #: entries that belong to no story
    skipped: tuple[EntryFacts, ...] = ()
    #: where it would have come from
    sources: tuple[SourceFacts, ...] = ()


def story_id(asked: str) -> UUID | None:
    """Read a story's id, bare or with its prefix, or the address of its page; None: it is something else."""
    text = asked.strip()
    page = _STORY_PAGE.fullmatch(_path(text)) if "://" in text else None
    try:
        return UUID(page[1] if page else text)
    except ValueError:
        return None


def why(asked: str, tx: Transaction, edition: Edition) -> Why:
    """Return what became of an article, by its address or its story's id or page."""
    id = story_id(asked)
    if id is not None and (found := tx.tracing.stories([id])):
        facts = _story(found[0], (), tx, edition)
        return Why(asked=asked, outcome=facts.state, stories=(facts,))
    entries = tx.tracing.entries_by(_keys(asked)) if "://" in asked else ()
    stories = tx.tracing.stories([each.story_id for each in entries if each.story_id is not None])
    skipped = tuple(_entry(each, None, leads=False, is_asked=True) for each in entries if each.story_id is None)
    if not entries:
        return Why(asked=asked, outcome="not seen", sources=tuple(_expected(asked, tx, edition)))
    meant = {each.id for each in entries}
    told = tuple(_story(each, meant, tx, edition) for each in stories)
    return Why(asked=asked, outcome=told[0].state if told else "skipped", stories=told, skipped=skipped)


def shows(story: Story, sources: Mapping[str, Source], language: str) -> Shows:
    """Say how much of a story is shown, or would be once it is announced."""
    lead, source = story.lead, sources.get(story.lead.source_id)
    announced = replace(story, announced_at=story.announced_at or story.first_seen_at, retracted=None)
    shown = policy.publishable(announced, sources, language)
    assert shown is not None
    whole = len(lead.entry.text)
    return Shows(
        source=lead.source_id,
        republish=source.policy.republish if source else None,
        chars=whole if shown.content else len(shown.summary or ""),
        of_chars=whole,
        pictures=len(shown.pictures),
        of_pictures=len(lead.entry.pictures),
    )


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def _keys(url: str) -> tuple[str, ...]:
    """Return the keys that an entry with this address as link or guid has, spelt as identity spells them."""
    (arrival,) = dedup.arrivals([Entry(guid=url, link=url)])
    keys = dict.fromkeys((*arrival.keys, *arrival.link_keys))
    return tuple(key for key in keys if key.partition(":")[0] in _ADDRESSES)


def _state(traced: TracedStory, story: Story | None) -> State:
    if traced.retracted is not None:
        return "merged" if traced.replaced_by is not None else "retracted"
    if story is None:
        return "forgotten"
    return "stored" if traced.announced is None else "announced"


def _story(traced: TracedStory, meant: Collection[int], tx: Transaction, edition: Edition) -> StoryFacts:
    story, limits = tx.stories.by_id(traced.id), edition.limits
    sources = {source.id: source for source in edition.sources}
    entries = tx.tracing.entries_of(traced.id)
    pages = _pages([each.id for each in entries], tx)
    categories, tags = (story.filing.categories, story.filing.tags) if story else ((), ())
    standings = sorted(
        tx.tracing.standings(traced.id, edition.site.languages, limits.max_entries),
        key=lambda each: _KINDS.index(each.kind),
    )
    return StoryFacts(
        id=traced.id,
        state=_state(traced, story),
        title=story.lead.entry.title if story else None,
        announced=traced.announced,
        announced_at=traced.announced_at,
        retracted=traced.retracted,
        retracted_at=traced.retracted_at,
        replaced_by=traced.replaced_by,
        entries=tuple(
            _entry(each, pages.get(each.id), leads=each.id == traced.lead_id, is_asked=each.id in meant)
            for each in entries
        ),
        categories=categories,
        tags=tags,
        other_categories=_others((each.id for each in edition.categories), categories),
        other_tags=_others((each.id for each in edition.tags), tags),
        shows=shows(story, sources, edition.site.languages[0]) if story else None,
        documents=tuple(_document(each, traced, limits) for each in standings),
    )


def _others(ids: Iterator[str], filed: tuple[Filed, ...]) -> tuple[str, ...]:
    inside = {each.id for each in filed}
    return tuple(id for id in ids if id not in inside)


def _pages(ids: Collection[int], tx: Transaction) -> Mapping[int, PageFacts]:
    given = tx.articles.contributions(ids)
    return {id: _page(task, given.get(id)) for id, task in tx.articles.tasks(ids).items()}


def _page(task: PageTask, given: Contribution | None) -> PageFacts:
    return PageFacts(
        href=task.href,
        wanted_at=task.wanted_at,
        held_until=task.held_until,
        next_fetch_at=task.next_fetch_at,
        failures=task.failures,
        error=task.error,
        text=given.origin if given else None,
        why=given.reason if given else None,
        fetched_at=given.article.fetched_at if given else None,
        notes=given.notes if given else (),
    )


def _entry(traced: TracedEntry, page: PageFacts | None, *, leads: bool, is_asked: bool) -> EntryFacts:
    entry = traced.entry
    return EntryFacts(
        source=traced.source_id,
        title=entry.title if entry else None,
        link=entry.link if entry else None,
        published=entry.published if entry else None,
        first_seen_at=traced.first_seen_at,
        revisions=traced.revision,
        revised_at=traced.revised_at,
        leads=leads,
        is_asked=is_asked,
        evidence=traced.evidence,
        skipped=traced.skipped,
        withdrawn=traced.withdrawn,
        forgotten=entry is None,
        page=page,
    )


def _document(standing: Standing, story: TracedStory, limits: PublishLimits) -> DocumentFacts:
    """Say whether a document holds the story: by announcement, as `stories.latest` picks."""
    reached = standing.newer < limits.max_entries
    recent = story.announced_at is not None and story.announced_at >= standing.newest_at - limits.window
    return DocumentFacts(
        path=feed_path(standing.kind, standing.id, "rss", standing.language).removesuffix(".rss"),
        position=standing.newer + 1 if reached else None,
        is_inside=reached and (standing.newer < limits.entries or recent),
    )


def _expected(asked: str, tx: Transaction, edition: Edition) -> Iterator[SourceFacts]:
    """Yield the sources on the article's host, else those on a host above or below it."""
    host = _host(asked)
    if host is None:
        return
    states, attempts = tx.schedule.states(), tx.attempts.latest()
    hosts = {source.id: _hosts(source, states.get(source.id)) for source in edition.sources}
    exact = [source for source in edition.sources if host in hosts[source.id]]
    near = [source for source in edition.sources if any(_is_near(host, other) for other in hosts[source.id])]
    for source in exact or near:
        yield _source(source, states.get(source.id), attempts.get(source.id))


def _hosts(source: Source, state: FetchState | None) -> set[str]:
    """Return the hosts that a source's entries are likely on: the feed's own, and its web page's."""
    home = state.info.link("alternate") if state and state.info else None
    return {host for url in (source.url, home) if url and (host := _host(url))}


def _host(url: str) -> str | None:
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return None
    return host.removeprefix("www.") if host else None


def _is_near(host: str, other: str) -> bool:
    return host.endswith(f".{other}") or other.endswith(f".{host}")


def _source(source: Source, state: FetchState | None, attempt: Attempt | None) -> SourceFacts:
    known = state or FetchState(source_id=source.id)
    return SourceFacts(
        id=source.id,
        url=source.url,
        paused=source.paused,
        last_fetch_at=known.last_fetch_at,
        last_success_at=known.last_success_at,
        next_fetch_at=known.next_fetch_at,
        entries=attempt.entries if attempt else None,
        error=known.disabled or known.held or known.error,
    )
