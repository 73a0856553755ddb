"""What became of an article, in words for an admin."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo

from feedsvc.why.facts import DocumentFacts, EntryFacts, PageFacts, Shows, SourceFacts, StoryFacts, Why, story_id

#: sources named of those that an article would come from
_SOURCES = 10


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A heading, None for no own, and sentences."""

    heading: str | None
    lines: tuple[str, ...]


def in_words(found: Why, zone: tzinfo) -> tuple[Paragraph, ...]:
    """Say all facts; times are in `zone`."""
    return tuple(_Words(zone).paragraphs(found))


def shown(shows: Shows) -> str:
    """Say what the policy lets us show."""
    if not shows.of_chars:
        text = "the headline; there is no text"
    elif shows.republish is None:
        text = f"the headline only, since source {shows.source} left the configuration"
    elif shows.republish == "headline":
        text = f"the headline only; the policy of {shows.source} licenses no text"
    elif shows.republish == "full":
        text = f"the whole text, {shows.of_chars:,} characters, as the policy of {shows.source} licenses"
    else:
        text = f"an excerpt, {shows.chars:,} of {shows.of_chars:,} characters; more is not licensed by {shows.source}"
    if not shows.of_pictures:
        return f"shows {text}"
    one = "picture" if shows.of_pictures == 1 else "pictures"
    pictures = f"its {shows.pictures} {one}" if shows.pictures else f"its {shows.of_pictures} {one} not licensed"
    return f"shows {text}; {pictures}"


class _Words:
    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone

    def paragraphs(self, found: Why) -> Iterator[Paragraph]:
        for story in found.stories:
            yield from self._story(story)
        for entry in found.skipped:
            yield Paragraph(entry.title or entry.link or "an entry", tuple(self._skipped(entry)))
        if found.outcome == "not seen":
            yield from self._not_seen(found)

    def _story(self, story: StoryFacts) -> Iterator[Paragraph]:
        lines = (story.id.urn, *_joined(story), self._fate(story))
        yield Paragraph(story.title or "a story whose text is no longer kept", lines)
        yield Paragraph("Entries", tuple(line for entry in story.entries for line in self._entry(entry)))
        if story.state in {"forgotten", "merged"}:
            return
        yield Paragraph("Filed", tuple(_filed(story)))
        if story.shows is not None:
            yield Paragraph("Licence", (shown(story.shows),))
        if story.state == "announced":
            yield Paragraph("Documents", tuple(_documents(story.documents)))

    def _fate(self, story: StoryFacts) -> str:
        announced = f"announced {self._at(story.announced_at)}, change {story.announced}" if story.announced else None
        match story.state:
            case "announced":
                return announced or ""
            case "stored":
                until = next((each.page.held_until for each in story.entries if each.leads and each.page), None)
                if until is not None:
                    return f"stored and filed; announced when its page is in, {self._at(until)} at the latest"
                older = "it was beyond the newest of a first poll, or in an archive (backfill)"
                reason = older if story.title else "no more than its address is known"
                return f"stored and filed, but never announced: {reason}"
            case "forgotten":
                return f"{announced or 'never announced'}; retention has taken its text since"
            case "merged":
                return f"merged into {story.replaced_by}: {story.retracted}"
        when = f" {self._at(story.retracted_at)}" if story.retracted_at else ""
        return f"{f'{announced}; ' if announced else ''}retracted{when}: {story.retracted}"

    def _entry(self, entry: EntryFacts) -> Iterator[str]:
        place = f"{entry.source}: {entry.link or 'without an address'}"
        role = "" if entry.skipped is not None else "leads; " if entry.leads else "also there; "
        revised = f", revision {entry.revisions} of {self._at(entry.revised_at)}" if entry.revisions > 1 else ""
        dated = f"dated {self._at(entry.published)}, " if entry.published else ""
        kept = "; its text is no longer kept" if entry.forgotten else ""
        yield f"{place}; {role}{dated}first seen {self._at(entry.first_seen_at)}{revised}{kept}"
        if entry.evidence is not None:
            score = f" (score {entry.evidence.score:.2f})" if entry.evidence.score is not None else ""
            yield f"it is here because of its {entry.evidence.kind}: {entry.evidence.detail}{score}"
        if entry.page is not None:
            yield from self._page(entry.page)
        if entry.withdrawn is not None:
            yield f"withdrawn by {entry.source}: {entry.withdrawn}"

    def _page(self, page: PageFacts) -> Iterator[str]:
        if page.text is not None:
            yield f"its page of {self._at(page.fetched_at)} is in; text of the {page.text}: {page.why}"
            yield from page.notes
        again = f"asked for {'again ' if page.failures or page.text else ''}{self._at(page.next_fetch_at)}"
        if page.error is not None:
            end = again if page.next_fetch_at else "given up"
            yield f"no page {page.href}: {page.error}; {end}"
        elif page.next_fetch_at is not None:
            yield f"its page {page.href} is {again}"

    def _skipped(self, entry: EntryFacts) -> Iterator[str]:
        yield f"seen, but not published: {entry.skipped or 'it belongs to no story'}"
        yield from self._entry(entry)

    def _not_seen(self, found: Why) -> Iterator[Paragraph]:
        if story_id(found.asked) is not None:
            yield Paragraph(None, (f"not seen: there is and was no story {found.asked}",))
            return
        yield Paragraph(None, (f"not seen: no source has brought {found.asked}",))
        if not found.sources:
            yield Paragraph(None, ("no source of the configuration is on its host, so it would not come",))
            return
        lines = [self._source(source) for source in found.sources[:_SOURCES]]
        if len(found.sources) > _SOURCES:
            lines.append(f"… and {len(found.sources) - _SOURCES} more")
        yield Paragraph("It would come from", tuple(lines))

    def _source(self, source: SourceFacts) -> str:
        if source.last_fetch_at is None:
            said = f"{source.id}, never read yet"
        elif source.entries is None:
            said = f"{source.id}, last read {self._at(source.last_fetch_at)}"
        else:
            held = "1 entry" if source.entries == 1 else f"{source.entries} entries"
            said = f"{source.id}, last read {self._at(source.last_fetch_at)} with {held}"
        if source.paused:
            return f"{said}; paused in the configuration"
        following = f"; next {self._at(source.next_fetch_at)}" if source.next_fetch_at else ""
        failing = f"; {source.error}" if source.error else ""
        if failing and source.last_success_at:
            failing += f" (last success {self._at(source.last_success_at)})"
        return said + failing + following

    def _at(self, at: datetime | None) -> str:
        return f"{at.astimezone(self._zone):%Y-%m-%d %H:%M}" if at is not None else "at an unknown time"


def _joined(story: StoryFacts) -> Iterator[str]:
    """Say that what was asked for is a copy, as far as it is."""
    lead = next((entry.source for entry in story.entries if entry.leads), None)
    for entry in story.entries:
        if entry.is_asked and not entry.leads:
            own = f" under the headline “{entry.title}”" if entry.title and entry.title != story.title else ""
            yield f"{entry.source} carried it{own}; merged into this story, which {lead} leads"


def _filed(story: StoryFacts) -> Iterator[str]:
    for name, filed in (("category", story.categories), ("tag", story.tags)):
        yield from (f"{name} {each.id}: {each.reason}" for each in filed)
    if not story.categories and not story.tags:
        yield "in no category and under no tag: no rule matched"
    for name, others in (("categories", story.other_categories), ("tags", story.other_tags)):
        if others:
            yield f"not in {', '.join(others)}: no rule of these {name} matched"


def _documents(documents: tuple[DocumentFacts, ...]) -> Iterator[str]:
    for each in documents:
        if each.is_inside:
            yield f"{each.path}: number {each.position} by announcement"
        else:
            behind = "behind the last that documents hold" if each.position is None else f"number {each.position}"
            yield f"{each.path}: outside the window ({behind})"
