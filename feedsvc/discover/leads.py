"""Addresses that may be feeds, each once, the most promising first."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from feedsvc.discover import addresses
from feedsvc.parse import PageLink

#: how an address came up, the surest first
Grade = Literal["given", "announced", "likely", "well-known", "possible"]
GRADES: tuple[Grade, ...] = ("given", "announced", "likely", "well-known", "possible")

#: that are remembered, for being asked or listed
MAX_LEADS = 300
#: of the least sure ones so many are asked
MAX_POSSIBLE = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """An address that may be a feed. Lower `rank` is better."""

    href: str
    grade: Grade
    #: the words of the link that led here
    text: str | None = None
    #: it stands on a page of the site that lists feeds; such a page is not looked for behind it
    is_listed: bool = False
    order: int = 0

    def rank(self, asked: str) -> tuple[int, int, int]:
        return GRADES.index(self.grade), -addresses.nearness(asked, self.href), self.order


class Leads:
    """All leads, and which of them are done with."""

    def __init__(self) -> None:
        self._open: dict[str, Lead] = {}
        self._done: set[str] = set()
        self._possible = 0

    def add(self, link: PageLink, *, is_listed: bool) -> None:
        self._add(Lead(href=link.href, grade=link.grade, text=link.text, is_listed=is_listed))

    def add_well_known(self, page: str, may: Callable[[str], bool]) -> None:
        for href in filter(may, addresses.well_known(page)):
            self._add(Lead(href=href, grade="well-known"))

    def take(self, asked: str) -> Lead | None:
        """Return the best lead; it comes only once."""
        ranked = sorted(self._open.items(), key=lambda item: item[1].rank(asked))
        for key, lead in ranked:
            if lead.grade == "possible" and self._possible >= MAX_POSSIBLE:
                return None
            self._possible += lead.grade == "possible"
            del self._open[key]
            self._done.add(key)
            return lead
        return None

    def put_back(self, lead: Lead) -> None:
        """Keep a lead that was taken and not followed."""
        key = addresses.key(lead.href)
        self._done.discard(key)
        self._open[key] = lead

    def is_new(self, address: str) -> bool:
        """Note that an address was read; say whether it was for the first time."""
        key = addresses.key(address)
        if key in self._done:
            return False
        self._done.add(key)
        self._open.pop(key, None)
        return True

    def left(self, asked: str) -> tuple[Lead, ...]:
        """Return what was not asked and looks like a feed, the best first."""
        worth = [lead for lead in self._open.values() if lead.grade in {"announced", "likely"}]
        return tuple(sorted(worth, key=lambda lead: lead.rank(asked)))

    def _add(self, lead: Lead) -> None:
        if not addresses.is_usable(lead.href):
            return
        key = addresses.key(lead.href)
        before = self._open.get(key)
        if key in self._done or (before is None and len(self._open) >= MAX_LEADS):
            return
        if before is None:
            self._open[key] = replace(lead, order=len(self._open) + len(self._done))
            return
        # Of the ways to write an address the shortest is the one without tracking.
        best = min((before, lead), key=lambda each: GRADES.index(each.grade))
        href = min(before.href, lead.href, key=lambda href: (not addresses.is_encrypted(href), len(href)))
        self._open[key] = replace(best, href=href, text=before.text or lead.text, order=before.order)
