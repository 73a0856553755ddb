"""Pages for people: what there is to read and to subscribe to. They show published stories only."""

from collections.abc import Mapping
from datetime import datetime
from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, current_app, render_template, request

from feedsvc import policy
from feedsvc.addresses import feed_path, page_path
from feedsvc.model import FORMATS, Category, ListKind, LocalText, PublishedStory, Source, Story, Tag
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
        groups = _listed(view)
        with store.read() as tx:
            counts = {kind: tx.stories.counts(kind) for kind in ("all", *groups)}
            failing = {id: state.error for id, state in tx.schedule.states().items() if state.error}
        return render_template("home.html", groups=groups, counts=counts, failing=failing, **_common(view, language))

    @blueprint.get("/<any(category, tag, source):kind>/<id>")
    def listing(kind: str, id: str) -> str:
        view, language = following.view, _language(following.view)
        listed = next((each for each in _listed(view)[cast(ListKind, kind)] if each.id == id), None)
        if listed is None:
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
        return render_template("listing.html", kind=kind, listed=listed, stories=shown, **common)

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
        return render_template("story.html", story=shown[0], groups=_listed(view), **_common(view, language))

    @blueprint.get("/static/feed.css")
    def stylesheet() -> Response:
        return Response(feed_css(), content_type="text/css; charset=utf-8", headers={"Cache-Control": "max-age=3600"})

    @blueprint.get("/favicon.ico")
    def icon() -> Response:
        """Answer what browsers ask for unasked beside a feed, which cannot name an icon of its own."""
        return current_app.send_static_file("icon.svg")

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
        shown = at.astimezone(zone)
        # 03/09 is a day in September to one half of the English readers, and in March to the other.
        return f"{shown:%d/%m/%Y %H:%M}" if language == "vi" else f"{shown.day} {shown:%b %Y, %H:%M}"

    def text(value: LocalText | None) -> str:
        return value.in_language(language) if value else ""

    return {
        "site_title": site.title.in_language(language),
        "site": site,
        "language": language,
        # A language that was chosen goes along to the next page; one that the browser asked for does so by itself.
        "chosen": f"?ui={language}" if request.args.get("ui") == language else "",
        "formats": FORMATS,
        "feed_path": feed_path,
        "page_path": page_path,
        "local": local,
        "text": text,
    }


def _listed(view: View) -> Mapping[ListKind, tuple[Category | Tag | Source, ...]]:
    """Return what has pages of its own, by kind as the start page shows them, in the order of the configuration."""
    settings = view.in_force.settings
    return {"category": settings.categories, "source": settings.sources, "tag": settings.tags}


def _published(view: View, stories: tuple[Story, ...], language: str) -> list[PublishedStory]:
    sources = {source.id: source for source in view.in_force.settings.sources}
    published = (policy.publishable(story, sources, language) for story in stories)
    return [story for story in published if story is not None]
