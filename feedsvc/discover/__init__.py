"""What a site offers: its feeds, sitemaps, or at least a page, best first, as ready source entries. Stores nothing."""

from feedsvc.discover.looking import Seen, look
from feedsvc.discover.search import discover
from feedsvc.discover.values import Configured, Deps, Discovery, Failure, Offer
from feedsvc.discover.written import as_yaml

__all__ = ["Configured", "Deps", "Discovery", "Failure", "Offer", "Seen", "as_yaml", "discover", "duration", "look"]
