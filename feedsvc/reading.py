"""From a document's bytes to comparable entries: what runs in worker processes, and so imports little."""

from dataclasses import dataclass

from feedsvc import dedup, extract, parse
from feedsvc.model import Arrival, Document, FeedInfo, Source

#: what turned bytes into entries; when any part of it changes, the next request is unconditional once
READER_VERSION = f"{parse.PARSER_VERSION} {extract.SANITISER_VERSION} {dedup.FINGERPRINT_VERSION}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What came of a document."""

    info: FeedInfo
    arrivals: tuple[Arrival, ...]
    problem: str | None
    skipped: int


def read(document: Document, source: Source) -> Reading:
    """Parse, make safe and fingerprint. Raises ParseError."""
    feed = extract.clean(parse.parse(document, source), source)
    arrivals = dedup.arrivals(feed.entries)
    return Reading(info=feed.info, arrivals=arrivals, problem=feed.problem, skipped=feed.skipped)
