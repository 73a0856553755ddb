"""What a story's page tells machines: a schema.org NewsArticle as JSON-LD."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from typing import Any

from feedsvc.model import Person, PublishedStory

#: as much as a page needs; a summary may be a whole article
_LONGEST = 300


def news_article(
    story: PublishedStory, *, page: str, pictures: Sequence[str], sections: Sequence[str], zone: tzinfo
) -> str:
    """Return JSON that nothing in a story can make the `script` element around it end.

    `page` is the address of the story's page, `pictures` those of our copies.
    """

    def said(at: datetime | None) -> str | None:
        return at.astimezone(zone).isoformat(timespec="seconds") if at else None

    fields: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "@id": story.id.urn,
        "headline": _short(story.title),
        "description": _short(story.summary),
        "url": page,
        "image": list(pictures),
        "datePublished": said(story.published),
        "dateModified": said(story.edited),
        "inLanguage": story.language,
        "articleSection": list(sections),
        "author": list(_people(story.authors)),
        "publisher": _kept({"@type": "Organization", "name": story.credit.title, "url": story.credit.home}),
        "isBasedOn": story.link,
        "creditText": story.attribution or story.credit.title,
        "copyrightNotice": story.rights,
        "license": story.licence,
    }
    text = json.dumps(_kept(fields), ensure_ascii=False, separators=(",", ":"))
    # Only strings can hold these, so that an escape says the same.
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text.encode("utf-8", "replace").decode()


def _people(people: Sequence[Person]) -> Iterator[dict[str, str]]:
    for person in people:
        if person.name:
            yield _kept({"@type": "Person", "name": person.name, "url": person.uri})


def _kept(fields: dict[str, Any]) -> dict[str, Any]:
    """Leave out what nobody said."""
    return {name: value for name, value in fields.items() if value not in (None, "", [])}


def _short(text: str | None) -> str | None:
    return text if text is None or len(text) <= _LONGEST else f"{text[: _LONGEST - 1].rstrip()}…"
