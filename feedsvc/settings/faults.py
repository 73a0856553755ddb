"""pydantic's findings in an admin's words, each with the place in the file."""

from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from feedsvc.errors import ConfigError
from feedsvc.settings.kinds import kind_of
from feedsvc.settings.nearest import nearest
from feedsvc.settings.tree import Mapping, Mark, Node, child, shown, text_of

Path = tuple[str | int, ...]


def translated(error: ValidationError, model: type[BaseModel], root: Node, file: str) -> list[ConfigError]:
    return [_fault(finding, model, root, file) for finding in error.errors(include_url=False)]


def _fault(finding: Any, model: type[BaseModel], root: Node, file: str) -> ConfigError:
    path: Path = finding["loc"]
    at_key = finding["type"] == "extra_forbidden"
    if path[-1:] == ("[key]",):  # pydantic's way to point at a key of a map
        path, at_key = path[:-1], True
    mark = key_mark(root, path) if at_key else value_mark(root, path)
    problem = _unknown_key(model, path) if finding["type"] == "extra_forbidden" else _problem(finding)
    if not path:  # an empty file is null
        problem = f"the file {problem}; allowed: {', '.join(model.model_fields)}"
    return ConfigError(problem, file=file, key=key_name(root, path), line=mark.line, column=mark.column)


#: by pydantic's name of the finding; {given} is the value in words, {shown} as it stands
_PROBLEMS = {
    "missing": "the key is required and missing",
    "value_error": "{error}",
    "model_type": "must be a mapping of keys, not {given}",
    "dict_type": "must be a mapping of keys, not {given}",
    "list_type": "must be a list ([] for an empty one), not {given}",
    "int_type": "must be a whole number, not {given}",
    "int_from_float": "must be a whole number, not {shown}",
    "bool_type": "must be true or false, not {given}",
    "greater_than_equal": "must be at least {ge}, not {shown}",
    "less_than_equal": "must be at most {le}, not {shown}",
    "too_short": "must have at least {min_length} item",
    "literal_error": "must be one of {expected}, not {given}",
}


def _problem(finding: Any) -> str:
    words = {"given": kind_of(finding["input"]), "shown": shown(finding["input"]), **finding.get("ctx", {})}
    return _PROBLEMS[finding["type"]].format(**words) if finding["type"] in _PROBLEMS else str(finding["msg"])


def _unknown_key(model: type[BaseModel], path: Path) -> str:
    owner, key = _model_at(model, path[:-1]), str(path[-1])
    allowed = list(owner.model_fields)
    if near := nearest(key, allowed):
        hint = f", did you mean {near}?"
    else:
        homes = [name for name in allowed if (inner := _inner_model(owner, name)) and key in inner.model_fields]
        hint = f", it belongs under {homes[0]}" if homes else ""
    return f"unknown key{hint}; allowed: {', '.join(allowed)}"


def _model_at(model: type[BaseModel], path: Path) -> type[BaseModel]:
    for part in path:
        if isinstance(part, str):
            model = _inner_model(model, part) or model
    return model


def _inner_model(model: type[BaseModel], name: str) -> type[BaseModel] | None:
    """Return the model behind a field, also inside a list or where null is allowed."""
    field = model.model_fields.get(name)
    kinds = [field.annotation] if field else []
    while kinds:
        kind = kinds.pop()
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
        kinds.extend(get_args(kind))
    return None


def value_mark(root: Node, path: Path) -> Mark:
    """Return where the value stands, else the innermost value around it."""
    node, mark = root, root.mark
    for part in path:
        inner = child(node, part)
        if inner is None:
            break
        node, mark = inner, inner.mark
    return mark


def key_mark(root: Node, path: Path) -> Mark:
    """Return where the last key of the path stands, else the innermost value around it."""
    owner: Node | None = root
    for part in path[:-1]:
        owner = child(owner, part)
    if isinstance(owner, Mapping) and path[-1] in owner.keys:
        return owner.keys[str(path[-1])]
    return value_mark(root, path)


def key_name(root: Node, path: Path) -> str:
    """Return the path in words: an item of a list is named by its id where it has one, else #1, #2, ..."""
    name, node = "", root if path else None
    for part in path:
        node = child(node, part) if node is not None else None
        if isinstance(part, int):
            name += f"[{_label(node) or f'#{part + 1}'}]"
        elif part:  # "" is the place of a text without a language
            name += f".{shown(part)}" if name else shown(part)
    return name


def _label(node: Node | None) -> str | None:
    label = text_of(child(node, "id"))
    return shown(label) if label else None
