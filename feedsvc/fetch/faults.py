"""Turns what can go wrong in a request into words that an admin can act on."""

import ssl
from http import HTTPStatus

import aiohttp

from feedsvc.errors import FetchError
from feedsvc.fetch.address import AddressError
from feedsvc.fetch.connection import DroppedError
from feedsvc.fetch.decode import CorruptBodyError, TooLargeError, UnknownCodingError
from feedsvc.fetch.guard import RefusedAddressError
from feedsvc.model import FetchLimits, Freshness

#: what `fault` translates
FAULTS = (
    AddressError,
    CorruptBodyError,
    OSError,  # TimeoutError is one
    TooLargeError,
    UnknownCodingError,
    aiohttp.ClientError,
)


def translate(source_id: str, error: Exception, limits: FetchLimits) -> FetchError:
    """Return the one error that leaves this package, for any of FAULTS."""
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    retryable = not isinstance(cause, RefusedAddressError | aiohttp.InvalidURL | AddressError)
    return FetchError(source_id, _problem(error, limits), retryable=retryable)


def _problem(error: Exception, limits: FetchLimits) -> str:
    match error:
        case TimeoutError():
            return f"timed out after {limits.timeout.total_seconds():g} s"
        case RefusedAddressError() | aiohttp.ClientConnectorError() | aiohttp.ClientHttpProxyError():
            return _connection_problem(error, limits)
        case TooLargeError():
            return f"more than {limits.max_body_bytes / 1e6:g} MB"
        case CorruptBodyError():
            return f"the compressed answer is corrupt: {error}"
        case UnknownCodingError():
            return f"the answer is encoded as {short(error)}, which we did not offer"
        case _:
            return _protocol_problem(error, limits)


def is_the_proxys(error: Exception, limits: FetchLimits) -> bool:
    """Say whether a fault is the configured proxy's, which says nothing of the host that was to be asked."""
    if isinstance(error, aiohttp.ClientHttpProxyError):
        # Others may be what it has to say of the host.
        return error.status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED
    proxys = (aiohttp.ClientProxyConnectionError, aiohttp.ClientConnectorDNSError)
    return limits.proxy is not None and isinstance(error, proxys)


def _refusal(host: str, cause: RefusedAddressError) -> str:
    return (
        f"refused to contact {host}: {cause.address} is {cause.reason}; "
        "if that is meant, name its network in fetch.allow_private"
    )


def _connection_problem(
    error: RefusedAddressError | aiohttp.ClientConnectorError | aiohttp.ClientHttpProxyError, limits: FetchLimits
) -> str:
    if isinstance(error, RefusedAddressError):
        return _refusal(error.address, error)
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return f"the proxy did not connect us: it answered {_named(error.status)}"
    host, cause = error.host, error.os_error
    if is_the_proxys(error, limits):
        host = f"the proxy {host}"
    elif isinstance(error, aiohttp.ClientConnectorDNSError):
        host = f"the host {host}"
    place = f"{host} port {error.port}"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return f"cannot find {host}: {cause.strerror or cause}"
    match cause:
        case RefusedAddressError():
            return _refusal(host, cause)
        case ssl.SSLCertVerificationError():
            return f"the TLS certificate of {host} is not valid: {cause.verify_message}"
        case ssl.SSLError():
            problem = f"TLS failed: {cause.reason or cause.strerror or cause}"
        case ConnectionRefusedError():
            problem = "connection refused"
        case _:
            problem = short(cause.strerror or cause) or "it closed the connection at once"
    return f"cannot connect to {place}: {problem}"


def _protocol_problem(error: Exception, limits: FetchLimits) -> str:
    cause = error.__cause__ if isinstance(error, DroppedError) else error
    match cause:
        case AddressError() | aiohttp.InvalidURL():
            return f"cannot request the address: {short(cause)}"
        case aiohttp.ServerDisconnectedError():
            return f"{_answerer(limits)} closed the connection without an answer"
        case aiohttp.ClientPayloadError():
            return "the answer was cut short"
        case aiohttp.ClientResponseError():
            return f"the answer is not proper HTTP: {short(cause.message)}"
        case OSError():
            return f"the connection broke: {short(cause.strerror or cause)}"
        case _:
            return f"the request failed: {short(error) or type(error).__name__}"


def answered(source_id: str, status: int, freshness: Freshness, limits: FetchLimits) -> FetchError:
    """Return the error for an answer that is no document."""
    who = _answerer(limits) if status >= 500 else "the server"
    if limits.proxy is not None and status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        who = "the proxy"
    problem = f"{who} answered {_named(status)}"
    return FetchError(source_id, problem, retryable=status != 410, status=status, freshness=freshness)


def _answerer(limits: FetchLimits) -> str:
    return "the server" if limits.proxy is None else "the server, or the proxy before it,"


def _named(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def short(text: object, most: int = 200) -> str:
    """Return the first printable words of what may come from outside."""
    words = "".join(letter if letter.isprintable() else " " for letter in str(text)[: 2 * most]).split()
    return " ".join(words)[:most]
