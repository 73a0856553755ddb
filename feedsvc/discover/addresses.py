"""Addresses: as people type them, whether two are the same, and how near one is to the page that was asked for."""

import re
import unicodedata
from urllib.parse import urljoin, urlsplit

from feedsvc import query
from feedsvc.dedup.links import normal_link
from feedsvc.errors import FetchError

#: asked only where the site names nothing itself: what Wordpress, static generators and Vietnamese papers use
_WELL_KNOWN = (
    "/feed/",
    "/rss",
    "/rss.xml",
    "/feed.xml",
    "/atom.xml",
    "/index.xml",
    "/rss/home.rss",
    "/feed.json",
    "/rss.html",
    "/rss.htm",
    "/?feed=rss2",
)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_PSEUDO = re.compile(r"feed:(?://)?(?=\S)", re.IGNORECASE)


def to_try(typed: str) -> tuple[str, ...]:
    """Return the addresses that a typed one can mean, the likelier first: without a scheme https, then http.

    Raises FetchError for one with a password in it: it would end up in a file and in messages.
    """
    text = typed.strip().strip("<>\"'").partition("#")[0].strip()
    if pseudo := _PSEUDO.match(text):
        text = text[pseudo.end() :]
    text = text.removeprefix("//")
    if not text or not text.isprintable() or " " in text:
        problem = "not an address; allowed: such as nhandan.vn or https://nhandan.vn/kinhte/"
        raise FetchError(typed.strip() or "discover", problem, retryable=False)
    tried = (text,) if _SCHEME.match(text) else (f"https://{text}", f"http://{text}")
    if "@" in _authority(tried[0]):
        shown = re.sub(r"//[^/]*@", "//", tried[0])
        raise FetchError(shown, "leave user and password out; they belong under auth in sources.yaml", retryable=False)
    return tried


def is_usable(address: str) -> bool:
    """Say whether an address from outside can stand in sources.yaml: none with a password or what nobody can see."""
    return address.isprintable() and "@" not in _authority(address)


def key(address: str) -> str:
    """Return what is equal for the ways to write one address: scheme, `www.`, fragment, tracking, trailing slash."""
    return normal_link(address.partition("#")[0]) or address


def with_path(address: str) -> str:
    """Return an address with `/` for a path that is not there, which is the same (RFC 9110, section 4.2.3)."""
    parts = urlsplit(address)
    return parts._replace(path=parts.path or "/").geturl()


def well_known(page: str) -> tuple[str, ...]:
    """Return where feeds mostly are: beside the page that was asked for, then at the site's root."""
    own = (urljoin(page if page.endswith("/") else f"{page}/", "feed/"),) if urlsplit(page).path.strip("/") else ()
    return (*own, *(urljoin(page, path) for path in _WELL_KNOWN))


def is_encrypted(address: str) -> bool:
    return address.startswith("https:")


def encrypted(address: str, page: str) -> str | None:
    """Return the https form of an http address on the host of a page that was read by https."""
    ours, theirs = urlsplit(page), urlsplit(address)
    if ours.scheme == "https" and theirs.scheme == "http" and ours.netloc == theirs.netloc:
        return theirs._replace(scheme="https").geturl()
    return None


def nearness(asked: str, address: str, home: str | None = None) -> int:
    """Say how much a feed is of the page that was asked for: 2 surely, 1 by its name, 0 not known.

    `home` is the page that the feed says it is of.
    """
    page, path = key(asked), urlsplit(asked).path.strip("/")
    if home is not None and key(home) == page:
        return 2
    if not path:
        return 0
    if key(address).startswith(page.removesuffix(".html").removesuffix(".htm") + "/"):
        return 2
    section = re.sub(r"[^a-z0-9]", "", plain(path.rpartition("/")[2].partition(".")[0]))
    return int(len(section) > 2 and section in re.sub(r"[^a-z0-9]", "", plain(urlsplit(address).path)))


def plain(text: str) -> str:
    """Return a text in lower-case ASCII where it has such a form: `Điện tử` is `dien tu`."""
    return unicodedata.normalize("NFKD", query.bare(query.fold(text)))


def _authority(address: str) -> str:
    """Return what stands where host and port do, of any text."""
    return re.split(r"[/?#\\]", address.partition("://")[2], maxsplit=1)[0]
