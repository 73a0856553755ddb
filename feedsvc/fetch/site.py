"""Which hosts belong to one publisher."""

from functools import cache
from ipaddress import ip_address

from publicsuffixlist import PublicSuffixList

from feedsvc.fetch.address import host_of


def site(host: str) -> str:
    """Return a host's registrable domain; the name of a suffix or an address is its own."""
    name = host.rstrip(".").lower()
    try:
        return ip_address(name).compressed
    except ValueError:
        return _suffixes().privatesuffix(name) or name


def site_of(url: str) -> str:
    """Return the site that an address belongs to, "" where it has no host."""
    return site(host_of(url))


@cache
def _suffixes() -> PublicSuffixList:
    # Reading the list takes 75 ms: not before it is needed.
    return PublicSuffixList()
