"""What an admin does to stored stories: for now, filing them anew by the rules in force."""

from collections.abc import Callable, Collection
from uuid import UUID

from feedsvc.errors import ConfigChangedError
from feedsvc.model import Story
from feedsvc.settle import House, Settled, settle
from feedsvc.store import Store, Transaction

#: stories read between two looks at the store, and written in one turn: polls wait for that
_READ, _WRITTEN = 500, 100


def refile(store: Store, house: House, revision: int, progress: Callable[[int], None]) -> int:
    """Let every stored story be what today's rules, ranks and languages make of it; return how many changed.

    What was announced and changes for subscribers is `updated` in the log; nothing is announced again. `revision`: that
    of the rules in `house`. `progress` hears how many more are done. Killed in between, the rest is left as it was.

    Raises ConfigChangedError when another revision comes into force meanwhile.
    """
    changed = 0
    last: UUID | None = None
    while True:
        with store.read() as tx:
            ids = tx.tracing.stories_after(last, _READ)
            found = tx.stories.get(ids)
        # Most stay where they are: those take no writer's turn.
        stale = [story.id for story in found.values() if _settled(story, house).story != story]
        for start in range(0, len(stale), _WRITTEN):
            with store.write() as tx:
                changed += _write(tx, stale[start : start + _WRITTEN], house, revision)
        progress(len(ids))
        if len(ids) < _READ:
            return changed
        last = ids[-1]


def _write(tx: Transaction, ids: Collection[UUID], house: House, revision: int) -> int:
    """Settle stories as they are by now, in the order of the log, oldest first."""
    if tx.revisions.latest_number() != revision:
        raise ConfigChangedError("the configuration changed meanwhile; what is done is done, run it again for the rest")
    known = tx.stories.get(ids)
    settled = [each for story in known.values() if (each := _settled(story, house)).story != story]
    settled.sort(key=lambda each: (each.story.sort_at, each.story.id))
    tx.stories.put(
        [
            (each.story, tx.changes.append(each.kind, each.story.id, house.now) if each.kind else None)
            for each in settled
        ]
    )
    return len(settled)


def _settled(story: Story, house: House) -> Settled:
    if story.retracted is not None:
        return Settled(story=story, kind=None)
    return settle(story.id, story.appearances, story, house, announce=False)
