"""Who may import whom, read from the syntax of every module, inside functions too."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "feedsvc"

#: from feedsvc, besides a package's own modules
STAGES = {"query", "settings", "dedup", "filing", "fetch", "parse", "extract", "render"}
BASE = {"model", "errors"}
ALLOWED = {
    "model": set(),
    "errors": set(),
    "dates": set(),
    "told_dates": {"dates"},
    "css": set(),
    "addresses": {"model"},
    "edition": {"model"},
    "fragments": set(),
    "policy": {"model", "fragments"},
    "rhythm": BASE,
    "drift": BASE | {"rhythm"},
    "query": BASE,
    "settings": BASE | {"query", "css"},
    "dedup": BASE | {"query"},
    "filing": BASE | {"query"},
    "fetch": BASE | {"rhythm"},
    "parse": BASE | {"dates", "told_dates", "css"},
    "extract": BASE | {"dates"},
    "render": BASE,
    "store": BASE | {"query"},
    "reading": BASE | STAGES,
    "settle": BASE | STAGES,
    "moves": BASE,
    "subscribing": BASE,
    "websub": BASE | STAGES | {"store", "subscribing", "addresses"},
    "outcome": BASE | STAGES | {"reading", "rhythm", "moves", "drift"},
    "withdrawal": BASE | STAGES | {"store", "reading"},
    "update": BASE
    | STAGES
    | {"store", "settle", "reading", "outcome", "withdrawal", "drift", "rhythm", "subscribing", "websub"},
    "publish": BASE | STAGES | {"policy", "store", "addresses", "edition"},
    "revisions": BASE | {"settings", "store", "edition", "subscribing"},
    "readership": {"store"},
    "engine": BASE | STAGES | {"store", "reading", "update"},
    "schedule": BASE
    | STAGES
    | {"store", "engine", "update", "publish", "revisions", "errands", "articles", "illustrate"}
    | {"readership", "websub"},
    "discover": BASE | STAGES,
    "errands": BASE | STAGES | {"store"},
    "articles": BASE | STAGES | {"store", "drift", "settle", "update", "errands"},
    "illustrate": BASE | STAGES | {"store", "errands", "policy", "edition"},
    "editorial": BASE | STAGES | {"store", "settle"},
    "preview": BASE | STAGES | {"store", "rhythm", "outcome", "update", "articles", "why"},
    "why": BASE | STAGES | {"store", "policy", "edition", "addresses"},
    "doctor": BASE | STAGES | {"store", "revisions"},
    "web": BASE
    | {
        "settings",
        "store",
        "policy",
        "fragments",
        "render",
        "query",
        "addresses",
        "revisions",
        "readership",
        "subscribing",
    },
}
EVERYTHING = {"cli", "demo", "evaluate", "__main__", "__init__"}

#: libraries that one package keeps to itself
OWNERS = {
    "luqum": {"query"},
    "pydantic": {"settings"},
    "ruamel": {"settings"},
    "rensa": {"dedup"},
    "aiohttp": {"fetch"},
    "publicsuffixlist": {"fetch"},
    "protego": {"fetch"},
    "backports": {"fetch"},
    "feedparser": {"parse"},
    "nh3": {"extract"},
    "trafilatura": {"extract"},
    "htmldate": {"extract"},
    "cssselect": {"css", "extract"},
    "feedgen": {"render"},
    "brotli": {"render", "fetch"},
    "sqlalchemy": {"store"},
    "alembic": {"store"},
    "psycopg": {"store"},
    "apscheduler": {"schedule"},
    "flask": {"web"},
    "flask_babel": {"web"},
    "babel": {"web"},
    "prometheus_client": {"web"},
    "click": {"cli"},
    "rich": {"cli"},
    "granian": {"cli"},
    "uvloop": {"cli"},
    "watchfiles": {"cli"},
}


def imports(path: Path) -> Iterator[str]:
    """Yield the dotted name of everything a module imports, wherever in it the import stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide who imports whom"
            module = node.module or ""
            yield from (f"{module}.{alias.name}" for alias in node.names) if module == "feedsvc" else [module]


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


MODULES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_stay_within_the_layers(path: Path) -> None:
    here = room(path)
    if here in EVERYTHING:
        return
    assert here in ALLOWED, f"{here} has no place in the layers yet"
    for name in imports(path):
        top, _, rest = name.partition(".")
        if top == "feedsvc":
            assert rest.split(".")[0] in ALLOWED[here] | {here}, f"{here} may not import {name}"
        elif top in OWNERS:
            assert here in OWNERS[top], f"only {OWNERS[top]} may import {top}"


def test_every_owner_is_a_room_and_uses_its_library() -> None:
    used = {(name.split(".")[0], room(path)) for path in MODULES for name in imports(path)}
    for library, owners in OWNERS.items():
        for owner in owners - {"store"}:  # the database drivers are named in addresses, not imported
            assert (library, owner) in used, f"{owner} no longer imports {library}"
