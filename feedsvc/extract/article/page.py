"""From the page of one article to what it says."""

from datetime import datetime
from zoneinfo import ZoneInfo

from feedsvc.errors import ParseError
from feedsvc.extract.article.body import body_of
from feedsvc.extract.article.choice import wall
from feedsvc.extract.article.dating import date_in, first_date, settled
from feedsvc.extract.article.head import Head, Page, head_of
from feedsvc.extract.article.tree import decoded, tree_of
from feedsvc.extract.language import detected, normalised
from feedsvc.extract.plain import cut, fit
from feedsvc.model import Article, Content, Document, Entry, Person, Picture, Source

_MAX_SUMMARY = 2_000
_MAX_NOTES = 20


def read_article(document: Document, source: Source, hint: Entry | None = None) -> Article:
    """Read a page; `hint` is what the feed says of the same article, to compare dates and title with.

    The source's selectors override what is found. Raises ParseError where the document is no page.
    """
    root = tree_of(decoded(document))
    if root is None:
        raise ParseError(source.id, f"{document.url}: there is no page in the document")
    page = Page(root, document.url, source.select)
    head = head_of(page)
    chosen = page.selected("body")
    published, notes = _dated(head, document, source, hint)
    title = head.title or (hint.title if hint else None)
    body = body_of(root, page.base, title, chosen)
    content, wall_notes = _without_wall(body.content)
    pictures = body.pictures if content is not None else ()
    return Article(
        url=document.url,
        title=head.title,
        authors=tuple(Person(name=cut(name, 300)) for name in head.authors),
        published=published,
        updated=first_date(head.updated, _zone(source)),
        canonical_link=head.canonical_link,
        language=_language(head, document, source, content),
        summary=_summary(head),
        content=content,
        pictures=pictures or tuple(Picture(href=href) for href in head.pictures[:1]),
        next_link=head.next_link,
        notes=(
            *page.notes,
            *notes,
            *wall_notes,
            *(("the page says that its text is not free to read",) if head.closed else ()),
        )[:_MAX_NOTES],
    )


def _dated(
    head: Head, document: Document, source: Source, hint: Entry | None
) -> tuple[datetime | None, tuple[str, ...]]:
    zone = _zone(source)
    return settled(
        hint.published if hint else None,
        first_date(head.published, zone),
        date_in(head.canonical_link or document.url, zone),
        document.fetched_at,
    )


def _zone(source: Source) -> ZoneInfo:
    return ZoneInfo(source.timezone)


def _without_wall(content: Content | None) -> tuple[Content | None, tuple[str, ...]]:
    notice = wall(content.text or "") if content is not None else None
    return (None, (f"the page asks for something instead of its text: “{notice}”",)) if notice else (content, ())


def _language(head: Head, document: Document, source: Source, content: Content | None) -> str | None:
    claims = (source.language, *head.languages, document.content_language)
    claimed = next((tag for claim in claims if (tag := normalised(claim))), None)
    return claimed or (detected(content.text or "") if content is not None else None)


def _summary(head: Head) -> Content | None:
    text = cut(fit(head.summary or "").strip(), _MAX_SUMMARY)
    return Content(value=text, type="text", text=text) if text else None
