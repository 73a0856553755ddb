"""The outermost WSGI callable: shared feeds answer from memory, before Flask is entered.

Everything that does not depend on the request is computed when a snapshot arrives: a request costs one look-up.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from feedsvc.addresses import STYLESHEET, feed_path, read_path, renamed_path
from feedsvc.model import ListKind, Snapshot

Headers = list[tuple[str, str]]

#: how long an address that has moved, is gone or unknown may be taken for that, in seconds
MOVED_MAX_AGE_S = 3600
UNKNOWN_MAX_AGE_S = 60

#: how long a shared cache may serve what it has while it asks us again, and when we do not answer
STALE_WHILE_REVALIDATE_S = 60
STALE_IF_ERROR_S = 86_400

#: Chromium shows these as source text and Firefox offers to save them (crbug.com/104358, bugzil.la/1513488). Both apply
#: a stylesheet to plain XML only, so that is what they are to a browser that opens one as a page.
_NOT_SHOWN = frozenset({"application/rss+xml", "application/atom+xml"})
_SHOWN = "application/xml"

_ALLOWED = "GET, HEAD, OPTIONS"
_COMMON: Headers = [
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "ETag, Last-Modified, Link"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
]
_PREFLIGHT: Headers = [
    ("Access-Control-Allow-Methods", "GET, HEAD"),
    ("Access-Control-Allow-Headers", "If-None-Match, If-Modified-Since"),
    ("Access-Control-Max-Age", "86400"),
]


@dataclass(frozen=True, slots=True)
class Prepared:
    """One document, ready to be sent: (headers, body) by content coding, to feed readers and to browsers as a page."""

    opaque_tag: str
    last_modified: float
    not_modified: Headers
    by_coding: Mapping[str, tuple[Headers, bytes]]
    as_page: Mapping[str, tuple[Headers, bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """All that the shared feeds answer with, at one moment."""

    documents: Mapping[str, Prepared]
    #: left the configuration
    closed: frozenset[tuple[ListKind, str]]
    #: earlier ids to today's
    renamed: Mapping[tuple[ListKind, str], str]
    #: in the configuration; its first documents may still be on their way
    opened: frozenset[tuple[ListKind, str]]
    base_url: str


def prepare(snapshot: Snapshot, base_url: str) -> Prepared:
    """Compute every header and body that the snapshot can be answered with."""
    own_type = snapshot.media_type.partition(";")[0]
    validators: Headers = [
        ("ETag", snapshot.etag),
        ("Last-Modified", format_datetime(snapshot.last_modified, usegmt=True)),
        (
            "Cache-Control",
            (
                f"public, max-age={int(snapshot.max_age.total_seconds())}, "
                f"stale-while-revalidate={STALE_WHILE_REVALIDATE_S}, stale-if-error={STALE_IF_ERROR_S}"
            ),
        ),
        ("Vary", "Accept-Encoding, Sec-Fetch-Dest" if own_type in _NOT_SHOWN else "Accept-Encoding"),
        ("Link", f'<{base_url}{snapshot.path}>; rel="self"'),
        *_COMMON,
    ]

    bodies = {"br": snapshot.br, "gzip": snapshot.gzip, "identity": snapshot.body}

    def answers(media_type: str, *more: tuple[str, str]) -> dict[str, tuple[Headers, bytes]]:
        found: dict[str, tuple[Headers, bytes]] = {}
        for coding, body in bodies.items():
            coded = [("Content-Encoding", coding)] if coding != "identity" else []
            content = [("Content-Type", media_type), ("Content-Length", str(len(body)))]
            found[coding] = [*content, *coded, *validators, *more], body
        return found

    by_coding = as_page = answers(snapshot.media_type)
    if own_type in _NOT_SHOWN:
        # All that a page made of a feed needs; markup in it that should not be there stays dead.
        policy = f"default-src 'none'; style-src {base_url}{STYLESHEET}; img-src 'self'; base-uri 'none'"
        shown_type = snapshot.media_type.replace(own_type, _SHOWN, 1)
        as_page = answers(shown_type, ("Content-Security-Policy", policy))
    return Prepared(
        opaque_tag=opaque(snapshot.etag),
        last_modified=snapshot.last_modified.timestamp(),
        not_modified=validators,
        by_coding=by_coding,
        as_page=as_page,
    )


class SharedFeeds:
    """Answers `GET`, `HEAD` and CORS preflights of shared feeds; passes everything else on."""

    def __init__(
        self, served: Callable[[], Served], inner: WSGIApplication, meet: Callable[[str, WSGIEnvironment], None]
    ) -> None:
        """`meet` is told of each request for a document."""
        self._served, self._inner, self._meet = served, inner, meet

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        served = self._served()
        document = served.documents.get(path)
        if document is None:
            return self._missing(path, served, environ, start_response)
        if (method := environ["REQUEST_METHOD"]) not in {"GET", "HEAD"}:
            return _other_method(environ, start_response)
        self._meet(path, environ)
        if _is_current(document, environ):
            start_response("304 Not Modified", document.not_modified)
            return ()
        # Browsers say when they open an address as a page (Fetch Metadata, over TLS and on loopback); readers do not.
        answers = document.as_page if environ.get("HTTP_SEC_FETCH_DEST") == "document" else document.by_coding
        headers, body = answers[coding(environ.get("HTTP_ACCEPT_ENCODING", ""))]
        start_response("200 OK", headers)
        return (body,) if method == "GET" else ()

    def _missing(
        self, path: str, served: Served, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        found = read_path(path)
        if found is None or not found[2]:  # a page
            return self._inner(environ, start_response)
        kind, id, rest = found
        answer = _Plain(environ, start_response)
        if (now_called := served.renamed.get((kind, id))) is not None:
            location = served.base_url + renamed_path(path, kind, now_called, rest)
            return answer(308, f"This has moved to {location}", [("Location", location), _fresh_for(MOVED_MAX_AGE_S)])
        if (kind, id) in served.closed:
            return answer(410, f"The {kind} {id} is no longer published.", [_fresh_for(MOVED_MAX_AGE_S)])
        if (kind, id) in served.opened and feed_path(kind, id, "rss") not in served.documents:
            waiting = [("Retry-After", "1"), ("Cache-Control", "no-store")]
            return answer(503, "The first documents are being written.", waiting)
        return answer(404, "There is no such feed; /feeds.opml lists all.", [_fresh_for(UNKNOWN_MAX_AGE_S)])


def _fresh_for(seconds: int) -> tuple[str, str]:
    return "Cache-Control", f"public, max-age={seconds}"


def opaque(etag: str) -> str:
    """Return what is compared of an entity tag, weakly (RFC 9110, section 8.8.3.2).

    Apache appends `-gzip` and `-br` to the tag of what it compresses, inside the quotes.
    """
    tag = etag.strip().removeprefix("W/").strip('"')
    return tag.removesuffix("-gzip").removesuffix("-br")


def coding(accepted: str, offered: Sequence[str] = ("br", "gzip")) -> str:
    """Return the content coding to answer with, or identity, by Accept-Encoding (RFC 9110, section 12.5.3)."""
    weights = dict(_weighted(part) for part in accepted.lower().split(",") if part.strip())
    other = weights.get("*", 0.0)
    found = [(weights.get(name, other), name) for name in offered]
    weight, name = max(found, key=lambda pair: pair[0])
    return name if weight > 0 and weight >= weights.get("identity", 0.0) else "identity"


def _weighted(part: str) -> tuple[str, float]:
    name, _, parameters = part.partition(";")
    _, _, value = parameters.partition("q=")
    try:
        return name.strip(), float(value or 1)
    except ValueError:
        return name.strip(), 0.0


def _is_current(document: Prepared, environ: WSGIEnvironment) -> bool:
    """Say whether the client has this already. If-None-Match wins over If-Modified-Since (RFC 9110, section 13.2.2)."""
    if (tags := environ.get("HTTP_IF_NONE_MATCH")) is not None:
        return tags.strip() == "*" or any(opaque(tag) == document.opaque_tag for tag in tags.split(","))
    if (since := environ.get("HTTP_IF_MODIFIED_SINCE")) is None:
        return False
    try:
        date = parsedate_to_datetime(since)
    except (ValueError, OverflowError):
        return False
    # "-0000" says UTC without a zone (RFC 5322, section 3.3), and comes out naive.
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() >= document.last_modified


def _other_method(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    if environ["REQUEST_METHOD"] == "OPTIONS":
        start_response("204 No Content", [("Allow", _ALLOWED), *_PREFLIGHT, *_COMMON])
        return ()
    return _Plain(environ, start_response)(405, "Feeds are read with GET or HEAD.", [("Allow", _ALLOWED)])


class _Plain:
    """Answers one request with a status and a sentence."""

    def __init__(self, environ: WSGIEnvironment, start_response: StartResponse) -> None:
        self._environ, self._start_response = environ, start_response

    def __call__(self, status: int, text: str, headers: Iterable[tuple[str, str]] = ()) -> Iterable[bytes]:
        body = f"{text}\n".encode()
        fixed = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body))), *_COMMON]
        self._start_response(f"{status} {HTTPStatus(status).phrase}", [*fixed, *headers])
        return () if self._environ["REQUEST_METHOD"] == "HEAD" else (body,)
