"""What a dry run found, for people and for programs."""

from collections.abc import Mapping
from typing import Any

from feedsvc.cli.printing import Printer, many
from feedsvc.model import Filed, Source
from feedsvc.preview import Fate, Preview, PreviewedEntry, PreviewedPage, Refiling, Sample, Shift
from feedsvc.rhythm import Habits
from feedsvc.settings.kinds import write_duration
from feedsvc.why import shown

_FATE_STYLES: Mapping[Fate, str] = {
    "announced": "green",
    "updated": "green",
    "retracted": "yellow",
    "stored": "",
    "skipped": "yellow",
    "nothing": "dim",
}


def document(found: Preview) -> dict[str, Any]:
    """Return all of it under the names that `--json` prints."""
    info = found.info
    return {
        "source": found.source,
        "url": found.url,
        "status": found.status,
        "feed": {
            "format": found.format,
            "title": info.title,
            "link": info.link("alternate"),
            "language": info.language,
            "updated": info.updated,
            "period_s": info.ttl,
            "complete": info.complete,
            "bytes": found.size_bytes,
        },
        "problem": found.problem,
        "doubt": found.doubt,
        "unreadable": found.unreadable,
        "first": found.first,
        "next_fetch_at": found.next_fetch_at,
        "habits": found.habits,
        "counts": _counts(found),
        "entries": found.entries,
        "moved": found.moved,
    }


def _counts(found: Preview) -> dict[str, int]:
    verdicts = {"new": "new", "changed": "changed", "unchanged": "unchanged", "copies": "copy"}
    fates = ("announced", "updated", "stored", "skipped", "retracted")
    counted = {name: found.count(verdict=verdict) for name, verdict in verdicts.items()}
    counted |= {fate: found.count(fate=fate) for fate in fates}
    counted["retracted"] += sum(each.fate == "retracted" for each in found.moved)
    return {"entries": len(found.entries), **counted}


def tell(out: Printer, found: Preview, source: Source, *, is_configured: bool, limit: int) -> None:
    _tell_feed(out, found, source, is_configured)
    for entry in found.entries[:limit]:
        out.blank()
        _tell_entry(out, entry, source)
    for each in found.moved:
        out.blank()
        out.row(out.moment(None), each.title or str(each.story), style="bold")
        out.line(f"{each.fate}: {each.reason or 'its entries changed'}", indent=6, style=_FATE_STYLES[each.fate])
    out.blank()
    if len(found.entries) > limit:
        out.line(f"… and {many(len(found.entries) - limit, 'more entry', 'more entries')}; --limit shows more")
    out.line(_summary(found))


def _tell_feed(out: Printer, found: Preview, source: Source, is_configured: bool) -> None:
    info = found.info
    out.line(f"{info.title or 'without a title'} [{found.source}]", style="bold")
    out.line(found.url)
    if not is_configured:
        out.line("not in the configuration: this is how it would be with every key at its default", style="yellow")
    said = [found.format or "a feed", f"language {info.language}" if info.language else "no language said"]
    said += [many(len(found.entries), "entry", "entries"), f"{found.size_bytes:,} bytes"]
    said += ["says that it is complete"] if info.complete else []
    out.line(", ".join(said))
    if found.next_fetch_at:
        period = f"it asks to be read every {write_duration(info.ttl)}, we read it" if info.ttl else "read"
        out.line(f"{period} at most every {write_duration(found.every)}; next {out.moment(found.next_fetch_at)}")
    if found.habits:
        out.line(_habits(found.habits, source.timezone))
    if found.problem:
        out.line(f"malformed, read as far as possible: {found.problem}; it adds, it overwrites nothing", style="yellow")
    if found.unreadable:
        out.line(f"{many(found.unreadable, 'entry', 'entries')} could not be read", style="yellow")
    if found.doubt:
        out.line(found.doubt, style="yellow")
    if found.first and found.entries:
        newest = "all entries" if found.backfill is None else f"the newest {found.backfill}"
        out.line(f"first poll: of what is not skipped {newest} would be announced (backfill)")


def _habits(habits: Habits, zone: str) -> str:
    count, period = (habits.per_day, "day") if habits.per_day >= 1 else (habits.per_day * 30, "month")
    often = f"about {many(round(count), 'entry', 'entries')} a {period}" if count >= 0.5 else "hardly an entry a month"
    if habits.hours is None:
        return often
    start, end = habits.hours
    return f"{often}, most from {start}:00 to {end or 24}:00 ({zone})"


def _tell_entry(out: Printer, entry: PreviewedEntry, source: Source) -> None:
    out.row(out.moment(entry.published), entry.title or entry.link or "without a title", style="bold")
    out.line(_verdict(entry, source), indent=6, style=_FATE_STYLES[entry.fate])
    if entry.fate == "nothing":
        filed = [each.id for each in (*entry.categories, *entry.tags)]
        if filed:
            out.line(f"in {', '.join(filed)}", indent=6, style="dim")
        return
    for line in _filed(entry):
        out.line(line, indent=6)
    if entry.shows:
        out.line(shown(entry.shows), indent=6)
    if entry.page:
        for line in _page(entry.page):
            out.line(line, indent=6)
    elif entry.waits:
        out.line("its page would be asked for", indent=6, style="dim")


def _page(page: PreviewedPage) -> list[str]:
    text = f"text of the {page.text}" if page.text else "no page"
    return [f"{text}: {page.why}", *page.notes] + [f"its site names a licence: {each}" for each in page.licences]


def _verdict(entry: PreviewedEntry, source: Source) -> str:
    if entry.skipped is not None:
        known = " (stored before)" if entry.verdict == "unchanged" else ""
        return f"skipped: {entry.skipped}{known}"
    newest = f"beyond the newest {source.backfill} of a first poll (backfill)"
    if entry.title is None:
        newest = "until its page tells more than its address"
    what = {
        "announced": "announced",
        "updated": "subscribers get the update",
        "retracted": "withdrawn",
        "stored": f"only stored, {newest}" if entry.verdict != "changed" else "stored as before",
        "skipped": "skipped",
        "nothing": "nothing to do" if entry.verdict == "unchanged" else "nothing that subscribers see",
    }[entry.fate]
    if entry.copy_of is not None:
        first = entry.copy_of.title or entry.copy_of.link or str(entry.copy_of.story)
        score = f" (score {entry.evidence.score:.2f})" if entry.evidence and entry.evidence.score is not None else ""
        why = f": {entry.evidence.detail}{score}" if entry.evidence else ""
        return f"copy of “{first}” at {entry.copy_of.source}{why}; {what}"
    return f"{entry.verdict}: {what}"


def _filed(entry: PreviewedEntry) -> list[str]:
    def lines(name: str, found: tuple[Filed, ...]) -> list[str]:
        return [f"{name} {each.id}: {each.reason}" for each in found]

    if not entry.categories and not entry.tags:
        return [] if entry.skipped is not None else ["in no category: no rule matches"]
    return lines("category", entry.categories) + lines("tag", entry.tags)


def _summary(found: Preview) -> str:
    counts = _counts(found)
    copies = "copy" if counts["copies"] == 1 else "copies"
    names = {"new": "new", "changed": "changed", "unchanged": "unchanged", "copies": copies}
    verdicts = [f"{counts[name]:,} {word}" for name, word in names.items() if counts[name]]
    names = {
        "announced": "announced",
        "updated": "updated",
        "stored": "only stored",
        "skipped": "skipped",
        "retracted": "withdrawn",
    }
    fates = [f"{counts[name]:,} {word}" for name, word in names.items() if counts[name]]
    told = f"; {', '.join(fates)}" if fates else "; nothing that subscribers see" if found.entries else ""
    head = many(counts["entries"], "entry", "entries")
    return f"{head}: {', '.join(verdicts)}{told}. Nothing was stored." if verdicts else f"{head}. Nothing was stored."


def refiling_document(found: Refiling) -> dict[str, Any]:
    return {
        "stories": found.stories,
        "changed": found.changed,
        "moved": found.moved,
        "categories": [_shift_document(each) for each in found.shifts if each.kind == "category"],
        "tags": [_shift_document(each) for each in found.shifts if each.kind == "tag"],
    }


def _shift_document(shift: Shift) -> dict[str, Any]:
    counts = {"stays": shift.stays, "enters": shift.enters, "leaves": shift.leaves}
    return {"id": shift.id, **counts, "entering": shift.entering, "leaving": shift.leaving}


def tell_refiling(out: Printer, found: Refiling) -> None:
    for shift in found.shifts:
        counts = f"{shift.enters:,} enter, {shift.leaves:,} leave, {shift.stays:,} stay"
        touched = shift.enters or shift.leaves
        out.line(f"{shift.kind} {shift.id}: {counts}", style="bold" if touched else "dim")
        _tell_samples(out, shift.entering, "+", "green")
        _tell_samples(out, shift.leaving, "-", "red")
    out.blank()
    moved = f", {found.moved:,} of them from one category to another" if found.moved else ""
    changed = f"{found.changed:,} would stand elsewhere{moved}" if found.changed else "all would stand where they are"
    out.line(f"{many(found.stories, 'story', 'stories')} in the store: {changed}. Nothing was stored.")


def _tell_samples(out: Printer, samples: list[Sample], mark: str, style: str) -> None:
    for sample in samples:
        out.row(f"  {mark} {out.moment(sample.sort_at)}", sample.title or sample.link or str(sample.story), style=style)
        if mark == "+":
            beside = f"; leaves {', '.join(sample.beside)}" if sample.beside else ""
            out.line(f"{sample.reason}{beside}", indent=6)
        else:
            beside = f"; enters {', '.join(sample.beside)}" if sample.beside else ""
            out.line(f"no longer: {sample.reason}{beside}", indent=6)
