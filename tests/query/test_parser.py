"""Query texts, what they are read as, and what is refused where."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.errors import QueryError
from feedsvc.query import FIELDS, MAX_LENGTH, parse


def refusal(text: str) -> QueryError | None:
    try:
        parse(text)
    except QueryError as error:
        return error
    return None


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("wipo", '"wipo"'),
        ("Hà Nội", '"hà" AND "nội"'),
        ("hà AND nội", '"hà" AND "nội"'),
        ('"Hà Nội"', '"hà nội"'),
        ("“Hà Nội”", '"hà nội"'),
        ("„Hà Nội‟ «b»", '"hà nội" AND "b"'),
        ('"Hà “Nội” x"', '"hà nội x"'),
        ('"Hà Nội”', '"hà nội"'),
        ("TP.HCM", '"tp hcm"'),
        ("24/4 R&D", '"24 4" AND "r d"'),
        ("a and b or not c", '"a" AND "and" AND "b" AND "or" AND "not" AND "c"'),
        ("a OR b AND c", '"a" OR ("b" AND "c")'),
        ("tiêu chuẩn OR chất lượng", '("tiêu" AND "chuẩn") OR ("chất" AND "lượng")'),
        ("a OR b c OR d", '"a" OR ("b" AND "c") OR "d"'),
        ("a (b OR c) d", '"a" AND ("b" OR "c") AND "d"'),
        ("+a -b c", '"c" AND "a" AND NOT "b"'),
        ("a OR b -c", '("a" OR "b") AND NOT "c"'),
        ("a OR b NOT c", '("a" OR "b") AND NOT "c"'),
        ("a OR b +c", '("a" OR "b") AND "c"'),
        ("a OR NOT b", '"a" OR NOT "b"'),
        ("a OR -b c", '"a" OR (NOT "b" AND "c")'),
        ("a OR -b -c", '("a" OR NOT "b") AND NOT "c"'),
        ("a -b OR c", '("a" AND NOT "b") OR "c"'),
        ("a AND b -c OR d", '("a" AND "b" AND NOT "c") OR "d"'),
        ("(a OR b -c) OR d", '(("a" OR "b") AND NOT "c") OR "d"'),
        ("a OR TO b", '"a" OR ("to" AND "b")'),
        ("+a b OR c", '("b" OR "c") AND "a"'),
        ("+a AND b", '"a" AND "b"'),
        ("NOT NOT a", '"a"'),
        ("NOT (a b)", 'NOT ("a" AND "b")'),
        ("-a -b", 'NOT "a" AND NOT "b"'),
        ("inno*", "inno*"),
        ("title:TP.HC*", "title:tp.hc*"),
        (r"C\*", '"c"'),
        (r"a\:b", '"a b"'),
        (r'"a \"b\" c"', '"a b c"'),
        ("title:(a OR “b c”)", 'title:"a" OR title:"b c"'),
        ("Title:a", 'title:"a"'),
        ("title: a", 'title:"a"'),
        ('title: "a b" c', 'title:"a b" AND "c"'),
        ("title: (a b) c", 'title:"a" AND title:"b" AND "c"'),
        ("title: a text:b", 'title:"a" AND text:"b"'),
        ("title:a b", 'title:"a" AND "b"'),
        ("tag:WIPO", 'tag:"wipo"'),
        ("host:en.nhandan.vn", 'host:"en.nhandan.vn"'),
        ("source:(a OR b-c)", 'source:"a" OR source:"b-c"'),
        ("a TO b", '"a" AND "to" AND "b"'),
        (
            'title:("product quality" OR "hàng Việt Nam") OR (terms:"kinh tế" AND text:"tiêu chuẩn")',
            'title:"product quality" OR title:"hàng việt nam" OR (terms:"kinh tế" AND text:"tiêu chuẩn")',
        ),
    ],
)
def test_reading(text: str, canonical: str) -> None:
    assert str(parse(text)) == canonical
    assert parse(canonical) == parse(text)


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("[2025-01-01 TO 2025-02-01]", "2025-01-01T00:00:00", "2025-02-02T00:00:00"),
        ("{2025-01-01 TO 2025-02-01}", "2025-01-02T00:00:00", "2025-02-01T00:00:00"),
        ("[2025-1 TO 2025}", "2025-01-01T00:00:00", "2025-01-01T00:00:00"),
        ("[2024-12 TO *]", "2024-12-01T00:00:00", None),
        ("{* TO 2024]", None, "2025-01-01T00:00:00"),
        (">=2025-01-31", "2025-01-31T00:00:00", None),
        (">2025-01-31", "2025-02-01T00:00:00", None),
        ("<2025-01-31", None, "2025-01-31T00:00:00"),
        ("<=2025-01-31", None, "2025-02-01T00:00:00"),
        ("2025-12", "2025-12-01T00:00:00", "2026-01-01T00:00:00"),
        ("2024-02-29", "2024-02-29T00:00:00", "2024-03-01T00:00:00"),
        ("2025-01-31T15:30", "2025-01-31T15:30:00", "2025-01-31T15:31:00"),
        ('"2025-01-31 15:30:09"', "2025-01-31T15:30:09", "2025-01-31T15:30:10"),
        ('"2025-01-31T15:30Z"', "2025-01-31T15:30:00+00:00", "2025-01-31T15:31:00+00:00"),
        ('"2025-01-31T15:30-0330"', "2025-01-31T15:30:00-03:30", "2025-01-31T15:31:00-03:30"),
    ],
)
def test_dates(text: str, since: str | None, until: str | None) -> None:
    bounds = [f'"{bound}"' if bound else "*" for bound in (since, until)]
    query = parse(f"published:{text}")
    assert str(query) == f"published:[{bounds[0]} TO {bounds[1]}}}"
    assert parse(str(query)) == query


@pytest.mark.parametrize(
    ("text", "column", "problem"),
    [
        ("", 1, "empty"),
        ("  ", 1, "empty"),
        ("a /b.c/", 3, "regular expressions"),
        ("a *inno", 3, "begin with “*”"),
        ("title:*", 7, "begin with “*”"),
        ("a in*o", 5, "“*” inside"),
        ("a inno?", 7, "“?” inside"),
        ("a inno~", 7, "“~”"),
        ('"a b"~2', 6, "“~”"),
        ("a~1.2.3", 2, "“~”"),
        ("a b^2", 4, "“^”"),
        ("a titel:b", 3, "did you mean “title:”"),
        ("10:30", 1, "in quotes"),
        ("a http://x.vn/", 3, "in quotes"),
        ("a https://x.vn", 3, "in quotes"),
        ("title:a:b", 7, "inside “title:”"),
        ("title:(a text:b)", 10, "inside “title:”"),
        ("(a AND (b", 8, "not closed"),
        ("a)", 2, "closes nothing"),
        ("(a]", 3, "cannot close"),
        ('a "b c', 3, "not closed"),
        ("a “b c", 3, "not closed"),
        ("a AND", 6, "after “AND”"),
        ("a AND ", 6, "after “AND”"),
        ("NOT", 4, "after “NOT”"),
        ("a -", 4, "after “-”"),
        ("title:", 7, "after “:”"),
        ("OR a", 1, "joins two parts"),
        ("(a OR OR b)", 7, "joins two parts"),
        ("a ()", 4, "a word is expected"),
        (":a", 1, "field is expected"),
        ("title: hà nội", 11, 'title:"hà nội'),
        ("x title : hà “nội” y", 14, "“title:” holds for the next word only"),
        ("Hà Nội - thủ đô", 8, "stands alone"),
        ("a && b", 3, "write AND"),
        ("a||b", 2, "write OR"),
        ("a !b", 3, "write NOT"),
        ("a OR +b", 6, "“+” requires"),
        ("a +b OR c", 3, "“+” requires"),
        ("'a b'", 1, "double quotes"),
        ('a"b c"', 2, "space before"),
        ("a\\", 2, "makes the next character"),
        ("a … b", 3, "holds no word"),
        ('a "&"', 3, "holds no word"),
        ("[a TO b]", 1, "for dates"),
        ("title:[a TO b]", 7, "for dates"),
        ("title:>a", 7, "for dates"),
        ("published:tomorrow", 11, "a date is expected"),
        ("published:2025-02-30", 11, "a date is expected"),
        ("published:[2025 TO 01/02/2025]", 20, "a date is expected"),
        ("published:[2025 2026]", 17, "a range is written"),
        ("published:[2025 TO]", 19, "a range is written"),
        ("published:(2025 OR -x)", 21, "a date is expected"),
        ("tag:a*", 5, "one whole id"),
        ('category:"a b"', 10, "one whole id"),
        ("lang:[a TO b]", 6, "for dates"),
        ("(" * 60 + "a" + ")" * 60, 52, "nested"),
        ("NOT " * 60 + "a", 205, "nested"),
        ("a" * (MAX_LENGTH + 1), MAX_LENGTH + 1, "longer"),
    ],
)
def test_refusals_name_their_column(text: str, column: int, problem: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert (caught.value.column, problem in caught.value.problem) == (column, True), str(caught.value)


def test_a_field_may_be_forbidden() -> None:
    with pytest.raises(QueryError, match="column 3: “category:” cannot be used here"):
        parse("a category:b", fields=set(FIELDS) - {"category"})


@pytest.mark.parametrize(
    "text",
    ["(" * 9_999, "-" * 9_999 + "a", " OR ".join(["ab"] * 1_600), '"' * 10_000, "a" * 10_000, "a OR b -" * 1_200],
)
def test_hostile_queries_end_soon(text: str) -> None:
    error = refusal(text)
    assert error is None or len(str(error)) < 400


SYMBOLS = """( ) [ ] { } " “ ” ' : * ? - + ~ ^ / \\ < >= ! && … AND OR NOT TO"""
PIECES = st.sampled_from(["a", "hà", "title:", "tag:", "published:", "2025", "inno*", *SYMBOLS.split()])
HOSTILE = (
    st.text() | st.lists(PIECES | st.sampled_from([" ", "  ", "\n"])).map("".join) | st.lists(PIECES).map(" ".join)
)


@settings(max_examples=400)
@given(HOSTILE)
def test_any_text_is_read_or_refused_with_a_column(text: str) -> None:
    error = refusal(text)
    if error is None:
        query = parse(text)
        assert parse(str(query)) == query
        assert str(parse(str(query))) == str(query)
    else:
        assert 1 <= error.column <= len(text) + 1
