"""How many feeds of 92 KB are cleaned in a second of one core; then what HTML costs of that, quickly and by the tree.

Beside nh3 alone on the same HTML. All in turn, so that whatever else the machine does slows all of them alike.

python -m tests.benchmarks.extract [FOLDER of captured feeds]
"""

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import nh3

from feedsvc.errors import ParseError
from feedsvc.extract import clean
from feedsvc.extract.markup import safe
from feedsvc.model import Content, Document, Entry, FeedInfo, LocalText, ParsedFeed, Source
from feedsvc.parse import parse

SOURCE = Source(id="s", title=LocalText(by_language=()), url="https://example.org/feed.xml")
FEED_CHARACTERS = 92_000
ROUNDS = 5
PARAGRAPH = (
    '<p class="article"><b>TP.HCM</b> - Doanh nghiệp nhỏ và vừa cần <a href="/khcn/post{n}.html" target="_blank">đổi '
    "mới công nghệ</a>, chuyển đổi số và nâng cao chất lượng sản phẩm &amp; dịch vụ, theo <em>Bộ Khoa học</em>. "
    "Chương trình hỗ trợ năm nay tập trung vào tiêu chuẩn, đo lường, sở hữu trí tuệ và năng suất lao động.</p>"
)
PICTURE = (
    '<table class="picture"><tr><td><img class="cms-photo" src="/blank.gif" data-src="/anh/{n}.jpg" width="800"></td>'
    '</tr><tr><td class="caption"><p>Ảnh minh họa.</p></td></tr></table>'
)


def news() -> ParsedFeed:
    """Return a feed of Vietnamese articles in the markup of nhandan.vn."""
    article = PICTURE + PARAGRAPH * 7
    entries = [
        Entry(
            title=f"Bài {n}", link=f"https://example.org/{n}", content=Content(value=article.format(n=n), type="html")
        )
        for n in range(FEED_CHARACTERS // len(article))
    ]
    return ParsedFeed(info=FeedInfo(), entries=tuple(entries))


def captured(folder: Path) -> list[ParsedFeed]:
    moment = datetime(2026, 11, 22, tzinfo=UTC)
    documents = (
        Document(url=SOURCE.url, status=200, body=path.read_bytes(), content_type=None, fetched_at=moment)
        for path in sorted(folder.iterdir())[::3]
    )
    feeds = []
    for document in documents:
        with suppress(ParseError):
            feeds.append(parse(document, SOURCE))
    return feeds


def seconds(*works: Callable[[], object]) -> list[float]:
    """Return the processor time of each, the median of rounds in which they take turns."""
    rounds: list[list[float]] = []
    for _ in range(ROUNDS):
        found = []
        for work in works:
            started = time.process_time()
            work()
            found.append(time.process_time() - started)
        rounds.append(found)
    return [median(times) for times in zip(*rounds, strict=True)]


def report(what: str, feeds: list[ParsedFeed]) -> None:
    contents = [part for feed in feeds for entry in feed.entries for part in (entry.summary, entry.content) if part]
    html = [content.value for content in contents if content.type == "html"]
    size = sum(map(len, html)) / FEED_CHARACTERS
    whole, quickly, tree, alone = seconds(
        lambda: [clean(feed, SOURCE) for feed in feeds],
        lambda: [safe(value, SOURCE.url) for value in html],
        lambda: [safe(value, SOURCE.url, quickly=False) for value in html],
        lambda: [nh3.clean(value) for value in html],
    )
    costs = (
        f"{name} {cost / size * 1000:5.2f} ms"
        for name, cost in (("HTML", quickly), ("by the tree", tree), ("nh3 alone", alone))
    )
    sys.stdout.write(f"{what:16}{size / whole:8,.0f} feeds/s; of one {', '.join(costs)}\n")


def main() -> None:
    report("news", [news()])
    for folder in sys.argv[1:]:
        report(Path(folder).name, captured(Path(folder)))


if __name__ == "__main__":
    main()
