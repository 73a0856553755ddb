"""A real HTTP server on loopback that says what a test tells it to, well or badly.

Each path has a list of replies; the last one repeats. A reply is a coroutine function over the raw connection, so it
may break HTTP wherever it wants. Every request is recorded before it is answered.
"""

import asyncio
import contextlib
import gzip
import sys
import threading
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from email.utils import formatdate
from types import TracebackType
from typing import Literal, Self

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Coding = Literal["gzip", "br", "zstd", "deflate", "raw-deflate"]
FEED_TYPE = "application/rss+xml; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request as it came. Header names keep their case; `at` is a monotonic time in seconds."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    at: float
    #: which connection of this server it came on, counting from 0
    connection: int
    body: bytes = b""

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    def header(self, name: str) -> str | None:
        """Return the values under this name, joined as RFC 9110 section 5.2 says; None without any."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None


Reply = Callable[[Received, asyncio.StreamWriter], Awaitable[bool]]
"""Answers one request; the result says whether the connection may carry another one."""


def compressed(body: bytes, coding: Coding) -> bytes:
    """Return the body in a content coding; `raw-deflate` is `deflate` as some servers send it, without zlib's frame."""
    match coding:
        case "gzip":
            return gzip.compress(body, mtime=0)
        case "br":
            return bytes(brotli.compress(body, quality=5))
        case "zstd":
            return zstd.compress(body)
        case "deflate":
            return zlib.compress(body)
        case "raw-deflate":
            packer = zlib.compressobj(wbits=-15)
            return packer.compress(body) + packer.flush()


def message(status: int, headers: Iterable[tuple[str, str]], body: bytes) -> bytes:
    """Return an HTTP/1.1 answer byte by byte; nothing is added but the reason phrase."""
    lines = [f"HTTP/1.1 {status} Said", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + body


def answer(
    status: int = 200, body: bytes = b"", *, headers: Mapping[str, str] | Sequence[tuple[str, str]] = ()
) -> Reply:
    """Reply with this status; Date and Content-Length are added where `headers` does not hold them."""
    given = list(headers.items()) if isinstance(headers, Mapping) else list(headers)
    names = {name.lower() for name, _ in given}

    async def reply(request: Received, writer: asyncio.StreamWriter) -> bool:
        added = [("Date", formatdate(usegmt=True))] if "date" not in names else []
        if "content-length" not in names and "transfer-encoding" not in names and status not in {204, 304}:
            added.append(("Content-Length", str(len(body))))
        writer.write(message(status, [*added, *given], b"" if request.method == "HEAD" else body))
        return True

    return reply


def document(
    body: bytes,
    *,
    etag: str | None = None,
    last_modified: str | None = None,
    coding: Coding | None = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """Reply 200, or 304 to a conditional request that repeats a validator byte for byte."""
    validators = [(name, value) for name, value in (("ETag", etag), ("Last-Modified", last_modified)) if value]
    extra = {"Content-Type": FEED_TYPE} | dict(headers or {})
    if coding:
        extra["Content-Encoding"] = coding.removeprefix("raw-")
    full = answer(200, compressed(body, coding) if coding else body, headers=[*extra.items(), *validators])
    kept = [(name, value) for name, value in extra.items() if not name.startswith("Content-")]
    unchanged = answer(304, headers=[*kept, *validators])

    async def reply(request: Received, writer: asyncio.StreamWriter) -> bool:
        asked = request.header("If-None-Match")
        if asked is not None:
            same = asked == etag
        else:
            same = last_modified is not None and request.header("If-Modified-Since") == last_modified
        return await (unchanged if same else full)(request, writer)

    return reply


def redirect(location: str, status: int = 301) -> Reply:
    return answer(status, headers={"Location": location})


def raw(data: bytes) -> Reply:
    """Write exactly these bytes, then close."""

    async def reply(request: Received, writer: asyncio.StreamWriter) -> bool:
        writer.write(data)
        return False

    return reply


def drip(head: bytes, piece: bytes, *, pause_s: float) -> Reply:
    """Write `head`, then `piece` again and again for ever: a slow loris, or with a pause of 0 an endless body."""

    async def reply(request: Received, writer: asyncio.StreamWriter) -> bool:
        writer.write(head)
        while not writer.is_closing():
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause_s)
        return False

    return reply


def silent() -> Reply:
    """Never answer."""

    async def reply(request: Received, writer: asyncio.StreamWriter) -> bool:
        await asyncio.Event().wait()
        return False

    return reply


def hang_up() -> Reply:
    """Close the connection without a byte."""
    return raw(b"")


class Upstream:
    """The server, in a thread with a loop of its own. A path without replies answers 404."""

    def __init__(self, address: str = "127.0.0.1") -> None:
        self._address = address
        self.requests: list[Received] = []
        self._replies: dict[str, list[Reply]] = {}
        self._connections = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="upstream", daemon=True)
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    def url(self, path: str, host: str | None = None) -> str:
        return f"http://{host or self._address}:{self.port}{path}"

    def on(self, path: str, *replies: Reply) -> str:
        """Answer requests for `path` (with or without a query) with these, in order; return its address."""
        self._replies[path] = list(replies)
        return self.url(path)

    def serve(self, path: str, body: bytes, *, etag: str | None = None, last_modified: str | None = None) -> str:
        """Publish a document, now or anew; return its address."""
        return self.on(path, document(body, etag=etag, last_modified=last_modified))

    def asked(self, path: str) -> list[Received]:
        return [request for request in self.requests if request.path == path]

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._accept, self._address, 0)

    async def _stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        number, self._connections = self._connections, self._connections + 1
        try:
            # A client that leaves is what many tests are about; a cancelled one is the end of the test.
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                async for request in _requests(reader, number):
                    self.requests.append(request)
                    open_still = await self._reply(request)(request, writer)
                    await writer.drain()
                    if not open_still:
                        break
        finally:
            writer.close()
            self._tasks.discard(task)

    def _reply(self, request: Received) -> Reply:
        if request.method == "TLS":
            return raw(message(400, [], b""))
        replies = self._replies.get(request.target) or self._replies.get(request.path)
        if not replies:
            return answer(404, b"nothing here")
        return replies.pop(0) if len(replies) > 1 else replies[0]


async def _requests(reader: asyncio.StreamReader, connection: int) -> AsyncIterator[Received]:
    while True:
        try:
            head = await reader.readexactly(1)
            if not head.isalpha():
                # Somebody speaks TLS to us: answer as plain servers do.
                yield Received(method="TLS", target="/tls", headers=(), at=time.monotonic(), connection=connection)
                return
            head += await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return
        first, *lines = head.decode("utf-8", "surrogateescape").removesuffix("\r\n\r\n").split("\r\n")
        method, target, _ = first.split(" ")
        pairs = tuple((name, value.strip()) for name, _, value in (line.partition(":") for line in lines))
        request = Received(method=method, target=target, headers=pairs, at=time.monotonic(), connection=connection)
        length = int(request.header("Content-Length") or 0)
        yield replace(request, body=await reader.readexactly(length))
