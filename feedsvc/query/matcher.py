"""Whether a query matches a story in memory, and what in the story made it so."""

from collections.abc import Iterator
from itertools import islice
from textwrap import shorten

from feedsvc.query.ast import And, IdField, Is, Not, Or, Phrase, Published, Query, Word
from feedsvc.query.subject import Index, Passage, Subject

# Of one explanation, and characters of one of them: a query of hundreds of words is not spelt out.
_REASONS, _LONGEST = 6, 80


def matches(query: Query, subject: Subject) -> bool:
    """Tell whether the query matches the story. A bare word looks in text, terms and tags."""
    match query:
        case Phrase():
            return any(_found(query, passage) for _, passage in subject.passages[query.field])
        case And():
            return all(matches(operand, subject) for operand in query.operands)
        case Or():
            return any(matches(operand, subject) for operand in query.operands)
        case Not():
            return not matches(query.operand, subject)
        case Is():
            return _is(query.field, query.value, subject) is not None
        case Published():
            return _in_time(query, subject)


def explain(query: Query, subject: Subject) -> str | None:
    """Return in words what made the query match, as the story writes it; None: it does not match."""
    if not matches(query, subject):
        return None
    reasons = list(islice(dict.fromkeys(_reasons(query, subject)), _REASONS + 1))
    return ", ".join([*reasons[:_REASONS], "…"] if len(reasons) > _REASONS else reasons)


def places(phrase: Phrase, passage: Passage) -> Iterator[int]:
    """Yield where in the passage the phrase begins."""
    first, *others = phrase.words
    index = _index(first, passage)
    if not others:
        for word in index.beginning(first.text) if phrase.prefix else (first.text,):
            yield from index.places.get(word, ())
        return
    following = [(offset, word.text, _index(word, passage).words) for offset, word in enumerate(others, start=1)]
    begun = following.pop() if phrase.prefix else None
    for place in index.places.get(first.text, ()):
        if all(words[place + offset] == text for offset, text, words in following) and (
            begun is None or begun[2][place + begun[0]].startswith(begun[1])
        ):
            yield place


def _reasons(query: Query, subject: Subject) -> Iterator[str]:
    """Yield the reasons of a query that matches: of an Or the first alternative's, of an And what is there first."""
    match query:
        case Phrase():
            passages = subject.passages[query.field]
            name, passage = next((name, passage) for name, passage in passages if _found(query, passage))
            yield f"{name}: “{passage.written(next(places(query, passage)), len(query.words))}”"
        case And():
            for operand in sorted(query.operands, key=lambda each: isinstance(each, Not)):
                yield from _reasons(operand, subject)
        case Or():
            yield from _reasons(next(each for each in query.operands if matches(each, subject)), subject)
        case Not():
            yield f"not {shorten(str(query.operand), _LONGEST, placeholder=' …')}"
        case Is():
            yield f"{query.field}: {_is(query.field, query.value, subject)}"
        case Published() if subject.published is not None:
            yield f"published: {subject.published.astimezone(subject.zone):%Y-%m-%d %H:%M}"


def _found(phrase: Phrase, passage: Passage) -> bool:
    # Nearly every word of nearly every rule is absent: one look-up settles most.
    whole = phrase.words[:-1] if phrase.prefix else phrase.words
    if any(word.text not in _index(word, passage).distinct for word in whole):
        return False
    return len(whole) == 1 == len(phrase.words) or next(places(phrase, passage), None) is not None


def _index(word: Word, passage: Passage) -> Index:
    return passage.exact if word.marked else passage.bare


def _is(field: IdField, value: str, subject: Subject) -> str | None:
    """Return the id that is meant by `value`, if the story has it."""
    ids = subject.ids[field]
    if value in ids:
        return value
    if field == "host":
        return next((host for host in sorted(ids) if host.endswith(f".{value}")), None)
    if field == "lang":
        # Basic filtering, RFC 4647 section 3.3.1: en also means en-GB.
        return next((lang for lang in sorted(ids) if lang.startswith(f"{value}-")), None)
    return None


def _in_time(query: Published, subject: Subject) -> bool:
    if subject.published is None:
        return False
    since, until = query.bounds(subject.zone)
    return (since is None or since <= subject.published) and (until is None or subject.published < until)
