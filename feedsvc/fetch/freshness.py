"""When the publisher wants to be asked again, and when we ask."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from feedsvc import rhythm
from feedsvc.model import FeedInfo, FetchState, Freshness, Rhythm, Source

#: the longest that a server may send us away
SERVER_LIMIT = timedelta(days=31)
#: the longest pause of our own choice, unless `every` itself is longer
OWN_LIMIT = timedelta(hours=24)
#: less is meant for a server of one's own, as in a demonstration, and taken at its word
ADAPTED_FROM = timedelta(minutes=1)
#: within this time after it, and after their own interval, sources begin that were asked or failed together: a thousand
#: of one host then come one in four seconds, and the slow ones are not kept from news for the length of their interval
APART = timedelta(hours=1)
#: how much later at most, so that sources do not line up: of the pause, and in all, or the best moment would be missed
JITTER = 0.1
#: also after hours that the publisher wants skipped: sources start over within this time
SPREAD = timedelta(minutes=30)

_DELTA_SECONDS = re.compile(r"[0-9]{1,20}\Z")
_DIRECTIVE = re.compile(r"""([!#$%&'*+.^_`|~0-9a-z-]+)(?:=(?:"([^"]*)"|([^\s,]*)))?""", re.IGNORECASE)


def read_freshness(headers: Mapping[str, Sequence[str]], now: datetime, max_age: timedelta | None = None) -> Freshness:
    """Read Cache-Control, Expires, Age and Retry-After; `headers` maps lower-case names to all their lines.

    `max_age`, for a 304: the one before, which holds on unless the answer has a Cache-Control of its own.

    Source: RFC 9110 section 10.2.3, RFC 9111 sections 4.2, 4.3.4 and 5.2. Bad values count as absent; nothing is
    raised.
    """
    lines, retry_at = headers.get("cache-control", ()), _retry_at(headers, now)
    directives = _directives(lines)
    if "no-cache" in directives or "no-store" in directives:
        return Freshness(retry_at=retry_at)
    if lines:
        max_age = _at_most(_seconds(directives.get("max-age")))
    lifetime = max_age if max_age is not None else _until_expiry(headers, now)
    return Freshness(fresh_for=_less_age(lifetime, headers), max_age=max_age, retry_at=retry_at)


def next_fetch_at(
    source: Source, state: FetchState, freshness: Freshness, now: datetime, *, adrift: bool = False
) -> datetime:
    """Return when to ask the publisher again, in UTC.

    The latest of our interval, Retry-After, the freshness lifetime and the feed's own period (`state.info`), at most 31
    days after `now`; then moved up to 10 % later, at most half an hour, so that sources do not line up, and out of the
    hours and days that it wants skipped. Our interval is what the source's rhythm makes worth while: from `every`, the
    admin's floor also where it is shorter than servers are usually asked, to 24 hours; `every` while no rhythm is
    known, after a failure, and where it is less than a minute. With each further failure in a row it doubles, up to 24
    hours.

    Sources that were asked together because they are new or were all due (`adrift`), or that failed together, are not
    asked together again: their interval is up to an hour longer and up to twice as long, once, within those 24 hours.

    The same arguments give the same time: what looks like chance comes from the source's id and the day.

    Source: RFC 9110 section 10.2.3, RFC 9111 section 4.2.1, RSS 2.0 (ttl, skipHours, skipDays), its syndication module.
    """
    info, failed = state.info, state.failures
    asked = [now + freshness.fresh_for if freshness.fresh_for else now, freshness.retry_at or now]
    if info and info.ttl:
        asked.append(now + min(info.ttl, SERVER_LIMIT))
    if failed and state.not_before:
        # An earlier Retry-After holds until an answer without one: a failure, of the network say, does not lift it.
        asked.append(state.not_before)
    known = None if failed or source.every < ADAPTED_FROM else state.rhythm
    own = _worth_while(source, known, now) if known else _own_interval(source, failed)
    chance = _chance(source.id, now)
    if failed or adrift:
        own = max(own, min(own + min(own, APART) * chance, OWN_LIMIT))
    at = max(now + own, min(max(asked), now + SERVER_LIMIT))
    at += min((at - now) * JITTER, SPREAD) * chance
    return _after_skips(at, info, chance) if info else at


def _worth_while(source: Source, known: Rhythm, now: datetime) -> timedelta:
    """Return how long to wait by the source's rhythm.

    A request is worth half of `every` of waiting: a source with an entry in each `every` is asked that often, one with
    fewer at about the geometric mean of `every` and the time between its entries.
    """
    floor_s = source.every.total_seconds()
    ceiling_s = max(floor_s, (OWN_LIMIT - SPREAD).total_seconds())
    budget = rhythm.Budget(worth_s=floor_s / 2, floor_s=floor_s, ceiling_s=ceiling_s)
    return rhythm.next_poll(known, now, budget) - now


def _own_interval(source: Source, failed: int) -> timedelta:
    if failed < 2:
        return source.every
    # 2**20 seconds are more than the limit; much larger powers overflow.
    return min(source.every * (1 << min(failed - 1, 20)), max(source.every, OWN_LIMIT))


def _chance(source_id: str, now: datetime) -> float:
    """Return a number from 0 up to 1 that looks random from one source and day to the next."""
    seed = f"{source_id} {now.date().isoformat()}".encode()
    return int.from_bytes(hashlib.blake2b(seed, digest_size=4).digest()) / 2**32


def _after_skips(at: datetime, info: FeedInfo, chance: float) -> datetime:
    """Return `at`, or a moment soon after the start of the next hour that the feed does not want skipped."""

    def is_skipped(moment: datetime) -> bool:
        return moment.hour in info.skip_hours or moment.weekday() in info.skip_days

    if not is_skipped(at):
        return at
    hour = at.replace(minute=0, second=0, microsecond=0)
    hours = (hour + timedelta(hours=n) for n in range(1, 7 * 24))
    # A feed that wants every hour skipped says nothing that can be obeyed.
    return next((start + SPREAD * chance for start in hours if not is_skipped(start)), at)


def _less_age(lifetime: timedelta | None, headers: Mapping[str, Sequence[str]]) -> timedelta | None:
    if lifetime is None:
        return None
    age = _seconds(_first(headers, "age")) or timedelta()
    return _at_most(max(lifetime - age, timedelta()))


def _at_most(lifetime: timedelta | None) -> timedelta | None:
    return None if lifetime is None else min(lifetime, SERVER_LIMIT)


def _until_expiry(headers: Mapping[str, Sequence[str]], now: datetime) -> timedelta | None:
    expires = http_date(_first(headers, "expires"))
    if expires is None:
        return None
    return expires - (http_date(_first(headers, "date")) or now)


def _retry_at(headers: Mapping[str, Sequence[str]], now: datetime) -> datetime | None:
    value = _first(headers, "retry-after")
    delay = _seconds(value)
    at = now + min(delay, SERVER_LIMIT) if delay is not None else http_date(value)
    if at is None or at <= now:
        return None
    return min(at, now + SERVER_LIMIT)


def _directives(lines: Sequence[str]) -> dict[str, str | None]:
    """Return the directives of Cache-Control by lower-case name, the first of each (RFC 9111, section 4.2.1)."""
    found: dict[str, str | None] = {}
    for line in lines:
        for match in _DIRECTIVE.finditer(line):
            name, quoted, token = match.groups()
            found.setdefault(name.lower(), quoted if quoted is not None else token)
    return found


def _seconds(value: str | None) -> timedelta | None:
    if value is None or not _DELTA_SECONDS.match(value.strip()):
        return None
    # RFC 9111 section 1.2.2: too large a number counts as a very large one.
    return timedelta(seconds=min(int(value), 2**31))


def http_date(value: str | None) -> datetime | None:
    """Read a date in any of the three forms of RFC 9110 section 5.6.7, in UTC; None for anything else."""
    if value is None:
        return None
    try:
        date = parsedate_to_datetime(value.strip())
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _first(headers: Mapping[str, Sequence[str]], name: str) -> str | None:
    lines = headers.get(name, ())
    return lines[0] if lines else None
