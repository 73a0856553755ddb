"""JSON Feed 1.1 (https://jsonfeed.org/version/1.1)."""

import json
from typing import Any

from feedsvc.model import Credit, Enclosure, OutputFeed, Person, Picture, PublishedStory
from feedsvc.render.addresses import address, language_tag, media_type
from feedsvc.render.body import body, labels, name, origin, page
from feedsvc.render.text import clean, rfc3339, said

Object = dict[str, Any]

#: for whoever reads the raw document
_ABOUT = "feedsvc: where a story comes from, on what terms, and our own page of it"


def json_feed(feed: OutputFeed) -> bytes:
    """Return the JSON Feed document of a feed."""
    icon = address(feed.icon)
    document = _present(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": said(feed.title) or feed.home_url,
            "home_page_url": clean(feed.home_url),
            "feed_url": clean(feed.self_url("json")),
            "description": said(feed.description),
            "icon": icon,
            "favicon": icon,
            "authors": [{"name": said(feed.site_title) or feed.site_url, "url": clean(feed.site_url)}],
            "language": language_tag(feed.language),
            "_feedsvc": _present(
                {
                    "about": _ABOUT,
                    "id": clean(feed.id),
                    "updated": rfc3339(feed.updated),
                    "rights": said(feed.rights),
                    "generator": clean(feed.generator),
                }
            ),
        }
    )
    document["items"] = [_item(feed, story) for story in feed.stories]
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _item(feed: OutputFeed, story: PublishedStory) -> Object:
    text = body(feed, story)
    pictures = [(url, picture) for picture in story.pictures if (url := address(picture.href))]
    return _present(
        {
            "id": story.id.urn,
            "url": origin(story),
            "title": said(story.title),
            "content_html": text.content or clean(text.summary or ""),
            "summary": said(story.summary),
            "image": pictures[0][0] if pictures else None,
            # Readers sort by this date alone; a publisher who tells only of the last update is taken at that word.
            "date_published": rfc3339(story.dated) if story.dated else None,
            "date_modified": rfc3339(story.updated),
            "authors": [author for person in story.authors if (author := _author(person))],
            "tags": _tags(feed, story),
            "language": language_tag(story.language),
            "attachments": [_attachment(url, e) for e in story.enclosures if (url := address(e.href))],
            "_feedsvc": _extension(feed, story, pictures),
        }
    )


def _extension(feed: OutputFeed, story: PublishedStory, pictures: list[tuple[str, Picture]]) -> Object:
    return _present(
        {
            "about": _ABOUT,
            "id": str(story.id),
            "page": page(feed, story),
            "sources": [_source(credit) for credit in (story.credit, *story.also)],
            "attribution": said(story.attribution),
            "rights": said(story.rights),
            "licence": address(story.licence),
            "comments": address(story.comments),
            "contributors": [author for person in story.contributors if (author := _author(person))],
            "pictures": [_picture(url, picture) for url, picture in pictures],
        }
    )


def _source(credit: Credit) -> Object:
    return _present(
        {
            "id": clean(credit.source_id),
            "title": said(credit.title),
            "feed_url": address(credit.url),
            "home_page_url": address(credit.home),
            "url": address(credit.link),
        }
    )


def _picture(url: str, picture: Picture) -> Object:
    return _present(
        {
            "url": url,
            "mime_type": media_type(picture.type, url, "image/jpeg"),
            "width": _size(picture.width),
            "height": _size(picture.height),
            "caption": said(picture.caption),
            "credit": said(picture.credit),
        }
    )


def _attachment(url: str, enclosure: Enclosure) -> Object:
    return _present(
        {
            "url": url,
            "mime_type": media_type(enclosure.type, url),
            "title": said(enclosure.title),
            "size_in_bytes": _size(enclosure.length),
            "duration_in_seconds": _size(enclosure.duration),
        }
    )


def _author(person: Person) -> Object:
    called = name(person)
    return _present({"name": called, "url": address(person.uri)}) if called else {}


def _tags(feed: OutputFeed, story: PublishedStory) -> list[str]:
    words = [*(label.title for label in labels(feed, story)), *(term.label or term.term for term in story.terms)]
    return list(dict.fromkeys(tag for word in words if (tag := said(word))))


def _size(number: int | None) -> int | None:
    return number if number and number > 0 else None


def _present(members: Object) -> Object:
    """Leave out what is not said."""
    return {key: value for key, value in members.items() if value is not None and value not in ([], {})}
