"""Folding until the query package brings the one that all share."""

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")


def words(text: str, limit: int = 4000) -> list[str]:
    """Return the first `limit` words, case and composition folded."""
    folded = unicodedata.normalize("NFC", text[: limit * 16]).casefold()
    return _WORD.findall(folded)[:limit]
