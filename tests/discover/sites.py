"""Sites on loopback, and discovery on them without a second process."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from feedsvc.discover import Configured, Deps, Discovery, Seen, discover, look
from feedsvc.fetch import Client
from feedsvc.model import Document, FetchLimits, Source
from tests.servers.upstream import Reply, answer

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LOOPBACK = FetchLimits(allow_private=("127.0.0.0/8",), timeout=timedelta(seconds=5))
NOTHING = Configured()
SENTENCE = "Sáng nay, các doanh nghiệp đã công bố tiêu chuẩn mới về chất lượng sản phẩm. "


def find(url: str, configured: Configured = NOTHING, limits: FetchLimits = LOOPBACK) -> Discovery:
    """Discover as the command does, but look at documents here."""

    async def looker(document: Document, source: Source) -> Seen:
        return look(document, source)

    async def run() -> Discovery:
        async with Client(limits, "feedsvc/test") as client:
            deps = Deps(http=client, looker=looker, now=lambda: NOW, tell=lambda _: None)
            return await discover(url, deps, configured)

    return asyncio.run(run())


def page(body: str, *, head: str = "", content_type: str = "text/html; charset=utf-8") -> Reply:
    text = f"<!doctype html><html lang=vi><head><title>Báo Thử</title>{head}</head><body>{body}</body></html>"
    return answer(200, text.encode(), headers={"Content-Type": content_type})


def items(
    name: str, count: int = 10, *, hours: float = 6, text: str = SENTENCE * 2
) -> list[tuple[str, str, datetime, str]]:
    """Return title, link, date and text of some articles, the newest first."""
    return [
        (f"{name} {n}", f"https://paper.example/{name}/{n}.html", NOW - timedelta(hours=hours * (n + 1)), text)
        for n in range(count)
    ]


def rss(
    articles: Sequence[tuple[str, str, datetime, str]],
    *,
    title: str = "Báo Thử",
    home: str = "https://paper.example/",
    more: str = "",
) -> Reply:
    body = "".join(
        f"<item><title>{title}</title><link>{link}</link><pubDate>{format_datetime(date)}</pubDate>"
        f"<description>{text}</description>{more}</item>"
        for title, link, date, text in articles
    )
    head = f"<rss version='2.0'><channel><title>{title}</title><link>{home}</link>"
    return answer(200, f"{head}{body}</channel></rss>".encode(), headers={"Content-Type": "application/rss+xml"})


def atom(articles: Sequence[tuple[str, str, datetime, str]], *, title: str = "Báo Thử") -> Reply:
    body = "".join(
        f"<entry><id>{link}</id><title>{title}</title><link href='{link}'/><updated>{date.isoformat()}</updated>"
        f"<summary>{text}</summary></entry>"
        for title, link, date, text in articles
    )
    feed = f"<feed xmlns='http://www.w3.org/2005/Atom'><id>urn:x</id><title>{title}</title>{body}</feed>"
    return answer(200, feed.encode(), headers={"Content-Type": "application/atom+xml"})


def announced(href: str, *, type: str = "application/rss+xml", title: str = "") -> str:
    return f'<link rel="alternate" type="{type}" href="{href}" title="{title}">'


HEADLINES = tuple(f"Doanh nghiệp gỗ tìm thị trường mới ở châu Âu, kỳ {n}" for n in range(1, 13))
_SECTIONS = "".join(f"<li class=menu-item><a href='/muc-{n}/'>Tin tức và bình luận số {n}</a></li>" for n in range(20))
_LINKS = "".join(f"<a href='/trang-{n}'>Điều khoản sử dụng trang báo {n}</a>" for n in range(9))
_READ = "".join(f"<div class=most-read><a href='/doc-{n}.html'>Bài được đọc nhiều nhất {n}</a></div>" for n in range(8))


def framed(body: str) -> Reply:
    """Return a page with what frames it on every site: a menu, a footer, what others read."""
    menu = f"<header class=site-header><nav><ul class=menu>{_SECTIONS}</ul></nav></header>"
    return page(f"{menu}<main>{body}</main><aside class=sidebar>{_READ}</aside><footer>{_LINKS}</footer>")


def nhandan() -> Reply:
    """A section in the template of nhandan.vn and others."""
    return framed("".join(_story(n, title) for n, title in enumerate(HEADLINES)))


def _story(n: int, title: str) -> str:
    at = (NOW - timedelta(hours=7 * n + 1)).strftime("%Y-%m-%dT%H:%M:%S+0000")
    place = "primary" if n == 0 else "split"
    return f"""<article class="story story--{place}" data-id="{n}"><figure class="story__thumb">
    <a class="cms-link" href="/go-post{n}.html" title="{title}"><img data-src="/{n}.jpg.webp" alt=""></a></figure>
    <h2 class="story__heading"><a class="cms-link" href="/go-post{n}.html">{title}</a></h2>
    <div class="story__meta"><time datetime="{at}">hôm nay</time></div>
    <div class="story__summary">Bộ Công thương vừa ban hành kế hoạch hỗ trợ xuất khẩu lần thứ {n}.</div></article>"""
