"""What the pages of the first new articles would give."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, Protocol

from feedsvc import update
from feedsvc.articles import Asker, PageReader, Pages
from feedsvc.errors import FetchError
from feedsvc.fetch import Permission
from feedsvc.model import Appearance, Arrival, Entry, Source, Story
from feedsvc.update import Deps

#: pages asked for; their sites are guests' hosts also when nothing is stored
PAGES_SHOWN = 3


class SiteClient(Pages, Protocol):
    """The part of `fetch.Client` that asks for pages, and whether it may. Raises FetchError."""

    async def permission(self, href: str, now: datetime) -> Permission: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What a dry run works with, and the sources of the configuration by id."""

    deps: Deps
    client: SiteClient
    reader: PageReader
    sources: Mapping[str, Source]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewedPage:
    """What an article's page would give."""

    href: str
    #: whose text would be taken, and why; None: there is no page, for this reason
    text: Literal["feed", "page"] | None
    why: str
    #: what did not agree, or could not be read, in words
    notes: tuple[str, ...] = ()
    #: addresses of the licences that its site's robots.txt names
    licences: tuple[str, ...] = ()


async def visited(arrival: Arrival, source: Source, visit: Visit, now: datetime) -> tuple[PreviewedPage, Entry]:
    """Ask for the page of a new entry; return what came of it, and the entry as it would be published."""
    entry, href = arrival.entry, arrival.entry.link or ""
    allowed = await visit.client.permission(href, now)
    asker = Asker(source=source, entry=entry, pages=visit.client, reader=visit.reader, now=now)
    try:
        article = await asker.ask(href)
    except FetchError as error:
        return PreviewedPage(href=href, text=None, why=error.problem, licences=allowed.licences), entry
    found = update.paged(entry, arrival.link_keys, article)
    given = found.contribution
    page = PreviewedPage(href=href, text=given.origin, why=given.reason, notes=given.notes, licences=allowed.licences)
    return page, found.entry


def rewritten(story: Story, before: Entry, after: Entry, deps: Deps) -> Story:
    """Return a story of one new entry as it would be with its page."""
    if story.lead.entry != before:
        return story
    lead: Appearance = replace(story.lead, entry=after)
    return replace(story, lead=lead, filing=deps.rules.file(lead, [lead, *story.others]))
