"""The made-up publishers over HTTP, and read by the ordinary pipeline."""

import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from email.message import Message
from pathlib import Path

import pytest

from feedsvc.demo import CARRIED, Timeline, Upstream, publishers, write_folder
from feedsvc.demo.documents import FEEDS, Paths
from feedsvc.model import SourceUpdate
from tests.demo.test_timeline import END_S, START
from tests.site import ENVIRON, Site

Ask = Callable[..., tuple[int, Message, bytes]]


class Moment:
    """Seconds since the start, set by the test."""

    t = 0.0


@pytest.fixture
def moment() -> Moment:
    return Moment()


@pytest.fixture
def made_up(moment: Moment) -> Iterator[Upstream]:
    timeline = Timeline(publishers=publishers(), start=START)
    with Upstream(timeline, lambda: moment.t, pause=lambda seconds: None) as upstream:
        yield upstream


@pytest.fixture
def ask(made_up: Upstream) -> Ask:
    def asked(path: str, method: str = "GET", **headers: str) -> tuple[int, Message, bytes]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(made_up.address + path, headers=named, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    return asked


@pytest.mark.parametrize("publisher", publishers(), ids=lambda each: each.id)
def test_feeds_answer_conditional_requests(publisher: object, ask: Ask, moment: Moment) -> None:
    path = next(f"/{each.id}/{FEEDS[each.format][0]}" for each in publishers() if each is publisher)
    status, headers, body = ask(path)
    assert (status, headers["Content-Length"]) == (200, str(len(body)))
    etag, modified = headers["ETag"], headers["Last-Modified"]
    assert ask(path, "HEAD")[::2] == (200, b"")
    assert [ask(path, If_None_Match=value)[0] for value in (etag, f'"x", W/{etag}', "*", '"x"')] == [304, 304, 304, 200]
    assert [ask(path, If_Modified_Since=value)[0] for value in (modified, "yesterday")] == [304, 200]
    assert ask(path, If_None_Match='"x"', If_Modified_Since=modified)[0] == 200
    moment.t = END_S + 100
    assert ask(path, If_None_Match=etag)[0] == (200 if ask(path)[2] != body else 304)
    assert ask(path)[1]["ETag"] != etag or ask(path)[2] == body


def test_pages_lead_to_each_other_and_say_what_is_gone(ask: Ask, moment: Moment) -> None:
    assert all(f"/{each.id}/".encode() in ask("/")[2] for each in publishers())
    assert b"muoi-ot.html" in ask("/tin-ben-song/")[2]
    page = ask("/tin-ben-song/muoi-ot.html")[2]
    assert b"/pictures/salt.png" in page
    assert ask("/pictures/salt.png")[1]["Content-Type"] == "image/png"
    assert ask("/nhip-doi-moi/dat-cho-pha.html")[0] == 404
    moment.t = END_S
    assert ask("/nhip-doi-moi/dat-cho-pha.html")[0] == 410
    assert ask("/tin-ben-song/con-nuoc-1.html")[0] == 404
    moment.t = END_S + 100
    assert ask("/tin-ben-song/con-nuoc-1.html")[0] == 200
    for path in ("/nobody/", "/tin-ben-song/feed.atom", "/tin-ben-song/con-nuoc-0.html", "/pictures/../server.py"):
        assert ask(path)[0] == 404


def test_a_failing_publisher_says_so_and_recovers(ask: Ask, moment: Moment) -> None:
    (failing,) = [each for each in publishers() if each.outage]
    path = f"/{failing.id}/{FEEDS[failing.format][0]}"
    assert failing.outage is not None
    moment.t = failing.outage.first_s
    status, headers, body = ask(path)
    assert (status, headers["Retry-After"], body.decode()) == (503, "4", failing.outage.words)
    moment.t += failing.outage.lasts_s
    assert ask(path)[0] == 200


def test_the_folder_is_an_ordinary_one(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    write_folder(folder, "http://127.0.0.1:8", "http://127.0.0.1:8000")
    words = [sys.executable, "-m", "feedsvc", "--config", str(folder), "check"]
    checked = subprocess.run(words, capture_output=True, text=True, env=ENVIRON, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert f"{len(publishers())} sources" in checked.stdout
    assert not any(".invalid" in path.read_text("utf-8") for path in folder.iterdir())
    with pytest.raises(FileExistsError):
        write_folder(folder, "http://127.0.0.1:8", "http://127.0.0.1:8000")


@pytest.fixture
def site(tmp_path: Path, made_up: Upstream) -> Iterator[Site]:
    with Site(tmp_path) as site:
        site.folder.rmdir()
        write_folder(site.folder, made_up.address, "http://127.0.0.1:8000")
        yield site.open()


def stories(updates: dict[str, SourceUpdate]) -> dict[str, object]:
    """Return the story of each entry that the polls brought, by guid."""
    found: dict[str, object] = {}
    for update in updates.values():
        found |= {change.arrival.entry.guid: change.story_id for change in update.changes if change.arrival.entry.guid}
    return found


def guid(publisher_id: str, article_id: str) -> str:
    publisher = next(each for each in publishers() if each.id == publisher_id)
    return Paths(address="", publisher=publisher).guid(article_id)


def test_copies_merge_templates_do_not_and_what_is_withdrawn_goes(site: Site, moment: Moment) -> None:
    found: dict[str, object] = {}
    titles = {}
    for moment.t in (0.0, 45.0, 90.0, END_S, END_S + 100):
        found |= stories(site.poll())
        site.fetch_pages()
        titles[moment.t] = {entry.title for entry in site.feed("/feeds/all.atom").entries}
    copies = {
        guid(each.id, copy): guid(*original.split("/"))
        for each in publishers()
        for copy, original in each.copies.items()
    }
    assert len(copies) >= 8
    for copy, original in copies.items():
        assert found[copy] == found[original], f"{copy} is a copy of {original}"
    apart = [story for name, story in found.items() if name not in copies and story is not None]
    assert len(apart) == len(set(apart)), "what is no copy has a story of its own"

    with_copies = [name for name, story in found.items() if story == found[CARRIED[1]]]
    assert len(with_copies) == 3
    withdrawn = "Ứng dụng đặt chỗ phà đạt một triệu lượt dùng chỉ sau một tuần"
    assert [withdrawn in titles[t] for t in (0.0, 45.0, 90.0, END_S)] == [False, True, False, False]
    before, after = (f"Bưởi Vạn Lau được cấp chỉ dẫn địa lý sau {years} năm chờ đợi" for years in ("sáu", "bảy"))
    assert (before in titles[END_S], after in titles[END_S]) == (False, True)
    gossip = {article.title for each in publishers() for article in each.articles if "Gossip" in article.terms}
    assert not gossip & titles[END_S]


def test_every_category_has_something_to_show_in_both_languages(site: Site, moment: Moment) -> None:
    moment.t = END_S
    site.poll()
    site.fetch_pages()
    feeds = [path for path in site.bodies() if path.endswith(".atom")]
    for kind, least in (("category", 2), ("tag", 1)):
        for path in feeds:
            if path.startswith(f"/feeds/{kind}/"):
                assert len(site.feed(path).entries) >= least, path
