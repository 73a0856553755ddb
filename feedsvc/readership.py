"""How many read our feeds, as the web process counts them and our User-Agent tells publishers."""

from datetime import date, timedelta

from feedsvc.store import Transaction

#: note in the store: a line for each of the last two days
_READERS = "readers"


def note(tx: Transaction, day: date, count: int) -> None:
    """Note how many have read on a day so far; of several processes, or of one before a restart, the most count."""
    counts = _counts(tx)
    counts[day] = max(count, counts.get(day, 0))
    latest = sorted(counts)[-2:]
    tx.notes.set(_READERS, "\n".join(f"{each.isoformat()} {counts[each]}" for each in latest))


def subscribers(tx: Transaction, today: date) -> int:
    """Return the most of today and yesterday: a day has only begun."""
    return max((count for day, count in _counts(tx).items() if day >= today - timedelta(days=1)), default=0)


def _counts(tx: Transaction) -> dict[date, int]:
    pairs = (line.split() for line in (tx.notes.get(_READERS) or "").splitlines())
    return {date.fromisoformat(day): int(count) for day, count in pairs}
