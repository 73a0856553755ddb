"""Asks once: aiohttp repeats a GET whose connection broke, which a server in trouble sees as two requests."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler


class DroppedError(aiohttp.ClientError):
    """A fresh connection broke before the answer; unlike its cause, aiohttp does not ask again after it."""


class Protocol(ResponseHandler):
    """Reads an answer up to its end, whatever comes behind it.

    aiohttp throws away an answer when more bytes than belong to it arrive in one piece with it. Servers are known to
    send a body with a 304, be it only the end of a chunked or compressed one, and more than Content-Length says.
    """

    def data_received(self, data: bytes) -> None:
        head, end, rest = data.partition(b"\r\n\r\n")
        super().data_received(head + end)
        if rest:
            super().data_received(rest)


class Connector(aiohttp.TCPConnector):
    """Whose connections read answers so."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        protocol: Callable[..., ResponseHandler] = Protocol
        self._factory = partial(protocol, loop=self._loop)


@dataclass(slots=True)
class Connection:
    """What is known of the connection of one request; its context for `trace`, and its middleware."""

    is_reused: bool = False

    async def ask(self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        try:
            return await handler(request)
        except aiohttp.ClientConnectorError:
            raise
        except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as exc:
            if self.is_reused:
                # The server had closed an idle connection (RFC 9112, section 9.3.1): nobody has seen this request.
                self.is_reused = False
                raise
            raise DroppedError from exc


def trace() -> aiohttp.TraceConfig:
    """Return the trace that tells a request's Connection where it came from."""

    async def note(session: aiohttp.ClientSession, context: SimpleNamespace, parameters: object) -> None:
        context.trace_request_ctx.is_reused = True

    config = aiohttp.TraceConfig()
    config.on_connection_reuseconn.append(note)
    return config
