"""How often a registrable domain is asked, over all its sources in this process."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from feedsvc.fetch.site import site

BURST = 60.0
#: domains that are remembered; one that has not been asked for a while needs no memory
MAX_DOMAINS = 10_000


@dataclass(slots=True)
class Bucket:
    """Tokens at a moment; below 0: so many requests wait already."""

    tokens: float
    at: float


class Rate:
    """One token bucket per registrable domain; the name of a suffix or an address is its own."""

    def __init__(self, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._clock = clock
        self._buckets: dict[str, Bucket] = {}

    def wait_s(self, host: str) -> float:
        """Return after how many seconds there is a token, which is not taken."""
        return max(0.0, (1 - self._bucket(self.domain(host)).tokens) / self._per_second)

    def reserve(self, host: str) -> float:
        """Take a token; return after how many seconds it may be used. Callers get them in the order of asking."""
        domain = self.domain(host)
        bucket = self._bucket(domain)
        bucket.tokens -= 1
        if domain not in self._buckets and len(self._buckets) >= MAX_DOMAINS:
            self._forget_full(bucket.at)
        self._buckets[domain] = bucket
        return max(0.0, -bucket.tokens / self._per_second)

    def give_back(self, host: str) -> None:
        """Return a token that was not used."""
        if bucket := self._buckets.get(self.domain(host)):
            bucket.tokens += 1

    def domain(self, host: str) -> str:
        return site(host)

    def _bucket(self, domain: str) -> Bucket:
        """Return a domain's bucket as it is now."""
        now = self._clock()
        bucket = self._buckets.get(domain) or Bucket(BURST, now)
        bucket.tokens = min(BURST, bucket.tokens + (now - bucket.at) * self._per_second)
        bucket.at = now
        return bucket

    def _forget_full(self, now: float) -> None:
        full = [d for d, b in self._buckets.items() if b.tokens + (now - b.at) * self._per_second >= BURST]
        for domain in full:
            del self._buckets[domain]
