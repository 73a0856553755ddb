"""The publishers' pictures that our pages show, from the store: a reader's browser asks nobody but us."""

import re

from flask import Blueprint, Response, abort, request

from feedsvc import policy
from feedsvc.model import PublishedStory
from feedsvc.store import KeptPicture, Store, Transaction
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
            if shown is None:
                abort(404)
            published, kept = shown
            is_known = request.if_none_match.contains_weak(kept.etag)
            file = None if is_known else tx.pictures.file(key)
        if file is None and not is_known:
            abort(404)
        response = Response(file.body if file is not None else b"", content_type=kept.media_type)
        # As documents are: what was withdrawn, or may not be shown any more, is gone everywhere after this.
        response.cache_control.public = True
        response.cache_control.max_age = int(view.in_force.settings.publish.max_age.total_seconds())
        # Bytes of strangers on our own address: nothing in them runs, whatever a browser takes them for.
        response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        response.headers["X-Content-Type-Options"] = "nosniff"
        # The leave is for our pages, not for whoever embeds the address.
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if not published.index:
            response.headers["X-Robots-Tag"] = "noindex"
        response.set_etag(kept.etag)
        response.make_conditional(request)
        return response

    return blueprint


def _shown(tx: Transaction, view: View, key: str) -> tuple[PublishedStory, KeptPicture] | None:
    """Return the newest story that may show the picture today, with what is known of it; None: none may."""
    edition = view.in_force.edition
    sources = {source.id: source for source in edition.sources}
    for id in tx.pictures.shown_by(key, ASKED):
        story = tx.stories.by_id(id)
        published = policy.publishable(story, sources, edition.site.languages[0]) if story is not None else None
        if published is None:
            continue
        for kept in tx.pictures.here(policy.shown_pictures(published)).values():
            if kept.key == key:
                return published, kept
    return None
