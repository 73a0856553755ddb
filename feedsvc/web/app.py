"""The WSGI application: shared feeds outermost, Flask behind them."""

from collections.abc import Callable
from wsgiref.types import WSGIApplication

from flask import Flask

from feedsvc.revisions import InForce
from feedsvc.store import Store
from feedsvc.web.following import Following
from feedsvc.web.health import health
from feedsvc.web.pages import pages
from feedsvc.web.shared import SharedFeeds

#: pages run no scripts and load nothing from elsewhere but pictures
_CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' https: data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'self'"
)


def create_app(store: Store, in_force: Callable[[], InForce]) -> tuple[WSGIApplication, Following]:
    """Return the outermost WSGI callable, and what keeps it current: call `start` in the process that serves."""
    following = Following(store, in_force)
    flask = Flask(__name__)
    flask.register_blueprint(pages(store, following))
    flask.register_blueprint(health(store, following))

    @flask.after_request
    def harden(response):  # type: ignore[no-untyped-def]
        response.headers.setdefault("Content-Security-Policy", _CONTENT_SECURITY_POLICY)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        return response

    return SharedFeeds(following.served, flask.wsgi_app), following
