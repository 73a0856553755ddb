"""Addresses inside entries: made absolute, held to schemes that cannot act, written in ASCII."""

import re
from itertools import islice
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from feedsvc.extract.plain import fit

#: For pictures, media and enclosures.
WEB = frozenset({"http", "https"})
#: For `href` in HTML.
HYPERLINK = frozenset({"http", "https", "mailto", "tel"})

#: Longer ones are data in disguise.
MAX_LENGTH = 4_000
#: Of one `srcset`.
MAX_CANDIDATES = 20

#: The ordinary case, checked in one step: absolute, ASCII, no user, nothing to escape.
_ORDINARY = re.compile(
    r"https?://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::(?:[1-9]\d{0,3}|[1-5]\d{4}))?(?:[/?#][\w!$&'()*+,./:;=?@~#%-]*)?",
    re.ASCII,
)
_ORIGIN = re.compile(r"https?://[^/?#]+")
_AS_GIVEN = re.compile(r"https?://[^\s\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffd-\uffff<>\"\\^`{|}]+")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_CANDIDATE = re.compile(r"[\s,]*([^\s,](?:\S*[^\s,])?)(?:\s+(\d+(?:\.\d+)?[wx]))?\s*(?=,|$)")


def resolve(address: str, base: str | None, schemes: frozenset[str] = WEB) -> str | None:
    """Return the absolute form of `address`, or None where there is none or its scheme is not among `schemes`.

    Spaces, quotes and letters outside ASCII are percent-encoded (RFC 3987 section 3.1), a host goes through IDNA:
    validators and readers want URIs.
    """
    if not address:
        return None
    ordinary = _ordinary(address, base)
    if ordinary is not None:
        return ordinary
    if len(address) > MAX_LENGTH:
        return None
    # Browsers drop these before they look at the scheme: `java\nscript:`.
    address = re.sub(r"[\t\n\r]", "", fit(address)).strip()
    try:
        if _SCHEME.match(address) is None:
            if not address or base is None:
                return None
            address = urljoin(base, address.replace("\\", "/"))
        return _written(address, schemes)
    except ValueError:  # a bracket without its partner, a port that is no number, a host that IDNA refuses
        return None


def verbatim(address: str | None, base: str) -> str | None:
    """Return a field's address as it is written where it is absolute, else resolved: identity hangs on it."""
    if not address:
        return None
    resolved = resolve(address, base)
    return address if resolved and _AS_GIVEN.fullmatch(address) else resolved


def _ordinary(address: str, base: str | None) -> str | None:
    """Say what `resolve` says, ten times faster, where nothing has to be escaped or computed; None: not so."""
    if base is not None and address[:1] == "/" != address[1:2] and "/." not in address:
        origin = _ORIGIN.match(base)
        address = origin[0] + address if origin else address
    return address if len(address) <= MAX_LENGTH and _ORDINARY.fullmatch(address) else None


def _written(address: str, schemes: frozenset[str]) -> str | None:
    parts = urlsplit(address)
    if parts.scheme not in schemes:
        return None
    netloc = ""
    if parts.scheme in WEB:
        if not parts.hostname or not re.fullmatch(r"[^\s\x00-\x20<>\"'`{}|\\^%,;()]+", parts.hostname):
            return None
        # The user part is dropped: it is a credential or a trick to show another host.
        host = parts.hostname if parts.hostname.isascii() else parts.hostname.encode("idna").decode()
        host = f"[{host}]" if ":" in host else host
        netloc = host if parts.port is None else f"{host}:{parts.port}"
    elif not parts.path:
        return None
    written = urlunsplit((parts.scheme, netloc, _quoted(parts.path), _quoted(parts.query), _quoted(parts.fragment)))
    return written if len(written) <= MAX_LENGTH else None


def _quoted(part: str) -> str:
    return quote(_BARE_PERCENT.sub("%25", part), safe="!$&'()*+,./:;=?@~#%-_")


def resolve_srcset(value: str, base: str | None) -> str | None:
    """Return the candidates of a `srcset` that can be resolved, or None."""
    if not value or len(value) > MAX_LENGTH * MAX_CANDIDATES:
        return None
    candidates: list[str] = []
    for match in islice(_CANDIDATE.finditer(value), MAX_CANDIDATES):
        href = resolve(match[1], base)
        if href is not None:
            candidates.append(f"{href} {match[2]}" if match[2] else href)
    return ", ".join(candidates) or None
