"""JSON Feed 1.0 and 1.1. Source: https://jsonfeed.org/version/1.1"""

import json
from collections.abc import Mapping

from feedsvc.model import Content, Enclosure, Entry, FeedInfo, Link, ParsedFeed, Person, Picture, Term
from feedsvc.parse.addresses import absolute
from feedsvc.parse.media import distinct_enclosures, distinct_pictures, is_picture
from feedsvc.parse.reading import MAX_ENTRIES, NotAFeedError, Reading, seconds, whole_number
from feedsvc.parse.texts import clean, language_tag

_Object = Mapping[str, object]


def read_json_feed(text: str, reading: Reading) -> ParsedFeed:
    """Read what can be read: a member of the wrong type counts as absent, an item without an id as skipped.

    Raises NotAFeedError.
    """
    try:
        feed = json.loads(text, strict=False)  # strict would refuse a raw line break in a string
    except json.JSONDecodeError as exc:
        raise NotAFeedError(f"not valid JSON: {exc.msg} (line {exc.lineno}, column {exc.colno})") from exc
    except ValueError as exc:
        raise NotAFeedError("not readable JSON: a number is too long") from exc
    except RecursionError as exc:
        raise NotAFeedError("not readable JSON: nested too deeply") from exc
    items = feed.get("items") if isinstance(feed, dict) else None
    version = feed.get("version") if isinstance(feed, dict) else None
    is_versioned = isinstance(version, str) and "jsonfeed.org/version/1" in version
    if not isinstance(items, list) or not (is_versioned or "title" in feed):
        raise NotAFeedError("a JSON document, not a JSON Feed")
    entries = [_entry(item, reading) for item in items[:MAX_ENTRIES] if isinstance(item, dict)]
    kept = tuple(entry for entry in entries if entry is not None)
    return ParsedFeed(
        info=_feed_info(feed, reading),
        entries=kept,
        problem=None if is_versioned else "the JSON Feed does not say its version",
        skipped=len(items) - len(kept),
    )


def _feed_info(feed: _Object, reading: Reading) -> FeedInfo:
    return FeedInfo(
        id=clean(feed.get("feed_url")),
        title=clean(feed.get("title")),
        subtitle=clean(feed.get("description")),
        links=_links(feed, reading),
        authors=_authors(feed, reading),
        language=language_tag(feed.get("language")),
        icon=absolute(feed.get("favicon"), reading.base),
        logo=absolute(feed.get("icon"), reading.base),
    )


def _links(feed: _Object, reading: Reading) -> tuple[Link, ...]:
    hubs = (hub.get("url") for hub in _objects(feed.get("hubs")) if str(hub.get("type")).lower() == "websub")
    return (
        *reading.link(feed.get("home_page_url"), type="text/html"),
        *reading.link(feed.get("feed_url"), rel="self", type="application/feed+json"),
        *reading.link(feed.get("next_url"), rel="next", type="application/feed+json"),
        *(link for hub in hubs for link in reading.link(hub, rel="hub")),
    )


def _entry(item: _Object, reading: Reading) -> Entry | None:
    """Return None without an id: the specification has such an item discarded."""
    guid = _string(item.get("id"))
    if guid is None:
        return None
    html, text, summary = clean(item.get("content_html")), clean(item.get("content_text")), clean(item.get("summary"))
    pictures, enclosures = _attachments(item, reading)
    tags = item.get("tags")
    addresses = (absolute(item.get(key), reading.base) for key in ("url", "external_url"))
    return Entry(
        guid=guid,
        link=next((address for address in addresses if address), None) or absolute(guid, ""),
        title=clean(item.get("title")),
        authors=_authors(item, reading),
        published=reading.date(item.get("date_published")),
        updated=reading.date(item.get("date_modified")),
        summary=Content(value=summary, type="text", base=reading.base) if summary else None,
        content=_content(html, text, reading),
        pictures=pictures,
        enclosures=enclosures,
        terms=tuple(Term(term=tag) for tag in map(_string, tags) if tag) if isinstance(tags, list) else (),
        language=language_tag(item.get("language")),
    )


def _content(html: str | None, text: str | None, reading: Reading) -> Content | None:
    if html:
        return Content(value=html, type="html", base=reading.base)
    return Content(value=text, type="text", base=reading.base) if text else None


def _attachments(item: _Object, reading: Reading) -> tuple[tuple[Picture, ...], tuple[Enclosure, ...]]:
    images = (absolute(item.get(key), reading.base) for key in ("image", "banner_image"))
    pictures = [Picture(href=image) for image in images if image]
    enclosures = []
    for part in _objects(item.get("attachments")):
        href, said = absolute(part.get("url"), reading.base), clean(part.get("mime_type"))
        if href and is_picture(href, said):
            pictures.append(Picture(href=href, type=said, caption=clean(part.get("title"))))
        elif href:
            enclosures.append(
                Enclosure(
                    href=href,
                    type=said,
                    length=whole_number(part.get("size_in_bytes")),
                    duration=seconds(part.get("duration_in_seconds")),
                    title=clean(part.get("title")),
                )
            )
    return distinct_pictures(pictures), distinct_enclosures(enclosures)


def _authors(thing: _Object, reading: Reading) -> tuple[Person, ...]:
    """`authors` of 1.1 is preferred to `author` of 1.0."""
    people = []
    for author in _objects(thing.get("authors")) or _objects([thing.get("author")]):
        name, uri = clean(author.get("name")), clean(author.get("url"))
        email = uri.removeprefix("mailto:") if uri and uri.startswith("mailto:") else None
        person = Person(name=name, uri=absolute(uri, reading.base), email=email or None)
        if person != Person() and person not in people:
            people.append(person)
    return tuple(people)


def _objects(value: object) -> list[_Object]:
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []


def _string(value: object) -> str | None:
    """A number is an id or a tag too."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    return clean(value)
