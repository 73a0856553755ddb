"""What editors and people read about the settings, made from their declarations."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from feedsvc.settings.declared import FILES, Keys

BEGIN = "<!-- begin of the reference: written by `python -m feedsvc.settings` -->"
END = "<!-- end of the reference -->"

_TYPE_NAMES = {"boolean": "`true` or `false`", "integer": "whole number", "string": "text"}


class _Schema(GenerateJsonSchema):
    """Without titles made from field names: a title here names a kind of value."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def json_schema() -> dict[str, dict[str, Any]]:
    """Return a JSON Schema (2020-12) for each file, by file name; it accepts what a person writes: `15m`, not 900."""
    return {name: _schema_of(name, model) for name, model in FILES}


def _schema_of(name: str, model: type[Keys]) -> dict[str, Any]:
    schema = model.model_json_schema(schema_generator=_Schema)
    for definition in schema["$defs"].values():
        del definition["title"]  # our class names mean nothing to an editor
    return {"$schema": GenerateJsonSchema.schema_dialect, **schema, "title": f"config/{name}"}


def reference() -> str:
    """Return the tables of all keys in Markdown, between the two markers, with a final newline."""
    parts = [BEGIN]
    for name, schema in json_schema().items():
        parts.append(f"### {name}")
        rows = ["| key | value | default | what it is |", "|---|---|---|---|"]
        rows += _rows(schema, schema, "")
        parts.append("\n".join(rows))
    return "\n\n".join([*parts, END]) + "\n"


def _rows(schema: dict[str, Any], root: dict[str, Any], prefix: str) -> Iterator[str]:
    required = schema.get("required", [])
    for name, field in schema["properties"].items():
        inner, is_list = _inner(field, root)
        default = "required" if name in required else _default(field)
        yield f"| `{prefix}{name}` | {_kind(field, root)} | {default} | {_cell(field['description'])} |"
        if inner:
            yield from _rows(inner, root, f"{prefix}{name}{'[]' if is_list else ''}.")


def _inner(field: dict[str, Any], root: dict[str, Any]) -> tuple[dict[str, Any] | None, bool]:
    """Return the schema of the mapping that a field holds, and whether it holds a list of them."""
    for option in field.get("anyOf", [field]):
        if option.get("type") == "array":
            return _inner(option["items"], root)[0], True
        if "$ref" in option:
            return root["$defs"][option["$ref"].rpartition("/")[2]], False
    return None, False


def _kind(field: dict[str, Any], root: dict[str, Any]) -> str:
    unit = f" ({field['x-unit']})" if "x-unit" in field else ""
    options = [option for option in field.get("anyOf", [field]) if option.get("type") != "null"]
    if "title" in field:
        name = str(field["title"])
    elif "enum" in field:
        name = ", ".join(f"`{value}`" for value in field["enum"])
    elif options[0] is not field:
        name = _kind(options[0], root)
    elif field.get("type") == "array":
        inner = _kind(field["items"], root)
        name = "list of mappings" if inner == "mapping" else f"list of: {inner}"
    else:
        name = _TYPE_NAMES.get(field.get("type", ""), "mapping")
    return name + unit + _example(field)


def _example(field: dict[str, Any]) -> str:
    examples = field.get("examples", [])
    return f": {' '.join(f'`{example}`' for example in examples)}" if examples else ""


def _default(field: dict[str, Any]) -> str:
    return f"`{json.dumps(field['default'], ensure_ascii=False)}`".replace('"', "") if "default" in field else ""


def _cell(sentence: str) -> str:
    return sentence.replace("|", "\\|")


def written(folder: Path) -> dict[Path, str]:
    """Return README.md and the schemas of a configuration folder as they should be.

    Only what stands between the markers of README.md is made; the rest stays.
    """
    readme = (folder / "README.md").read_text("utf-8")
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(f"{END}\n")
    texts = {folder / "README.md": f"{before}{reference()}{after}"}
    for name, schema in json_schema().items():
        path = folder / "schema" / name.replace(".yaml", ".json")
        texts[path] = json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
    return texts
