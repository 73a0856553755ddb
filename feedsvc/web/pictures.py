"""The publishers' pictures that our pages show, from the store: a reader's browser asks nobody but us."""

import re

from flask import Blueprint, Response, abort, request

from feedsvc import policy
from feedsvc.model import PublishedStory
from feedsvc.store import Store, Transaction
from feedsvc.web.following import Following, View

_KEY = re.compile(r"[0-9a-f]{32}")

#: of the stories that show a picture, so many are asked; a logo may be in thousands
ASKED = 20


def pictures(store: Store, following: Following) -> Blueprint:
    """Return the route `/picture/<key>`."""
    blueprint = Blueprint("pictures", __name__)

    @blueprint.get("/picture/<key>")
    def picture(key: str) -> Response:
        if _KEY.fullmatch(key) is None:
            abort(404)
        view = following.view
        with store.read() as tx:
            shown = _shown(tx, view, key)
            file = tx.pictures.file(key) if shown is not None else None
        if shown is None or file is None:
            abort(404)
        response = Response(file.body, content_type=file.media_type)
        # As documents are: what was withdrawn, or may not be shown any more, is gone everywhere after this.
        response.cache_control.public = True
        response.cache_control.max_age = int(view.in_force.settings.publish.max_age.total_seconds())
        # Bytes of strangers on our own address: nothing in them runs, whatever a browser takes them for.
        response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        response.headers["X-Content-Type-Options"] = "nosniff"
        # The leave is for our pages, not for whoever embeds the address.
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if not shown.index:
            response.headers["X-Robots-Tag"] = "noindex"
        response.add_etag()
        response.make_conditional(request)
        return response

    return blueprint


def _shown(tx: Transaction, view: View, key: str) -> PublishedStory | None:
    """Return the newest story that may show the picture today, None: none may."""
    edition = view.in_force.edition
    sources = {source.id: source for source in edition.sources}
    for id in tx.pictures.shown_by(key, ASKED):
        story = tx.stories.by_id(id)
        published = policy.publishable(story, sources, edition.site.languages[0]) if story is not None else None
        if published is None:
            continue
        here = tx.pictures.here(policy.shown_pictures(published))
        if any(kept.key == key for kept in here.values()):
            return published
    return None
