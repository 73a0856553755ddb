"""What of a story may be published: everything that leaves feedsvc goes through `publishable`.

Text, excerpt, pictures and attribution come from the leading entry under its source's policy, never from another.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import replace
from html import escape
from itertools import islice
from urllib.parse import urlsplit

from feedsvc.fragments import take_out, tree, written
from feedsvc.model import (
    Appearance,
    Content,
    Credit,
    Enclosure,
    Entry,
    LocalText,
    Picture,
    Policy,
    PublishedStory,
    Source,
    Story,
)

_TITLE_CHARS = 60
_PICTURE_FILE = re.compile(r"\.(?:avif|bmp|gif|heic|ico|jpe?g|jfif|png|svgz?|tiff?|webp)$", re.IGNORECASE)

_PICTURED = re.compile(r"<(?:img|picture|video)\b", re.IGNORECASE)
#: Of one story: galleries of hundreds would be copied here whole.
_MOST_SHOWN = 20

_SENTENCE_END = re.compile(r"""(?:[.!?…]+["'”’»)\]]*(?=\s|$)|[。！？]+[”’」』）]*)""")
#: A full stop after these ends no sentence: Vietnamese titles and places, English ones, months, the usual Latin.
_ABBREVIATIONS = frozenset(
    re.findall(
        r"\w+",
        "tp tx tt ths ts pgs gs bs cn ks nxb ubnd hđnd mr mrs ms dr prof st jr sr rev hon gen col lt sgt capt sen rep "
        "gov pres vs no nos vol pp fig ed eds al approx inc ltd co corp dept univ est jan feb mar apr jun jul aug sep "
        "sept oct nov dec cf viz etc",
    )
)
_SOFT_END = " ,;:–—-([{“‘«/"


def publishable(story: Story, sources: Mapping[str, Source], language: str) -> PublishedStory | None:
    """Return what may be shown of a story, or None: it is withdrawn, or not announced yet.

    `language` chooses among the texts of the configuration. A source that left the configuration keeps its stories,
    by their headlines: nothing says any more that their text may be shown. They are credited by their feed's own title.
    """
    if story.retracted is not None or story.announced_at is None:
        return None
    lead = story.lead
    entry = lead.entry
    source = sources.get(lead.source_id)
    policy = source.policy if source else Policy(republish="headline")
    content = _content(entry, policy)
    return PublishedStory(
        id=story.id,
        link=entry.link,
        title=_title(entry, policy) or str(story.id),
        summary=_summary(entry, policy),
        content=content,
        language=story.language or entry.language,
        authors=entry.authors,
        contributors=entry.contributors,
        published=entry.published,
        dated=entry.published or entry.updated,
        updated=story.updated_at,
        edited=entry.updated,
        pictures=_pictures(entry, policy),
        enclosures=_enclosures(entry, policy),
        terms=entry.terms,
        categories=tuple(filed.id for filed in story.filing.categories),
        tags=tuple(filed.id for filed in story.filing.tags),
        comments=entry.comments,
        rights=policy.rights or entry.rights or lead.feed.rights,
        licence=policy.licence,
        attribution=_local(policy.attribution, language),
        feed=lead.feed,
        credit=_credit(lead, source, language),
        also=tuple(_also(story, sources, language)),
        index=source is not None and source.index,
    )


def shown_pictures(published: PublishedStory) -> tuple[str, ...]:
    """Return the addresses of the pictures that our pages may show: the story's own, then those inside its content.

    Each once, on the web only, and the first 20.
    """
    found = dict.fromkeys(picture.href for picture in published.pictures)
    if published.content is not None and _PICTURED.search(published.content) is not None:
        found |= dict.fromkeys(img.get("src", "") for img in tree(published.content).iter("img"))
    return tuple(islice(filter(_is_on_the_web, found), _MOST_SHOWN))


def _is_on_the_web(href: str) -> bool:
    try:
        parts = urlsplit(href)
        # One with a user and password in it is not for everybody.
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False


def excerpt(text: str, limit: int) -> str:
    """Return the beginning of `text` in at most `limit` characters, on one line.

    It ends where a sentence ends, if one does beyond the first fifth; else after a word, with "…". A word that alone is
    too long is cut, but not between a letter and its combining marks.
    """
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    end = max((end for end in _sentence_ends(text, limit) if end >= limit // 5), default=0)
    if end:
        return text[:end]
    if limit < 1:
        return ""
    head = text[: limit - 1]
    if not text[limit - 1].isspace() and " " in head:
        head = head[: head.rindex(" ")]
    elif not text[limit - 1].isspace():
        head = head[: _boundary(text, len(head))]
    return head.rstrip(_SOFT_END) + "…"


def _sentence_ends(text: str, limit: int) -> Iterator[int]:
    for match in _SENTENCE_END.finditer(text, 0, limit + 1):
        if match.end() > limit:
            return
        if _boundary(text, match.end()) < match.end():
            continue
        rest = text[match.end() : match.end() + 2].lstrip()
        # A small letter goes on with the sentence: `e.g. this`, `vs. that`, `… and`.
        if rest[:1].islower() or (match[0][0] == "." and _is_abbreviation(text[: match.start()].rpartition(" ")[2])):
            continue
        yield match.end()


def _is_abbreviation(word: str) -> bool:
    """`word` stands before a full stop: `TP`, `Dr`, `U.S`, an initial, the number of a list item."""
    bare = word.strip("\"'“‘«([")
    return (
        bare.lower() in _ABBREVIATIONS
        or (len(bare) == 1 and bare.isalpha())
        or (bare.isdigit() and len(bare) <= 2)
        or re.fullmatch(r"\w(?:\.\w)+", bare) is not None
    )


def _boundary(text: str, end: int) -> int:
    """Return the last place at or before `end` that parts no letter from its marks."""
    while 0 < end < len(text) and (
        unicodedata.category(text[end]).startswith("M") or "\u200d" in text[end - 1 : end + 1]
    ):
        end -= 1
    return end


def _title(entry: Entry, policy: Policy) -> str | None:
    if entry.title:
        return entry.title
    if policy.republish != "headline" and entry.text:
        beginning = excerpt(entry.text, min(_TITLE_CHARS, policy.excerpt_chars))
        if beginning.strip("…"):
            return beginning
    if entry.link:
        parts = urlsplit(entry.link)
        return f"{parts.hostname or ''}{parts.path}".rstrip("/") or None
    return None


def _summary(entry: Entry, policy: Policy) -> str | None:
    given = entry.summary.text if entry.summary else None
    if policy.republish == "excerpt":
        return excerpt(given or entry.text, policy.excerpt_chars) or None
    if policy.republish == "headline" or not given or _body(entry) is entry.summary:
        return None
    whole = entry.content.text if entry.content else None
    return given if not whole or not _begins(whole, given) else None


def _begins(text: str, beginning: str) -> bool:
    """Is `beginning`, but for dots at its end, how `text` begins?"""
    words = " ".join(beginning.split()).rstrip("….[]() ")
    return " ".join(text.split()).startswith(words)


def _body(entry: Entry) -> Content | None:
    """The construct that carries the text: the content, else a summary with markup (RSS without content:encoded)."""
    if entry.content is not None:
        return entry.content
    return entry.summary if entry.summary is not None and entry.summary.type == "html" else None


def _content(entry: Entry, policy: Policy) -> str | None:
    body = _body(entry)
    if policy.republish != "full" or body is None:
        return None
    if body.type == "text":
        blocks = (body.text or body.value).split("\n")
        return "".join(f"<p>{escape(block, quote=False)}</p>" for block in blocks if block.strip()) or None
    return (body.value if policy.pictures else without_pictures(body.value)) or None


def _pictures(entry: Entry, policy: Policy) -> tuple[Picture, ...]:
    if not policy.pictures:
        return ()
    if policy.republish == "full":
        return entry.pictures
    # A caption is text of the article; the credit belongs to the picture.
    return tuple(replace(picture, caption=None) for picture in entry.pictures)


def _enclosures(entry: Entry, policy: Policy) -> tuple[Enclosure, ...]:
    pictures, others = policy.pictures, policy.republish != "headline"
    return tuple(found for found in entry.enclosures if (pictures if _is_picture(found) else others))


def _is_picture(enclosure: Enclosure) -> bool:
    if enclosure.type and not enclosure.type.startswith("application/octet-stream"):
        return enclosure.type.startswith("image/")
    return _PICTURE_FILE.search(urlsplit(enclosure.href).path) is not None


def without_pictures(html: str) -> str:
    """Return safe HTML without its pictures, their figures and captions, and what they leave empty."""
    if _PICTURED.search(html) is None:
        return html
    root = tree(html)
    pictured = [figure for figure in root.iter("figure") if figure.find(".//img") is not None]
    captions = [caption for figure in pictured for caption in figure.iter("figcaption")]
    take_out(root, [*captions, *root.iter("picture", "img")])
    for video in root.iter("video"):
        video.attrib.pop("poster", None)
    return written(root)


def _credit(appearance: Appearance, source: Source | None, language: str) -> Credit:
    feed = appearance.feed
    title = _local(source.title if source else None, language) or feed.title or appearance.source_id
    url = source.url if source else feed.link("self") or feed.link("alternate") or ""
    return Credit(
        source_id=appearance.source_id,
        title=title,
        url=_public(url),
        home=feed.link("alternate"),
        link=appearance.entry.link,
    )


def _also(story: Story, sources: Mapping[str, Source], language: str) -> Iterator[Credit]:
    """Each other source once, in the order of appearance."""
    named = {story.lead.source_id}
    for other in story.others:
        if other.source_id not in named:
            named.add(other.source_id)
            yield _credit(other, sources.get(other.source_id), language)


def _public(url: str) -> str:
    """Return an address without user and password."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl() if "@" in parts.netloc else url


def _local(text: LocalText | None, language: str) -> str | None:
    return text.in_language(language) or None if text else None
