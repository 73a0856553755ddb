"""One entry of what the feed says of an article and what its page does."""

from dataclasses import replace

from feedsvc.extract.article.choice import better
from feedsvc.extract.article.dating import settled
from feedsvc.model import Article, Content, Contribution, Entry, Picture

_MAX_PICTURES = 50


def merged(entry: Entry, article: Article) -> tuple[Entry, Contribution]:
    """Return what is published of a feed's entry with its page: the better text, and what only the page says.

    What names the entry stays the feed's: its guid and link, and its title where it has one.
    """
    told = max((entry.content, entry.summary), key=_length)
    choice = better(told, article.content)
    published, disagreements = settled(entry.published, article.published, article.addressed, article.fetched_at)
    found = replace(
        entry,
        title=entry.title or article.title,
        authors=entry.authors or article.authors,
        published=published or entry.published,
        updated=entry.updated or article.updated,
        canonical_link=entry.canonical_link or article.canonical_link,
        language=entry.language or article.language,
        summary=entry.summary or (article.summary if told is None else None),
        pictures=_pictures(entry.pictures, article.pictures, of_page=choice.origin == "page"),
    )
    if choice.origin == "page":
        # A feed's only text, which is a teaser then, is its summary.
        found = replace(found, summary=found.summary or entry.content, content=choice.content)
    notes = (*disagreements, *article.notes)
    return found, Contribution(article=article, origin=choice.origin, reason=choice.reason, notes=notes)


def _length(content: Content | None) -> int:
    return len(content.text or "") if content is not None else 0


def _pictures(told: tuple[Picture, ...], shown: tuple[Picture, ...], *, of_page: bool) -> tuple[Picture, ...]:
    """Return the pictures that go with the chosen text, each with what both say of it.

    The others' are often the same ones in another size, so they only stand in where there are none.
    """
    chosen, beside = (shown or told, told) if of_page else (told or shown, shown)
    known = {picture.href: picture for picture in beside}
    return tuple(_filled(picture, known.get(picture.href)) for picture in chosen[:_MAX_PICTURES])


def _filled(picture: Picture, other: Picture | None) -> Picture:
    if other is None:
        return picture
    return replace(
        picture,
        type=picture.type or other.type,
        width=picture.width or other.width,
        height=picture.height or other.height,
        caption=picture.caption or other.caption,
        credit=picture.credit or other.credit,
    )
