"""The README's tour works as it is written: every command prints what is shown, every file is accepted."""

import os
import re
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from email.message import Message
from pathlib import Path

import pytest

from tests.cli.test_run import Running, free_port, until, write
from tests.servers.debian import MissingProgramError, program
from tests.servers.upstream import Upstream
from tests.site import source
from tests.test_pipeline import item, rss
from tests.tour import Tour, Typed, fits, steps

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def debians(executable: str, package: str) -> Path:
    try:
        return program(Path(executable), package)
    except MissingProgramError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.mark.parametrize(
    ("shown", "printed", "expected"),
    [
        ("a … c\n", "a b c\n", True),
        ("a … c\n", "a b d\n", False),
        ("a\n…\nz", "a\nb\nc\nz\n", True),
        ("a\n…\nz", "a\nz", True),
        ("a\n…\nz", "a\nb", False),
        ("a\n…", "a\nb\nc", True),
        ("", "", True),
        ("", "surprise", False),
        ("(a) [b] * $", "(a) [b] * $", True),
    ],
)
def test_an_ellipsis_stands_for_anything(shown: str, printed: str, expected: bool) -> None:
    assert fits(shown, printed) == expected


def two_free_ports() -> int:
    """Return a free port before another free one: the demonstration's publishers are at the port after its own."""
    while True:
        with socket.socket() as one, socket.socket() as next_one, suppress(OSError):
            one.bind(("127.0.0.1", 0))
            first = int(one.getsockname()[1])
            next_one.bind(("127.0.0.1", first + 1))
            return first


def test_the_tour_of_the_readme_goes_as_it_is_told(tmp_path: Path) -> None:
    debians("/usr/bin/newsboat", "newsboat")
    first = two_free_ports()
    told = list(steps(README))
    assert sum(isinstance(step, Typed) for step in told) > 10
    with Tour(tmp_path, {8000: first, 8001: first + 1, 8010: free_port()}) as tour:
        for step in told:
            tour.follow(step)


@contextmanager
def nginx(folder: Path, port: int, upstream_port: int) -> Iterator[None]:
    """Run nginx with the README's lines in a configuration of its own."""
    executable = debians("/usr/sbin/nginx", "nginx-light")
    (lines,) = re.findall(r"^```nginx\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    lines = lines.replace("listen 80;", f"listen 127.0.0.1:{port};").replace(
        "127.0.0.1:8000", f"127.0.0.1:{upstream_port}"
    )
    lines = lines.replace("/var/cache/nginx/feedsvc", str(folder / "cache"))
    user = "user root;" if os.geteuid() == 0 else ""
    configuration = folder / "nginx.conf"
    configuration.write_text(
        f"{user} daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}} "
        f"http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;\n{lines}\n}}"
    )
    process = subprocess.Popen([executable, "-c", str(configuration), "-p", str(folder)], stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.send_signal(signal.SIGQUIT)
        process.wait(30)


def _lower(headers: Message) -> Mapping[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def ask(port: int, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, Mapping[str, str], bytes]:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=dict(headers or {}))
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, _lower(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, _lower(error.headers), error.read()
    except OSError:
        return 0, {}, b""


def test_nginx_in_front_passes_on_what_feedsvc_says_and_keeps_it(tmp_path: Path, upstream: Upstream) -> None:
    write(tmp_path / "config", [source("one", upstream.serve("/one", rss(item(1, "a"), item(2, "b"))))], every="1h")
    running = Running(tmp_path / "config", "run")
    port = free_port()
    try:
        until(running.titles, "a story")
        with nginx(tmp_path, port, running.port):
            until(lambda: ask(port, "/healthz")[0] == 200, "nginx")
            path = "/feeds/all.atom"
            for coding in ("identity", "gzip", "br"):
                direct = ask(running.port, path, {"Accept-Encoding": coding})
                passed = ask(port, path, {"Accept-Encoding": coding})
                assert passed[0] == 200
                assert passed[2] == direct[2]
                for name in (
                    "etag",
                    "last-modified",
                    "cache-control",
                    "content-type",
                    "link",
                    "content-encoding",
                    "vary",
                ):
                    assert passed[1].get(name) == direct[1].get(name)
            assert ask(port, path, {"If-None-Match": direct[1]["etag"]})[0] == 304
            assert ask(port, "/category/news")[0] == 200
            running.stop()
            assert ask(port, path, {"Accept-Encoding": "gzip"})[0] == 200
            assert ask(port, "/search?q=never+asked")[0] == 502
    finally:
        running.stop()
