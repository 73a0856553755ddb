"""CSS selectors: what is wrong with one, and what it finds."""

import re
from functools import lru_cache

from cssselect import HTMLTranslator, SelectorError
from lxml import etree

_MAX_CHARS = 1_000
#: where the parser stopped, counted from 0; what it calls the end of the text has no other name
_PLACE = re.compile(r"^(?P<what>.*?)(?: at (?P<at>\d+))?>?$", re.DOTALL)
_TOKEN = re.compile(r"^(?P<expected>.*), got <(?P<kind>[A-Z]+)(?: '(?P<text>.*)')?$", re.DOTALL)
_UNKNOWN = re.compile(r"pseudo-class (:[\w-]+)")
_STRING = re.compile(r"\"[^\"]*\"|'[^']*'")


class CssError(ValueError):
    """A selector that cannot be used. `column` counts characters from 1."""

    def __init__(self, problem: str, *, column: int) -> None:
        self.problem, self.column = problem, column
        super().__init__(f"column {column}: {problem}")


def check(selector: str) -> None:
    """Raise CssError for what is no CSS selector of elements."""
    if len(selector) > _MAX_CHARS:
        raise CssError(f"must be at most {_MAX_CHARS} characters", column=_MAX_CHARS + 1)
    bare = _STRING.sub(lambda string: "_" * len(string[0]), selector)
    for mark, problem in (
        ("::", "pseudo-elements such as ::text are not supported: name the element"),
        (":scope", "`:scope` is not supported: every selector looks inside the entry"),
    ):
        if (at := bare.find(mark)) >= 0:
            raise CssError(problem, column=at + 1)
    try:
        compiled(selector)(etree.Element("html"))
    except SelectorError as error:
        raise _fault(selector, str(error)) from error
    except etree.XPathError as error:
        raise CssError(f"cannot be used: {error}", column=1) from error


def found(selector: str, element: etree._Element) -> list[etree._Element]:
    """Return what a checked selector finds in an element and its descendants, in the document's order."""
    elements: list[etree._Element] = compiled(selector)(element)
    return elements


@lru_cache(maxsize=64)
def compiled(selector: str) -> etree.XPath:
    """Raises SelectorError or XPathError."""
    return etree.XPath(HTMLTranslator().css_to_xpath(selector))


def _fault(selector: str, said: str) -> CssError:
    if unknown := _UNKNOWN.search(said):
        return CssError(f"{unknown[1]} is unknown or not supported", column=max(selector.find(unknown[1]), 0) + 1)
    place = _PLACE.match(said)
    if place is None or place["at"] is None:
        return CssError(said, column=1)
    column = int(place["at"]) + 1
    token = _TOKEN.match(place["what"])
    if token is None:
        return CssError(place["what"][:1].lower() + place["what"][1:], column=column)
    got = "the selector ends" if token["kind"] == "EOF" else f"there is “{token['text']}”"
    expected = token["expected"].replace("Expected selector", "a selector is expected")
    return CssError(f"{expected[:1].lower()}{expected[1:]}, but {got}", column=column)
