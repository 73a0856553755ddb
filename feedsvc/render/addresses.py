"""Addresses, identifiers, languages and media types as the formats allow them."""

import re
from unicodedata import is_normalized
from urllib.parse import quote, unquote, unquote_to_bytes, urlsplit
from uuid import NAMESPACE_URL, uuid5

from feedsvc.render.text import clean

_ABSOLUTE = re.compile(r"(https?|ftp)://[^/?#]|(mailto|news|tel):[^/]", re.IGNORECASE)
_READY = re.compile(r"https?://[0-9A-Za-z.-]+(:[0-9]+)?([/?#][0-9A-Za-z;/?:@&=+$.\-_!~*'()%,#]*)?")
_NOT_IN_URI = re.compile(r"[^0-9A-Za-z;/?:@&=+$.\-_!~*'()%,#]")
_STRAY_SPACE = re.compile(r"[\t\n\r]")
_HTTP_HOST = re.compile(r"https?://([0-9a-z-]+\.)+[0-9a-z][0-9a-z-]*(:[0-9]+)?(/|$)", re.IGNORECASE)
_MAIL = re.compile(r"[0-9A-Za-z_+.!#$%&*/=?^`{|}~-]+@([0-9a-z-]+\.)+[a-z][0-9a-z-]*", re.IGNORECASE)
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_URN = re.compile(r"urn:[0-9a-z][0-9a-z-]{1,31}:[0-9A-Za-z()+,.:=@;$_!*'%/-]+", re.IGNORECASE)
_TAG = re.compile(r"tag:([a-z0-9._-]+@)?[a-z0-9.-]+,\d{4}(-\d\d){0,2}:[0-9A-Za-z;/?:@&=+$.\-_!~*'()%,]*")

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
#: ISO 639-1; a code of three letters is taken as it is
_CODES = """
    aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el
    en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja
    jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd
    ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss
    st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"""
_LANGUAGES = frozenset(_CODES.split())

_SUFFIX = re.compile(r"\.([0-9A-Za-z]+)(?:[?#].*)?$")
_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+")
#: by the suffix of an address; the system's tables differ from host to host
_MEDIA_TYPES = {
    "aac": "audio/aac",
    "avif": "image/avif",
    "epub": "application/epub+zip",
    "flac": "audio/flac",
    "gif": "image/gif",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "m4a": "audio/mp4",
    "m4v": "video/mp4",
    "mov": "video/quicktime",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "oga": "audio/ogg",
    "ogg": "audio/ogg",
    "ogv": "video/ogg",
    "opus": "audio/ogg",
    "pdf": "application/pdf",
    "png": "image/png",
    "svg": "image/svg+xml",
    "wav": "audio/wav",
    "webm": "video/webm",
    "webp": "image/webp",
    "zip": "application/zip",
}


def address(href: str | None) -> str | None:
    """Return an absolute address in ASCII, as RFC 3986 wants it; None where it is none.

    Characters that no URI may hold are percent-encoded, a host goes through IDNA; nothing else is touched, so that
    the address is the publisher's. RSS and many readers take URIs only, though Atom allows IRIs.
    """
    if not href or _READY.fullmatch(href):
        return href or None
    written = _STRAY_SPACE.sub("", href.strip())
    if not _ABSOLUTE.match(written):
        return None
    scheme, colon, rest = written.partition(":")
    if rest.startswith("//") and not written.isascii():
        host_end = re.search(r"[/?#]|$", rest[2:])
        length = 2 + (host_end.start() if host_end else 0)
        rest = "//" + _ascii_host(rest[2:length]) + rest[length:]
    encoded = _NOT_IN_URI.sub(lambda found: quote(found[0], safe="", errors="ignore"), rest)
    return scheme.lower() + colon + encoded


def scheme_name(scheme: str | None) -> str | None:
    """Return what names a scheme of categories: an address, a tag or a URN; None where it is none."""
    written = (scheme or "").strip()
    return written if _is_tag_or_urn(written) else address(written)


def _is_tag_or_urn(id: str) -> bool:
    return bool(_TAG.fullmatch(id) or (_URN.fullmatch(id) and not id.lower().startswith("urn:uuid:")))


def _ascii_host(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def first_address(*hrefs: str | None) -> str | None:
    """Return the first that is an address."""
    return next((found for href in hrefs if (found := address(href))), None)


def has_plain_host(url: str) -> bool:
    """Tell whether the address names a host with a dot, as the validator demands of an enclosure."""
    return _HTTP_HOST.match(url) is not None


def identifier(*candidates: str | None) -> str:
    """Return the first candidate that can be an atom:id, in its canonical form; else a URN made of all.

    Source: RFC 4287 section 4.2.6.1, which asks for normalised IRIs.
    """
    given = [candidate.strip() for candidate in candidates if candidate and candidate.strip()]
    canonical = (_canonical(candidate) for candidate in given)
    return next(filter(None, canonical), None) or uuid5(NAMESPACE_URL, clean(" ".join(given))).urn


def _canonical(id: str) -> str | None:
    """Return the form that RFC 3986 section 6.2 calls normal; None for what has none or is no good identifier."""
    try:
        if _is_tag_or_urn(id):
            return id if _requoted(id, ":/?@&=+$,;!'()*") == id else None
        parts = urlsplit(address(id) or "")
        path = "/".join(_requoted(segment, "!$&'()*+,;=:@") for segment in _without_dots(parts.path))
        query, fragment = (_requoted(part, "!$&'()*+,;=:@/?") for part in (parts.query, parts.fragment))
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or "@" in parts.netloc:
        return None
    host = parts.netloc.lower().removesuffix(_DEFAULT_PORTS[parts.scheme]).removesuffix(":")
    tail = (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")
    return f"{parts.scheme}://{host}{path or '/'}{tail}" if host else None


def _without_dots(path: str) -> list[str]:
    """Return the path's segments, dot segments resolved (RFC 3986 section 5.2.4)."""
    kept: list[str] = []
    segments = path.split("/")
    for position, segment in enumerate(segments):
        if segment in {".", ".."}:
            if segment == ".." and len(kept) > 1:
                kept.pop()
            if position == len(segments) - 1:
                kept.append("")
        else:
            kept.append(segment)
    return kept


def _requoted(text: str, safe: str) -> str:
    """Percent-encode what must be, decode what need not be, write hexadecimal digits in capitals.

    Raises ValueError for what is not UTF-8 in Unicode's normal form.
    """
    decoded = unquote(text, errors="strict")
    if not is_normalized("NFC", decoded):
        raise ValueError("not in normal form C")
    pieces = re.split(r"((?:%[0-9A-Fa-f]{2})+)", text)
    return "".join(
        quote(unquote_to_bytes(piece), safe="") if position % 2 else quote(piece, safe=safe)
        for position, piece in enumerate(pieces)
    )


def language_tag(language: str | None) -> str | None:
    """Return the language where it has the shape of BCP 47 and a primary language that exists."""
    if not language or not _LANGUAGE.fullmatch(language):
        return None
    primary = language.split("-")[0].lower()
    return language if len(primary) == 3 or primary in _LANGUAGES else None


def media_type(stated: str | None, href: str, default: str = "application/octet-stream") -> str:
    """Return the stated type, else what the address's suffix says, else the default."""
    essence = (stated or "").split(";")[0].strip().lower()
    if _MEDIA_TYPE.fullmatch(essence):
        return essence
    suffix = _SUFFIX.search(href)
    return _MEDIA_TYPES.get(suffix[1].lower(), default) if suffix else default


def is_mail_address(email: str) -> bool:
    return _MAIL.fullmatch(email) is not None
