"""The publishers' web server, on loopback, in a thread of this process."""

import socketserver
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import blake2b
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Any, ClassVar, Self

from feedsvc.demo.documents import FEEDS, Paths, feed
from feedsvc.demo.newsroom import FOLDER, Publisher
from feedsvc.demo.pages import article_page, home_page, list_page, withdrawn_page
from feedsvc.demo.timeline import Timeline, Withdrawal

#: requests answered at a time; who comes beyond that is turned away
MAX_AT_ONCE = 32
#: how long a client may take over its request
CLIENT_S = 10.0

_HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Reply:
    """A status with a document; `changed_at` and the document's hash are its validators."""

    body: bytes
    kind: str
    status: int = 200
    changed_at: datetime | None = None

    @property
    def etag(self) -> str:
        return f'"{blake2b(self.body, digest_size=12).hexdigest()}"'


class Upstream:
    """All publishers at one address, at this port where it is free. `seconds`: since the timeline's start."""

    def __init__(
        self,
        timeline: Timeline,
        seconds: Callable[[], float],
        *,
        port: int = 0,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._timeline, self._seconds, self._pause = timeline, seconds, pause
        self._server = _listening(port)
        self._server.upstream = self
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name="made-up publishers", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def reply(self, path: str) -> Reply:
        """Return the answer to a request for a path, now."""
        folder, _, name = path.removeprefix("/").partition("/")
        if folder == "pictures":
            return _picture(name)
        publisher = self._timeline.publisher(folder)
        if publisher is not None:
            return self._published(publisher, name)
        if path == "/":
            return Reply(list_page(tuple(self._timeline.publishers), self.address).encode(), _HTML)
        return _missing()

    def _published(self, publisher: Publisher, name: str) -> Reply:
        t, paths = self._seconds(), Paths(address=self.address, publisher=publisher)
        if publisher.delay_s:
            self._pause(publisher.delay_s)
        if publisher.outage and self._timeline.is_down(publisher, t):
            return Reply(publisher.outage.words.encode(), "text/plain; charset=utf-8", 503)
        issue = self._timeline.issue(publisher, t)
        if name == FEEDS[publisher.format][0]:
            return Reply(feed(paths, issue), FEEDS[publisher.format][1], changed_at=issue.changed_at)
        if name == "":
            return Reply(home_page(paths, issue).encode(), _HTML)
        found = self._timeline.post(publisher, name.removesuffix(".html"), t)
        if isinstance(found, Withdrawal):
            return Reply(withdrawn_page(paths, found).encode(), _HTML, 410)
        if found is None or not name.endswith(".html"):
            return _missing()
        return Reply(article_page(paths, found).encode(), _HTML)


def _picture(name: str) -> Reply:
    known = {path.name: path for path in FOLDER.glob("pictures/*.png")}
    return Reply(known[name].read_bytes(), "image/png") if name in known else _missing()


def _missing() -> Reply:
    return Reply(b"Nothing here.\n", "text/plain; charset=utf-8", 404)


def _listening(port: int) -> "_Server":
    try:
        return _Server(("127.0.0.1", port), _Handler)
    except (OSError, OverflowError):
        # Somebody else's, privileged, or beyond the last one.
        return _Server(("127.0.0.1", 0), _Handler)


class _Server(socketserver.ThreadingTCPServer):
    # Not http.server's: that one asks the network for this machine's name, which takes seconds where there is none.
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    upstream: Upstream

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._free = threading.BoundedSemaphore(MAX_AT_ONCE)

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._free.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that leaves early is no news.
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout: ClassVar[float] = CLIENT_S
    server_version, sys_version = "feedsvc-demo", ""

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        reply = self.server.upstream.reply(self.path.partition("?")[0])
        unchanged = reply.status == 200 and self._has(reply)
        self.send_response(304 if unchanged else reply.status)
        if reply.status == 200:
            self.send_header("ETag", reply.etag)
        if reply.changed_at:
            self.send_header("Last-Modified", _http_date(reply.changed_at))
        if reply.status == 503:
            self.send_header("Retry-After", "4")
        if not unchanged:
            self.send_header("Content-Type", reply.kind)
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if with_body and not unchanged:
            self.wfile.write(reply.body)

    def _has(self, reply: Reply) -> bool:
        """Say whether the client has this already. Source: RFC 9110 section 13.2.2."""
        known = self.headers.get("If-None-Match")
        if known is not None:
            tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
            return reply.etag in tags or "*" in tags
        since = _date(self.headers.get("If-Modified-Since"))
        return since is not None and reply.changed_at is not None and reply.changed_at.replace(microsecond=0) <= since

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: what is read is told by who reads it."""


def _http_date(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC), usegmt=True)


def _date(value: str | None) -> datetime | None:
    try:
        at = parsedate_to_datetime(value or "")
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
