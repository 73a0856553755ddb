"""`feedsvc why`"""

import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from feedsvc.cli.opening import opened
from feedsvc.cli.printing import Printer, print_json
from feedsvc.why import Why, in_words, story_id
from feedsvc.why import why as explained


@click.command()
@click.argument("article", metavar="URL|STORY")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def why(folder: Path, article: str, as_json: bool) -> None:
    """Say what became of an article: not seen, skipped, merged, filed, licensed, listed; 1 when no source brought it.

    URL is an article's address in any of its usual forms, or the page of a story here; STORY is a story's id.

    \b
    Examples:
      feedsvc why https://en.nhandan.vn/some-article-post123456.html
      feedsvc why urn:uuid:0b5a1bdc-2f3f-4a5e-9a53-3c9d8f7f0a11 --json
    """
    if "://" not in article and story_id(article) is None:
        raise click.UsageError(f"{article} is neither an address (http://…) nor a story's id")
    with opened(folder) as service:
        current = service.in_force()
        with service.store.read() as tx:
            found = explained(article, tx, current.edition)
    if as_json:
        print_json(found)
    else:
        _tell(found, Printer(ZoneInfo(current.settings.site.timezone)))
    if found.outcome == "not seen":
        sys.exit(1)


def _tell(found: Why, out: Printer) -> None:
    for number, paragraph in enumerate(in_words(found, out.zone)):
        if number:
            out.blank()
        if paragraph.heading is not None:
            out.line(paragraph.heading, style="bold")
        for line in paragraph.lines:
            out.line(line, indent=2 if paragraph.heading else 0)
