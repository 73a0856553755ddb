"""Serves what the publisher rendered, and the pages around it. Reads the store, never fetches."""

from feedsvc.web.app import create_app
from feedsvc.web.receiving import PUSHES_AT_ONCE

__all__ = ["PUSHES_AT_ONCE", "create_app"]
