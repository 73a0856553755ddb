"""A WebSub hub on loopback, and a real web server of ours that it talks to."""

import asyncio
import hashlib
import hmac
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Self
from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlencode
from urllib.request import ProxyHandler, Request, build_opener
from wsgiref.types import WSGIApplication

from werkzeug.serving import make_server

from tests.servers.upstream import Received, Upstream, message

FEED_TYPE = "application/rss+xml"
_ASKING = build_opener(ProxyHandler({}))


class Hub:
    """Keeps what it is asked, verifies when told to, signs what it pushes."""

    def __init__(self, upstream: Upstream, path: str = "/hub", *, verifies: bool = False) -> None:
        """`verifies`: asks back by itself, before it answers."""
        self.asked: list[dict[str, str]] = []
        self.status = 202
        self._verifies = verifies
        self.url = upstream.on(path, self._reply)

    @property
    def last(self) -> dict[str, str]:
        return self.asked[-1]

    def verify(self, asked: Mapping[str, str] | None = None, **said: str) -> tuple[int, str]:
        """Ask back; return status and text. `said`: otherwise, without `hub.`; an empty one is left out."""
        asked = asked or self.last
        fields = {
            "hub.mode": asked["hub.mode"],
            "hub.topic": asked["hub.topic"],
            "hub.challenge": "xyz",
            "hub.lease_seconds": asked.get("hub.lease_seconds", ""),
            **{f"hub.{name}": value for name, value in said.items()},
        }
        query = urlencode({name: value for name, value in fields.items() if value})
        return _open(Request(f"{asked['hub.callback']}?{query}"))

    def push(self, body: bytes, *, method: str = "sha256", secret: str | None = None, signature: str = "") -> int:
        """Send a document; return the status. `method` "": without a signature."""
        headers = {"Content-Type": FEED_TYPE}
        if method:
            key = self.last["hub.secret"] if secret is None else secret
            digest = hmac.new(key.encode(), body, getattr(hashlib, method)).hexdigest()
            headers["X-Hub-Signature"] = signature or f"{method}={digest}"
        return _open(Request(self.last["hub.callback"], body, headers))[0]

    async def _reply(self, request: Received, writer: asyncio.StreamWriter) -> bool:
        asked = dict(parse_qsl(request.body.decode()))
        self.asked.append(asked)
        if self._verifies:
            await asyncio.to_thread(self.verify, asked)
        writer.write(message(self.status, [("Content-Length", "3")], b"no\n"))
        return True


class Front:
    """Serves a WSGI application over HTTP in threads; the application may come later."""

    def __init__(self) -> None:
        self.app: WSGIApplication | None = None
        self._server = make_server("127.0.0.1", 0, self._call, threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever, name="front", daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _call(self, environ, start_response):  # type: ignore[no-untyped-def]
        assert self.app is not None
        return self.app(environ, start_response)


def _open(request: Request) -> tuple[int, str]:
    try:
        with _ASKING.open(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()
