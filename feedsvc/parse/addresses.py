"""Addresses in documents: absolute http(s), or none."""

import re
from urllib.parse import quote, urljoin, urlsplit

# What RFC 3987 allows in no address. Publishers leave spaces in; every browser writes them as %20.
_UNSAFE = re.compile(r"[ \"<>\\^`{|}]")
_MAX_CHARS = 4096
#: The ordinary case, absolute and with nothing to escape or to leave out; what `absolute` returns as it is.
_ORDINARY = re.compile(
    r"https?://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?"
    r"(?:/[\w!$&'()*+,./:=@~%-]*(?:\?[\w!$&'()*+,./:=@~%?-]+)?(?:#[\w!$&'()*+,./:=@~%?-]+)?)?",
    re.ASCII,
)


def absolute(href: object, base: str) -> str | None:
    """Resolve `href`; None when the result is no http or https address with a host, or longer than 4096 characters.

    Line breaks and tabs inside are dropped (WHATWG URL section 4.4), spaces and what no IRI may hold are escaped.
    """
    if not isinstance(href, str) or not href.strip():
        return None
    if is_ordinary(href):
        return href
    try:
        address = urljoin(base, re.sub(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]", "", href).strip())
        parts = urlsplit(address)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a broken IPv6 literal or port
        return None
    if not valid or len(address) > _MAX_CHARS or re.search(r"\s", parts.netloc):
        return None
    return _UNSAFE.sub(lambda found: quote(found[0]), parts.scheme + address[len(parts.scheme) :])


def is_ordinary(href: str) -> bool:
    """Say whether an address stays as it is, whatever it is resolved against."""
    return len(href) <= _MAX_CHARS and _ORDINARY.fullmatch(href) is not None


def base_of(candidate: object, base: str) -> str:
    """Return the base that an xml:base, itself relative to `base`, makes."""
    return absolute(candidate, base) or base
