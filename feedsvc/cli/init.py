"""`feedsvc init`"""

from pathlib import Path
from shlex import quote

import click

from feedsvc import settings
from feedsvc.cli.printing import print_json
from feedsvc.errors import StartError

#: key of the configuration to option
OPTIONS = {"title": "--title", "base_url": "--base-url", "contact": "--contact", "languages": "--language"}

NEXT = (
    ("discover URL", "finds the feeds that a site offers, as entries for sources.yaml"),
    ("import FILE.opml", "takes over the feeds of your reader"),
    ("check", "is everything right?"),
    ("run", "reads the sources and serves everything"),
)


@click.command()
@click.argument("target", type=click.Path(path_type=Path), required=False, metavar="[FOLDER]")
@click.option("--title", metavar="TEXT", help="The name of your site.")
@click.option("--base-url", metavar="URL", help="The public address of the service.")
@click.option("--contact", metavar="TEXT", help="An e-mail address or web page of yours, which publishers see.")
@click.option(
    "--language",
    "languages",
    multiple=True,
    metavar="CODE",
    help="A language that you publish in; may be repeated, the main one first.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def init(  # noqa: PLR0913, PLR0917 - the words of the command
    folder: Path,
    target: Path | None,
    title: str | None,
    base_url: str | None,
    contact: str | None,
    languages: tuple[str, ...],
    as_json: bool,
) -> None:
    """Write a commented configuration folder to begin with. Nothing is overwritten.

    FOLDER is the one of --config unless it is given. The database is made beside it, when the service first runs.

    \b
    Examples:
      feedsvc init
      feedsvc init my-config --title "Tin đổi mới" --language vi --language en
    """
    folder = target or folder
    try:
        texts = settings.starter(title=title, base_url=base_url, contact=contact, languages=languages)
    except ValueError as error:
        key, _, problem = str(error).partition(": ")
        raise click.UsageError(f"{OPTIONS[key]}: {problem}") from error
    settings.write_new(folder, texts)
    if as_json:
        print_json({"folder": str(folder), "files": sorted(texts)})
        return
    command = "feedsvc" if folder == Path("config") else f"feedsvc --config {quote(str(folder))}"
    click.echo(f"wrote {folder}: {', '.join(settings.CONFIG_FILES)}, README.md and schema/ for editors")
    click.echo("It reads nothing yet. Next:")
    for words, does in NEXT:
        click.echo(f"  {command} {words:<20} {does}")


def check_begun(folder: Path) -> None:
    """Raise StartError, which names this command, where there is no configuration at all."""
    if not any((folder / name).exists() for name in settings.CONFIG_FILES):
        raise StartError(f"there is no configuration in {folder}; run `feedsvc init` first")
