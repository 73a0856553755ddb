"""Selectors: what is refused, and where in the selector the fault is."""

import pytest
from lxml import etree

from feedsvc import css


@pytest.mark.parametrize(
    ("selector", "column", "words"),
    [
        ("", 1, "a selector is expected"),
        ("h1[", 4, "the selector ends"),
        ("li:not(", 8, "the selector ends"),
        ("a,,b", 3, "there is “,”"),
        ("time@datetime", 5, "there is “@”"),
        ("//a", 1, "there is “/”"),
        ("> a", 1, "there is “>”"),
        ("article a:visible", 10, ":visible is unknown"),
        ("a::text", 2, "pseudo-elements"),
        (":scope > a", 1, "`:scope` is not supported"),
        ("a['x", 3, "unclosed string"),
        ("ns|a", 1, "namespace"),
        ("a" * 2000, 1001, "at most 1000"),
    ],
)
def test_what_cannot_be_used_is_said_with_its_column(selector: str, column: int, words: str) -> None:
    with pytest.raises(css.CssError, match=words) as error:
        css.check(selector)
    assert error.value.column == column


@pytest.mark.parametrize("selector", ["a", ".story__heading > a", "a[href*='::']", "li:has(> time), p:not(.x)"])
def test_selectors_look_at_an_element_and_inside_it(selector: str) -> None:
    css.check(selector)
    item = etree.fromstring("<a class='x'><i/></a>")
    assert css.found("a, i", item) == [item, item[0]]
