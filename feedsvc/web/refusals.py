"""Pages that say why there is nothing to show."""

from flask import Flask, Response, make_response, render_template
from werkzeug.exceptions import HTTPException, InternalServerError

from feedsvc.errors import StoreError
from feedsvc.web.words import gettext as _


def refused(status: int, title: str, *sentences: str) -> Response:
    """Return a page in the site's dress with a heading and some sentences."""
    response = make_response(render_template("refusal.html", title=title, sentences=sentences), status)
    response.headers["Cache-Control"] = "no-store" if status >= 500 else "public, max-age=60"
    return response


def add_refusals(flask: Flask) -> None:
    @flask.errorhandler(HTTPException)
    def by_status(error: HTTPException) -> Response:
        response = refused(error.code or 500, *_words(error))
        for name, value in error.get_headers():
            if name in {"Allow", "Location", "Retry-After"}:
                response.headers[name] = value
        return response

    @flask.errorhandler(StoreError)
    def unreadable(error: StoreError) -> Response:
        flask.logger.error("the store cannot be read: %s", error)
        response = refused(503, _("Please try again in a moment"), _("The stories cannot be read just now."))
        response.headers["Retry-After"] = "5"
        return response


def _words(error: HTTPException) -> tuple[str, str]:
    if error.code == 404:
        return _("Page not found"), _("There is nothing at this address. The link may be mistyped or out of date.")
    if error.code == 410:
        return _("No longer published"), _("What was at this address is no longer published.")
    if error.code == 405:
        return _("Pages are only read"), _("This address can be opened, but nothing can be sent to it.")
    if isinstance(error, InternalServerError):
        return _("Something went wrong"), _("This is our fault. It has been noted; please try again later.")
    return _("This cannot be shown"), _("The request could not be understood.")
