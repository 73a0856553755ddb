"""The page of one story."""

from uuid import UUID

from flask import Blueprint, Response, abort, render_template

from feedsvc.store import Store
from feedsvc.web.context import listed, reader


def stories(store: Store) -> Blueprint:
    """Return the route `/story/<id>`."""
    blueprint = Blueprint("stories", __name__)

    @blueprint.get("/story/<uuid:id>")
    def story(id: UUID) -> str | Response:
        who = reader()
        with store.read() as tx:
            found = tx.stories.by_id(id)
        if found is None:
            abort(404)
        if found.retracted is not None:
            abort(410)
        shown = who.published((found,))
        if not shown:
            abort(404)
        categories = [each for each in listed(who.view, "category") if each.id in shown[0].categories]
        return render_template("story.html", story=shown[0], categories_of=categories)

    return blueprint
