"""Which categories and tags a story gets, and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from feedsvc import query
from feedsvc.model import Appearance, Category, Entry, Filed, Filing, Source, Tag


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What files into one category or tag; `match` None: only sources do."""

    id: str
    match: query.Query | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRules:
    """What one source's configuration says of its entries."""

    id: str
    categories: frozenset[str]
    skip: query.Query | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules of one revision of the configuration, read once."""

    sources: tuple[SourceRules, ...]
    categories: tuple[Rule, ...]
    tags: tuple[Rule, ...]
    zone: ZoneInfo

    def skip_reason(self, source: Source, entry: Entry) -> str | None:
        """Return why the source's `skip` keeps this entry from being published; None: it does not."""
        skip = next((each.skip for each in self.sources if each.id == source.id), None)
        if skip is None:
            return None
        why = query.explain(skip, query.subject_of(entry, [entry], (source.id,), self.zone))
        return None if why is None else f"skip matched {why}"

    def file(self, lead: Appearance, appearances: Sequence[Appearance]) -> Filing:
        """Return where a story belongs, in the order of the configuration; `appearances` are all of it.

        A rule reads the leading entry's words, language and date, and every entry's terms, source, host and authors.
        What a source sets holds beside the rules. Tags are decided first: a category's rule may ask for them.
        """
        entries = [each.entry for each in appearances]
        present = tuple(dict.fromkeys(each.source_id for each in appearances))
        subject = query.subject_of(lead.entry, entries, present, self.zone)
        tags = tuple(_filed(self.tags, subject, ()))
        tagged = replace(subject, tags=tuple(tag.id for tag in tags))
        setting = [each for each in self.sources if each.id in present]
        return Filing(categories=tuple(_filed(self.categories, tagged, setting)), tags=tags)


def compile_rules(
    sources: Iterable[Source], categories: Iterable[Category], tags: Iterable[Tag], timezone: str
) -> Rules:
    """Read all queries once. `timezone` is the site's. Raises QueryError, which validated settings never cause."""
    return Rules(
        sources=tuple(
            SourceRules(id=each.id, categories=frozenset(each.categories), skip=_read(each.skip)) for each in sources
        ),
        categories=tuple(Rule(id=each.id, match=_read(each.match)) for each in categories),
        tags=tuple(Rule(id=each.id, match=_read(each.match)) for each in tags),
        zone=ZoneInfo(timezone),
    )


def _read(text: str | None) -> query.Query | None:
    return None if text is None else query.parse(text)


def _filed(rules: Sequence[Rule], subject: query.Subject, sources: Sequence[SourceRules]) -> Iterable[Filed]:
    for rule in rules:
        setting = [source.id for source in sources if rule.id in source.categories]
        reasons = [f"set for source {' and '.join(setting)}"] if setting else []
        why = query.explain(rule.match, subject) if rule.match is not None else None
        reasons += [f"rule matched {why}"] if why is not None else []
        if reasons:
            yield Filed(id=rule.id, reason="; ".join(reasons))
