"""What the front page shows: the newest stories, and each category's."""

import threading
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from feedsvc.model import Category, Story
from feedsvc.store import Store, Transaction
from feedsvc.web.cards import Card, cards
from feedsvc.web.context import Reader

#: stories at the head of the page
LEADS = 5
#: Headlines of a category, by how many categories there are: the page stays below 50 KB.
MOST_HEADLINES = 4
_HEADLINES = ((12, MOST_HEADLINES), (20, 3), (30, 2))
#: pictures come without a change of the log
_KEPT_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A category on the front page."""

    category: Category
    cards: Sequence[Card]


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """The front page in one language."""

    leads: Sequence[Card]
    sections: Sequence[Section]
    #: there are so many sections that each is to be brief
    is_long: bool


class FrontPages:
    """Makes front pages anew when something changed: one reads hundreds of stories."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        #: by language: of which state, until when (monotonic, seconds)
        self._made: dict[str, tuple[tuple[int, int], float, Front]] = {}

    def of(self, who: Reader) -> Front:
        with self._store.read() as tx:
            state = (who.view.in_force.number, tx.changes.last_sequence())
            # Whoever comes meanwhile waits for the one that makes it.
            with self._lock:
                found = self._made.get(who.language)
                if found is None or found[0] != state or found[1] < time.monotonic():
                    found = (state, time.monotonic() + _KEPT_S, _front(tx, who))
                    self._made[who.language] = found
        return found[2]


def _front(tx: Transaction, who: Reader) -> Front:
    leads = tx.pages.listing("all", "all", limit=LEADS).stories
    categories = who.view.in_force.settings.categories
    headlines = next((number for most, number in _HEADLINES if len(categories) <= most), 1)
    above = {story.id for story in leads}
    sections = []
    for category in categories:
        newest = tx.pages.listing("category", category.id, limit=headlines + min(LEADS, headlines + 1)).stories
        sections.append(Section(category=category, cards=cards(tx, who, _fresh(newest, above)[:headlines])))
    return Front(leads=_pictured_first(cards(tx, who, leads)), sections=sections, is_long=headlines < MOST_HEADLINES)


def _pictured_first(leads: Sequence[Card]) -> Sequence[Card]:
    """Put the newest story that has a picture to the front."""
    first = next((card for card in leads if card.sight), None)
    return [first, *(card for card in leads if card is not first)] if first else leads


def _fresh(newest: Sequence[Story], above: Collection[UUID]) -> Sequence[Story]:
    """Leave out what stands above already, unless nothing else is there."""
    return [story for story in newest if story.id not in above] or newest
