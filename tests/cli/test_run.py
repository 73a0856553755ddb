"""`feedsvc run` as a user starts it: real processes, real ports, real signals."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import feedparser
import pytest

from feedsvc.cli.run import STOP_TIMEOUT_S, _without_password
from tests.servers.upstream import Upstream, silent
from tests.site import ENVIRON, FEEDSVC, as_yaml, source
from tests.test_pipeline import item, rss

#: machines that run tests are shared; whatever takes longer than this has failed
DEADLINE_S = 40.0

T = TypeVar("T")


def until(check: Callable[[], T | None], what: str | Callable[[], str]) -> T:
    """Return the first true result; fail when it does not come, with `what` as it is by then."""
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        if found := check():
            return found
        time.sleep(0.05)
    raise AssertionError(f"timed out waiting for {what if isinstance(what, str) else what()}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def write(folder: Path, sources: list[dict[str, Any]], *, every: str = "1s") -> None:
    folder.mkdir(exist_ok=True)
    site = {"site": {"title": "Test news"}, "fetch": FEEDSVC["fetch"]}
    (folder / "feedsvc.yaml").write_text(as_yaml(site))
    (folder / "sources.yaml").write_text(as_yaml({"sources": [{**each, "every": every} for each in sources]}))
    (folder / "categories.yaml").write_text(as_yaml({"categories": [{"id": "news", "title": "News", "match": "news"}]}))


class Running:
    """A started command, with what it printed."""

    def __init__(self, folder: Path, *words: str, **environ: str) -> None:
        self.folder, self.port = folder, free_port()
        self.log = folder.parent / "log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "feedsvc", "--config", str(folder), *words, "--port", str(self.port)],
                stdout=log,
                stderr=subprocess.STDOUT,
                env=ENVIRON | environ,
                cwd=folder.parent,
            )

    def get(self, path: str) -> tuple[int, bytes]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except OSError:
            return 0, b""

    def titles(self) -> list[str]:
        status, body = self.get("/feeds/all.rss")
        return [entry.title for entry in feedparser.parse(body).entries] if status == 200 else []

    def printed(self) -> str:
        return self.log.read_text(errors="replace")

    def children(self) -> dict[str, int]:
        """Return the pids of the processes that `run` started, by role."""
        listed = subprocess.run(
            ["ps", "-ww", "-o", "pid=", "-o", "args=", "--ppid", str(self.process.pid)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        lines = [line.split(maxsplit=1) for line in listed.splitlines()]
        return {role: int(pid) for pid, args in lines for role in ("scheduler", "web") if f" {role}" in args}

    def stop(self, number: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(DEADLINE_S)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "config"


@pytest.fixture
def running(folder: Path, upstream: Upstream) -> Iterator[Running]:
    url = upstream.serve("/paper.rss", rss(item(1, "First news")), etag='"1"')
    write(folder, [source("paper", url)])
    started = Running(folder, "run")
    try:
        until(lambda: started.titles() == ["First news"], lambda: f"the first story; printed: {started.printed()}")
        yield started
    finally:
        if started.process.poll() is None:
            started.stop()


def test_run_serves_what_it_polls_shows_changes_soon_and_stops_cleanly(running: Running, upstream: Upstream) -> None:
    assert running.get("/healthz") == (200, b"ok\n")
    assert running.get("/readyz")[0] == 200
    figures = running.get("/metrics")[1]
    for name in (b"failures", b"degraded", b"held"):
        assert b'feedsvc_source_%b{source="paper"} 0.0' % name in figures
    assert b"/feeds/category/news.rss" in running.get("/")[1]
    assert (
        running.get("/category/news")[0] == running.get("/feeds.opml")[0] == running.get("/static/feed.css")[0] == 200
    )
    upstream.serve("/paper.rss", rss(item(1, "First news"), item(2, "Second news")), etag='"2"')
    until(lambda: running.titles() == ["Second news", "First news"], "the second story")
    assert running.stop(signal.SIGINT) == 0
    assert "stopped" in running.printed()
    assert "WARNING" not in running.printed()
    assert f"http://127.0.0.1:{running.port}/" in running.printed()


def test_a_dead_child_is_started_again_and_nothing_is_lost_or_doubled(running: Running, upstream: Upstream) -> None:
    for round, role in enumerate(("scheduler", "web"), 2):
        pid = until(lambda role=role: running.children().get(role), role)  # type: ignore[misc]
        os.kill(pid, signal.SIGKILL)
        until(lambda role=role, pid=pid: running.children().get(role) not in {None, pid}, f"another {role}")  # type: ignore[misc]
        items = [item(number, f"News {number}") for number in range(2, round + 1)]
        upstream.serve("/paper.rss", rss(item(1, "First news"), *items), etag=f'"{round}"')
        expected = [f"News {number}" for number in range(round, 1, -1)] + ["First news"]
        until(
            lambda expected=expected: running.titles() == expected,  # type: ignore[misc]
            lambda expected=expected: f"{expected}; printed: {running.printed()}",  # type: ignore[misc]
        )
    assert "starting it again" in running.printed()


def test_children_end_with_a_killed_parent_and_the_next_start_goes_on(running: Running, folder: Path) -> None:
    children = running.children()
    running.process.kill()
    running.process.wait()
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children.values()), "the end of the children")
    until(lambda: running.get("/healthz")[0] == 0, "the end of the web server")
    again = Running(folder, "run")
    try:
        until(lambda: again.titles() == ["First news"], lambda: f"the story; printed: {again.printed()}")
    finally:
        again.stop()


def test_a_changed_folder_is_in_force_soon_and_a_broken_one_never(running: Running, folder: Path) -> None:
    (folder / "categories.yaml").write_text(
        as_yaml({"categories": [{"id": "more", "title": "More", "match": "first"}]})
    )
    until(lambda: running.get("/feeds/category/more.rss")[0] == 200, "the new category")
    assert running.get("/feeds/category/news.rss")[0] == 410
    (folder / "categories.yaml").write_text("categories: 7\n")
    until(lambda: b"categories.yaml:1" in running.get("/readyz")[1], "the refusal")
    assert running.get("/feeds/category/more.rss")[0] == running.get("/readyz")[0] == 200

    new = folder.parent / "new"
    shutil.copytree(folder, new)
    (new / "categories.yaml").write_text(as_yaml({"categories": [{"id": "new", "title": "New", "match": "first"}]}))
    folder.rename(folder.parent / "old")
    new.rename(folder)
    until(lambda: running.get("/feeds/category/new.rss")[0] == 200, lambda: f"the new folder: {running.printed()}")
    (folder / "categories.yaml").write_text(as_yaml({"categories": [{"id": "last", "title": "L", "match": "first"}]}))
    until(lambda: running.get("/feeds/category/last.rss")[0] == 200, lambda: f"a later edit: {running.printed()}")


def test_a_second_ctrl_c_does_not_wait_for_polls(running: Running, folder: Path, upstream: Upstream) -> None:
    write(folder, [source("slow", upstream.on("/slow", silent()))])
    until(lambda: upstream.asked("/slow"), "a poll that takes its time")
    running.process.send_signal(signal.SIGINT)
    until(lambda: "stopping" in running.printed(), "the word that it stops")
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(STOP_TIMEOUT_S / 2) == 0


def test_the_demonstration_shows_stories_leaves_nothing_behind_and_touches_nothing(folder: Path) -> None:
    write(folder, [])
    before = {path: path.read_bytes() for path in folder.iterdir()}
    temporary = folder.parent / "tmp"
    temporary.mkdir()
    mine = {"FEEDSVC_CONFIG": str(folder), "FEEDSVC_STORAGE_URL": f"sqlite:///{folder.parent}/mine.db"}
    demo = Running(folder, "run", "--demo", TMPDIR=str(temporary), FEEDSVC_BASE_URL="http://my.example", **mine)
    try:
        until(lambda: len(demo.titles()) > 20, lambda: f"stories; printed: {demo.printed()}")
        (config,) = temporary.glob("feedsvc-demo-*/config")
        until(lambda: "/story/" in demo.printed(), "what to look at")
        story = re.search(r"/story/\S+", demo.printed())
        assert story
        assert b"\xc3\xa9n" in demo.get(story[0])[1]
        assert f"{folder} is not used" in demo.printed()
        assert str(config.parent) in demo.printed()
        assert b"my.example" not in demo.get("/feeds/all.rss")[1]
    finally:
        assert demo.stop() == 0
    assert list(temporary.iterdir()) == []
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    assert not (folder.parent / "mine.db").exists()


def test_a_port_in_use_and_a_folder_that_cannot_be_written_are_told(folder: Path, upstream: Upstream) -> None:
    write(folder, [])
    words = [sys.executable, "-m", "feedsvc", "--config", str(folder)]
    taken = subprocess.run(
        [*words, "run", "--port", str(upstream.port)], capture_output=True, env=ENVIRON, text=True, check=False
    )
    assert (taken.returncode, f"port {upstream.port}" in taken.stderr, "--port" in taken.stderr) == (1, True, True)
    file = folder.parent / "file"
    file.write_text("")
    environ = {**ENVIRON, "FEEDSVC_STORAGE_URL": f"sqlite:///{file}/feedsvc.db"}
    refused = subprocess.run(
        [*words, "run", "--port", str(free_port())], capture_output=True, env=environ, text=True, check=False
    )
    assert (refused.returncode, str(file) in refused.stderr, "Traceback" in refused.stderr) == (1, True, False)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:secret@db/news", "postgresql://me:***@db/news"),
        ("postgresql://me:sec/ret@db/news", "postgresql://me:***@db/news"),
        ("postgresql:///news?password=secret", "postgresql:///news?password=***"),
        (
            "postgresql://db/news?user=me&PassWord=sec@ret&sslpassword=secret&port=5433",
            "postgresql://db/news?user=me&PassWord=***&sslpassword=***&port=5433",
        ),
        ("postgresql://me@db:5432/news?application_name=a", "postgresql://me@db:5432/news?application_name=a"),
        ("sqlite:////var/lib/a:b@c/feedsvc.db", "sqlite:////var/lib/a:b@c/feedsvc.db"),
    ],
)
def test_the_greeting_shows_where_the_database_is_and_no_password(url: str, shown: str) -> None:
    assert _without_password(url) == shown
