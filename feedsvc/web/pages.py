"""Pages for people: what there is to read and to subscribe to. They show published stories only."""

from datetime import datetime
from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, render_template, request

from feedsvc import policy
from feedsvc.addresses import feed_path, page_path
from feedsvc.model import FORMATS, ListKind, LocalText, PublishedStory, Story
from feedsvc.render import feed_css
from feedsvc.store import Store
from feedsvc.web.following import Following, View

#: stories on a listing's page
ON_A_PAGE = 30


def pages(store: Store, following: Following) -> Blueprint:
    """Return the routes `/`, `/category/<id>`, `/tag/<id>`, `/source/<id>`, `/story/<id>` and the feeds' stylesheet."""
    blueprint = Blueprint("pages", __name__)

    @blueprint.get("/")
    def home() -> str:
        view, language = following.view, _language(following.view)
        with store.read() as tx:
            counts = {kind: tx.stories.counts(kind) for kind in _titles(view)}
        return render_template("home.html", groups=_titles(view), counts=counts, **_common(view, language))

    @blueprint.get("/<any(category, tag, source):kind>/<id>")
    def listing(kind: str, id: str) -> str:
        view, language = following.view, _language(following.view)
        title = _title(view, cast(ListKind, kind), id)
        if title is None:
            abort(404)
        with store.read() as tx:
            stories = tx.stories.latest(
                cast(ListKind, kind),
                id,
                language=None,
                entries=ON_A_PAGE,
                window=view.in_force.settings.publish.window,
                max_entries=ON_A_PAGE,
            )
        shown = _published(view, stories, language)
        common = _common(view, language)
        return render_template("listing.html", kind=kind, id=id, title=title, stories=shown, **common)

    @blueprint.get("/story/<uuid:id>")
    def story(id: UUID) -> str:
        view, language = following.view, _language(following.view)
        with store.read() as tx:
            found = tx.stories.by_id(id)
        if found is None:
            abort(404)
        if found.retracted is not None:
            abort(410)
        shown = _published(view, (found,), language)
        if not shown:
            abort(404)
        return render_template("story.html", story=shown[0], **_common(view, language))

    @blueprint.get("/static/feed.css")
    def stylesheet() -> Response:
        return Response(feed_css(), content_type="text/css; charset=utf-8", headers={"Cache-Control": "max-age=3600"})

    return blueprint


def _language(view: View) -> str:
    """Return the language of the page: `?ui=`, else Accept-Language, else the site's first."""
    languages = view.in_force.settings.site.languages
    asked = request.args.get("ui", "")
    return asked if asked in languages else request.accept_languages.best_match(languages) or languages[0]


def _common(view: View, language: str) -> dict[str, object]:
    """What every template uses."""
    site = view.in_force.edition.site
    zone = ZoneInfo(site.timezone)

    def local(at: datetime) -> str:
        return at.astimezone(zone).strftime("%d/%m/%Y %H:%M")

    def text(value: LocalText | None) -> str:
        return value.in_language(language) if value else ""

    return {
        "site_title": site.title.in_language(language),
        "site": site,
        "language": language,
        "formats": FORMATS,
        "feed_path": feed_path,
        "page_path": page_path,
        "local": local,
        "text": text,
    }


def _title(view: View, kind: ListKind, id: str) -> LocalText | None:
    return dict(_titles(view)[kind]).get(id)


def _titles(view: View) -> dict[ListKind, list[tuple[str, LocalText]]]:
    """Return what is listed, by kind, in the order of the configuration."""
    settings = view.in_force.settings
    return {
        "category": [(category.id, category.title) for category in settings.categories],
        "tag": [(tag.id, tag.title) for tag in settings.tags],
        "source": [(source.id, source.title) for source in settings.sources],
    }


def _published(view: View, stories: tuple[Story, ...], language: str) -> list[PublishedStory]:
    sources = {source.id: source for source in view.in_force.settings.sources}
    published = (policy.publishable(story, sources, language) for story in stories)
    return [story for story in published if story is not None]
