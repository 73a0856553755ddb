"""Stories and entries as queries see them: the one place that says which of their parts a query looks at."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import tzinfo
from functools import lru_cache
from urllib.parse import urlsplit

from feedsvc.model import Content, Entry, Story
from feedsvc.query.subject import Subject, Wording


def subject_of(lead: Entry, entries: Sequence[Entry], sources: Sequence[str], zone: tzinfo) -> Subject:
    """Return the leading entry's words, language and date with every entry's terms, hosts and authors.

    `sources` are ids, `zone` is the site's. It has no categories and no tags yet.
    """
    return Subject(
        wording=_wording(lead),
        authors=tuple(dict.fromkeys(name for entry in entries for name in _authors(entry))),
        terms=tuple(dict.fromkeys(name for entry in entries for name in _terms(entry))),
        sources=tuple(sources),
        hosts=tuple(dict.fromkeys(name for entry in entries for name in _hosts(entry))),
        lang=lead.language,
        published=lead.published,
        zone=zone,
    )


def story_subject(story: Story, zone: tzinfo) -> Subject:
    """Return a stored story with all that is known of it. `zone` is the site's."""
    subject = subject_of(
        story.lead.entry,
        [each.entry for each in story.appearances],
        tuple(dict.fromkeys(each.source_id for each in story.appearances)),
        zone,
    )
    return replace(
        subject,
        categories=tuple(filed.id for filed in story.filing.categories),
        tags=tuple(filed.id for filed in story.filing.tags),
    )


@lru_cache(maxsize=64)
def _wording(entry: Entry) -> Wording:
    """Return an entry's words. A poll asks for those of each entry twice, for filing and for search."""
    return Wording(title=entry.title, summary=_plain(entry.summary), content=_plain(entry.content))


def _plain(part: Content | None) -> str | None:
    if part is None:
        return None
    return part.value if part.text is None and part.type == "text" else part.text


def _authors(entry: Entry) -> Iterable[str]:
    return (name for author in entry.authors if (name := author.name or author.email))


def _terms(entry: Entry) -> Iterable[str]:
    return (name for term in entry.terms for name in (term.term, term.label) if name)


def _hosts(entry: Entry) -> Iterable[str]:
    for address in (entry.link, entry.canonical_link):
        try:
            host = urlsplit(address or "").hostname
        except ValueError:  # upstream's addresses may be anything, such as https://[
            continue
        if host:
            yield host
