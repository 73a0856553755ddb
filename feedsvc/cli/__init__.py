"""The command `feedsvc`: parses words, builds and connects everything, prints."""

from feedsvc.cli.main import main

__all__ = ["main"]
