"""The publishers' feeds: RSS 2.0, Atom and JSON Feed, written out as publishers write them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from html import escape
from typing import Any

from feedsvc.demo.newsroom import Publisher, blocks
from feedsvc.demo.timeline import Issue, Post

#: the path of a feed in its publisher's folder, and its media type
FEEDS = {
    "rss": ("feed.rss", "application/rss+xml; charset=utf-8"),
    "atom": ("feed.atom", "application/atom+xml; charset=utf-8"),
    "json": ("feed.json", "application/feed+json; charset=utf-8"),
}
WIDTH, HEIGHT = 960, 540


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """Where one publisher is."""

    #: of the server, without a slash at its end
    address: str
    publisher: Publisher

    @property
    def home(self) -> str:
        return f"{self.address}/{self.publisher.id}/"

    @property
    def feed(self) -> str:
        return self.home + FEEDS[self.publisher.format][0]

    def page(self, post: Post) -> str:
        return f"{self.home}{post.article.id}.html"

    def picture(self, name: str) -> str:
        return f"{self.address}/pictures/{name}.png"

    def guid(self, id: str) -> str:
        """Return an identifier that does not depend on where the server listens."""
        return f"tag:{self.publisher.host},2026:{id}"


def feed(paths: Paths, issue: Issue) -> bytes:
    """Write a publisher's feed."""
    match paths.publisher.format:
        case "rss":
            return _rss(paths, issue).encode()
        case "atom":
            return _atom(paths, issue).encode()
        case "json":
            return _json(paths, issue).encode()


def html(text: str) -> str:
    """Return an article's text as HTML."""
    return "\n".join(_html(kind, block) for kind, block in blocks(text))


def _html(kind: str, block: str) -> str:
    inner = escape(block, quote=False)
    if kind == "ul":
        inner = "".join(f"<li>{item}</li>" for item in inner.split("\n"))
    return f"<{kind}>{inner}</{kind}>"


def lead(text: str) -> str:
    """Return the first paragraph."""
    return next(block for kind, block in blocks(text) if kind == "p")


def _rss(paths: Paths, issue: Issue) -> str:
    publisher = paths.publisher
    items = "\n".join(_item(paths, post) for post in issue.posts)
    # A press that stops in the middle of a word, and never learnt to write an ampersand.
    end = "</chan" if publisher.malformed else "</channel>\n</rss>\n"
    return f"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" \
xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/" \
xmlns:atom="http://www.w3.org/2005/Atom">
<channel>
<title>{escape(publisher.title)}</title>
<link>{paths.home}</link>
<atom:link rel="self" type="application/rss+xml" href="{paths.feed}"/>
<description>{escape(publisher.subtitle)}</description>
<language>{publisher.language}</language>
{items}
{end}"""


def _item(paths: Paths, post: Post) -> str:
    article = post.article
    title = article.title if paths.publisher.malformed else escape(article.title)
    terms = "".join(f"<category>{escape(term)}</category>" for term in article.terms)
    author = f"<dc:creator>{escape(article.author)}</dc:creator>" if article.author else ""
    whole = f"\n<content:encoded>{escape(html(article.text))}</content:encoded>"
    return f"""<item>
<title>{title}</title>
<link>{paths.page(post)}</link>
<guid isPermaLink="false">{paths.guid(article.id)}</guid>
<pubDate>{format_datetime(post.published)}</pubDate>
{author}{terms}
<description>{escape(lead(article.text))}</description>{"" if paths.publisher.teasers else whole}
{_media(paths, post)}</item>"""


def _media(paths: Paths, post: Post) -> str:
    picture = post.article.picture
    if picture is None:
        return ""
    return (
        f'<media:content url="{paths.picture(picture.name)}" type="image/png" medium="image" width="{WIDTH}" '
        f'height="{HEIGHT}"><media:description>{escape(picture.caption)}</media:description>'
        f"<media:credit>{escape(picture.credit)}</media:credit></media:content>\n"
    )


def _atom(paths: Paths, issue: Issue) -> str:
    publisher = paths.publisher
    entries = "\n".join((*_tombstones(paths, issue), *(_entry(paths, post) for post in issue.posts)))
    return f"""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0" \
xmlns:media="http://search.yahoo.com/mrss/" xml:lang="{publisher.language}">
<id>{paths.guid("feed")}</id>
<title>{escape(publisher.title)}</title>
<subtitle>{escape(publisher.subtitle)}</subtitle>
<updated>{_time(issue.changed_at)}</updated>
<author><name>{escape(publisher.title)}</name></author>
<link rel="self" type="application/atom+xml" href="{paths.feed}"/>
<link rel="alternate" type="text/html" href="{paths.home}"/>
{entries}
</feed>
"""


def _tombstones(paths: Paths, issue: Issue) -> Iterator[str]:
    """Source: RFC 6721 section 3."""
    for each in issue.withdrawals:
        comment = f"<at:comment>{escape(each.comment)}</at:comment>" if each.comment else ""
        yield f'<at:deleted-entry ref="{paths.guid(each.id)}" when="{_time(each.at)}">{comment}</at:deleted-entry>'


def _entry(paths: Paths, post: Post) -> str:
    article = post.article
    terms = "".join(f'<category term="{escape(term)}"/>' for term in article.terms)
    author = f"<author><name>{escape(article.author)}</name></author>" if article.author else ""
    return f"""<entry>
<id>{paths.guid(article.id)}</id>
<title>{escape(article.title)}</title>
<link rel="alternate" type="text/html" href="{paths.page(post)}"/>
<published>{_time(post.published)}</published>
<updated>{_time(post.updated or post.published)}</updated>
{author}{terms}
<summary>{escape(lead(article.text))}</summary>
<content type="html">{escape(html(article.text))}</content>
{_media(paths, post)}</entry>"""


def _json(paths: Paths, issue: Issue) -> str:
    publisher = paths.publisher
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": publisher.title,
        "description": publisher.subtitle,
        "home_page_url": paths.home,
        "feed_url": paths.feed,
        "language": publisher.language,
        "items": [_json_item(paths, post) for post in issue.posts],
    }
    return json.dumps(document, ensure_ascii=False, indent=1)


def _json_item(paths: Paths, post: Post) -> dict[str, Any]:
    article = post.article
    item: dict[str, Any] = {
        "id": paths.guid(article.id),
        "url": paths.page(post),
        "title": article.title,
        "summary": lead(article.text),
        "content_html": html(article.text),
        "date_published": _time(post.published),
        "tags": list(article.terms),
    }
    if post.updated:
        item["date_modified"] = _time(post.updated)
    if article.author:
        item["authors"] = [{"name": article.author}]
    if article.picture:
        item["image"] = paths.picture(article.picture.name)
    return item


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
