"""One rate for all hosts of a publisher, as its server sees it."""

import asyncio
import socket
from ipaddress import IPv4Network

import pytest

from feedsvc.fetch import Client, guard, user_agent
from feedsvc.fetch.rate import BURST
from feedsvc.model import FetchLimits
from tests.fetch.asking import BODY, EMPTY, NOW, a_source
from tests.servers.upstream import Upstream


@pytest.fixture
def internet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every name leads to loopback, which counts as public."""

    def name_server(host: str, *_: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", name_server)
    monkeypatch.setattr(guard, "REFUSED_V4", ((IPv4Network("10.0.0.0/8"), "private"),))


@pytest.mark.usefixtures("internet")
def test_all_hosts_of_a_domain_share_its_rate_and_other_domains_do_not_wait(upstream: Upstream) -> None:
    upstream.serve("/feed", BODY)
    rate, late = 100, 30
    hosts = [f"{letter}.paper.example" for letter in "abc"] * ((int(BURST) + late) // 3)

    async def all() -> None:
        async with Client(FetchLimits(rate=rate), user_agent("1.0")) as client:
            urls = [upstream.url("/feed", host) for host in (*hosts, "other.example")]
            await asyncio.gather(*(client.get(a_source(url), EMPTY, NOW) for url in urls))

    asyncio.run(all())
    asked = [(request.at, request.header("Host") or "") for request in upstream.requests]
    times = [at for at, host in asked if "paper.example" in host]
    (other,) = (at for at, host in asked if host.startswith("other.example"))
    assert len(times) == BURST + late
    # The server's times are a little off ours.
    assert times[-1] - times[0] > late / rate * 0.9
    assert other < times[-1]
