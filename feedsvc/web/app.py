"""The WSGI application: shared feeds outermost, Flask behind them."""

import gzip
from collections.abc import Callable
from urllib.parse import urlsplit
from wsgiref.types import WSGIApplication

from flask import Flask, Response, g, request

from feedsvc.revisions import InForce
from feedsvc.store import Store
from feedsvc.web.context import common, read_request, reader
from feedsvc.web.following import Following, View
from feedsvc.web.health import health
from feedsvc.web.hubs import hubs
from feedsvc.web.listings import listings
from feedsvc.web.pictures import pictures
from feedsvc.web.refusals import add_refusals
from feedsvc.web.searching import searching
from feedsvc.web.shared import SharedFeeds, coding
from feedsvc.web.status import status
from feedsvc.web.stories import stories
from feedsvc.web.words import add_words

#: How long a page may be shown without asking again, in seconds; a withdrawn story is gone after it. No longer than a
#: feed may be kept.
PAGE_MAX_AGE_S = 30
#: likewise for files, in seconds; a page names a stylesheet with its version
STATIC_MAX_AGE_S = 86_400


def create_app(store: Store, in_force: Callable[[], InForce]) -> tuple[WSGIApplication, Following]:
    """Return the outermost WSGI callable, and what keeps it current: call `start` in the process that serves."""
    following = Following(store, in_force)
    flask = Flask(__name__)
    flask.config["SEND_FILE_MAX_AGE_DEFAULT"] = STATIC_MAX_AGE_S
    flask.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    flask.context_processor(lambda: dict(common()))
    add_words(flask, lambda: reader().locale)

    @flask.before_request
    def meet() -> None:
        g.reader = read_request(following.view, request)

    @flask.after_request
    def finish(response: Response) -> Response:
        return _finished(response, following.view)

    add_refusals(flask)
    flask.register_blueprint(listings(store))
    flask.register_blueprint(stories(store))
    flask.register_blueprint(searching(store))
    flask.register_blueprint(pictures(store, following))
    flask.register_blueprint(status(store, following))
    flask.register_blueprint(health(store, following))
    flask.register_blueprint(hubs(store, following))
    return SharedFeeds(following.served, flask.wsgi_app, following.readers.meet), following


def _finished(response: Response, view: View) -> Response:
    """Add what every answer says, unless it says otherwise itself."""
    headers = response.headers
    if response.mimetype == "text/html":
        max_age = min(PAGE_MAX_AGE_S, int(view.in_force.settings.publish.max_age.total_seconds()))
        headers.setdefault("Cache-Control", f"public, max-age={max_age}")
        response.vary.add("Accept-Language")
        if response.status_code == 200:
            response.add_etag(weak=True)
            response.make_conditional(request)
        _compress(response)
    headers.setdefault("Content-Security-Policy", _content_security_policy(view))
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "no-referrer")
    return response


def _compress(response: Response) -> None:
    """Shrink a page to a quarter, for readers without a proxy in between that would."""
    response.vary.add("Accept-Encoding")
    if response.status_code != 304 and coding(request.headers.get("Accept-Encoding", ""), ("gzip",)) == "gzip":
        response.set_data(gzip.compress(response.get_data(), 5, mtime=0))
        response.headers["Content-Encoding"] = "gzip"


def _content_security_policy(view: View) -> str:
    """Pages run no scripts and load nothing from elsewhere but the icon, where the configuration says so."""
    icon = urlsplit(view.in_force.edition.site.icon or "")
    elsewhere = f" {icon.scheme}://{icon.netloc}" if icon.scheme in {"http", "https"} else ""
    return (
        f"default-src 'none'; style-src 'self'; img-src 'self'{elsewhere}; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'self'"
    )
