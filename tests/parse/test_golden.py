"""Each file in tests/data/parse and what is read from it: <case>.xml or <case>.jsonfeed, and <case>.json.

A file's first comment (JSON: `user_comment`) says what it shows and where it was seen. A bug from the wild adds a pair:
write the document, then let the expectation be written, and read it before you commit it:

    FEEDSVC_REWRITE=1 pytest tests/parse/test_golden.py
"""

import json
import os
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.parse.given import read

DATA = Path(__file__).parents[1] / "data" / "parse"
CASES = sorted([*DATA.glob("*.xml"), *DATA.glob("*.jsonfeed")])
# Every document is read as Vietnamese: its dates without a zone are Vietnam's.
TIMEZONE = "Asia/Ho_Chi_Minh"


def plain(value: object) -> object:
    """Return a value as JSON, without what is None, False or empty."""
    if is_dataclass(value):
        named = {field.name: plain(getattr(value, field.name)) for field in fields(value)}
        return {name: one for name, one in named.items() if one not in (None, [], {}) and one is not False}
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.total_seconds() if isinstance(value, timedelta) else value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_document_is_read_as_expected(case: Path) -> None:
    feed = plain(read(case.read_bytes(), timezone=TIMEZONE))
    expected = case.with_suffix(".json")
    if os.environ.get("FEEDSVC_REWRITE"):
        expected.write_text(json.dumps(feed, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    assert feed == json.loads(expected.read_text(encoding="utf-8"))


def test_each_expectation_has_its_document() -> None:
    assert {case.stem for case in CASES} == {path.stem for path in DATA.glob("*.json")}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_each_document_says_what_it_shows(case: Path) -> None:
    head = case.read_bytes()[:400]
    assert b"<!-- " in head or b'"user_comment"' in head
