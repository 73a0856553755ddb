"""feedparser's dictionary of an entry to Entry."""

from typing import Literal

from feedsvc.model import Content, Enclosure, Entry, FeedInfo, Picture
from feedsvc.parse import fields
from feedsvc.parse.addresses import absolute, base_of
from feedsvc.parse.extensions import EntryExtensions
from feedsvc.parse.feed_info import feed_info, links, people, terms
from feedsvc.parse.fields import Fields
from feedsvc.parse.media import distinct_enclosures, distinct_pictures, is_picture
from feedsvc.parse.reading import Reading, seconds, whole_number
from feedsvc.parse.texts import language_tag

_HTML = ("text/html", "application/xhtml+xml")


def read_entry(entry: Fields, extensions: EntryExtensions, language: str | None, reading: Reading) -> Entry:
    """Map one entry of a feed in `language`."""
    pictures, enclosures = attachments(entry, extensions, reading)
    summary, content = _texts(entry, extensions, reading)
    source = fields.part(entry, "source")
    return Entry(
        guid=fields.text(entry, "id"),
        link=_link(entry, reading),
        title=fields.words(entry, "title"),
        authors=people(fields.parts(entry, "authors"), reading),
        contributors=people(fields.parts(entry, "contributors"), reading),
        published=fields.date(entry, "published", reading),
        updated=fields.date(entry, "updated", reading),
        summary=summary,
        content=content,
        pictures=pictures,
        enclosures=enclosures,
        terms=terms(entry),
        language=_language(entry, language),
        rights=fields.words(entry, "rights"),
        canonical_link=absolute(dict.get(entry, "feedburner_origlink"), reading.base),
        comments=absolute(dict.get(entry, "comments"), reading.base),
        source=_source(source, reading) if source else None,
    )


def _link(entry: Fields, reading: Reading) -> str | None:
    """feedparser's choice: the last alternate that is HTML, else a guid that is a permalink; then any alternate."""
    chosen = absolute(dict.get(entry, "link"), reading.base)
    return chosen or next((link.href for link in links(entry, reading) if link.rel == "alternate"), None)


def _source(source: Fields, reading: Reading) -> FeedInfo | None:
    """atom:source, or RSS's source with the address of the feed and its title."""
    info = feed_info(source, reading)
    feed = reading.link(dict.get(source, "href"), rel="self")
    if feed and not info.links:
        info = FeedInfo(title=info.title, links=feed)
    return info if info != FeedInfo() else None


def _language(entry: Fields, feed_language: str | None) -> str | None:
    """Return what is said of this entry in particular, by dc:language or xml:lang."""
    things = (entry, *fields.parts(entry, "content"), *_details(entry))
    language = next((tag for thing in things if (tag := language_tag(dict.get(thing, "language")))), None)
    return None if language and language.lower() == (feed_language or "").lower() else language


def _details(entry: Fields) -> list[Fields]:
    return [fields.part(entry, key) for key in ("summary_detail", "title_detail")]


def _texts(entry: Fields, extensions: EntryExtensions, reading: Reading) -> tuple[Content | None, Content | None]:
    """Return summary and content; several contents: the longest HTML, else the longest.

    feedparser files a second description of whatever kind under content, a picture's caption among them (or the entry's
    own, when the caption came first), and copies content to the summary where there is none: both are undone.
    """
    contents = fields.parts(entry, "content")
    summary = {**fields.part(entry, "summary_detail"), "value": dict.get(entry, "summary")}
    if len(summary) == 1 and contents:  # no detail: copied
        summary["value"] = None
    elif dict.get(fields.part(entry, "summary_detail"), "value") != summary["value"]:  # it is of another, inner element
        summary["type"] = "text/html"
    if extensions.captions:
        contents = [one for one in contents if fields.text(one, "value") not in extensions.captions]
        if fields.text(summary, "value") in extensions.captions:
            summary = {"type": "text/html", "value": extensions.description}
            contents = [one for one in contents if fields.text(one, "value") != extensions.description]
    found = [content for one in contents if (content := _content(one, reading)) is not None]
    content = max(found, key=lambda one: (one.type == "html", len(one.value)), default=None)
    return _content(summary, reading), content


def _content(detail: Fields, reading: Reading) -> Content | None:
    """Return None for what is neither text nor HTML: inline XML, base64, content elsewhere."""
    value, said = fields.value(detail), dict.get(detail, "type", "text/html")
    kind: Literal["text", "html"] = "html" if said in _HTML else "text"
    if value is None or (kind == "text" and said != "text/plain"):
        return None
    language, base = language_tag(dict.get(detail, "language")), base_of(dict.get(detail, "base"), reading.base)
    return Content(value=value, type=kind, language=language, base=base)


def attachments(
    entry: Fields, extensions: EntryExtensions, reading: Reading
) -> tuple[tuple[Picture, ...], tuple[Enclosure, ...]]:
    """A picture is a picture, however it is attached: what may be shown of it is the policy's to say."""
    links = [link for link in fields.parts(entry, "links") if dict.get(link, "rel") == "enclosure"]
    if not links and "image" not in entry:
        return distinct_pictures(extensions.pictures), distinct_enclosures(extensions.enclosures)
    pictures: list[Picture] = list(extensions.pictures)
    enclosures: list[Enclosure] = []
    base = next(
        (base_of(base, reading.base) for detail in _details(entry) if (base := dict.get(detail, "base"))), reading.base
    )
    duration = seconds(dict.get(entry, "itunes_duration"))
    for link in links:
        href = absolute(dict.get(link, "href"), base)
        if href is None:
            continue
        said = fields.text(link, "type")
        if is_picture(href, said):
            pictures.append(Picture(href=href, type=said))
            continue
        length, title = whole_number(dict.get(link, "length")), fields.text(link, "title")
        # the duration is the episode's: the first one's, should there be several
        enclosures.append(
            Enclosure(href=href, type=said, length=length, duration=None if enclosures else duration, title=title)
        )
    image = absolute(dict.get(fields.part(entry, "image"), "href"), base)
    if image:
        pictures.append(Picture(href=image))
    return distinct_pictures(pictures), distinct_enclosures([*enclosures, *extensions.enclosures])
