"""Which addresses are contacted, however they are written."""

import socket
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.fetch.guard import Guard
from feedsvc.model import FetchLimits
from tests.fetch.asking import failure, read
from tests.servers.upstream import Upstream


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.0", "0.1.2.3", "10.1.2.3", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254"),
        *("169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.0.1"),
        *("198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
        *("168.63.129.16", "100.100.100.200"),
        *("::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:a9fe:a9fe", "::ffff:0:127.0.0.1"),
        *("64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b:1::1", "100::1", "fc00::1", "fd00:ec2::254", "fe80::1"),
        *("fe80::1%eth0", "fec0::1", "ff02::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "2002:808:808::", "3fff::1"),
        *("5f00::1", "not an address"),
    ],
)
def test_addresses_that_are_refused(address: str) -> None:
    assert Guard(()).refusal(address)


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        "100.63.255.255",
        "172.32.0.1",
        "1.1.1.1",
        "2001:4860:4860::8888",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
    ],
)
def test_addresses_that_are_contacted(address: str) -> None:
    guard = Guard(("10.0.0.0/8",))
    assert guard.refusal(address) is None
    assert not guard.is_private(address)


def test_allowed_networks_and_no_others() -> None:
    guard = Guard(("127.0.0.0/8", "fd00::/8", "10.1.2.3/8"))
    for address in ("127.0.0.1", "::ffff:127.0.0.1", "fd00::1", "10.9.9.9"):
        assert guard.refusal(address) is None
        assert guard.is_private(address)
    for address in ("::1", "192.168.0.1", "fc00::1", "2002:7f00:1::"):
        assert guard.refusal(address)


@given(st.ip_addresses(v=4))
def test_what_is_not_public_for_python_is_not_for_us(known: IPv4Address) -> None:
    # Its list may be shorter than ours, depending on the release, but never names what ours allows.
    address = str(known)
    if known.is_private or known.is_multicast or known.is_reserved or known.is_link_local:
        assert Guard(()).refusal(address)
    assert Guard(()).refusal(address) == Guard(()).refusal(f"::ffff:{address}")


@pytest.mark.parametrize(
    "host",
    [
        *(
            "127.0.0.1",
            "127.0.0.1.",
            "127.1",
            "0x7f.1",
            "0x7f000001",
            "2130706433",
            "017700000001",
            "0",
            "１２７.0.0.1",
        ),
        *("localhost", "LOCALHOST.", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:7f00:1]"),
        *("[64:ff9b::127.0.0.1]", "[::]", "127.0.0.1%2f@127.0.0.1", "127。0。0。1"),
    ],
)
def test_no_spelling_reaches_loopback(upstream: Upstream, host: str) -> None:
    upstream.serve("/", b"secret")
    error = failure(f"http://{host}:{upstream.port}/", FetchLimits())
    assert "refused to contact" in error.problem or "address" in error.problem or "cannot find" in error.problem
    assert not upstream.requests


def test_every_answer_of_a_name_is_judged(upstream: Upstream, monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the name leads to an allowed address at first and to a refused one when it is asked again."""
    upstream.serve("/", b"ok")
    answers = ["127.0.0.1"]

    def name_server(host: str, *_: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in answers]

    monkeypatch.setattr(socket, "getaddrinfo", name_server)
    limits = FetchLimits(allow_private=("127.0.0.1/32",))
    url = f"http://rebinding.example:{upstream.port}/"
    assert read(url, limits=limits).body == b"ok"
    answers[:] = ["169.254.169.254"]
    assert "169.254.169.254 is link-local" in failure(url, limits).problem
    answers[:] = ["10.0.0.1", "127.0.0.1"]
    assert read(url, limits=limits).body == b"ok"
