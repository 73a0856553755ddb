"""`feedsvc run --demo`: made-up publishers on loopback, to see everything at work without network or configuration."""

from feedsvc.demo.folder import write_folder
from feedsvc.demo.newsroom import publishers
from feedsvc.demo.server import Upstream
from feedsvc.demo.timeline import Timeline

#: the publisher and guid of an article that others carry too, and how many publishers in all
CARRIED, CARRIED_BY = ("tin-ben-song", "tag:tinbensong.example,2026:muoi-ot"), 3

__all__ = ["CARRIED", "CARRIED_BY", "Timeline", "Upstream", "publishers", "write_folder"]
