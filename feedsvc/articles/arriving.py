"""What a page makes of its entry's story, and how stories are announced that waited for theirs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from feedsvc import dedup
from feedsvc.model import Appearance, Arrival, Article, Contribution, Evidence, Story
from feedsvc.settle import House, settle
from feedsvc.store import PagedEntry, Store, Transaction
from feedsvc.update import COPY_WINDOW, Deps, log_changes, paged

#: stories announced in one go; others write between two
RELEASED_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class _Copy:
    of: Story
    evidence: Evidence


def arrive(entry_id: int, article: Article, tx: Transaction, deps: Deps, now: datetime) -> Contribution | None:
    """Merge a page into its entry, and announce the story that waited for it; None: the entry is forgotten.

    An entry of which subscribers have not heard may turn out to be what another source has, now that there is a text
    to compare: then it joins that story, and its own, of which nobody knows, ends.
    """
    subject = tx.articles.subject(entry_id)
    if subject is None or subject.story_id is None:
        return None
    found = paged(subject.entry, subject.link_keys, article)
    story = tx.stories.by_id(subject.story_id)
    ours = next((each for each in story.appearances if each.entry_id == entry_id), None) if story else None
    seen = story is not None and story.announced_at is not None and ours is not None and ours.entry != found.entry
    tx.articles.keep(entry_id, found, now, revisions=deps.keep_revisions if seen else None)
    if story is None or ours is None or story.retracted is not None:
        let_go([entry_id], tx, deps, now)
        return found.contribution
    # Of a bare address nobody was told, however long it waited.
    waited = story.announced_at is None and (bool(tx.articles.held([entry_id])) or subject.entry.is_bare)
    tx.articles.release([entry_id])
    merged = replace(ours, entry=found.entry)
    appearances = [merged if each is ours else each for each in story.appearances]
    if waited and not story.others and (copy := _copied(merged, found, tx, now)) is not None:
        story, appearances = _joined(story, merged, copy, tx)
    _settle([(story, appearances)], tx, deps, now, announce=waited)
    return found.contribution


def let_go(entry_ids: Iterable[int], tx: Transaction, deps: Deps, now: datetime) -> None:
    """Announce the stories that wait for these entries' pages with what their feeds gave.

    One that was withdrawn meanwhile waits on, for nothing but its return.
    """
    held = tx.articles.held(tuple(entry_ids))
    stories = tx.stories.get(set(held.values()))
    retracted = {id for id, story_id in held.items() if story_id in stories and stories[story_id].retracted is not None}
    tx.articles.release(retracted, now)
    tx.articles.release(held.keys() - retracted)
    standing = [story for story in stories.values() if story.retracted is None]
    _settle([(story, story.appearances) for story in standing], tx, deps, now, announce=True)


def release_overdue(store: Store, deps: Deps, now: datetime) -> bool:
    """Announce stories that waited long enough; say whether there may be more."""
    with store.read() as tx:
        if not tx.articles.overdue(now, 1):
            return False
    with store.write() as tx:
        if tx.revisions.latest_number() != deps.revision:
            return False
        overdue = tx.articles.overdue(now, RELEASED_AT_ONCE)
        let_go(overdue, tx, deps, now)
        return len(overdue) == RELEASED_AT_ONCE


def _copied(appearance: Appearance, found: PagedEntry, tx: Transaction, now: datetime) -> _Copy | None:
    """Return what an entry with its page is a copy of; None: of nothing."""
    arrival = Arrival(entry=found.entry, keys=(), link_keys=found.link_keys, fingerprint=found.fingerprint)
    source_id, since = appearance.source_id, now - COPY_WINDOW
    (verdict,) = dedup.recognise(
        [arrival], {}, lambda each: tx.entries.candidates(each, source_id=source_id, since=since), source_id=source_id
    )
    other = tx.stories.by_id(verdict.story_id) if verdict.story_id is not None else None
    return _Copy(other, verdict.evidence) if other is not None and verdict.evidence is not None else None


def _joined(story: Story, appearance: Appearance, copy: _Copy, tx: Transaction) -> tuple[Story, list[Appearance]]:
    """End a story that nobody was told of; return the one that its only entry joins, with all its entries."""
    tx.entries.explain(appearance.entry_id, copy.evidence)
    tx.stories.end(story.id, copy.of.id)
    return copy.of, [*copy.of.appearances, appearance]


def _settle(
    stories: Sequence[tuple[Story, Sequence[Appearance]]], tx: Transaction, deps: Deps, now: datetime, *, announce: bool
) -> None:
    """Record what these appearances make of stories; one whose leading entry waits for its page is not announced."""
    house = House(rules=deps.rules, ranks=deps.ranks, languages=deps.languages, now=now)
    leads = {story.id: dedup.leading(found, deps.ranks).entry_id for story, found in stories}
    held = tx.articles.held(tuple(leads.values())) if announce else {}
    settled = [
        settle(story.id, found, story, house, announce=announce and leads[story.id] not in held)
        for story, found in stories
    ]
    log_changes(settled, {story.id: story for story, _ in stories}, tx, now)
