"""Reads pages as werkzeug's client gets them from the outermost WSGI callable."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from typing import Any

from lxml import etree
from werkzeug.test import Client, TestResponse

from feedsvc.web import create_app
from tests.site import Site

#: a Friday; 05:00 in Hanoi
FRIDAY = datetime(2025, 4, 24, 22, tzinfo=UTC)


@dataclass(frozen=True)
class Page:
    """One answer, and its markup."""

    answer: TestResponse
    root: etree._Element

    def all(self, path: str) -> list[Any]:
        found = self.root.xpath(path)
        assert isinstance(found, list)
        return found

    def one(self, path: str) -> Any:
        found = self.all(path)
        assert len(found) == 1, f"{len(found)} of {path}"
        return found[0]

    def text(self, path: str = "//main") -> str:
        return " ".join(" ".join(each.itertext()) for each in self.all(path)).replace("\n", " ")

    @property
    def words(self) -> str:
        return " ".join(self.text().split())

    def hrefs(self, path: str = "//a") -> list[str]:
        return [each.get("href") for each in self.all(path)]

    @property
    def linked_data(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.one("//script").text)
        return found


class Browser:
    """Somebody who reads one language."""

    def __init__(self, site: Site, language: str = "vi") -> None:
        assert site.service is not None
        app, self.following = create_app(site.service.store, site.service.in_force)
        self.client = Client(app)
        self.language = language

    def get(self, path: str, **headers: str) -> TestResponse:
        sent = {"Accept-Language": self.language} | {name.replace("_", "-"): text for name, text in headers.items()}
        return self.client.get(path, headers=sent, buffered=True)

    def open(self, path: str, status: int = 200) -> Page:
        answer = self.get(path)
        assert answer.status_code == status, f"{path}: {answer.status}"
        return Page(answer, etree.fromstring(answer.get_data(), etree.HTMLParser(encoding="utf-8")))

    def follow(self, page: Page, path: str) -> Page:
        """Go where the one link found so leads."""
        return self.open(page.one(path).get("href"))


def item(number: int, title: str, **said: Any) -> str:
    """Return an RSS item, each an hour older than the one before; `said`: what else it says, by element."""
    at = said.pop("at", FRIDAY - timedelta(hours=number))
    link = said.pop("link", f"https://paper.example/{number}.html")
    parts = {"guid": f"id-{number}", "link": link, "title": title, "pubDate": format_datetime(at) if at else None}
    parts.setdefault("description", f"{title}: " + " ".join(f"word{number}x{place}" for place in range(30)))
    markup = said.pop("markup", "")
    written = "".join(f"<{name}>{escape(str(text))}</{name}>" for name, text in {**parts, **said}.items() if text)
    return f"<item>{written}{markup}</item>"


def rss(items: Iterable[str], title: str = "Paper") -> bytes:
    names = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in NAMESPACES.items())
    head = f'<?xml version="1.0"?><rss version="2.0" {names}><channel><title>{title}</title>'
    return f"{head}<link>https://paper.example/</link>{''.join(items)}</channel></rss>".encode()


NAMESPACES: Mapping[str, str] = {
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "media": "http://search.yahoo.com/mrss/",
}
