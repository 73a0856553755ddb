"""Translations of the pages. English is the source text; `python -m feedsvc.web.catalogues` updates the others.

It extracts the messages from modules and templates, updates each `messages.po`, keeping what is translated, and
compiles it. A new message comes out empty, a changed one marked fuzzy: translate those, and run it again.
"""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

WEB = Path(__file__).parent
TRANSLATED = ("vi",)

#: of the headers: nothing that changes from one run to the next
_WRITTEN = datetime(2026, 1, 1, tzinfo=UTC)
_METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
_OPTIONS = {"templates/**.html": {"silent": "false", "trimmed": "true"}}


def extracted() -> Catalog:
    """Return every message that pages use."""
    catalogue = Catalog(project="feedsvc", creation_date=_WRITTEN, revision_date=_WRITTEN)
    for path, _line, message, comments, context in sorted(
        extract_from_dir(str(WEB), _METHODS, _OPTIONS, comment_tags=("Translators:",)), key=lambda found: found[:2]
    ):
        # Without line numbers: an edit elsewhere in a file would change the catalogue.
        catalogue.add(message, None, [(f"feedsvc/web/{path}", 0)], auto_comments=comments, context=context)
    return catalogue


def path_of(language: str) -> Path:
    return WEB / "translations" / language / "LC_MESSAGES" / "messages.po"


def stored(language: str) -> Catalog:
    """Return a language's catalogue as it is, or an empty one."""
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language, project="feedsvc", creation_date=_WRITTEN, revision_date=_WRITTEN)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def compiled(catalogue: Catalog) -> bytes:
    out = BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def untranslated(catalogue: Catalog) -> Iterator[str]:
    """Yield the messages that nobody translated or looked at since they changed."""
    for message in catalogue:
        texts = message.string if isinstance(message.string, (list, tuple)) else [message.string]
        if message.id and (message.fuzzy or not all(texts)):
            yield str(message.id)


def main() -> int:
    """Update and compile; return 1 when something is left to translate."""
    left = []
    for language in TRANSLATED:
        catalogue = stored(language)
        catalogue.update(extracted(), no_fuzzy_matching=False)
        catalogue.obsolete.clear()
        catalogue.fuzzy, catalogue.header_comment = False, f"# What pages say, in the language {language}."
        path = path_of(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalogue, width=100, sort_by_file=True, include_lineno=False)
        path.with_suffix(".mo").write_bytes(compiled(catalogue))
        left += [f"{path.relative_to(WEB)}: {message}" for message in untranslated(catalogue)]
    sys.stderr.write("".join(f"to translate: {line}\n" for line in left))
    return 1 if left else 0


if __name__ == "__main__":
    raise SystemExit(main())
