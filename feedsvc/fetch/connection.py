"""Asks once: aiohttp repeats a GET whose connection broke, which a server in trouble sees as two requests."""

from dataclasses import dataclass
from types import SimpleNamespace

import aiohttp


class DroppedError(aiohttp.ClientError):
    """A fresh connection broke before the answer; unlike its cause, aiohttp does not ask again after it."""


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
