"""What somebody probably meant."""

import difflib
from collections.abc import Iterable


def nearest(word: str, allowed: Iterable[str], likeness: float = 0.6) -> str | None:
    """Return the allowed word that `word` is a slip of, if one is near; letter case and - for _ make no difference."""
    by_form = {_form(known): known for known in sorted(allowed)}
    near = difflib.get_close_matches(_form(word[:80]), by_form, n=1, cutoff=likeness)
    return by_form[near[0]] if near else None


def _form(word: str) -> str:
    return word.casefold().replace("-", "_").replace(" ", "_")
