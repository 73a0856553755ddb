"""`feedsvc check`"""

import json
import os
import sys
from pathlib import Path

import click

from feedsvc import settings
from feedsvc.cli.printing import many
from feedsvc.errors import InvalidConfigError


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def check(folder: Path, as_json: bool) -> None:
    """Validate the configuration; exit 1 with every error and its position.

    \b
    Examples:
      feedsvc check
      feedsvc --config my-config check --json
    """
    try:
        _, parsed = settings.load(folder, os.environ)
    except InvalidConfigError as error:
        if as_json:
            found = [
                {"file": e.file, "line": e.line, "column": e.column, "key": e.key, "problem": e.problem}
                for e in error.errors
            ]
            click.echo(json.dumps({"valid": False, "errors": found}, ensure_ascii=False))
        else:
            click.echo(error, err=True)
        sys.exit(1)
    if as_json:
        counts = {"sources": len(parsed.sources), "categories": len(parsed.categories), "tags": len(parsed.tags)}
        click.echo(json.dumps({"valid": True, "errors": [], **counts}))
    else:
        said = (
            many(len(parsed.sources), "source"),
            many(len(parsed.categories), "category", "categories"),
            many(len(parsed.tags), "tag"),
        )
        click.echo(f"{folder} is valid: {', '.join(said)}")
