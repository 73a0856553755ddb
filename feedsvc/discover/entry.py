"""Proposals for sources.yaml: ids, titles, intervals, credit lines."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from urllib.parse import unquote, urlsplit

from feedsvc.discover.addresses import plain
from feedsvc.model import LocalText, Policy

MAX_ID = 64
_MAX_SECTION = 32
_MAX_TITLE = 120
_MAX_RIGHTS = 200
#: how "Source:" is said
_CREDIT = {"vi": "Nguồn", "en": "Source"}
#: second-level domains under which names are given out (`com.vn`)
_SHARED = "com net org gov edu co ac info go or ne gob gouv nom biz name pro health int"
#: parts of hosts and paths that name no part of a site
_GENERIC = (
    "www m amp mobile rss rss2 rdf feed feeds atom xml json index home homepage trang-chu default main all latest "
    "posts category categories chuyen-muc section sections topic topics tag tags api v1 v2 php html htm aspx sitemap "
    "sitemaps feedburner news-sitemap google-news google-news-sitemap sitemap-news sitemap-index"
)


def slug(text: str) -> str:
    """Return the letters and digits of a text in ASCII, words joined by single hyphens; "" where it has none."""
    return re.sub(r"[^a-z0-9]+", "-", plain(text)).strip("-")


def host_of(address: str) -> str:
    """Return the host of an address as it is credited."""
    try:
        return (urlsplit(address).hostname or "").rstrip(".").removeprefix("www.")
    except ValueError:
        return ""


def publisher(feed: str, page: str) -> str:
    """Return the host to credit: the feed's, or where feeds are kept by a service (FeedBurner), the page's."""
    own, asked = host_of(feed), host_of(page)
    return own if site_name(own) == site_name(asked) or "." not in asked else asked


def site_name(host: str) -> str:
    """Return the label that names a site: `nhandan` of `en.nhandan.vn`; an address literal is its own."""
    return _labels(host)[-1] if _labels(host) else ""


def id_for(url: str, host: str, title: str, taken: Iterable[str]) -> str:
    """Return an id that no other source has: site, subdomain, section; then the title, then a number."""
    used = set(taken)
    *subdomains, name = _labels(host) or ["source"]
    words = [slug(name), *(slug(each) for each in subdomains if each not in _GENERIC.split())]
    base = _joined([*words, _section(url)])
    if base not in used:
        return base
    titled = _joined([*words, _cut("-".join(w for w in slug(title).split("-") if w not in words), _MAX_SECTION)])
    if titled not in used:
        return titled
    return next(
        each for number in range(2, len(used) + 3) if (each := f"{_cut(base, MAX_ID - 6)}-{number}") not in used
    )


def title_for(*candidates: str | None) -> str:
    """Return the first text with a letter or digit in it, as one line; the last candidate is there for certain."""
    lines = (_line(each, _MAX_TITLE) for each in candidates if each)
    return next((line for line in lines if re.search(r"\w", line)), "source")


def every_for(per_day: float | None, latest: datetime | None, now: datetime) -> timedelta:
    """Return a floor for polls that brings about one entry each, as far as that is decent."""
    if latest is not None and now - latest > timedelta(days=30):
        return timedelta(hours=24)
    if per_day is None:
        return timedelta(hours=1)
    steps = ((48, 15), (12, 30), (2, 60), (0.5, 360))
    return timedelta(minutes=next((minutes for least, minutes in steps if per_day >= least), 24 * 60))


def policy_for(host: str, rights: str | None, languages: Iterable[str]) -> Policy:
    """Return the careful default: an excerpt, credited in the site's languages."""
    said = {tag: _CREDIT[tag] for language in languages if (tag := language.partition("-")[0]) in _CREDIT}
    texts = tuple((tag, f"{word}: {host}") for tag, word in said.items()) or (("", f"{_CREDIT['en']}: {host}"),)
    notice = _line(rights, _MAX_RIGHTS) if rights else ""
    return Policy(rights=notice or None, attribution=LocalText(by_language=texts))


def _labels(host: str) -> list[str]:
    """Return the labels of a host without the public suffix; the last one names the site."""
    if ":" in host or re.fullmatch(r"[\d.]+", host):
        return [slug(host)]
    labels = [label for label in host.split(".") if label]
    if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SHARED.split():
        return labels[:-2]
    return labels[:-1] or labels


def _section(url: str) -> str:
    """Return the part of an address that names a part of the site: `kinhte` of `/rss/kinhte-1185.rss`."""
    for part in reversed(urlsplit(url).path.split("/")):
        words = slug(re.sub(r"\.[A-Za-z]{2,5}$", "", unquote(part)))
        words = re.sub(r"-\d+$", "", words)
        if len(words) > 1 and words not in _GENERIC.split() and not words.isdigit():
            return _cut(re.sub(r"^(?:rss|feed)-|-(?:rss|feed)$", "", words), _MAX_SECTION)
    return ""


def _joined(words: Sequence[str]) -> str:
    return _cut("-".join(word for word in words if word), MAX_ID) or "source"


def _cut(text: str, limit: int) -> str:
    """Shorten an id, at a hyphen where there is one."""
    if len(text) <= limit:
        return text
    return (text[:limit].rpartition("-")[0] or text[:limit]).strip("-")


def _line(text: str, limit: int) -> str:
    """Return a text from outside as one line without characters that a terminal or YAML would obey."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    line = unicodedata.normalize("NFC", line)
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"
