"""Small plots as SVG: what a template needs to draw them, computed here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """Bars that stand on a line, oldest first. Width and height are those of the viewBox."""

    days: tuple[date, ...]
    counts: tuple[int, ...]
    width: int
    height: int
    #: all bars as one SVG path, to be stroked `stroke` wide
    path: str
    stroke: float

    @property
    def total(self) -> int:
        return sum(self.counts)

    @property
    def most(self) -> int:
        return max(self.counts, default=0)

    @property
    def best_day(self) -> date:
        """Return the latest of the days with the most."""
        return max(zip(self.counts, self.days, strict=True))[1]


def by_day(hours: Mapping[datetime, int], zone: ZoneInfo, today: date, days: int) -> tuple[tuple[date, ...], list[int]]:
    """Return the last `days` days up to today in this zone, and how many fell on each; what lies outside is left out.

    Where the zone's offset is no whole hour, an hour belongs to the day in which it begins.
    """
    listed = tuple(today - timedelta(days=back) for back in range(days - 1, -1, -1))
    counts = dict.fromkeys(listed, 0)
    for hour, count in hours.items():
        day = hour.astimezone(zone).date()
        if day in counts:
            counts[day] += count
    return listed, list(counts.values())


def plot(days: Sequence[date], counts: Sequence[int], *, step: int, height: int) -> Plot:
    """Return bars `step` apart, the highest as high as the plot. A day with any is never drawn as a day without."""
    most = max(counts, default=0)
    bars = []
    for place, count in enumerate(counts):
        if count:
            high = max(1.0, round(height * count / most, 1))
            bars.append(f"M{place * step + step / 2:g} {height}v-{high:g}")
    return Plot(
        days=tuple(days),
        counts=tuple(counts),
        width=step * len(counts),
        height=height,
        path="".join(bars),
        stroke=round(step * 0.7, 1),
    )
