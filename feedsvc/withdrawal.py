"""What a document says of entries that are gone: which the publisher takes back, and which it brings again.

A publisher takes an entry back by a tombstone (RFC 6721), or by leaving it out of a feed that it calls complete (RFC
5005, section 2). What only looks like that, a failure or a cut document or another feed, takes nothing back.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from feedsvc import dedup
from feedsvc.model import Appearance, DeletedEntry, KnownEntry, Story
from feedsvc.reading import Reading, outlives
from feedsvc.store import Transaction

MISSING = "missing from the publisher's complete feed"

#: of fewer entries most may be missing: that happens
FEW = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawals:
    """What one document takes back and brings again."""

    #: why, by entry
    taken: Mapping[int, str] = field(default_factory=dict)
    #: by story
    returned: Mapping[UUID, tuple[Appearance, ...]] = field(default_factory=dict)
    #: all that are concerned, as they were until now
    stories: Mapping[UUID, Story] = field(default_factory=dict)
    #: why entries that are missing were not taken for withdrawn
    doubt: str | None = None

    @property
    def returned_ids(self) -> frozenset[int]:
        return frozenset(each.entry_id for appearances in self.returned.values() for each in appearances)

    def standing(self, story: Story) -> dict[int, Appearance]:
        """Return the appearances that a story is left with, by entry."""
        left = {each.entry_id: each for each in story.appearances if each.withdrawn is None}
        left |= {each.entry_id: each for each in self.returned.get(story.id, ())}
        return {id: each for id, each in left.items() if id not in self.taken}


def keys(reading: Reading) -> list[str]:
    """Return the keys of the entries that tombstones name."""
    return [dedup.guid_key(tombstone.guid) for tombstone in reading.deleted]


def standing(source_id: str, reading: Reading, tx: Transaction, asked_at: datetime) -> frozenset[int]:
    """Return the entries that a document takes back by leaving them out; none where it does not claim to be all.

    What was pushed after `asked_at` is none of them: the document may be older. It may be read before the transaction
    that decides, and takes long for a large source: only polls of the source add to these, and what retention takes
    meanwhile is not withdrawn.
    """
    info = reading.info
    # An empty feed is how failures look; one with further pages is not complete (RFC 5005, section 2).
    if not info.complete or not reading.arrivals or info.link("next") or info.link("prev-archive"):
        return frozenset()
    return tx.entries.standing(source_id, asked_at)


def find(reading: Reading, known: Mapping[str, KnownEntry], standing: frozenset[int], tx: Transaction) -> Withdrawals:
    """Say what a document takes back and brings again; nothing is written.

    `known` holds the source's stored entries by the keys of the document's entries and of its tombstones.
    """
    if not reading.is_whole:
        return Withdrawals()
    here = {entry.id: at for at, (_, entry) in dedup.matched(reading.arrivals, known).items()}
    withdrawn = {entry.id for entry in known.values() if entry.withdrawn is not None}
    back = {id for id, at in here.items() if id in withdrawn and reading.arrivals[at].skipped is None}
    deleted = _deleted(reading.deleted, known, here.keys() | withdrawn)
    missing, doubt = _missing(standing, here.keys() | deleted.keys())
    # What retention took the content of is shown nowhere, and cannot be shown again.
    members = tx.stories.members({*back, *deleted, *missing})
    stories = tx.stories.get(members)
    taken: dict[int, str] = {}
    returned: dict[UUID, tuple[Appearance, ...]] = {}
    for story_id in stories:
        found = members[story_id]
        taken |= dict.fromkeys(found.keys() & missing, MISSING)
        taken |= {
            id: _reason(deleted[id]) for id in found.keys() & deleted if not outlives(found[id].entry, deleted[id])
        }
        returned[story_id] = tuple(replace(found[id], withdrawn=None) for id in found if id in back)
    concerned = {id: story for id, story in stories.items() if returned[id] or members[id].keys() & taken}
    return Withdrawals(taken=taken, returned=returned, stories=concerned, doubt=doubt)


def _deleted(
    tombstones: Iterable[DeletedEntry], known: Mapping[str, KnownEntry], but: Collection[int]
) -> dict[int, DeletedEntry]:
    """Return the tombstones of known entries.

    An entry that was given another guid since is not meant by the tombstone of its former one.
    """
    found: dict[int, DeletedEntry] = {}
    for tombstone in tombstones:
        key = dedup.guid_key(tombstone.guid)
        entry = known.get(key)
        if entry is not None and entry.id not in but and key == _latest_guid(entry):
            found[entry.id] = tombstone
    return found


def _latest_guid(entry: KnownEntry) -> str | None:
    return next((key for key in reversed(entry.keys) if dedup.kind_of(key) == "guid"), None)


def _missing(standing: frozenset[int], accounted: Collection[int]) -> tuple[frozenset[int], str | None]:
    """Return the entries that a complete feed leaves out, and else why they are not believed to be gone."""
    missing = standing.difference(accounted)
    if len(standing) >= FEW and 2 * len(missing) > len(standing):
        said = f"{len(missing)} of {len(standing)} entries are missing from a complete feed"
        return frozenset(), f"{said}; not taken for withdrawals"
    return missing, None


def _reason(tombstone: DeletedEntry) -> str:
    return f"the publisher withdrew it{f': {tombstone.comment}' if tombstone.comment else ''}"
