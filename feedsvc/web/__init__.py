"""Serves what the publisher rendered, and the pages around it. Reads the store, never fetches."""

from feedsvc.web.app import create_app

__all__ = ["create_app"]
