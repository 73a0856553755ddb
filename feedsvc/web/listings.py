"""The front page, and the pages of categories, tags and sources."""

from typing import cast

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request
from werkzeug.exceptions import NotFound

from feedsvc.addresses import page_path
from feedsvc.model import ListKind
from feedsvc.render import feed_css
from feedsvc.store import Place, Store
from feedsvc.web.context import listed, reader
from feedsvc.web.refusals import refused
from feedsvc.web.words import gettext as _

#: stories on a listing's page
ON_A_PAGE = 20
#: stories at the head of the front page
LEADS = 5


def listings(store: Store) -> Blueprint:
    """Return the routes `/`, `/category/<id>`, `/tag/<id>`, `/source/<id>` and the feeds' stylesheet."""
    blueprint = Blueprint("listings", __name__)

    @blueprint.get("/")
    def home() -> str:
        who = reader()
        with store.read() as tx:
            leads = tx.pages.listing("all", "all", limit=LEADS).stories
        return render_template(
            "home.html",
            leads=who.published(leads),
            groups={kind: listed(who.view, kind) for kind in ("category", "source", "tag")},
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
    before, after = (_place(name) for name in ("before", "after"))
    with store.read() as tx:
        page = tx.pages.listing(kind, id, limit=ON_A_PAGE, before=before, after=after)
    return render_template(
        "listing.html",
        here=(kind, id),
        kind=kind,
        listed=found,
        page=page,
        stories=who.published(page.stories),
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
        return refused(410, _("No longer published"), _("What was at this address is no longer published."))
    raise NotFound
