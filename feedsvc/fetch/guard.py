"""Which addresses may be contacted. Judged for every address of every attempt, when its socket is made."""

import errno
import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

#: what socket_factory receives: family, type, protocol, canonical name, socket address
AddressInfo = tuple[int, int, int, str, tuple[Any, ...]]

# IANA's special-purpose registries (RFC 6890) and multicast. Our own list, because what `ipaddress` calls private or
# global differs between Python releases.
REFUSED_V4 = tuple(
    (IPv4Network(network), reason)
    for network, reason in (
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared with a carrier"),
        ("127.0.0.0/8", "loopback"),
        # An address of the public range that only answers inside Azure, to its virtual machines: their metadata.
        ("168.63.129.16/32", "a cloud's metadata"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "for documentation"),
        ("192.88.99.0/24", "a 6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "for benchmarks"),
        ("198.51.100.0/24", "for documentation"),
        ("203.0.113.0/24", "for documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
)
REFUSED_V6 = tuple(
    (IPv6Network(network), reason)
    for network, reason in (
        ("::1/128", "loopback"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("ff00::/8", "multicast"),
        ("2001::/32", "a Teredo tunnel"),
        ("2001::/23", "reserved"),
        ("2001:db8::/32", "for documentation"),
        ("2002::/16", "a 6to4 tunnel"),
        ("3fff::/20", "for documentation"),
    )
)
#: all that is given out for use on the Internet (RFC 4291, section 2.4)
PUBLIC_V6 = IPv6Network("2000::/3")
#: the address of an IPv4 host as an IPv6-only network writes it (RFC 6052): judged by the IPv4 address inside
NAT64 = IPv6Network("64:ff9b::/96")


class RefusedAddressError(OSError):
    """An address that we do not contact.

    Its text is the same for all addresses: where several of a host are refused, the connector raises the first one
    unchanged only if their texts agree.
    """

    def __init__(self, address: str, reason: str) -> None:
        self.address, self.reason = address, reason
        super().__init__(errno.EACCES, "address refused")


def literal(host: str) -> str | None:
    """Return the address that a host is written as, in any spelling that a resolver takes for one; None: a name."""
    name = host.lower().removesuffix(".").partition("%")[0]
    if name == "localhost" or name.endswith(".localhost"):  # RFC 6761, section 6.3
        return "127.0.0.1"
    try:
        return str(ip_address(name))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(name))  # 127.1, 0x7f.1, 2130706433
    except OSError:
        return None


def unguarded(info: AddressInfo) -> socket.socket:
    """Make a socket to a proxy, whose address an admin has written."""
    family, kind, protocol, _, _ = info
    return socket.socket(family, kind, protocol)


class Guard:
    """Makes the connector's sockets, unless their address is refused and not in one of the allowed networks."""

    def __init__(self, allow_private: Iterable[str]) -> None:
        self._allowed: tuple[Network, ...] = tuple(ip_network(network, strict=False) for network in allow_private)

    def __call__(self, info: AddressInfo) -> socket.socket:
        self.check(str(info[4][0]))
        return unguarded(info)

    def check(self, address: str) -> None:
        """Raises RefusedAddressError."""
        if (reason := self.refusal(address)) is not None:
            raise RefusedAddressError(address, reason)

    def refusal(self, address: str) -> str | None:
        """Return why an address is not contacted, in words that fit behind "is"; None: it may be."""
        try:
            inner = _inner(ip_address(address))
        except ValueError:
            return "not an address"
        return None if self._is_allowed(inner) else _special(inner)

    def is_private(self, address: str) -> bool:
        """Say whether an address may be contacted only because a network of ours is allowed."""
        inner = _inner(ip_address(address))
        return self._is_allowed(inner) and _special(inner) is not None

    @property
    def allows_private(self) -> bool:
        return bool(self._allowed)

    def _is_allowed(self, address: Address) -> bool:
        return any(address in network for network in self._allowed)


def _inner(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 one stands for, if it is one of those."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in NAT64:
            return IPv4Address(int(address) & 0xFFFF_FFFF)
        # Without its zone (fe80::1%eth0), which no network contains.
        return IPv6Address(int(address))
    return address


def _special(address: Address) -> str | None:
    if isinstance(address, IPv4Address):
        return next((reason for network, reason in REFUSED_V4 if address in network), None)
    reason = next((reason for network, reason in REFUSED_V6 if address in network), None)
    return reason or (None if address in PUBLIC_V6 else "reserved")
