"""A source as a person would write it into sources.yaml."""

import json
import re
from dataclasses import asdict

from feedsvc.model import LocalText, Selectors, Source
from feedsvc.settings.kinds import write_duration

#: what can be nothing but a text where it stands unquoted; everything else is quoted
_PLAIN = re.compile(r"[^\W\d_][\w .,()/&–-]*[\w)]|https?://[A-Za-z0-9/._~%?=&+@:-]*[A-Za-z0-9/]")
_MEANING_MORE = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})


def as_yaml(source: Source) -> str:
    """Return an item of the list `sources`, with the keys that discovery proposes."""
    policy = source.policy
    lines = [
        f"- id: {_scalar(source.id)}",
        *_text("  ", "title", source.title),
        f"  url: {_scalar(source.url)}",
        f"  kind: {source.kind}",
        *([f"  language: {_scalar(source.language)}"] if source.language else []),
        f"  every: {write_duration(source.every)}",
        *_select(source.select),
        "  policy:",
        f"    republish: {policy.republish}",
        *([f"    rights: {_scalar(policy.rights)}"] if policy.rights else []),
        *(_text("    ", "attribution", policy.attribution) if policy.attribution else []),
    ]
    return "\n".join(lines) + "\n"


def _select(select: Selectors | None) -> list[str]:
    said = [(name, css) for name, css in asdict(select).items() if css] if select else []
    return ["  select:", *(f"    {name}: {_scalar(css)}" for name, css in said)] if said else []


def _text(indent: str, name: str, text: LocalText) -> list[str]:
    plain = dict(text.by_language).get("")
    if plain is not None:
        return [f"{indent}{name}: {_scalar(plain)}"]
    return [f"{indent}{name}:", *(f"{indent}  {tag}: {_scalar(words)}" for tag, words in text.by_language)]


def _scalar(text: str) -> str:
    """Write a text plainly, or as JSON does, which YAML reads too."""
    is_plain = _PLAIN.fullmatch(text) and text.lower() not in _MEANING_MORE
    return text if is_plain else json.dumps(text, ensure_ascii=False)
