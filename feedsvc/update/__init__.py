"""The aggregator: one poll of one source, from request to change log.

Gather needs the network and the processor and opens no transaction; decide says in one short write transaction what it
means against what is known. Killing the process between or in them loses nothing: the source is simply still due.
"""

from feedsvc.update.deciding import COPY_WINDOW, Decision, decide, log_changes, standing
from feedsvc.update.deps import Deps, Http, Reader
from feedsvc.update.gathering import gather
from feedsvc.update.pages import paged
from feedsvc.update.polling import poll
from feedsvc.update.pushing import receive
from feedsvc.update.writing import Writes

__all__ = [
    "COPY_WINDOW",
    "Decision",
    "Deps",
    "Http",
    "Reader",
    "Writes",
    "decide",
    "gather",
    "log_changes",
    "paged",
    "poll",
    "receive",
    "standing",
]
