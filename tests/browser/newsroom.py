"""Made-up publishers behind the shipped categories, served by `feedsvc run`: something to look at."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from email.utils import format_datetime
from html import escape
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ruamel.yaml import YAML

from tests.cli.test_run import Running, until
from tests.servers.upstream import Upstream
from tests.site import FEEDSVC, as_yaml

ROOT = Path(__file__).parents[2]
_YAML = YAML(typ="safe", pure=True)
PUBLISHERS: list[dict[str, Any]] = _YAML.load(ROOT / "tests" / "data" / "newsroom.yaml")
CATEGORIES: list[dict[str, Any]] = _YAML.load(ROOT / "config" / "categories.yaml")["categories"]

TITLE = {"vi": "Tin đổi mới sáng tạo", "en": "Innovation news"}


@contextmanager
def newsroom(folder: Path) -> Iterator[str]:
    """Yield the address of a running feedsvc that has polled everything."""
    with Upstream() as upstream:
        configure(folder / "config", upstream)
        running = Running(folder / "config", "run")
        try:
            until(
                lambda: len(running.titles()) >= stories() and caught_up(running),
                f"all stories; {running.log} tells more",
            )
            yield f"http://127.0.0.1:{running.port}"
        finally:
            running.stop()


def stories() -> int:
    """Return how many stories there are: what two publishers carry is one."""
    return len({story["title"] for publisher in PUBLISHERS for story in publisher["stories"]})


def caught_up(running: Running) -> bool:
    """Say whether each category's feed has what its page has, which comes straight from the store."""
    pairs = [(f"/category/{category['id']}", f"/feeds/category/{category['id']}.rss") for category in CATEGORIES]
    return all(running.get(page)[1].count(b"<article") == running.get(feed)[1].count(b"<item>") for page, feed in pairs)


def configure(config: Path, upstream: Upstream) -> None:
    config.mkdir(parents=True)
    sources = [
        {
            "id": publisher["id"],
            "title": publisher["title"],
            "url": upstream.serve(f"/{publisher['id']}.rss", rss(publisher)),
            "language": publisher["language"],
            "rank": publisher.get("rank", 0),
            "backfill": "all",
            "full_text": False,
            "policy": {"republish": "excerpt", "attribution": publisher["attribution"]},
        }
        for publisher in PUBLISHERS
    ]
    (config / "feedsvc.yaml").write_text(as_yaml({"site": {"title": TITLE}, "fetch": FEEDSVC["fetch"]}))
    (config / "sources.yaml").write_text(as_yaml({"sources": sources}))
    shutil.copy(ROOT / "config" / "categories.yaml", config)


def rss(publisher: dict[str, Any]) -> bytes:
    items = "".join(_item(publisher["site"], number, story) for number, story in enumerate(publisher["stories"], 1))
    head = f"<title>{escape(publisher['title'])}</title><link>{publisher['site']}</link>"
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{items}</channel></rss>'.encode()


def _item(site: str, number: int, story: dict[str, Any]) -> str:
    at = datetime.strptime(story["at"], "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
    terms = "".join(f"<category>{escape(term)}</category>" for term in story.get("terms", ()))
    return (
        f"<item><title>{escape(story['title'])}</title><link>{site}{number}.html</link>"
        f"<pubDate>{format_datetime(at)}</pubDate>{terms}<description>{escape(story['text'])}</description></item>"
    )
