"""What we say of ourselves, and what an answer's headers say, as plain values."""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import urljoin, urlsplit

from feedsvc.model import FetchState, Link

#: feeds first; whatever else is there is welcome too: many servers send feeds as text/html
ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, text/html;q=0.5, */*;q=0.1"
)
#: what every browser of today shows
ACCEPT_PICTURE = "image/avif, image/webp, image/png, image/jpeg, image/gif, */*;q=0.1"
ACCEPT_PAGE = "text/html, application/xhtml+xml, */*;q=0.1"
ACCEPT_ROBOTS = "text/plain, */*;q=0.1"
ACCEPT_ENCODING = "gzip, br, zstd, deflate"

#: links of one answer that are read
MAX_LINKS = 50

# Each part begins with a character that the one before it cannot hold, so no input makes them try again and again.
_LINK = re.compile(r"""<([^<>]*)>((?:[^",<]|"[^"]*")*)""")
_CONTROLS = re.compile(r"[\0-\x08\x0a-\x1f\x7f]")
_PARAMETER = re.compile(r""";\s*([a-zA-Z*]+)\s*=\s*(?:"([^"]*)"|([^\s;,"]+))""")


def user_agent(version: str, contact: str | None = None, subscribers: int | None = None) -> str:
    """Return who we are: `feedsvc/1.2 (+ops@example.org; 12 subscribers)`."""
    # A comment of RFC 9110 section 5.6.5 ends at a parenthesis.
    address = re.sub(r"[^!-~]|[()\\]", "", contact or "")
    parts = [f"+{address}"] if address else []
    if subscribers is not None:
        parts.append(f"{subscribers} subscribers")
    return f"feedsvc/{version} ({'; '.join(parts)})" if parts else f"feedsvc/{version}"


def validators(state: FetchState) -> dict[str, str]:
    """Return the headers that make a request conditional: both validators, byte for byte."""
    pairs = (("If-None-Match", state.etag), ("If-Modified-Since", state.last_modified))
    return {name: value for name, value in pairs if value is not None}


def lines(pairs: Iterable[tuple[bytes, bytes]]) -> dict[str, tuple[str, ...]]:
    """Return all lines of each header, in order, by lower-case name.

    Bytes that are not UTF-8 are read as ISO 8859-1 (RFC 9110, section 5.5, calls them opaque).
    """
    found: dict[str, tuple[str, ...]] = {}
    for raw_name, raw_value in pairs:
        name = raw_name.decode("ascii", "replace").lower()
        found[name] = (*found.get(name, ()), _text(raw_value))
    return found


def validator(pairs: Iterable[tuple[bytes, bytes]], name: bytes) -> str | None:
    """Return a validator that can be sent back byte for byte, else None: without it we ask unconditionally."""
    value = next((value for key, value in pairs if key.lower() == name), b"")
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return None
    # RFC 9110 section 5.5: no header holds these, and none is sent with them.
    return text if text and not _CONTROLS.search(text) else None


def first(headers: Mapping[str, Sequence[str]], name: str) -> str | None:
    return next(iter(headers.get(name, ())), None) or None


def read_links(header: Sequence[str], base: str) -> tuple[Link, ...]:
    """Read the Link header: one link per relation, with an absolute http(s) address.

    Source: RFC 8288 section 3. What cannot be read is left out.
    """
    found = (link for line in header for match in _LINK.finditer(line) for link in _links(match, base))
    return tuple(itertools.islice(found, MAX_LINKS))


def _links(match: re.Match[str], base: str) -> Iterator[Link]:
    parameters: dict[str, str] = {}
    for name, quoted, token in _PARAMETER.findall(match[2]):
        # Of each parameter the first one counts (RFC 8288, section 3.3).
        parameters.setdefault(name.lower(), quoted or token)
    try:
        href = urljoin(base, match[1].strip())
        is_web = urlsplit(href).scheme in {"http", "https"}
    except ValueError:
        return
    # A link with an anchor is about another resource.
    if not is_web or "anchor" in parameters:
        return
    for relation in parameters.get("rel", "").lower().split():
        yield Link(
            href=href,
            rel=relation,
            type=parameters.get("type"),
            hreflang=parameters.get("hreflang"),
            title=parameters.get("title"),
        )


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
