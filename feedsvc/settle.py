"""What a story is once its entries are known: who leads, where it is filed, and what the change log says of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from feedsvc import dedup, filing
from feedsvc.model import Appearance, ChangeKind, Entry, Filing, Story


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A story as it is now, and what the change log is to say; None: nothing that anyone was told has changed."""

    story: Story
    kind: ChangeKind | None


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What settling goes by besides the entries: the rules, which source leads by its id, and the time of deciding."""

    rules: filing.Rules
    ranks: Mapping[str, int]
    #: the site's
    languages: tuple[str, ...]
    now: datetime


def settle(
    id: UUID, appearances: Sequence[Appearance], known: Story | None, house: House, *, announce: bool
) -> Settled:
    """Return the story that these appearances make.

    `known` is the story as it was stored; None: it is new. `announce`: subscribers are to hear of it if they have not.
    An id, a first sight and an announcement never change once given. Of what is no more than an address nobody hears
    before there is something to show of it. A story that was retracted because its publishers
    withdrew it returns, since some entry stands; one that was retracted for another reason stays so.
    """
    lead = dedup.leading(appearances, house.ranks)
    announce = announce and not lead.entry.is_bare
    others = sorted((a for a in appearances if a is not lead), key=lambda a: (a.first_seen_at, a.entry_id))
    story = Story(
        id=id,
        lead=lead,
        others=tuple(others),
        language=_site_language(lead.entry.language, house.languages),
        filing=house.rules.file(lead, appearances),
        first_seen_at=known.first_seen_at if known else min(a.first_seen_at for a in appearances),
        announced_at=known.announced_at if known and known.announced_at else house.now if announce else None,
        updated_at=_updated_at(lead, known, house.now),
        sort_at=_sort_at(lead, house.now),
        retracted=known.retracted if known and known.retracted != known.lead.withdrawn else None,
    )
    return Settled(story=story, kind=_kind(story, known))


def retract(known: Story, reason: str) -> Settled:
    """Return a story of which no entry stands any more; the last one that led it stays for its return."""
    lead = replace(known.lead, withdrawn=reason)
    story = replace(known, lead=lead, others=(), retracted=known.retracted or reason)
    told = known.announced_at is not None and known.retracted is None
    return Settled(story=story, kind="retracted" if told else None)


def _site_language(tag: str | None, languages: Sequence[str]) -> str | None:
    """Return the site's language that a tag falls under, else the tag: `en-GB` is `en` (RFC 4647, section 3.3.1)."""
    if tag is None:
        return None
    return next((each for each in languages if f"{tag}-".lower().startswith(f"{each}-".lower())), tag)


def _kind(story: Story, known: Story | None) -> ChangeKind | None:
    if story.announced_at is None or story.retracted is not None:
        return None
    if known is None or known.announced_at is None:
        return "new"
    return "updated" if _told(story) != _told(known) else None


def _told(story: Story) -> Story:
    """Return the story without what nobody outside is told: the reasons why it is filed where it is."""
    bare = Filing(
        categories=tuple(replace(filed, reason="") for filed in story.filing.categories),
        tags=tuple(replace(filed, reason="") for filed in story.filing.tags),
    )
    return replace(story, filing=bare)


def _updated_at(lead: Appearance, known: Story | None, now: datetime) -> datetime:
    """Return when the story last changed in substance; the publisher's word counts where it moved forward."""
    said = lead.entry.updated
    if known is None:
        return min(said or lead.entry.published or lead.first_seen_at, now)
    if _same_substance(lead.entry, known.lead.entry):
        return known.updated_at
    return said if said is not None and known.updated_at < said <= now else max(known.updated_at, now)


def _same_substance(entry: Entry, known: Entry) -> bool:
    return entry == known or dedup.fingerprint(entry).text_hash == dedup.fingerprint(known).text_hash


def _sort_at(lead: Appearance, now: datetime) -> datetime:
    said = lead.entry.published or lead.entry.updated
    return said if said is not None and said <= now else lead.first_seen_at
