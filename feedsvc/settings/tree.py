"""YAML text as a tree in which every key and value knows where it stands.

The tree is built from the parser's events, not by its constructor: so a duplicate key is one error among many, an alias
bomb is counted before anything is expanded, and what stands before a syntax error can still be read.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.nodes import ScalarNode

from feedsvc.errors import ConfigError

#: deeper than any setting, far from Python's limit on recursion
MAX_DEPTH = 20
#: values in one file, those that aliases repeat included
MAX_VALUES = 500_000
#: XML 1.0 section 2.2 cannot carry these, so neither can a feed; lone surrogates cannot be encoded at all
UNUSABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_CORE = "tag:yaml.org,2002:"

Plain = str | int | float | bool | list["Plain"] | dict[str, "Plain"] | None


@dataclass(frozen=True, slots=True)
class Mark:
    """Line and column, both from 1."""

    line: int = 1
    column: int = 1


@dataclass(slots=True)
class Scalar:
    """A text, number, truth value or null."""

    mark: Mark
    value: str | int | float | bool | None
    size: int = 1
    height: int = 1


@dataclass(slots=True)
class Sequence:
    """A list. `size` and `height` count what aliases repeat."""

    mark: Mark
    items: list["Node"] = field(default_factory=list)
    size: int = 1
    height: int = 1


@dataclass(slots=True)
class Mapping:
    """A mapping, keys as written; of a duplicate key the first stays."""

    mark: Mark
    items: dict[str, "Node"] = field(default_factory=dict)
    keys: dict[str, Mark] = field(default_factory=dict)
    size: int = 1
    height: int = 1


Node = Scalar | Sequence | Mapping


class Fault(Exception):  # noqa: N818  internal: becomes a ConfigError in `compose`
    """Reading cannot go on, where it is raised."""

    def __init__(self, problem: str, mark: Mark, key: str = "") -> None:
        self.problem, self.mark, self.key = problem, mark, key
        super().__init__(problem)


@dataclass(slots=True)
class _Open:
    """A mapping or list whose end has not come; `key` waits for its value."""

    node: Sequence | Mapping
    anchor: str | None
    key: str | None = None


class _Builder:
    """Events → tree. Keeps what it has when an event is refused."""

    def __init__(self) -> None:
        self.root: Node = Scalar(Mark(), None)
        self.reached = Mark()
        self.faults: list[Fault] = []
        self._yaml = YAML(typ="safe", pure=True)
        self._open: list[_Open] = []
        self._anchors: dict[str, Node] = {}
        self._documents = 0

    def read(self, text: str) -> None:
        for event in self._yaml.parse(text):
            self._take(event)

    def _take(self, event: Event) -> None:
        mark = self.reached = Mark(event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, ScalarEvent | SequenceStartEvent | MappingStartEvent):
            self._check_tag(event, mark)
        match event:
            case DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    raise Fault("a second document begins here; a file holds one", mark)
            case ScalarEvent():
                self._scalar(event, mark)
            case AliasEvent():
                self._alias(event, mark)
            case SequenceStartEvent():
                self._begin(Sequence(mark), event.anchor)
            case MappingStartEvent():
                self._begin(Mapping(mark), event.anchor)
            case SequenceEndEvent() | MappingEndEvent():
                self._end()

    def _check_tag(self, event: ScalarEvent | SequenceStartEvent | MappingStartEvent, mark: Mark) -> None:
        tag = str(event.tag or "")
        if tag not in {"", "!", f"{_CORE}str", f"{_CORE}seq", f"{_CORE}map"}:
            raise Fault(f"tags such as {shown(tag)} have no meaning here; write the plain value", mark)

    def _scalar(self, event: ScalarEvent, mark: Mark) -> None:
        if bad := UNUSABLE.search(event.value):
            self.faults.append(Fault(f"the character U+{ord(bad[0]):04X} cannot stand in a text", mark, self._path()))
            event.value = UNUSABLE.sub("\ufffd", event.value)
        if self._open and isinstance(self._open[-1].node, Mapping) and self._open[-1].key is None:
            self._take_key(event.value, mark)
            return
        if not event.value and event.implicit[0] and self._open:
            mark = self._empty_mark(mark)
        node = Scalar(mark, self._resolved(event))
        if event.anchor:
            self._anchors[event.anchor] = node
        self._add(node, mark)

    def _take_key(self, key: str, mark: Mark) -> None:
        top = self._open[-1]
        mapping = top.node
        assert isinstance(mapping, Mapping)
        if key in mapping.keys:
            problem = f"the key stands twice, first in line {mapping.keys[key].line}"
            self.faults.append(Fault(problem, mark, self._path(key)))
        else:
            mapping.keys[key] = mark
        top.key = key

    def _path(self, *further: str) -> str:
        """Return the keys that lead to where the builder is."""
        name = ""
        for each in self._open:
            if isinstance(each.node, Sequence):
                name += f"[#{len(each.node.items) + 1}]"
            elif each.key is not None:
                name += f".{shown(each.key)}"
        return "".join([name, *(f".{shown(key)}" for key in further)]).removeprefix(".")

    def _empty_mark(self, mark: Mark) -> Mark:
        """Return the key's place for a value that is not there: the parser's mark is often the next line's."""
        top = self._open[-1]
        return top.node.keys[top.key] if isinstance(top.node, Mapping) and top.key is not None else mark

    def _resolved(self, event: ScalarEvent) -> str | int | float | bool | None:
        """Return what a plain scalar means by YAML 1.2; a quoted one is a text, and so is a date."""
        if not event.implicit[0] or str(event.tag or "") == f"{_CORE}str":
            return str(event.value)
        kind = str(self._yaml.resolver.resolve(ScalarNode, event.value, event.implicit))
        node = ScalarNode(tag=kind, value=event.value)
        make = self._yaml.constructor
        try:
            match kind.removeprefix(_CORE):
                case "null":
                    return None
                case "bool":
                    return bool(make.construct_yaml_bool(node))
                case "int" if len(event.value) < 20:  # Python refuses to write out numbers of 5,000 digits
                    return int(make.construct_yaml_int(node))
                case "float":
                    return float(make.construct_yaml_float(node))
        except (ValueError, IndexError):  # "_" looks like a number to the resolver
            pass
        return str(event.value)

    def _alias(self, event: AliasEvent, mark: Mark) -> None:
        node = self._anchors.get(event.anchor)
        if node is None:
            raise Fault(f"the alias *{shown(event.anchor)} names no anchor that stands complete before it", mark)
        self._add(node, mark)

    def _begin(self, node: Sequence | Mapping, anchor: str | None) -> None:
        if self._open:
            self._check_not_key(node.mark)
        else:
            self.root = node  # at once, so that a syntax error further down leaves what came before it
        if len(self._open) >= MAX_DEPTH:
            raise Fault(f"nested more than {MAX_DEPTH} deep", node.mark)
        self._open.append(_Open(node, anchor))

    def _end(self) -> None:
        ended = self._open.pop()
        if ended.anchor:
            self._anchors[ended.anchor] = ended.node
        self._add(ended.node, ended.node.mark)

    def _check_not_key(self, mark: Mark) -> None:
        top = self._open[-1]
        if isinstance(top.node, Mapping) and top.key is None:
            raise Fault("a key must be a plain text", mark)

    def _add(self, node: Node, mark: Mark) -> None:
        if not self._open:
            self.root = node
            return
        self._check_not_key(mark)
        top = self._open[-1]
        if isinstance(top.node, Sequence):
            top.node.items.append(node)
        elif top.key is not None:
            top.node.items.setdefault(top.key, node)
            top.key = None
        top.node.size += node.size
        top.node.height = max(top.node.height, node.height + 1)
        if top.node.size > MAX_VALUES:
            raise Fault(f"more than {MAX_VALUES:,} values, aliases counted as often as they stand", mark)
        if top.node.height > MAX_DEPTH:
            raise Fault(f"nested more than {MAX_DEPTH} deep", mark)


@dataclass(frozen=True, slots=True)
class Composed:
    """A document as read. Not `whole`: the tree holds only what stood before the last error."""

    root: Node
    errors: tuple[ConfigError, ...]
    whole: bool


def compose(text: str, file: str) -> Composed:
    """Read one document."""
    builder = _Builder()
    faults: list[Fault] = []
    try:
        _check_characters(text)
        builder.read(text)
    except Fault as fault:
        faults = [fault]
    except MarkedYAMLError as error:
        faults = [_syntax_fault(error, text)]
    except (YAMLError, ValueError, OverflowError) as error:
        # ruamel.yaml 0.19 lets out the last two, at "\U00110000", "\UFFFFFFFF" and %YAML 1.999…9 (5,000 digits)
        faults = [Fault(f"is not YAML after this place: {shown(error, 200)}", builder.reached)]
    errors = (
        ConfigError(fault.problem, file=file, key=fault.key, line=fault.mark.line, column=fault.mark.column)
        for fault in [*builder.faults, *faults]
    )
    return Composed(builder.root, tuple(errors), whole=not faults)


def _check_characters(text: str) -> None:
    if bad := UNUSABLE.search(text):
        raise Fault(f"the character U+{ord(bad[0]):04X} cannot stand in a text file", mark_at(text, bad.start()))


def mark_at(text: str, index: int) -> Mark:
    before = text[:index]
    return Mark(before.count("\n") + 1, index - before.rfind("\n"))


def _syntax_fault(error: MarkedYAMLError, text: str) -> Fault:
    unclosed = error.problem == "found unexpected end of stream"
    where = error.context_mark if unclosed else error.problem_mark or error.context_mark
    mark = Mark(where.line + 1, where.column + 1) if where else Mark()
    if unclosed:
        return Fault("is not YAML: the quote that begins here is not closed", mark)
    lines = text.splitlines()
    line = lines[mark.line - 1] if mark.line <= len(lines) else ""
    indent = line[: len(line) - len(line.lstrip())]
    if line[mark.column - 1 : mark.column] == "\t" or ("\t" in indent and mark.column <= len(indent) + 1):
        return Fault("a tab cannot indent YAML; use spaces", mark)
    said = " ".join(part for part in (error.problem, error.context and f"({error.context})") if part)
    return Fault(f"is not YAML: {shown(said, 200)}", mark)


def plain(node: Node) -> Plain:
    """Return the values alone, as lists, dicts and scalars."""
    match node:
        case Scalar():
            return node.value
        case Sequence():
            return [plain(item) for item in node.items]
        case Mapping():
            return {key: plain(item) for key, item in node.items.items()}


def child(node: Node | None, part: str | int) -> Node | None:
    if isinstance(node, Mapping) and isinstance(part, str):
        return node.items.get(part)
    if isinstance(node, Sequence) and isinstance(part, int) and part < len(node.items):
        return node.items[part]
    return None


def nodes(node: Node | None) -> Iterator[Node]:
    """Return the items of a list; nothing for anything else."""
    if isinstance(node, Sequence):
        yield from node.items


def text_of(node: Node | None) -> str | None:
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else None


def shown(value: object, limit: int = 60) -> str:
    """Return a value as it can stand in one line of an error message."""
    line = "".join(char if char.isprintable() else repr(char)[1:-1] for char in str(value))
    return line if len(line) <= limit else line[: limit - 1] + "…"
