"""feedparser's dictionary of a feed, or of an entry's source, to FeedInfo."""

import re
from collections.abc import Iterable
from datetime import timedelta

from feedsvc.model import FeedInfo, Link, Person, Term
from feedsvc.parse import fields
from feedsvc.parse.addresses import absolute
from feedsvc.parse.extensions import FeedExtensions
from feedsvc.parse.fields import Fields
from feedsvc.parse.reading import Reading, whole_number
from feedsvc.parse.texts import clean, language_tag

_EMAIL = re.compile(r"[^\s@<>()]+@[^\s@<>()]+")
_CUT = re.compile(r"\.[A-Za-z]{4}$")
_REST = re.compile(r"[A-Za-z]{1,59}")
_PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(days=7),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}
_REGISTERED = "http://www.iana.org/assignments/relation/"


_NONE = FeedExtensions()


def feed_info(feed: Fields, reading: Reading, extensions: FeedExtensions = _NONE) -> FeedInfo:
    """Map what both feeds and sources have; absent and unusable values are None."""
    image = fields.part(feed, "image")
    return FeedInfo(
        id=fields.text(feed, "id"),
        title=fields.words(feed, "title"),
        subtitle=fields.words(feed, "subtitle"),
        links=_feed_links(feed, reading),
        updated=fields.date(feed, "updated", reading) or fields.date(feed, "published", reading),
        rights=fields.words(feed, "rights"),
        authors=people(fields.parts(feed, "authors"), reading),
        contributors=people(fields.parts(feed, "contributors"), reading),
        terms=terms(feed),
        language=language_tag(dict.get(feed, "language")),
        icon=absolute(dict.get(feed, "icon"), reading.base),
        logo=absolute(dict.get(feed, "logo") or dict.get(image, "href"), reading.base),
        generator=fields.text(feed, "generator"),
        ttl=_ttl(feed),
        skip_hours=extensions.skip_hours,
        skip_days=extensions.skip_days,
        complete=extensions.complete,
    )


def links(thing: Fields, reading: Reading) -> tuple[Link, ...]:
    """Return the links of every relation but enclosure, each once, in document order."""
    found: dict[tuple[str, str], Link] = {}
    for fields_of_link in fields.parts(thing, "links"):
        rel = (fields.text(fields_of_link, "rel") or "alternate").removeprefix(_REGISTERED)
        href = absolute(dict.get(fields_of_link, "href"), reading.base)
        if href and rel != "enclosure":
            link = Link(
                href=href,
                rel=rel,
                type=_said_type(fields.text(fields_of_link, "type"), rel),
                hreflang=language_tag(dict.get(fields_of_link, "hreflang")),
                title=fields.text(fields_of_link, "title"),
                length=whole_number(dict.get(fields_of_link, "length")),
            )
            found.setdefault((rel, href), link)
    return tuple(found.values())


def _feed_links(feed: Fields, reading: Reading) -> tuple[Link, ...]:
    """Where no link is said, feedparser takes an id that is an address for the page."""
    return links(feed, reading) or reading.link(dict.get(feed, "link"))


def people(authors: Iterable[Fields], reading: Reading) -> tuple[Person, ...]:
    """Return each person once, also who is named again with less (author and dc:creator and itunes:author)."""
    found: dict[Person, None] = {}
    for author in authors:
        name, email = _name_and_email(author, reading)
        uri = absolute(dict.get(author, "href"), reading.base)
        if name or uri or email:
            found.setdefault(Person(name=name, uri=uri, email=email))
    if len(found) < 2:
        return tuple(found)
    known = {person.name for person in found if person.uri or person.email}
    return tuple(person for person in found if person.uri or person.email or person.name not in known)


def _name_and_email(author: Fields, reading: Reading) -> tuple[str | None, str | None]:
    """feedparser knows top-level domains of up to four letters, and leaves the rest of a longer one in the name."""
    name, said = fields.text(author, "name"), fields.text(author, "email")
    found = _EMAIL.search(said) if said else None
    if not found:
        return name, None
    email = found[0]
    at = reading.text.find(email) if name and _CUT.search(email) else -1
    rest = _REST.match(reading.text, at + len(email)) if at >= 0 else None
    if not rest or not name or rest[0] not in name:
        return name, email
    return clean(name.replace(rest[0], "", 1).strip(" ()<>")), email + rest[0]


def terms(thing: Fields) -> tuple[Term, ...]:
    """Return the publisher's labels, each once, in document order."""
    found: dict[Term, None] = {}
    for tag in fields.parts(thing, "tags"):
        word, label = fields.text(tag, "term"), fields.text(tag, "label")
        if word or label:
            found.setdefault(Term(term=word or label or "", scheme=fields.text(tag, "scheme"), label=label))
    return tuple(found)


def _said_type(type: str | None, rel: str) -> str | None:
    """feedparser makes up a type where none is said: text/html, for rel=self application/atom+xml."""
    made_up = "application/atom+xml" if rel == "self" else "text/html"
    return None if type == made_up and rel != "alternate" else type


def _ttl(feed: Fields) -> timedelta | None:
    """Source: RSS 2.0 (minutes); RDF Site Summary 1.0 syndication module (a period divided by a frequency)."""
    minutes = whole_number(dict.get(feed, "ttl"))
    if minutes:
        return timedelta(minutes=min(minutes, 525_600))
    period = _PERIODS.get((clean(dict.get(feed, "sy_updateperiod")) or "").lower())
    frequency = whole_number(dict.get(feed, "sy_updatefrequency")) or 1
    return period / min(frequency, 1440) if period else None
