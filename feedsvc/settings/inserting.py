"""New items at the end of the list in a file of one key with a list; all that stands there stays, byte for byte.

ruamel.yaml's round trip keeps comments, but not line widths, indentation and every quote. So the file is not written
anew: the parser says where its list ends, and the new items are put there in the form of those before them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.events import (
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentEndEvent,
    Event,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
)
from ruamel.yaml.scalarstring import DoubleQuotedScalarString
from ruamel.yaml.tokens import BlockEntryToken

#: ruamel wraps what is longer
_WIDTH = 1_000_000
_SEPARATOR = re.compile("[\u2028\u2029]")
_BLANK_LINE = re.compile(r"\n[ \t]*\r?\n")
_COMMENT = re.compile(r"#[^\r\n]*")

#: a mapping as it is to be written; lists stand in their line
Keys = Mapping[str, str | Sequence[str]]


def as_yaml(keys: Keys, *, in_braces: bool = False) -> str:
    """Return a mapping as YAML: in braces in one line, or a line each key with a line end."""
    made = CommentedMap()
    for key, value in keys.items():
        if isinstance(value, str):
            # Elsewhere than between double quotes these would be read as spaces.
            made[key] = DoubleQuotedScalarString(value) if _SEPARATOR.search(value) else value
        else:
            made[key] = CommentedSeq(value)
            made[key].fa.set_flow_style()
    if in_braces:
        made.fa.set_flow_style()
    yaml = YAML()
    yaml.width = _WIDTH
    out = StringIO()
    yaml.dump(made, out)
    return out.getvalue().rstrip("\n") if in_braces else out.getvalue()


def inserted(text: str, key: str, items: Sequence[Keys]) -> str:
    """Return the text with these items behind those of the list under `key`, whose value may also be null or missing.

    The text is one whole document that holds nothing else.
    """
    text = _with_list(text, key)
    layout = _layout(text)
    return _below(text, layout, items) if layout.value is None else _between_brackets(text, layout, items)


@dataclass(frozen=True, slots=True)
class _Item:
    """One item in the file: where its text begins and ends, and in which column."""

    start: int
    end: int
    column: int
    in_braces: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """How the file is written, as far as something is to be added to it."""

    #: where the document ends: with the text, or before `...`
    end: int
    #: of the key, from 0; None: there is no key
    column: int | None = None
    in_braces: bool = False
    #: where a list in brackets begins and ends, or null; None: lines with dashes, or nothing at all
    value: tuple[int, int] | None = None
    #: of the dashes, from 0
    dash: int | None = None
    items: tuple[_Item, ...] = ()


def _layout(text: str) -> _Layout:
    events = list(YAML(typ="safe", pure=True).parse(text))
    ends = [event.start_mark.index for event in events if isinstance(event, DocumentEndEvent) and event.explicit]
    end = ends[0] if ends else len(text)
    root = next((number for number, event in enumerate(events) if isinstance(event, MappingStartEvent)), None)
    if root is None:
        return _Layout(end=end)
    column, in_braces = events[root].start_mark.column, bool(events[root].flow_style)
    value = events[root + 2]
    if isinstance(value, ScalarEvent):
        span = (value.start_mark.index, value.end_mark.index)
        written = in_braces or value.value != ""
        return _Layout(end=end, column=column, in_braces=in_braces, value=span if written else None)
    assert isinstance(value, SequenceStartEvent)
    items, closed = _items(events[root + 3 :])
    if value.flow_style:
        # What stands before the bracket may be an anchor.
        span = (text.index("[", value.start_mark.index), closed)
        return _Layout(end=end, column=column, in_braces=in_braces, value=span, items=items)
    dash = next(token for token in YAML(typ="safe", pure=True).scan(text) if isinstance(token, BlockEntryToken))
    return _Layout(end=end, column=column, dash=dash.start_mark.column, items=items)


def _items(events: Sequence[Event]) -> tuple[tuple[_Item, ...], int]:
    """Return the items of the list whose first event stood before these, and where the list ends."""
    items: list[_Item] = []
    opened: list[Event] = []
    for event in events:
        if isinstance(event, CollectionStartEvent):
            opened.append(event)
            continue
        if isinstance(event, CollectionEndEvent) and not opened:
            return tuple(items), event.end_mark.index
        first = opened.pop() if isinstance(event, CollectionEndEvent) else event
        if not opened:
            place = first.start_mark
            in_braces = isinstance(first, CollectionStartEvent) and bool(first.flow_style)
            items.append(_Item(place.index, event.end_mark.index, place.column, in_braces))
    raise AssertionError("the parser closes every list")


def _with_list(text: str, key: str) -> str:
    """Return the text with its key, and where nothing is in the list, with room for lines in the place of `[]`."""
    layout = _layout(text)
    if layout.column is None:
        return f"{_with_line_end(text[: layout.end], text)}{key}:{_eol(text)}{text[layout.end :]}"
    if layout.items or layout.value is None:
        return text
    start, end = layout.value
    if not layout.in_braces and text[start:end].strip("[] \t\r\n").lower() in {"", "~", "null"}:
        return text[:start].rstrip(" ") + text[end:]
    return text if text[start : start + 1] == "[" else f"{text[:start].rstrip(' ')} []{text[end:]}"


def _below(text: str, layout: _Layout, items: Sequence[Keys]) -> str:
    """Add lines with dashes at the end of the document."""
    eol, last = _eol(text), layout.items[-1] if layout.items else None
    dash = layout.dash if layout.dash is not None else layout.column or 0
    in_braces = last is not None and last.in_braces
    # A first key that stands in the line of its dash shows how far keys are indented.
    indent = 2
    if last and not in_braces and re.search(r"-[ ]+$", text[: last.start].rpartition("\n")[2]):
        indent = last.column - dash
    blocks = [_lines(keys, dash, indent, in_braces) for keys in items]
    spaced = _is_spaced(text, layout.items) if len(layout.items) > 1 else not in_braces
    before = _with_line_end(text[: layout.end], text)
    if last and spaced and not _BLANK_LINE.search(before[-4:]):
        before += eol
    written = ("\n" if spaced else "").join(blocks)
    return before + written.replace("\n", eol) + text[layout.end :]


def _lines(keys: Keys, dash: int, indent: int, in_braces: bool) -> str:
    if in_braces:
        return f"{' ' * dash}- {as_yaml(keys, in_braces=True)}\n"
    lines = as_yaml(keys).splitlines()
    first, *rest = lines
    return "".join(
        [f"{' ' * dash}-{' ' * (indent - 1)}{first}\n", *(f"{' ' * (dash + indent)}{line}\n" for line in rest)]
    )


def _is_spaced(text: str, items: Sequence[_Item]) -> bool:
    """Say whether an empty line stands between the last two items."""
    return _BLANK_LINE.search(text, items[-2].start, items[-1].start) is not None


def _between_brackets(text: str, layout: _Layout, items: Sequence[Keys]) -> str:
    """Add mappings in braces before the closing bracket."""
    assert layout.value is not None
    close = layout.value[1] - 1
    head = text[:close].rstrip(" \t\r\n")
    gap = text[len(head) : close]
    separator = ", "
    if "\n" in gap:
        # On lines of their own, for what stands before may be a comment.
        column = layout.items[-1].column if layout.items else (layout.column or 0) + 2
        separator = f",{_eol(text)}{' ' * column}"
    written = separator.join(as_yaml(keys, in_braces=True) for keys in items)
    if not layout.items:
        return head + separator.lstrip(",").rstrip(" " if "\n" not in gap else "") + written + gap + text[close:]
    end = layout.items[-1].end
    comma = "" if "," in _COMMENT.sub("", text[end:close]) else ","
    return text[:end] + comma + head[end:] + separator.removeprefix(",") + written + gap + text[close:]


def _eol(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _with_line_end(before: str, text: str) -> str:
    return before if not before or before.endswith(("\n", "\r")) else before + _eol(text)
