"""Subscribes to what upstream hubs push: which topics there are, and the requests to hubs."""

from feedsvc.websub.asking import Asking
from feedsvc.websub.discovery import offered

__all__ = ["Asking", "offered"]
