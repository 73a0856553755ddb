"""What an answer brings: a document, the news that there is none, or what was said to a form."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

import aiohttp

from feedsvc.fetch import headers as heads
from feedsvc.fetch.chain import Ask, Hop
from feedsvc.fetch.decode import Body, CorruptBodyError, TooLargeError, UnknownCodingError
from feedsvc.fetch.faults import answered, short
from feedsvc.fetch.freshness import read_freshness
from feedsvc.model import Document, FormAnswer, NotModified

#: of an answer that refuses a form, after decompression, and of what is told of it
MAX_REFUSAL_BYTES, MAX_REFUSAL_LETTERS = 16_384, 2_000

Answer = Document | NotModified | FormAnswer


async def answer(ask: Ask, hop: Hop, response: aiohttp.ClientResponse) -> Document | NotModified:
    header = heads.lines(response.raw_headers)
    etag = heads.validator(response.raw_headers, b"etag")
    last_modified = heads.validator(response.raw_headers, b"last-modified")
    is_confirmed = response.status == 304 and ask.is_conditional
    fresh = read_freshness(header, ask.now, ask.max_age if is_confirmed else None)
    moved_to = str(hop.url) if hop.redirects and hop.is_permanent else None
    if is_confirmed:
        return NotModified(
            url=str(hop.url),
            etag=etag,
            last_modified=last_modified,
            freshness=fresh,
            moved_to=moved_to,
            fetched_at=ask.now,
        )
    # 203 is a 200 that a proxy has changed; any other status does not bring the document.
    if response.status not in {200, 203}:
        raise answered(ask.id, response.status, fresh, ask.limits)
    return Document(
        url=str(hop.url),
        status=response.status,
        body=await _body(response, header, ask),
        content_type=heads.first(header, "content-type"),
        content_language=heads.first(header, "content-language"),
        content_location=heads.first(header, "content-location"),
        etag=etag,
        last_modified=last_modified,
        links=heads.read_links(header.get("link", ()), str(hop.url)),
        freshness=fresh,
        moved_to=moved_to,
        fetched_at=ask.now,
    )


async def _body(response: aiohttp.ClientResponse, header: Mapping[str, tuple[str, ...]], ask: Ask) -> bytes:
    body = Body(header.get("content-encoding", ()), ask.limits.max_body_bytes)
    if (response.content_length or 0) > ask.limits.max_body_bytes and not ask.may_be_cut:
        raise TooLargeError
    try:
        async for chunk in response.content.iter_any():
            body.add(chunk)
    except TooLargeError:
        if not ask.may_be_cut:
            raise
        return body.so_far()
    return body.finished()


async def form_answer(hop: Hop, response: aiohttp.ClientResponse, now: datetime) -> FormAnswer:
    header = heads.lines(response.raw_headers)
    return FormAnswer(
        url=str(hop.url),
        status=response.status,
        text="" if response.ok else short(await _beginning(response, header), MAX_REFUSAL_LETTERS),
        retry_at=read_freshness(header, now).retry_at,
    )


async def _beginning(response: aiohttp.ClientResponse, header: Mapping[str, tuple[str, ...]]) -> str:
    """Return what can be read of an answer whose status has said what matters."""
    body = Body((), MAX_REFUSAL_BYTES)
    with suppress(CorruptBodyError, TooLargeError, UnknownCodingError, aiohttp.ClientPayloadError):
        body = Body(header.get("content-encoding", ()), MAX_REFUSAL_BYTES)
        async for chunk in response.content.iter_chunked(4096):
            body.add(chunk)
    return body.so_far().decode("utf-8", "replace")
