"""What one value alone cannot show: ids that stand twice, categories that do not exist, half of a pair.

These look at the tree, not at the validated models, so that they also speak when other keys are wrong.
"""

from collections.abc import Iterator
from itertools import chain

from feedsvc.errors import ConfigError
from feedsvc.settings.faults import key_name
from feedsvc.settings.nearest import nearest
from feedsvc.settings.tree import Mapping, Node, Scalar, child, nodes, shown, text_of

#: (file, key of the list, what one item is called)
_LISTS = (
    ("sources.yaml", "sources", "source"),
    ("categories.yaml", "categories", "category"),
    ("categories.yaml", "tags", "tag"),
)
_AUTH_PAIRS = (("user", "password_file"), ("header", "value_file"))


def cross_check(trees: dict[str, Node], names: dict[str, str]) -> list[ConfigError]:
    """Check the files against themselves and each other. `names`: the path of each file for messages.

    A file that could not be read is absent from `trees`; what would need it is not checked.
    """
    errors: list[ConfigError] = []
    for file, key, word in _LISTS:
        if file in trees:
            errors += _repeated_ids(trees[file], key, word, names[file])
    if "sources.yaml" in trees:
        errors += _auth_shapes(trees["sources.yaml"], names["sources.yaml"])
        if "categories.yaml" in trees:
            errors += _unknown_categories(trees["sources.yaml"], trees["categories.yaml"], names["sources.yaml"])
    return errors


def _error(problem: str, node: Node, key: str, file: str) -> ConfigError:
    return ConfigError(problem, file=file, key=key, line=node.mark.line, column=node.mark.column)


def _ids(root: Node, key: str) -> Iterator[tuple[tuple[str | int, ...], Node, str]]:
    """Return path, place and text of every id, the present ones before the earlier ones."""
    items = list(enumerate(nodes(child(root, key))))
    for index, item in items:
        node = child(item, "id")
        if node is not None and (id_ := text_of(node)) is not None:
            yield (key, index, "id"), node, id_
    for index, item in items:
        for number, node in enumerate(nodes(child(item, "was"))):
            if (id_ := text_of(node)) is not None:
                yield (key, index, "was", number), node, id_


def _repeated_ids(root: Node, key: str, word: str, file: str) -> Iterator[ConfigError]:
    seen: dict[str, Node] = {}
    for path, node, id_ in _ids(root, key):
        first = seen.setdefault(id_, node)
        if first is not node:
            what = f"“{shown(id_)}” is already the id, or an earlier id, of a {word} in line {first.mark.line}"
            yield _error(f"{what}; every {word} needs its own", node, key_name(root, path), file)


def _auth_shapes(root: Node, file: str) -> Iterator[ConfigError]:
    for index, source in enumerate(nodes(child(root, "sources"))):
        auth = child(source, "auth")
        if not isinstance(auth, Mapping):
            continue
        given = {name for name in chain(*_AUTH_PAIRS) if not _is_null(child(auth, name))}
        if given not in map(set, _AUTH_PAIRS):
            problem = "must have either user and password_file, or header and value_file"
            yield _error(problem, auth, key_name(root, ("sources", index, "auth")), file)


def _is_null(node: Node | None) -> bool:
    return node is None or (isinstance(node, Scalar) and node.value is None)


def _unknown_categories(root: Node, categories: Node, file: str) -> Iterator[ConfigError]:
    present, earlier = set[str](), dict[str, str]()
    for category in nodes(child(categories, "categories")):
        if id_ := text_of(child(category, "id")):
            present.add(id_)
            earlier.update({was: id_ for node in nodes(child(category, "was")) if (was := text_of(node))})
    for index, source in enumerate(nodes(child(root, "sources"))):
        for number, node in enumerate(nodes(child(source, "categories"))):
            id_ = text_of(node)
            if id_ is None or id_ in present:
                continue
            meant = earlier.get(id_) or nearest(id_, present)
            hint = f", did you mean {shown(meant)}?" if meant else ""
            allowed = ", ".join(map(shown, sorted(present))) or "none is declared"
            problem = f"no category has the id “{shown(id_)}”{hint}; allowed: {allowed}"
            yield _error(problem, node, key_name(root, ("sources", index, "categories", number)), file)
