"""A refresh of many feeds beside lemon24/reader: all new, not modified, two new entries among forty.

    python tests/benchmarks/refresh.py [--feeds 2000] [--reader PYTHON] [--only feedsvc|reader]

PYTHON is the interpreter of an environment with reader (`pip install 'reader==3.26' sgmllib3k`). Upstream is one
process on loopback; reader and feedsvc are processes of their own, one after the other in each phase; politeness is
off. Ours does all that polls do, sanitising, recognising copies and filing, and takes the words of every story in for
search; documents are not rendered. reader does what `update_feeds` does. Prints feeds per second, processor seconds of
the program with its workers, and peak memory. Figures of one machine only compare with others of the same run.
"""

import argparse
import asyncio
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
PHASES = ("all new", "not modified", "two new of forty")


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--feeds", type=int, default=2000)
    words.add_argument("--reader", help="an interpreter that has reader")
    words.add_argument("--only", choices=("feedsvc", "reader"))
    asked = words.parse_args()
    programs = {"feedsvc": [sys.executable, str(HERE / "refresh_feedsvc.py")]}
    if asked.reader:
        programs["reader"] = [asked.reader, str(HERE / "refresh_reader.py")]
    chosen = {name: command for name, command in programs.items() if asked.only in {None, name}}
    with tempfile.TemporaryDirectory() as folder, upstream(asked.feeds) as port:
        found = measured(chosen, Path(folder), asked.feeds, port)
    say(f"{asked.feeds} feeds of 40 entries, about 92 KB each")
    for phase in PHASES:
        for name, results in found.items():
            result = results[phase]
            rate = asked.feeds / result["seconds"]
            say(
                f"{phase:17} {name:8} {rate:8.1f} feeds/s  {result['processor_s']:7.1f} s of processor"
                f"  {result['peak_mb']:6.0f} MB  {result['entries']} entries"
            )
        if len(found) == 2:
            ratio = found["reader"][phase]["seconds"] / found["feedsvc"][phase]["seconds"]
            say(f"{phase:17} ratio    {ratio:8.1f}")


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def measured(
    programs: dict[str, list[str]], folder: Path, feeds: int, port: int
) -> dict[str, dict[str, dict[str, float]]]:
    """Run each program's phases; each phase is a process of its own on the store that the one before left."""
    found: dict[str, dict[str, dict[str, float]]] = {name: {} for name in programs}
    for phase in PHASES:
        subprocess.run(["curl", "-s", f"http://127.0.0.1:{port}/phase/{PHASES.index(phase)}"], check=True)
        for name, command in programs.items():
            own = folder / name
            own.mkdir(exist_ok=True)
            run = subprocess.run(
                [*command, str(own), str(feeds), str(port)], check=True, stdout=subprocess.PIPE, text=True
            )
            found[name][phase] = json.loads(run.stdout.splitlines()[-1])
    return found


@contextmanager
def upstream(feeds: int) -> Iterator[int]:
    """Yield the port of a server in a process of its own."""
    server = subprocess.Popen(
        [sys.executable, str(HERE / "refresh.py"), "serve", str(feeds)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        yield int(server.stdout.readline())
    finally:
        server.terminate()
        server.wait()


def vocabulary(chance: random.Random) -> list[str]:
    letters = "aăâbcdđeêghiklmnoôơpqrstuưvxy"
    return ["".join(chance.choices(letters, k=chance.randint(2, 9))) for _ in range(8000)]


def document(number: int, fresh: int, words: list[str]) -> bytes:
    """Return feed `number` with forty entries, the newest `fresh` of which were not there before."""
    entries = []
    for place in range(fresh - 1, fresh - 41, -1):
        chance = random.Random(f"{number} {place}")
        text = chance.choices(words, k=212)
        link = f"https://news{number}.example/tin-{number}-{place + 1000}.html"
        paragraphs = "".join(f"<p>{' '.join(text[at : at + 53])}. </p>" for at in range(0, 212, 53))
        entries.append(
            f'<item><title>{" ".join(text[:9])}</title><link>{link}</link><guid isPermaLink="false">{link}</guid>'
            f"<pubDate>Sat, 21 Nov 2026 {(place + 40) // 60 % 24:02}:{(place + 40) % 60:02}:00 +0700</pubDate>"
            f"<dc:creator>{' '.join(text[9:11])}</dc:creator><category>{text[11]}</category>"
            f"<description><![CDATA[<p>{' '.join(text[:30])}</p>]]></description>"
            f'<content:encoded><![CDATA[<p><img src="https://news{number}.example/{place}.jpg" alt="{text[3]}"/></p>'
            f'{paragraphs}<p>Xem <a href="{link}">{text[7]}</a>.</p>]]></content:encoded></item>'
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>Báo số {number}</title><link>https://news{number}.example/</link><description>Tin</description>"
        f"<language>vi</language>{''.join(entries)}</channel></rss>"
    ).encode()


class Upstream(asyncio.Protocol):
    """Answers GETs of `/N.xml` and nothing else, as fast as it can: its processor is the measured program's, too."""

    def __init__(self, site: "Site") -> None:
        self.site, self.waiting = site, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.waiting += data
        while b"\r\n\r\n" in self.waiting:
            request, self.waiting = self.waiting.split(b"\r\n\r\n", 1)
            self.transport.write(self.site.answer(request))


class Site:
    def __init__(self, feeds: int) -> None:
        words = vocabulary(random.Random(1))
        self.phase = 0
        self.documents = [[document(n, fresh, words) for n in range(feeds)] for fresh in (0, 2)]

    def answer(self, request: bytes) -> bytes:
        path = request.split(b" ", 2)[1]
        if path.startswith(b"/phase/"):
            self.phase = int(path.rpartition(b"/")[2])
            return b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        version = int(self.phase == 2)
        etag = b'"%d"' % version
        if b'-none-match: "%d"' % version in request.lower():
            return b"HTTP/1.1 304 Not Modified\r\nETag: %s\r\n\r\n" % etag
        body = self.documents[version][int(path[1:].partition(b".")[0])]
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nETag: %s\r\nContent-Length: %d\r\n\r\n"
        return head % (etag, len(body)) + body


async def serve(feeds: int) -> None:
    site = Site(feeds)
    server = await asyncio.get_running_loop().create_server(lambda: Upstream(site), "127.0.0.1", 0, backlog=1000)
    say(str(server.sockets[0].getsockname()[1]))
    await server.serve_forever()


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        asyncio.run(serve(int(sys.argv[2])))
    else:
        main()
