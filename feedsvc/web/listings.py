"""The front page, and the pages of categories, tags and sources."""

from datetime import UTC, datetime
from typing import cast

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request
from werkzeug.exceptions import NotFound

from feedsvc.addresses import page_path
from feedsvc.model import ListKind, Source
from feedsvc.render import feed_css
from feedsvc.store import Place, Store
from feedsvc.web.cards import cards
from feedsvc.web.context import listed, reader
from feedsvc.web.front import FrontPages
from feedsvc.web.refusals import refused
from feedsvc.web.words import gettext as _

#: stories on a listing's page
ON_A_PAGE = 20
#: sources and tags on the front page; more would bury the page
NAMED = 40


def listings(store: Store) -> Blueprint:
    """Return the routes `/`, `/category/<id>`, `/tag/<id>`, `/source/<id>` and the feeds' stylesheet."""
    blueprint = Blueprint("listings", __name__)
    fronts = FrontPages(store)

    @blueprint.get("/")
    def home() -> str:
        who = reader()
        return render_template(
            "home.html",
            front=fronts.of(who),
            today=datetime.now(UTC),
            sources=listed(who.view, "source"),
            tags=listed(who.view, "tag"),
            named=NAMED,
        )

    @blueprint.get("/<any(category, tag, source):kind>/<id>")
    def listing(kind: str, id: str) -> str | Response:
        return _listing(store, cast(ListKind, kind), id)

    @blueprint.get("/static/feed.css")
    def stylesheet() -> Response:
        return Response(feed_css(), content_type="text/css; charset=utf-8", headers={"Cache-Control": "max-age=3600"})

    @blueprint.get("/favicon.ico")
    def icon() -> Response:
        """Answer what browsers ask for unasked beside a feed, which cannot name an icon of its own."""
        return current_app.send_static_file("icon.svg")

    return blueprint


def _listing(store: Store, kind: ListKind, id: str) -> str | Response:
    who = reader()
    found = next((each for each in listed(who.view, kind) if each.id == id), None)
    if found is None:
        return _not_listed(kind, id)
    before, after = _place("before"), _place("after")
    with store.read() as tx:
        page = tx.pages.listing(kind, id, limit=ON_A_PAGE, before=before, after=after)
        shown = cards(tx, who, page.stories)
    return render_template(
        "listing.html",
        here=(kind, id),
        kind=kind,
        listed=found,
        description=None if isinstance(found, Source) else found.description,
        page=page,
        cards=shown,
        is_first=page.newer is None,
        words={"category": None, "tag": _("Tag"), "source": _("Source")}[kind],
    )


def _place(name: str) -> Place | None:
    """Return the place that the address names. One that is none is a mistyped address, not the first page."""
    given = request.args.get(name)
    place = Place.parse(given)
    if given is not None and place is None:
        abort(404)
    return place


def _not_listed(kind: ListKind, id: str) -> Response:
    """Answer for what has no page any more, or never had one."""
    who = reader()
    if (now_called := who.view.served.renamed.get((kind, id))) is not None:
        query = request.query_string.decode("ascii", "replace")
        location = who.public(page_path(kind, now_called)) + (f"?{query}" if query else "")
        return cast(Response, redirect(location, 308))
    if (kind, id) in who.view.served.closed:
        what = {
            "category": _("This category is no longer published. Its stories stay where they are."),
            "tag": _("This tag is no longer published. Its stories stay where they are."),
            "source": _("This source is no longer read. Its stories stay where they are."),
        }
        return refused(410, _("No longer published"), what[kind])
    raise NotFound
