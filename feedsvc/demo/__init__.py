"""`feedsvc run --demo`: made-up publishers on loopback, to see everything at work without network or configuration."""

from feedsvc.demo.folder import write_folder
from feedsvc.demo.newsroom import publishers
from feedsvc.demo.server import Upstream
from feedsvc.demo.timeline import Timeline

#: the publisher and guid of an article that two others soon carry as well
CARRIED = ("tin-ben-song", "tag:tinbensong.example,2026:muoi-ot")

__all__ = ["CARRIED", "Timeline", "Upstream", "publishers", "write_folder"]
