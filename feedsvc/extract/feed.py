"""One parsed feed made fit to store: safe, absolute, plain where plain text is meant, of bounded size."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from itertools import islice

from feedsvc.extract.addresses import resolve, verbatim
from feedsvc.extract.language import detected, normalised
from feedsvc.extract.markup import MAX_KEPT, safe
from feedsvc.extract.plain import cut, fit, folded, paragraphs
from feedsvc.model import Content, Enclosure, Entry, FeedInfo, Link, ParsedFeed, Person, Picture, Source, Term

#: Stored beside what was sanitised; another version means that it should be sanitised again.
SANITISER_VERSION = "1"

MAX_TITLE = 1_000
MAX_NAME = 300
MAX_RIGHTS = 2_000
MAX_PEOPLE = 50
MAX_TERMS = 100
MAX_LINKS = 100
MAX_ENCLOSURES = 50
MAX_PICTURES = 50

_EMAIL = re.compile(r"[^\s@<>()\"',;:]+@[^\s@<>()\"',;:]+\.[^\s@<>()\"',;:]+")
#: RFC 6838 section 4.2, parameters allowed.
_MEDIA_TYPE = re.compile(
    r"[a-z0-9][\w!#$&^.+-]{0,126}/[a-z0-9][\w!#$&^.+-]{0,126}(\s*;\s*[\w.-]+=(\"[^\"\\\\]*\"|[\w.+-]+))*", re.ASCII
)


def clean(feed: ParsedFeed, source: Source, named: Collection[int] = frozenset()) -> ParsedFeed:
    """Return the feed with safe absolute HTML, `Content.text` filled, plain titles, and a language for each entry.

    What is cleaned already comes out as it is. Of the entries at the places `named` only names and dates stay.
    """
    base = _base(feed.info, source)
    info = _info(feed.info, base)
    return replace(
        feed,
        info=info,
        entries=tuple(
            _names(entry, base) if at in named else _entry(entry, info, source, base)
            for at, entry in enumerate(feed.entries)
        ),
        deleted=tuple(
            replace(gone, by=_line(gone.by, MAX_NAME), comment=_line(gone.comment, MAX_RIGHTS)) for gone in feed.deleted
        ),
    )


def surroundings(info: FeedInfo, source: Source) -> tuple[str | None, ...]:
    """Return all that what becomes of an entry depends on, beside the entry itself."""
    return SANITISER_VERSION, _base(info, source), source.language, info.language


def _base(info: FeedInfo, source: Source) -> str:
    home = resolve(info.link("alternate") or "", source.url) or resolve(info.link("self") or "", source.url)
    return home or source.url


def _names(entry: Entry, base: str) -> Entry:
    link = verbatim(entry.link, base)
    return Entry(
        guid=entry.guid,
        link=link,
        canonical_link=verbatim(entry.canonical_link, link or base),
        title=_line(entry.title, MAX_TITLE),
        published=entry.published,
        updated=entry.updated,
    )


def _entry(entry: Entry, info: FeedInfo, source: Source, base: str) -> Entry:
    names = _names(entry, base)
    here = names.link or base
    summary, summary_pictures = _content(entry.summary, here)
    content, content_pictures = _content(entry.content, here)
    cleaned = replace(
        entry,
        link=names.link,
        canonical_link=names.canonical_link,
        comments=verbatim(entry.comments, here),
        title=names.title,
        authors=_people(entry.authors, here),
        contributors=_people(entry.contributors, here),
        summary=summary,
        content=content,
        pictures=_pictures(entry.pictures, here) or content_pictures or summary_pictures,
        enclosures=_enclosures(entry.enclosures, here),
        terms=_terms(entry.terms),
        rights=_line(entry.rights, MAX_RIGHTS),
        source=None if entry.source is None else _info(entry.source, base),
    )
    return replace(cleaned, language=_language(cleaned, info, source))


def _language(entry: Entry, info: FeedInfo, source: Source) -> str | None:
    claims = (source.language, entry.language, info.language)
    claimed = next((tag for claim in claims if (tag := normalised(claim))), None)
    return claimed or detected(f"{entry.title or ''}\n{entry.text}")


def _content(content: Content | None, here: str) -> tuple[Content | None, tuple[Picture, ...]]:
    """Return the safe form, None where nothing is left, and the pictures in it."""
    if content is None:
        return None, ()
    language = normalised(content.language)
    if content.type == "text":
        value = cut(fit(content.value).strip(), MAX_KEPT)
        text = paragraphs(value)
        return (Content(value=value, type="text", language=language, text=text) if text else None), ()
    markup = safe(content.value, resolve(content.base or "", here) or here)
    if markup is None:
        return None, ()
    return Content(value=markup.html, type="html", language=language, text=markup.text), markup.pictures


def _info(info: FeedInfo, base: str) -> FeedInfo:
    return replace(
        info,
        title=_line(info.title, MAX_TITLE),
        subtitle=_line(info.subtitle, MAX_RIGHTS),
        links=tuple(_links(info.links, base))[:MAX_LINKS],
        rights=_line(info.rights, MAX_RIGHTS),
        authors=_people(info.authors, base),
        contributors=_people(info.contributors, base),
        terms=_terms(info.terms),
        language=normalised(info.language),
        icon=verbatim(info.icon, base),
        logo=verbatim(info.logo, base),
        generator=_line(info.generator, MAX_NAME),
    )


def _line(text: str | None, limit: int) -> str | None:
    return cut(folded(text), limit) or None if text else None


def _media_type(value: str | None) -> str | None:
    value = value.strip().lower() if value else ""
    return value if _MEDIA_TYPE.fullmatch(value) else None


def _links(links: Iterable[Link], base: str) -> Iterator[Link]:
    for link in links:
        href = verbatim(link.href, base)
        if href is not None:
            title, language = _line(link.title, MAX_TITLE), normalised(link.hreflang)
            yield replace(link, href=href, type=_media_type(link.type), title=title, hreflang=language)


def _people(people: Iterable[Person], base: str) -> tuple[Person, ...]:
    return tuple(found for person in people if (found := _person(person, base)))[:MAX_PEOPLE]


def _person(person: Person, base: str) -> Person | None:
    name, email = _line(person.name, MAX_NAME), _line(person.email, MAX_NAME)
    if email is not None and not _EMAIL.fullmatch(email):
        name, email = name or email, None
    uri = verbatim(person.uri, base)
    return Person(name=name, uri=uri, email=email) if name or uri or email else None


def _terms(terms: Iterable[Term]) -> tuple[Term, ...]:
    lines = (
        Term(term=name, scheme=_line(term.scheme, MAX_TITLE), label=_line(term.label, MAX_NAME))
        for term in terms
        if (name := _line(term.term, MAX_NAME))
    )
    return tuple(islice(lines, MAX_TERMS))


def _pictures(pictures: Iterable[Picture], base: str) -> tuple[Picture, ...]:
    kept = (
        replace(
            picture,
            href=href,
            type=_media_type(picture.type),
            caption=_line(picture.caption, MAX_RIGHTS),
            credit=_line(picture.credit, MAX_TITLE),
        )
        for picture in pictures
        if (href := verbatim(picture.href, base))
    )
    return tuple(islice(kept, MAX_PICTURES))


def _enclosures(enclosures: Iterable[Enclosure], base: str) -> tuple[Enclosure, ...]:
    kept = (
        replace(enclosure, href=href, type=_media_type(enclosure.type), title=_line(enclosure.title, MAX_TITLE))
        for enclosure in enclosures
        if (href := verbatim(enclosure.href, base))
    )
    return tuple(islice(kept, MAX_ENCLOSURES))
