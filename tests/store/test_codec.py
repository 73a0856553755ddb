"""What is encoded comes back the same, whatever publishers put into it."""

from dataclasses import is_dataclass, replace
from datetime import UTC, datetime, timedelta
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.model import Content, Entry, Evidence, FeedInfo, Link
from feedsvc.store.codec import COMPRESS_FROM_BYTES, decode, encode

_SIMPLE: dict[object, st.SearchStrategy[Any]] = {
    str: st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    int: st.integers(),
    float: st.floats(allow_nan=False),
    bool: st.booleans(),
    datetime: st.datetimes(timezones=st.just(UTC)),
    timedelta: st.timedeltas(),
}


def any_of(kind: Any) -> st.SearchStrategy[Any]:
    """Return any value of a value type, each part of it said or left out."""
    if kind in _SIMPLE:
        return _SIMPLE[kind]
    parts = get_args(kind)
    if is_dataclass(kind) and isinstance(kind, type):
        return st.builds(kind, **{name: any_of(hint) for name, hint in get_type_hints(kind).items()})
    if get_origin(kind) is tuple:
        return st.lists(any_of(parts[0]), max_size=3).map(tuple)
    if get_origin(kind) is Literal:
        return st.sampled_from(parts)
    return st.one_of(*(st.none() if part is NoneType else any_of(part) for part in parts))


@settings(max_examples=30)
@given(any_of(Entry))
def test_an_entry_comes_back_the_same(entry: Entry) -> None:
    assert decode(Entry, encode(entry)) == entry


@settings(max_examples=30)
@given(any_of(FeedInfo))
def test_a_feed_comes_back_the_same(feed: FeedInfo) -> None:
    assert decode(FeedInfo, encode(feed)) == feed


@given(any_of(Evidence))
def test_evidence_comes_back_the_same(evidence: Evidence) -> None:
    assert decode(Evidence, encode(evidence)) == evidence


@given(st.text(st.characters(categories=["Cs", "Cc", "L"])))
def test_any_text_is_storable_and_loses_unpaired_surrogates_only(text: str) -> None:
    stored = decode(Entry, encode(Entry(title=text))).title
    assert stored is not None
    assert len(stored) == len(text)
    assert all(a == b or (b == "\ufffd" and "\ud800" <= a <= "\udfff") for a, b in zip(text, stored, strict=True))


def test_empty_is_not_none() -> None:
    said = Entry(title="", content=Content(value="", type="text"))
    assert decode(Entry, encode(said)) == said


def test_long_content_is_compressed() -> None:
    long = Entry(content=Content(value="Chất lượng " * COMPRESS_FROM_BYTES, type="text"))
    assert len(encode(long)) < COMPRESS_FROM_BYTES
    assert decode(Entry, encode(long)) == long


def test_what_equals_its_default_takes_no_room() -> None:
    assert encode(Entry()) == b"{}"
    assert (
        encode(FeedInfo(ttl=timedelta(minutes=1), links=(Link(href="x"),)))
        == b'{"links":[{"href":"x"}],"ttl":60000000}'
    )


def test_a_field_of_another_version_is_passed_over_and_a_missing_one_gets_its_default() -> None:
    assert decode(Entry, b'{"title":"a","gone":[1]}') == replace(Entry(), title="a")


def test_a_type_that_the_codec_cannot_bring_back_is_refused() -> None:
    with pytest.raises(TypeError):
        decode(NoneType, b"null")
