"""What every page needs: whom it speaks to, texts and dates in that language, addresses that work where the site is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from importlib.resources import files
from itertools import islice
from types import MappingProxyType
from typing import Any, cast
from urllib.parse import quote, urlencode, urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from flask import Request, g

from feedsvc import policy
from feedsvc.addresses import STORIES, feed_path, page_path
from feedsvc.fragments import plain
from feedsvc.model import FORMATS, Category, Format, ListKind, LocalText, PublishedStory, Source, Story, Tag
from feedsvc.web import dates
from feedsvc.web.following import View

#: the languages that pages speak, by the name that each gives itself
LANGUAGES = MappingProxyType({"vi": "Tiếng Việt", "en": "English"})
_FALLBACK = "en"

#: categories in the head of every page; more would bury what is below them
IN_THE_HEAD = 8

#: characters of what an address asks for that a page repeats
LONGEST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who asks for a page, and the site at that moment."""

    view: View
    #: one of the site's languages that pages speak, else English
    language: str
    #: the language was asked for by `?ui=`: links carry it along
    chosen: bool
    #: the page's own path and query, without the language
    path: str
    query: tuple[tuple[str, str], ...] = ()

    @property
    def locale(self) -> str:
        """Return the catalogue of the language."""
        return _primary(self.language)

    @property
    def languages(self) -> tuple[str, ...]:
        return _spoken(self.view)

    @property
    def site_title(self) -> str:
        return self.text(self.view.in_force.edition.site.title)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.view.in_force.settings.site.timezone)

    @property
    def sources(self) -> Mapping[str, Source]:
        return {source.id: source for source in self.view.in_force.settings.sources}

    def text(self, value: LocalText | None) -> str:
        return value.in_language(self.language) if value else ""

    def href(self, path: str, **query: str | None) -> str:
        """Return the address of a page or file of ours, as a link on this page."""
        said = [(name, value) for name, value in query.items() if value]
        if self.chosen and not path.startswith(("/static/", "/feeds", "/picture/")):
            said.append(("ui", self.language))
        return prefix(self.view) + path + (f"?{urlencode(said)}" if said else "")

    def bare(self, path: str) -> str:
        """Return the address for a form, which brings its own query."""
        return prefix(self.view) + path

    def public(self, path: str) -> str:
        """Return the address of a page or file of ours as the whole world writes it."""
        return self.view.in_force.base_url + path

    def page(self, kind: ListKind, id: str, **query: str | None) -> str:
        return self.href(page_path(kind, id), **query)

    def story(self, id: UUID, category: str | None = None, part: int = 1) -> str:
        """Return the page of a story, for one who comes from a category."""
        return self.href(f"{STORIES}{id}", **{"in": category, "part": str(part) if part > 1 else None})

    def feed(self, kind: ListKind, id: str, format: Format, language: str | None = None) -> str:
        return self.href(feed_path(kind, id, format, language))

    def in_language(self, language: str) -> str:
        """Return the address of this same page in another language."""
        # One slash only: what follows two is another host.
        path = quote("/" + self.path.lstrip("/"))
        return f"{prefix(self.view)}{path}?{urlencode([*self.query, ('ui', language)])}"

    def name_of(self, language: str) -> str:
        """Return what a language that pages speak calls itself."""
        return LANGUAGES[_primary(language)]

    def language_name(self, language: str) -> str:
        """Return what this page's language calls another, as it stands in a sentence."""
        try:
            name = Locale.parse(language, sep="-").get_display_name(self.locale) or language
        except (UnknownLocaleError, ValueError):
            return language
        # CLDR has "Tiếng Anh" as a title.
        return name[:1].lower() + name[1:] if self.locale == "vi" else name

    def full_date(self, at: datetime) -> str:
        return dates.full(at, self.zone, self.locale)

    def day(self, at: datetime) -> str:
        return dates.day(at, self.zone, self.locale)

    def short_date(self, at: datetime) -> str:
        return dates.short(at, self.zone, self.locale)

    def published(self, stories: Sequence[Story]) -> list[PublishedStory]:
        """Return what may be shown of stories, in the same order."""
        sources = self.sources
        found = (policy.publishable(story, sources, self.language) for story in stories)
        return [story for story in found if story is not None]


def read_request(view: View, request: Request) -> Reader:
    """Return who asks: the language of `?ui=`, else of Accept-Language, else the site's first."""
    languages = _spoken(view)
    asked = request.args.get("ui", "")
    language = asked if asked in languages else request.accept_languages.best_match(languages) or languages[0]
    # Whatever an address holds, the page that repeats it stays short.
    query = tuple((name, value[:LONGEST]) for name, value in islice(request.args.items(), 5) if name != "ui")
    return Reader(view=view, language=language, chosen=asked == language, path=request.path, query=query)


def reader() -> Reader:
    """Return who asks for the page that is being made."""
    return cast(Reader, g.reader)


def prefix(view: View) -> str:
    """Return the path below which the public address is; a proxy takes it away before it asks us."""
    return urlsplit(view.in_force.base_url).path.rstrip("/")


def common() -> Mapping[str, Any]:
    """Return what every template uses."""
    who = reader()
    site, settings = who.view.in_force.edition.site, who.view.in_force.settings
    return {
        "reader": who,
        "site": site,
        "site_title": who.site_title,
        "language": who.language,
        "categories": settings.categories[:IN_THE_HEAD],
        "more_categories": len(settings.categories) > IN_THE_HEAD,
        "formats": FORMATS,
        "format_names": {"rss": "RSS", "atom": "Atom", "json": "JSON Feed"},
        "href": who.href,
        "text": who.text,
        "clip": policy.excerpt,
        "plain": plain,
        "on_web": on_web,
        "style_version": _version("pages.css"),
    }


def listed(view: View, kind: ListKind) -> tuple[Category | Tag | Source, ...]:
    """Return what has pages of its own, in the order of the configuration."""
    settings = view.in_force.settings
    groups: Mapping[ListKind, tuple[Category | Tag | Source, ...]] = {
        "category": settings.categories,
        "tag": settings.tags,
        "source": settings.sources,
    }
    return groups.get(kind, ())


def on_web(href: str | None) -> str | None:
    """Return a publisher's address where a page may link to it: what scripts and programs open is none."""
    return href if href and href.lower().startswith(("http://", "https://")) else None


def _spoken(view: View) -> tuple[str, ...]:
    return tuple(each for each in view.in_force.settings.site.languages if _primary(each) in LANGUAGES) or (_FALLBACK,)


def _primary(language: str) -> str:
    return language.partition("-")[0].lower()


@cache
def _version(name: str) -> str:
    """Return what changes with a file's content, so that browsers never mix an old one with new pages."""
    return sha256(files(__package__).joinpath("static", name).read_bytes()).hexdigest()[:8]
