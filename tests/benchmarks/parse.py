"""How many times as fast as feedparser a whole document is read: bytes to our values against feedparser alone.

feedparser as it comes, and bare: without its sanitiser and its resolver of links, which are of no use here. Ratios are
medians over rounds in which all take turns, of processor time. Generated feeds of 92 KB; of a folder of captured feeds
every one that is XML, by class (headlines: under 1 KB an entry; articles; media: with Media RSS; left: what
feedparser reads for us too), with the median, the tenth and the least of the single feeds' ratios, and all in one.

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
from typing import NamedTuple

import feedparser

from feedsvc.errors import ParseError
from feedsvc.model import Document, LocalText, Source
from feedsvc.parse import parse
from feedsvc.parse.xml_feed import READERS, UNUSUAL, XmlReader

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


def seconds(work: Callable[[Document], object], document: Document, times: int) -> float:
    """Return the processor time that one reading takes."""
    started = time.process_time()
    for _ in range(times):
        work(document)
    return (time.process_time() - started) / times


class Ratios(NamedTuple):
    """One document: feedparser's time as it comes and bare, and ours, in seconds."""

    full: float
    bare: float
    ours: float


def measured(document: Document, rounds: int) -> Ratios:
    """Return medians. The three take turns, so that all see the same load; ours, being short, several times a turn."""
    ways = ((by_feedparser(bare=False), 1), (by_feedparser(bare=True), 1), (by_ours(READERS), 5))
    found = [[seconds(way, document, times) for way, times in ways] for _ in range(rounds)]
    return Ratios(*(statistics.median(times) for times in zip(*found, strict=True)))


def report(what: str, found: list[Ratios]) -> None:
    """Print a line: the feeds one by one, and their sums."""
    sys.stdout.write(
        f"{what:18}{len(found):4} feeds, {1000 * sum(one.ours for one in found) / len(found):6.2f} ms each"
    )
    for way, times in (("as it comes", [one.full for one in found]), ("bare", [one.bare for one in found])):
        ratios = sorted(time / one.ours for time, one in zip(times, found, strict=True))
        in_all = sum(times) / sum(one.ours for one in found)
        sys.stdout.write(
            f"; feedparser {way}: median {statistics.median(ratios):5.1f}, tenth {ratios[len(ratios) // 10]:5.1f}, "
            f"least {ratios[0]:5.1f}, in all {in_all:5.1f} times"
        )
    sys.stdout.write("\n")


def kind(document: Document) -> str | None:
    """Return the class of a captured feed; None: feedparser is not asked for it."""
    if document.body.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"{", b"["):
        return None
    try:
        entries = parse(document, SOURCE).entries
        parse(document, SOURCE, READERS[:1])
    except ParseError as error:
        return "left" if error.problem == UNUSUAL else None
    if b"<media:" in document.body:
        return "media"
    return "headlines" if len(document.body) < 1000 * len(entries) else "articles"


def main() -> None:
    made = {
        "40 articles": generated(RSS, WORDPRESS, 7),
        "headlines": generated(RSS, NEWS, 0),
        "Atom": generated(FEED, ATOM, 8),
    }
    for name, feed in made.items():
        report(f"made: {name}", [measured(feed, ROUNDS)])
    for folder in sys.argv[1:]:
        found: dict[str, list[Ratios]] = {}
        for path in sorted(Path(folder).iterdir()):
            feed = document(path.read_bytes())
            if one := kind(feed):
                found.setdefault(one, []).append(measured(feed, 3))
        for name, ratios in sorted(found.items()):
            report(f"real: {name}", ratios)
        report("real: all", [one for ratios in found.values() for one in ratios])


if __name__ == "__main__":
    main()
