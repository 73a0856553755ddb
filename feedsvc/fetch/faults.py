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
        case aiohttp.ClientConnectorError():
            return _connection_problem(error)
        case TooLargeError():
            return f"more than {limits.max_body_bytes / 1e6:g} MB"
        case CorruptBodyError():
            return f"the compressed answer is corrupt: {error}"
        case UnknownCodingError():
            return f"the answer is encoded as {short(error)}, which we did not offer"
        case _:
            return _protocol_problem(error)


def _connection_problem(error: aiohttp.ClientConnectorError) -> str:
    host, place, cause = error.host, f"{error.host} port {error.port}", error.os_error
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return f"cannot find the host {host}: {cause.strerror or cause}"
    match cause:
        case RefusedAddressError():
            return (
                f"refused to contact {host}: {cause.address} is {cause.reason}; "
                "if that is meant, name its network in fetch.allow_private"
            )
        case ssl.SSLCertVerificationError():
            return f"the TLS certificate of {host} is not valid: {cause.verify_message}"
        case ssl.SSLError():
            problem = f"TLS failed: {cause.reason or cause.strerror or cause}"
        case ConnectionRefusedError():
            problem = "connection refused"
        case _:
            problem = short(cause.strerror or cause) or "it closed the connection at once"
    return f"cannot connect to {place}: {problem}"


def _protocol_problem(error: Exception) -> str:
    cause = error.__cause__ if isinstance(error, DroppedError) else error
    match cause:
        case AddressError() | aiohttp.InvalidURL():
            return f"cannot request the address: {short(cause)}"
        case aiohttp.ServerDisconnectedError():
            return "the server closed the connection without an answer"
        case aiohttp.ClientPayloadError():
            return "the answer was cut short"
        case aiohttp.ClientResponseError():
            return f"the answer is not proper HTTP: {short(cause.message)}"
        case OSError():
            return f"the connection broke: {short(cause.strerror or cause)}"
        case _:
            return f"the request failed: {short(error) or type(error).__name__}"


def answered(source_id: str, status: int, freshness: Freshness) -> FetchError:
    """Return the error for an answer that is no document."""
    try:
        name = f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        name = str(status)
    return FetchError(
        source_id, f"the server answered {name}", retryable=status != 410, status=status, freshness=freshness
    )


def short(text: object, most: int = 200) -> str:
    """Return the first printable words of what may come from outside."""
    words = "".join(letter if letter.isprintable() else " " for letter in str(text)[: 2 * most]).split()
    return " ".join(words)[:most]
