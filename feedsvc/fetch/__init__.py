"""Asks publishers for their documents, within limits on time, size and addresses, and says when to ask again."""

from feedsvc.fetch.address import authority_of, host_of
from feedsvc.fetch.client import Client
from feedsvc.fetch.freshness import next_fetch_at
from feedsvc.fetch.headers import user_agent
from feedsvc.fetch.robots import Permission, Robots, allowed, read_robots
from feedsvc.fetch.site import site_of

__all__ = [
    "Client",
    "Permission",
    "Robots",
    "allowed",
    "authority_of",
    "host_of",
    "next_fetch_at",
    "read_robots",
    "site_of",
    "user_agent",
]
