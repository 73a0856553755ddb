"""What a page says of its article: selectors first, then JSON-LD, OpenGraph and meta, then what a reader sees."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from cssselect import HTMLTranslator, SelectorError
from lxml import etree

from feedsvc.extract.addresses import resolve
from feedsvc.extract.article.blocks import text_in, words
from feedsvc.extract.article.linked_data import LinkedData, linked_data
from feedsvc.extract.plain import cut, folded
from feedsvc.model import Selectors

_MAX_LINE = 1_000
#: Names of meta elements, the surer ones first.
_PUBLISHED = (
    "article:published_time",
    "og:article:published_time",
    "og:published_time",
    "datepublished",
    "article.published",
    "parsely-pub-date",
    "sailthru.date",
    "dc.date.issued",
    "dcterms.created",
    "dc.date.created",
    "citation_publication_date",
    "pubdate",
    "publishdate",
    "publish-date",
    "publish_date",
    "publication_date",
    "article_date_original",
    "dc.date",
    "dcterms.date",
    "dc.terms.date",
    "date",
)
_UPDATED = ("article:modified_time", "og:updated_time", "datemodified", "dcterms.modified", "last-modified", "lastmod")
_AUTHORS = ("author", "article:author", "dc.creator", "dcterms.creator", "parsely-author", "byl", "sailthru.author")
_DATED = re.compile(r"date|time|publish|posted|ngay|meta", re.IGNORECASE)
_UNDATED = re.compile(r"comment|related|sidebar|update[d_-]|modified|footer", re.IGNORECASE)
_BYLINE = re.compile(r"(?:^|[\s_-])(?:author|byline|tac-?gia)(?:[\s_-]+(?:name|link|fn))?(?:$|\s)", re.IGNORECASE)
#: What Vietnamese publishers call the paragraph in bold above the text, and two others.
_LEAD = re.compile(r"(?:^|[\s_-])(?:sapo|standfirst|chapo)(?:$|[\s_-])", re.IGNORECASE)
_BY = re.compile(r"^\s*(?:by|von|par|por|tác giả|bài|thực hiện|nhóm pv)\s*[::]?\s+", re.IGNORECASE)
_SITE = re.compile(r"\s+(?:[|–—·»•]|-{1,2}|::?)\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Dates as written, best first; addresses are absolute."""

    title: str | None
    authors: tuple[str, ...]
    published: tuple[str, ...]
    updated: tuple[str, ...]
    canonical_link: str | None
    next_link: str | None
    pictures: tuple[str, ...]
    languages: tuple[str, ...]
    summary: str | None
    #: the publisher says that the text is not free to read
    closed: bool


class Page:
    """A tree with its address, its meta elements by name, and what selectors find in it."""

    def __init__(self, root: etree._Element, url: str, select: Selectors | None) -> None:
        self.root, self.select = root, select or Selectors()
        base = next((href for element in root.iter("base") if (href := element.get("href"))), None)
        self.base = resolve(base or "", url) or url
        self.url = url
        self.notes: list[str] = []
        self._metas: dict[str, list[str]] = {}
        for meta in root.iter("meta"):
            names = {(meta.get(key) or "").lower() for key in ("name", "property", "itemprop")} - {""}
            content = folded((meta.get("content") or "")[:_MAX_LINE])
            for name in names if content else ():
                self._metas.setdefault(name, []).append(content)

    def metas(self, *names: str) -> Iterator[str]:
        for name in names:
            yield from self._metas.get(name, ())

    def selected(self, key: str) -> list[etree._Element]:
        """Return what a selector of the source finds; a bad one finds nothing, and a note says so."""
        css = getattr(self.select, key)
        if not css:
            return []
        try:
            found: list[etree._Element] = etree.XPath(HTMLTranslator().css_to_xpath(css))(self.root)
        except (SelectorError, etree.XPathError) as error:
            self.notes.append(f"select.{key}: {error}")
            return []
        if not found:
            self.notes.append(f"select.{key} finds nothing on the page")
        return found


def head_of(page: Page) -> Head:
    data = linked_data(page.root) or LinkedData()
    leads = (*page.selected("summary"), *_leads(page.root))
    pictures = [
        *_sources(page.selected("picture")),
        *page.metas("og:image", "og:image:url", "twitter:image"),
        *data.pictures,
    ]
    return Head(
        title=_title(page, data),
        authors=_authors(page, data),
        published=tuple(_published(page, data)),
        updated=tuple(filter(None, (data.updated, *page.metas(*_UPDATED)))),
        canonical_link=_canonical(page, data),
        next_link=next(
            (href for element in page.selected("next") if (href := resolve(element.get("href", ""), page.base))), None
        ),
        pictures=tuple(dict.fromkeys(href for raw in pictures[:10] if (href := resolve(raw, page.base)))),
        languages=tuple(
            filter(None, (page.root.get("lang"), data.language, *page.metas("og:locale", "content-language")))
        ),
        summary=next((text for lead in leads if (text := text_in(lead))), None)
        or next(page.metas("og:description", "description", "twitter:description"), None),
        closed=data.closed or next(page.metas("article:content_tier"), "").lower() == "locked",
    )


def _leads(root: etree._Element) -> Iterator[etree._Element]:
    return (one for one in root.iter("div", "p", "h2", "section") if _LEAD.search(one.get("class", "")))


def _sources(elements: list[etree._Element]) -> Iterator[str]:
    for element in elements:
        for img in element.iter("img", "meta", "a"):
            yield next(
                (value for name in ("data-src", "data-original", "src", "content", "href") if (value := img.get(name))),
                "",
            )


def _title(page: Page, data: LinkedData) -> str | None:
    """A heading that begins what is said to other sites is preferred: they often get the site's name too."""
    for element in page.selected("title"):
        if text := text_in(element):
            return cut(text, _MAX_LINE)
    headings = [text_in(element) for element in islice(page.root.iter("h1"), 5)]
    lesser = [text_in(element) for element in islice(page.root.iter("h2", "h3"), 10)]
    named = [claim for claim in (data.headline, *page.metas("og:title", "twitter:title", "headline", "title")) if claim]
    own = next((text_in(element) for element in page.root.iter("title")), "")
    for heading in (*headings, *lesser):
        if any(_says(claim, heading) for claim in (*named, own)):
            return cut(heading, _MAX_LINE)
    if named and named[0] != own:
        return cut(named[0], _MAX_LINE)
    return cut(headings[0] if len(headings) == 1 else _SITE.split(own)[0], _MAX_LINE) or None


def _says(claim: str, heading: str) -> bool:
    said, wanted = words(claim), words(heading)
    return bool(wanted) and said[: len(wanted)] == wanted and len(wanted) >= 0.4 * len(said)


def _authors(page: Page, data: LinkedData) -> tuple[str, ...]:
    claims = list(data.authors) or list(page.metas(*_AUTHORS))
    if not any(_as_name(claim) for claim in claims):
        claims = [text_in(element) for element in _bylines(page.root)]
    return tuple(dict.fromkeys(name for claim in claims if (name := _as_name(claim))))[:20]


def _bylines(root: etree._Element) -> list[etree._Element]:
    marked = [e for e in root.iter(etree.Element) if e.get("rel") == "author" or e.get("itemprop") == "author"]
    marked += [
        e for e in root.iter("a", "div", "p", "span", "li") if _BYLINE.search((e.get("class") or "").replace("__", " "))
    ]
    return marked[:3]


def _as_name(claim: str) -> str | None:
    name = _BY.sub("", folded(claim)).strip(" ,;|-–")
    return (
        name
        if name and len(name) <= 100 and len(name.split()) <= 12 and "://" not in name and "@" not in name[:1]
        else None
    )


def _published(page: Page, data: LinkedData) -> Iterator[str]:
    for element in page.selected("date"):
        yield from filter(None, (element.get("datetime"), element.get("content"), text_in(element)))
    if data.published:
        yield data.published
    yield from page.metas(*_PUBLISHED)
    for time in islice(page.root.iter("time"), 10):
        if not _is_marked(time, _UNDATED):
            yield from filter(None, (time.get("datetime"), text_in(time)))
    yield from islice(_dated_lines(page.root), 10)


def _dated_lines(root: etree._Element) -> Iterator[str]:
    """Yield the short lines with a number in them that the page calls a date."""
    for element in root.iter("span", "p", "div", "li", "em", "small"):
        if not _DATED.search(f"{element.get('class')} {element.get('id')}") or _is_marked(element, _UNDATED):
            continue
        if len(list(islice(element.iter(), 10))) < 10:
            text = text_in(element)
            if 6 <= len(text) <= 80 and any(char.isdigit() for char in text):
                yield text


def _is_marked(element: etree._Element, pattern: re.Pattern[str]) -> bool:
    near = (element, *list(element.iterancestors())[:4])
    return any(pattern.search(f"{one.get('class', '')} {one.get('id', '')}") for one in near)


def _canonical(page: Page, data: LinkedData) -> str | None:
    """The page's own name for itself; one that leads to a site's front page is a template's mistake."""
    links = [
        link.get("href", "")
        for link in page.root.iter("link")
        if "canonical" in (link.get("rel") or "").lower().split()
    ]
    for raw in (*links, *page.metas("og:url"), *data.links):
        href = resolve(raw, page.base)
        if href and (_has_path(href) or not _has_path(page.url)):
            return href
    return None


def _has_path(href: str) -> bool:
    return len(href.split("/", 3)) > 3 and href.split("/", 3)[3].strip("/") not in (
        "",
        "index.html",
        "home",
        "trang-chu",
    )
