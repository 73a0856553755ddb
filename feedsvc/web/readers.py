"""Counts who reads the shared feeds, in memory, a day at a time; nothing that could lead to anybody is kept."""

import os
import re
import threading
from datetime import UTC, date, datetime
from wsgiref.types import WSGIEnvironment

import structlog

from feedsvc import readership
from feedsvc.addresses import read_path
from feedsvc.errors import FeedsvcError
from feedsvc.store import Store

log = structlog.get_logger()

#: what is told apart in a day, 10 MB or so; more readers are not counted
MAX_MET = 100_000
#: services that read for others, and for how many each may say that it reads
MAX_SERVICES, MAX_CLAIMED = 1_000, 1_000_000
#: between two notes in the store
INTERVAL_S = 60.0

#: how services that read for others say for how many, in their User-Agent
_CLAIM = re.compile(r"([0-9]{1,9}) (?:subscriber|reader)", re.IGNORECASE)


class Readers:
    """A reader is an address and a User-Agent; a service that reads for others is as many as it says.

    It may name another number for each feed: the largest counts, since its readers of one may be those of another.
    """

    def __init__(self, today: date) -> None:
        self._lock = threading.Lock()
        self._start_over(today)

    def meet(self, path: str, environ: WSGIEnvironment) -> None:
        """Take in a request for a shared document. Most are by somebody who was met already."""
        agent = environ.get("HTTP_USER_AGENT", "")
        place = environ.get("REMOTE_ADDR"), environ.get("HTTP_X_FORWARDED_FOR")
        key = hash((self._salt, place, agent))
        if key not in self._met:
            self._meet(key, path, agent, environ.get("HTTP_SEC_FETCH_DEST"))

    def taken(self, today: date) -> tuple[date, int]:
        """Return how many have been met, and on which day; on another day counting begins anew."""
        with self._lock:
            day, count = self._day, len(self._met) - self._fetchers + sum(self._claimed.values())
            if day != today:
                self._start_over(today)
        return day, count

    def _meet(self, key: int, path: str, agent: str, wanted_as: str | None) -> None:
        if wanted_as == "document" or read_path(path) is None:
            return  # somebody looks at a feed in a browser; a list of feeds
        claim = _CLAIM.search(agent)
        with self._lock:
            if key in self._met or len(self._met) >= MAX_MET:
                return
            self._met.add(key)
            if claim is not None:
                self._fetchers += 1
                service = re.sub("[0-9]+", "", agent)
                if service in self._claimed or len(self._claimed) < MAX_SERVICES:
                    most = max(int(claim[1]), self._claimed.get(service, 0))
                    self._claimed[service] = min(most, MAX_CLAIMED)

    def _start_over(self, day: date) -> None:
        self._day = day
        self._salt = os.urandom(16)
        self._met: set[int] = set()
        #: of those met, how many read for others
        self._fetchers = 0
        self._claimed: dict[str, int] = {}


def keep_noted(readers: Readers, store: Store, stop: threading.Event) -> None:
    """Note in the store how many there are, now and then, until `stop` is set."""
    noted = None
    while not stop.wait(INTERVAL_S):
        taken = readers.taken(datetime.now(UTC).date())
        if taken == noted or not taken[1]:
            continue
        try:
            with store.write() as tx:
                readership.note(tx, *taken)
            noted = taken
        except FeedsvcError as error:
            log.warning("the number of readers cannot be noted", error=str(error))
