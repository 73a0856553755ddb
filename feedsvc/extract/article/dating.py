"""When an article appeared: what feed, page and address say, compared."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from feedsvc.dates import parse_date, plausible

#: Within this, two claims tell of the same moment: time zones, a date without its time.
_SAME = timedelta(hours=36)
#: From here on, one of two claims is wrong.
_WEEKS = timedelta(days=14)
#: A feed that gives the time of its making for the entry's.
_JUST_NOW = timedelta(minutes=10)

_IN_ADDRESS = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d{2})(?P<mark>[/-]?)(?P<month>0?[1-9]|1[0-2])(?P=mark)(?P<day>0?[1-9]|[12]\d|3[01])(?!\d)"
)
_DAY = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}(?:[t\s]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:z|[+-]\d{2}:?\d{2})?)?"
    r"|(?:\d{1,2}[:hg]\d{2}\s*[,|-]?\s*(?:ngày\s*)?)?\d{1,2}[/.-]\d{1,2}[/.-]\d{4}(?:[\s,|-]+\d{1,2}[:hg]\d{2})?(?:\s*(?:sa|ch|am|pm)\b)?(?:\s*\(?(?:gmt|utc)\s*[+-]\d{1,2}\)?)?"
    r"|(?P<english>(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4})"
    r"|\d{1,2}(?:st|nd|rd|th)?\s+(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?,?\s+\d{4}"
)
_ENGLISH = re.compile(r"(?P<month>[a-z]{3})[a-z]*\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    who: str
    moment: datetime


def first_date(written: Iterable[str], zone: ZoneInfo) -> datetime | None:
    """Return the first that can be read, whole or a date inside it."""
    return next((moment for text in written if (moment := _read(text, zone))), None)


def _read(text: str, zone: ZoneInfo) -> datetime | None:
    whole = parse_date(text, zone)
    if whole is not None:
        return whole
    found = _DAY.search(" ".join(text.lower().split())[:200])
    if found is None:
        return None
    if found["english"]:
        return parse_date(_ENGLISH.sub(r"\g<day> \g<month> \g<year>", found[0]), zone)
    return parse_date(re.sub(r"(?<=\d)(?:st|nd|rd|th)\b", "", found[0]).replace("ngày", " "), zone)


def date_in(address: str, zone: ZoneInfo) -> datetime | None:
    """Return the day that an address names (`/2025/04/25/`, `20250425`), at its noon."""
    found = _IN_ADDRESS.search(address.split("?", maxsplit=1)[0])
    if found is None:
        return None
    try:
        noon = datetime(int(found["year"]), int(found["month"]), int(found["day"]), 12, tzinfo=zone)
    except ValueError:
        return None
    return noon.astimezone(UTC)


def settled(
    feed: datetime | None, page: datetime | None, address: datetime | None, fetched_at: datetime
) -> tuple[datetime | None, tuple[str, ...]]:
    """Return the likeliest time of publication, and what did not agree, in words.

    Before 1990 and the future are no dates. Of two that are far apart, the one that the address confirms wins; without
    an address the feed's, which is about this entry alone (a page has the dates of its neighbours too), unless it is
    the moment of the feed's own making.
    """
    notes: list[str] = []
    claims: list[Claim] = []
    for who, moment in (("feed", feed), ("page", page), ("address", address)):
        if plausible(moment, fetched_at):
            claims.append(Claim(who=who, moment=moment))  # type: ignore[arg-type]
        elif moment is not None and who != "address":
            notes.append(f"the {who}'s date {_words(moment)} cannot be: it is {_why(moment, fetched_at)}")
    if not claims:
        return None, tuple(notes)
    best = _best(claims, fetched_at)
    for other in claims:
        apart = abs(other.moment - best.moment)
        if other is not best and apart > _SAME:
            weight = "weeks" if apart >= _WEEKS else "days"
            notes.append(
                f"the {other.who} says {_words(other.moment)}, the {best.who} {_words(best.moment)}, {weight} apart: "
                f"the {best.who}'s is taken"
            )
    return best.moment, tuple(notes)


def _best(claims: list[Claim], fetched_at: datetime) -> Claim:
    by = {claim.who: claim for claim in claims}
    feed, page, address = by.get("feed"), by.get("page"), by.get("address")
    said = [claim for claim in (feed, page) if claim is not None]
    if not said:
        return claims[0]
    if len(said) == 1:
        return said[0]
    assert feed is not None
    assert page is not None
    if abs(feed.moment - page.moment) <= _SAME:
        return feed
    if address is not None:
        confirmed = [claim for claim in said if abs(claim.moment - address.moment) <= _SAME]
        if len(confirmed) == 1:
            return confirmed[0]
    return page if abs(feed.moment - fetched_at) <= _JUST_NOW and page.moment < feed.moment else feed


def _why(moment: datetime, fetched_at: datetime) -> str:
    return "in the future" if moment > fetched_at else "before 1990"


def _words(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC")
