"""How many feeds of 92 KB are parsed in a second of one core.

By feedparser as it comes, by feedparser without its sanitiser and its resolver of links (which are of no use here), to
our values by it, and as `parse` does, which lets it read only what is unusual.

python -m tests.benchmarks.parse [FOLDER of captured feeds]
"""

import io
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import feedparser

from feedsvc.errors import ParseError
from feedsvc.model import Document, LocalText, Source
from feedsvc.parse import parse
from feedsvc.parse.by_feedparser import read_by_feedparser
from feedsvc.parse.xml_feed import READERS, XmlReader

SOURCE = Source(id="s", title=LocalText(by_language=()), url="https://example.org/feed.xml")
MOMENT = datetime(2026, 11, 22, tzinfo=UTC)
SIZE = 92_000
ROUNDS = 7
PARAGRAPH = (
    '<p>Doanh nghiệp nhỏ và vừa cần <a href="/khcn/post{n}.html">đổi mới công nghệ</a>, chuyển đổi số và nâng cao chất '
    "lượng sản phẩm &amp; dịch vụ, theo <em>Bộ Khoa học</em>. Small firms say that standards come first.</p>\n"
)
WORDPRESS = """<item><title>Bài số {n}: “đổi mới” &#8211; R&amp;D</title><link>https://example.org/{n}/</link>
<comments>https://example.org/{n}/#respond</comments><dc:creator><![CDATA[An Nguyễn]]></dc:creator>
<pubDate>Fri, 25 Apr 2025 05:{n:02}:00 +0700</pubDate><category><![CDATA[Khoa học]]></category>
<category><![CDATA[Kinh tế]]></category><guid isPermaLink="false">https://example.org/?p={n}</guid>
<description><![CDATA[<p>Tóm tắt bài {n}.</p>]]></description>
<content:encoded><![CDATA[{text}]]></content:encoded><slash:comments>{n}</slash:comments></item>
"""
NEWS = """<item><title>Bài số {n}</title><link>https://example.org/post{n}.html</link>
<guid>https://example.org/post{n}.html</guid><pubDate>Fri, 25 Apr 2025 05:{n:02}:00 GMT</pubDate>
<description>&lt;img src="https://example.org/{n}.jpg"&gt; Doanh nghiệp cần đổi mới.</description></item>
"""
ATOM = """<entry><title>Bài số {n}</title><link rel="alternate" type="text/html" href="https://example.org/{n}"/>
<id>tag:example.org,2025:{n}</id><published>2025-04-25T05:{n:02}:00+07:00</published>
<updated>2025-04-25T06:{n:02}:00Z</updated><author><name>An Nguyễn</name></author><category term="Khoa học"/>
<content type="html">{escaped}</content></entry>
"""
RSS = """<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom"
 xmlns:slash="http://purl.org/rss/1.0/modules/slash/"><channel><title>Tin</title><link>https://example.org/</link>
<atom:link href="https://example.org/feed.xml" rel="self" type="application/rss+xml"/><description>Tin mới</description>
<language>vi</language>{}</channel></rss>"""
FEED = """<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Tin</title>
<id>https://example.org/</id><link href="https://example.org/"/><updated>2025-04-25T06:00:00Z</updated>{}</feed>"""


def generated(whole: str, entry: str, paragraphs: int) -> Document:
    """Return a feed of about 92 KB."""
    text = PARAGRAPH * paragraphs
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    count = SIZE // len(entry.format(n=0, text=text, escaped=escaped).encode())
    entries = "".join(entry.format(n=n % 60, text=text.format(n=n), escaped=escaped.format(n=n)) for n in range(count))
    return document(whole.format(entries).encode())


def document(body: bytes) -> Document:
    return Document(url=SOURCE.url, status=200, body=body, content_type=None, fetched_at=MOMENT)


def by_feedparser(*, bare: bool) -> Callable[[Document], object]:
    def read(document: Document) -> object:
        headers = {"content-type": "application/xml; charset=utf-8"}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return feedparser.parse(
                io.BytesIO(document.body),
                response_headers=headers,
                sanitize_html=not bare,
                resolve_relative_uris=not bare,
            )

    return read


def by_ours(readers: Sequence[XmlReader]) -> Callable[[Document], object]:
    def read(document: Document) -> object:
        with suppress(ParseError):
            return parse(document, SOURCE, readers)
        return None

    return read


def seconds(work: Callable[[Document], object], documents: list[Document]) -> float:
    """Return the processor time that all take."""
    started = time.process_time()
    for document in documents:
        work(document)
    return time.process_time() - started


def report(what: str, documents: list[Document]) -> None:
    ways = (by_feedparser(bare=False), by_feedparser(bare=True), by_ours((read_by_feedparser,)), by_ours(READERS))
    rounds = [
        [seconds(way, documents) for way in ways] for _ in range(ROUNDS)
    ]  # in turn, so that all see the same load
    size = sum(len(document.body) for document in documents) / SIZE
    rates = [size / statistics.median(times) for times in zip(*rounds, strict=True)]
    ratios = [statistics.median(times[way] / times[-1] for times in rounds) for way in range(3)]
    sys.stdout.write(
        f"{what:10}"
        + "".join(f"{rate:7,.0f}" for rate in rates)
        + " feeds/s: feedparser as it comes, bare, ours by it, "
        "ours;" + "".join(f"{ratio:6.1f}" for ratio in ratios) + " times\n"
    )


def main() -> None:
    report("articles", [generated(RSS, WORDPRESS, 8)] * 20)
    report("headlines", [generated(RSS, NEWS, 0)] * 10)
    report("Atom", [generated(FEED, ATOM, 8)] * 20)
    for folder in sys.argv[1:]:
        report(Path(folder).name, [document(path.read_bytes()) for path in sorted(Path(folder).iterdir())])


if __name__ == "__main__":
    main()
