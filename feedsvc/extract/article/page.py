"""From the page of one article to what it says."""

from zoneinfo import ZoneInfo

from feedsvc.dates import plausible
from feedsvc.errors import ParseError
from feedsvc.extract.article.body import body_of
from feedsvc.extract.article.choice import wall
from feedsvc.extract.article.dating import date_in, first_date
from feedsvc.extract.article.finding import day_of
from feedsvc.extract.article.head import Head, Page, head_of
from feedsvc.extract.article.tree import decoded, tree_of
from feedsvc.extract.language import detected, normalised
from feedsvc.extract.plain import cut, fit
from feedsvc.model import Article, Content, Document, Entry, Person, Picture, Selectors, Source

_MAX_SUMMARY = 2_000
_MAX_NOTES = 20
_CLOSED = ("the page says that its text is not free to read",)


def read(document: Document, source: Source, hint: Entry | None = None) -> Article:
    """As `read_article`."""
    root = tree_of(decoded(document))
    if root is None:
        raise ParseError(source.id, f"{document.url}: there is no page in the document")
    page = Page(root, document.url, _selectors(source))
    head = head_of(page)
    chosen = page.selected("body")
    zone = ZoneInfo(source.timezone)
    published = first_date(head.published, zone) or first_date(day_of(root), zone)
    body = body_of(root, page.base, head.title or (hint.title if hint else None), chosen)
    content, notice = _without_wall(body.content)
    return Article(
        url=document.url,
        fetched_at=document.fetched_at,
        title=head.title,
        authors=tuple(Person(name=name) for name in head.authors),
        published=published,
        addressed=date_in(head.canonical_link or document.url, zone),
        updated=plausible(first_date(head.updated, zone), document.fetched_at),
        canonical_link=head.canonical_link,
        language=_language(head, document, source, content),
        summary=_summary(head),
        content=content,
        pictures=_pictures(head, body.pictures if content is not None else (), source),
        next_link=head.next_link,
        notes=(*page.notes, *notice, *(_CLOSED if head.closed else ()))[:_MAX_NOTES],
    )


def _selectors(source: Source) -> Selectors | None:
    """Return what is said of articles' pages; all others of a list are of the page that lists."""
    if source.kind == "page" and source.select is not None:
        return Selectors(body=source.select.body)
    return source.select


def _pictures(head: Head, found: tuple[Picture, ...], source: Source) -> tuple[Picture, ...]:
    """What the source's selector names comes first; the picture for other sites stands in where there is none."""
    named = head.pictures[:1] if not found or ((select := _selectors(source)) and select.picture) else ()
    lead = tuple(Picture(href=href) for href in named if href not in {picture.href for picture in found})
    return lead + found


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
