"""What one value alone cannot show: ids that stand twice, categories that do not exist, half of a pair.

These look at the tree, not at the validated models, so that they also speak when other keys are wrong.
"""

from collections.abc import Collection, Iterator
from itertools import chain

from feedsvc import query
from feedsvc.errors import ConfigError, QueryError
from feedsvc.settings.faults import key_name
from feedsvc.settings.nearest import nearest
from feedsvc.settings.tree import Mapping, Node, Scalar, child, nodes, shown, text_of

#: (file, key of the list, what one item is called)
_LISTS = (
    ("sources.yaml", "sources", "source"),
    ("categories.yaml", "categories", "category"),
    ("categories.yaml", "tags", "tag"),
)
#: (file, key of the list, key of the query); other fields that name ids are refused there, which is an error of its own
_QUERIES = (
    ("sources.yaml", "sources", "skip", ("source",)),
    ("categories.yaml", "categories", "match", ("source", "tag")),
    ("categories.yaml", "tags", "match", ("source",)),
)
#: ids that one message names
_NAMED = 12
#: the ids of a list, and of each earlier id the present one
_Ids = tuple[set[str], dict[str, str]]
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
        errors += _lists_of_pages(trees["sources.yaml"], names["sources.yaml"])
        if "categories.yaml" in trees:
            errors += _unknown_categories(trees["sources.yaml"], trees["categories.yaml"], names["sources.yaml"])
    lists = {word: _known(trees[file], key) for file, key, word in _LISTS if file in trees}
    for file, key, rule, fields in _QUERIES:
        if file in trees:
            known = {word: ids for word, ids in lists.items() if word in fields}
            errors += _unknown_in_rules(trees[file], (key, rule), known, names[file])
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


def _lists_of_pages(root: Node, file: str) -> Iterator[ConfigError]:
    for index, source in enumerate(nodes(child(root, "sources"))):
        kind, select = child(source, "kind"), child(source, "select")
        if kind is None or text_of(kind) != "page" or not _is_null(child(select, "list")):
            continue
        problem = "kind page needs select with list, CSS for each entry, such as {list: article.story}"
        place = kind if _is_null(select) or select is None else select
        yield _error(
            f"{problem}; feedsvc discover proposes some", place, key_name(root, ("sources", index, "select")), file
        )


def _is_null(node: Node | None) -> bool:
    return node is None or (isinstance(node, Scalar) and node.value is None)


def _unknown_categories(root: Node, categories: Node, file: str) -> Iterator[ConfigError]:
    present, earlier = _known(categories, "categories")
    for index, source in enumerate(nodes(child(root, "sources"))):
        for number, node in enumerate(nodes(child(source, "categories"))):
            id_ = text_of(node)
            if id_ is None or id_ in present:
                continue
            problem = _no_such("category", id_, earlier.get(id_) or nearest(id_, present), present)
            yield _error(problem, node, key_name(root, ("sources", index, "categories", number)), file)


def _known(root: Node, key: str) -> _Ids:
    present, earlier = set[str](), dict[str, str]()
    for item in nodes(child(root, key)):
        if id_ := text_of(child(item, "id")):
            present.add(id_)
            earlier.update({was: id_ for node in nodes(child(item, "was")) if (was := text_of(node))})
    return present, earlier


def _no_such(word: str, id_: str, meant: str | None, present: Collection[str]) -> str:
    hint = f", did you mean {shown(meant)}?" if meant else ""
    ids = [shown(each) for each in sorted(present)]
    more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
    return f"no {word} has the id “{shown(id_)}”{hint}; allowed: {', '.join(ids[:_NAMED]) or 'none is declared'}{more}"


def _unknown_in_rules(root: Node, place: tuple[str, str], known: dict[str, _Ids], file: str) -> Iterator[ConfigError]:
    """Look for ids that a query names and nobody has: it would silently match nothing."""
    key, rule = place
    for index, item in enumerate(nodes(child(root, key))):
        node = child(item, rule)
        for part in _ids_in(text_of(node)):
            if node is None or part.field not in known:
                continue
            present, earlier = known[part.field]
            if part.value not in present:
                meant = earlier.get(part.value) or nearest(part.value, present)
                problem = _no_such(part.field, part.value, meant, present)
                yield _error(f"column {part.column}: {problem}", node, key_name(root, (key, index, rule)), file)


def _ids_in(text: str | None) -> Iterator[query.Is]:
    """Yield the ids in a query; none of one that cannot be read, which is an error of its own."""
    try:
        waiting = [query.parse(text)] if text is not None else []
    except QueryError:
        return
    while waiting:
        match waiting.pop():
            case query.Is() as found:
                yield found
            case query.Not(operand=inner):
                waiting.append(inner)
            case query.And(operands=inner) | query.Or(operands=inner):
                waiting += reversed(inner)
