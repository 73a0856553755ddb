"""`feedsvc export`"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from feedsvc import render, settings
from feedsvc.cli.init import check_begun
from feedsvc.cli.printing import print_json
from feedsvc.errors import StartError, StoreError
from feedsvc.model import FetchState, LocalText, Source
from feedsvc.render import Outline, OutlineGroup
from feedsvc.settings import Settings
from feedsvc.store import open_store

#: the heading of what is always filed nowhere
OTHERS = LocalText(by_language=(("en", "Other sources"), ("vi", "Nguồn khác")))


@click.command()
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write to this file, not to the screen.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the same as one JSON document.")
@click.pass_obj
def export(folder: Path, output: Path | None, as_json: bool) -> None:
    """Write the sources as an OPML list, for feed readers or for `feedsvc import` elsewhere.

    These are the feeds that are read. Those that are published are listed at /feeds.opml. Addresses stand as they are
    configured; passwords and keys under `auth` are left out.

    \b
    Examples:
      feedsvc export --output sources.opml
      feedsvc export --json
    """
    if as_json and output:
        raise click.UsageError("--json prints, and --output writes OPML: use one of them")
    check_begun(folder)
    _, current = settings.load(folder, os.environ)
    pages = _pages(current)
    if as_json:
        print_json(_as_json(current, pages))
        return
    document = opml_of(current, pages)
    if output is None:
        click.echo(document, nl=False)
        return
    try:
        output.write_bytes(document)
    except OSError as error:
        raise StartError(f"{output} cannot be written: {error.strerror}") from error


def opml_of(current: Settings, pages: Mapping[str, str]) -> bytes:
    """Return the list. `pages`: the page of a source, by id."""
    language = current.site.languages[0]
    # No date: the same sources give the same bytes.
    return render.opml(current.site.title.in_language(language), None, None, tuple(_groups(current, pages, language)))


def _groups(current: Settings, pages: Mapping[str, str], language: str) -> Iterator[OutlineGroup]:
    """Yield each source once, under the first of its categories: readers would take a second line for a second feed."""
    headings = [(category.id, category.title) for category in current.categories]
    for id, title in [*headings, (None, OTHERS)]:
        sources = [source for source in current.sources if next(iter(source.categories), None) == id]
        outlines = tuple(_outline(source, pages.get(source.id), language) for source in sources)
        yield OutlineGroup(title=title.in_language(language), outlines=outlines)


def _outline(source: Source, page: str | None, language: str) -> Outline:
    return Outline(
        title=source.title.in_language(language),
        xml_url=source.url,
        html_url=page,
        language=source.language,
        categories=tuple(f"/{category}" for category in source.categories),
        id=source.id,
        kind=None if source.kind == "feed" else source.kind,
    )


def _pages(current: Settings) -> dict[str, str]:
    """Return the page of each source that its feed was seen to name; nothing where there is no store yet."""
    try:
        store = open_store(current.storage_url)
        try:
            if not store.is_current():
                return {}
            with store.read() as tx:
                states = tx.schedule.states()
        finally:
            store.close()
    except StoreError as error:
        click.echo(f"feedsvc: going on without the addresses of the sources' pages: {error}", err=True)
        return {}
    return {id: page for id, state in states.items() if (page := _page(state))}


def _page(state: FetchState) -> str | None:
    links = state.info.links if state.info else ()
    return next((link.href for link in links if link.rel == "alternate" and link.type in {None, "text/html"}), None)


def _as_json(current: Settings, pages: Mapping[str, str]) -> dict[str, object]:
    language = current.site.languages[0]
    return {
        "title": current.site.title.in_language(language),
        "sources": [
            {
                "id": source.id,
                "title": source.title.in_language(language),
                "url": source.url,
                "kind": source.kind,
                "page": pages.get(source.id),
                "language": source.language,
                "categories": source.categories,
            }
            for source in current.sources
        ],
    }
