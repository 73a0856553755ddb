"""Addresses brought to one spelling, so that the ways in which sites write the same address compare equal."""

import re
import unicodedata
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

#: parameters that say how a reader came, not what is shown
_TRACKING = re.compile(
    r"(?:utm|mtm|pk|piwik|matomo|hsa|at|vero|oly|mc|trk|zalo)_\w+"
    r"|fbclid|gclid|dclid|msclkid|ttclid|twclid|yclid|wbraid|gbraid|li_fat_id|igshid|igsh|gidzl|zarsrc"
    r"|_ga|_gl|_hsenc|_hsmi|_openstat|xtor|cmpid|ncid|ocid|smid|ref_src|guccounter|guce_referr\w*|__twitter_impression",
    re.IGNORECASE,
)
_AMP_PARAMETER = re.compile(r"amp(?:=(?:1|true|amp)?)?|outputtype=amp", re.IGNORECASE)
#: fragments that lead to a place in the article or say how the reader came. Others stay: sites publish several entries
#: on one page, told apart by the fragment alone (release notes, live pages, link blogs)
_IDLE_FRAGMENT = re.compile(
    r"comments?|respond|more(?:-\d+)?|content|main|top|article|utm_.*|xtor=.*|ref=.*|rss|:~:.*|\.\w{11}\.\w+|",
    re.IGNORECASE | re.DOTALL,
)
_ROOT_PATHS = {"", "index.html", "index.htm", "index.php", "default.aspx", "home"}
#: nobody writes longer addresses in good faith; those are compared as they are
_MAX_LENGTH = 4000
_DEFAULT_PORTS = {"http": 80, "https": 443}
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_SAFE = "/?#[]@!$&'()*+,;=:~|"
_WITHOUT_ESCAPES = re.compile(rf"[\w.\-{re.escape(_SAFE)}]*", re.ASCII)
_ESCAPE = re.compile("%([0-9A-Fa-f]{2})")

#: nhandan.vn and the sites on its system: the digits name the article, the slug follows the headline
_POST = re.compile(r"-post(\d{4,})(?:-\w+)?(?:\.\w{2,5})?/?$")
#: others: a long number at the end of the path
_NUMBERED = re.compile(r"[-/](?:[a-z]{1,3})?(\d{6,20})(?:\.\w{2,5})?/?$")
_DATE = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-3]\d)?|[0-3]\d(?:0[1-9]|1[0-2])(?:19|20)?\d{2}")


class _Parts(NamedTuple):
    """An http address, cut. `host` is in lower case; `port` None: the scheme's own."""

    host: str
    port: int | None
    path: str
    query: str
    fragment: str


def normal_link(url: str | None) -> str | None:
    """Return the address without what does not say what is shown: scheme, `www.`, port, tracking, AMP form.

    Not an address any more. None for nothing; what is no http address stays as it is. The order of parameters stays.
    """
    text = unicodedata.normalize("NFC", url or "").strip()
    parts = _split(text) if len(text) <= _MAX_LENGTH else None
    if parts is None:
        return text or None
    host, path = _without_amp_cache(parts)
    path = _path(path)
    query = _query(parts.query)
    fragment = "" if _IDLE_FRAGMENT.fullmatch(parts.fragment) else _escaped(parts.fragment)
    return f"{host}{path}{'?' + query if query else ''}{'#' + fragment if fragment else ''}"


def normal_guid(guid: str) -> str | None:
    """Return an address used as guid without scheme, `www.`, port and trailing slash; None: it is no http address.

    Parameters and fragment stay: publishers tell entries apart by them.
    """
    parts = _split(guid.strip()) if len(guid) <= _MAX_LENGTH else None
    if parts is None:
        return None
    query = f"?{parts.query}" if parts.query else ""
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    return f"{_host(parts.host, parts.port, ('www.',))}{_escaped(parts.path).rstrip('/')}{query}{fragment}"


def is_specific(link: str | None) -> bool:
    """Say whether a normalised address can name an article: a site's root names none."""
    if not link:
        return False
    _, slash, rest = link.partition("/")
    return not slash or rest.lower() not in _ROOT_PATHS


def article_number(link: str) -> tuple[str, bool] | None:
    """Return host and the number that names the article whatever its slug, and whether the address says that it does.

    A number that can be read as a date, and a round one, names nothing.
    """
    host, _, rest = link.partition("/")
    path = "/" + rest.partition("?")[0].partition("#")[0]
    if post := _POST.search(path):
        return f"{host} {post[1]}", True
    numbered = _NUMBERED.search(path)
    if numbered is None or _DATE.fullmatch(numbered[1]) or numbered[1].endswith("0000"):
        return None
    return f"{host} {numbered[1]}", False


def _split(url: str) -> _Parts | None:
    try:
        parts = urlsplit(url if not url.startswith("//") else f"http:{url}")
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host or parts.scheme not in _DEFAULT_PORTS:
        return None
    port = None if port == _DEFAULT_PORTS[parts.scheme] else port
    return _Parts(host, port, parts.path, parts.query, parts.fragment)


def _host(host: str, port: int | None, prefixes: tuple[str, ...] = ("www.", "amp.", "m.", "mobile.")) -> str:
    host = host.rstrip(".")
    while host.startswith(prefixes) and any(
        host.startswith(prefix) and "." in host.removeprefix(prefix) for prefix in prefixes
    ):
        host = host.partition(".")[2]
    if ":" in host:
        host = f"[{host}]"
    return host if port is None else f"{host}:{port}"


def _without_amp_cache(parts: _Parts) -> tuple[str, str]:
    """Return host and path, or what an AMP viewer (google.com/amp/s/HOST/PATH) or cache (ampproject.org) stands for."""
    match, host = None, _host(parts.host, parts.port)
    if host == "google.com":
        match = re.fullmatch(r"/amp/(?:s/)?([\w.-]+\.\w+)(/.*)?", parts.path)
    elif host.endswith("cdn.ampproject.org"):
        match = re.fullmatch(r"/[cvwi](?:/s)?/([\w.-]+\.\w+)(/.*)?", parts.path)
    return (_host(match[1].lower(), None), match[2] or "/") if match else (host, parts.path)


def _path(path: str) -> str:
    # No expression for this: one that looks for the end of repeated parts takes quadratic time on hostile paths.
    path = _escaped(path).rstrip("/")
    if "//" in path:
        path = re.sub("//+", "/", path)
    while path.endswith("/amp"):
        path = path.removesuffix("/amp").rstrip("/")
    page = next((end for end in (".html", ".htm") if path.endswith(end)), "")
    path = path.removesuffix(page)
    while path.endswith(".amp"):
        path = path.removesuffix(".amp")
    return f"{path}{page}" or "/"


def _query(query: str) -> str:
    kept = [
        _escaped(part)
        for part in query.split("&")
        if part and not _TRACKING.fullmatch(unquote(part.partition("=")[0])) and not _AMP_PARAMETER.fullmatch(part)
    ]
    return "&".join(kept)


def _escaped(text: str) -> str:
    """Return percent-escapes in one spelling (RFC 3986 section 6.2.2)."""
    if _WITHOUT_ESCAPES.fullmatch(text):
        return text

    def spelled(match: re.Match[str]) -> str:
        char = chr(int(match[1], 16))
        return char if char in _UNRESERVED else match[0].upper()

    return _ESCAPE.sub(spelled, quote(text, safe=f"%{_SAFE}"))
