"""Addresses as we request them."""

import re
from urllib.parse import urljoin

from yarl import URL

#: RFC 3986, section 2: an address of these characters and whole escapes is sent as it is written
_CLEAN = re.compile(r"(?:[A-Za-z0-9:/?#\[\]@!$&'()*+,;=._~-]|%[0-9A-Fa-f]{2})+\Z")
_LONGEST = 8_000


class AddressError(ValueError):
    """Not an address that we can request; its text says why."""


def web_address(text: str) -> URL:
    """Return an http(s) address without a fragment. Raises AddressError.

    One that is written properly is not normalised, so that the server sees what it or the admin wrote.
    """
    text = text.strip()
    if len(text) > _LONGEST:
        raise AddressError(f"longer than {_LONGEST} characters")
    try:
        url = URL(text, encoded=_CLEAN.match(text) is not None).with_fragment(None)
        # yarl reads host and port only now.
        name, _ = url.raw_host, url.port
    except ValueError as exc:
        raise AddressError("not a valid address") from exc
    if not url.scheme:
        raise AddressError("not a valid address")
    if url.scheme not in {"http", "https"}:
        raise AddressError(f"{url.scheme}: is not read, only http: and https:")
    if not name or not name.isprintable() or " " in name:
        raise AddressError("without a valid host")
    return url


def host_of(text: str) -> str:
    """Return the host that a request to this address asks, "" where there is none."""
    try:
        return host(web_address(text))
    except AddressError:
        return ""


def authority_of(text: str) -> str:
    """Return host and port that a request to this address asks, "" where there are none."""
    try:
        return authority(web_address(text))
    except AddressError:
        return ""


def host(url: URL) -> str:
    """Return a host by the one name that counts requests to it."""
    return (url.raw_host or "").lower().removesuffix(".")


def authority(url: URL) -> str:
    return f"{host(url)}:{url.port}"


def redirected(base: URL, location: str) -> URL:
    """Return where a Location header leads, without any user and password in it. Raises AddressError."""
    try:
        text = urljoin(str(base), location.strip())
    except ValueError as exc:
        raise AddressError("not a valid address") from exc
    return without_user(web_address(text))


def without_user(url: URL) -> URL:
    return url.with_user(None) if url.raw_user is not None or url.raw_password is not None else url


def same_origin(one: URL, other: URL) -> bool:
    """RFC 6454, section 5."""
    return (one.scheme, one.host, one.port) == (other.scheme, other.host, other.port)


def gives_up_tls(one: URL, other: URL) -> bool:
    return one.scheme == "https" and other.scheme != "https"
