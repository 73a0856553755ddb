"""The commands' group: what they share, and how a failure is told."""

import gc
import os
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import click

from feedsvc.cli.logs import LEVELS, set_up_logs
from feedsvc.errors import FeedsvcError

#: command to module: each loads what it needs, so that `check` waits for no web server
MODULES = {
    "run": "feedsvc.cli.run",
    "web": "feedsvc.cli.web",
    "scheduler": "feedsvc.cli.scheduler",
    "worker": "feedsvc.cli.worker",
    "poll": "feedsvc.cli.poll",
    "refile": "feedsvc.cli.refile",
    "check": "feedsvc.cli.check",
    "preview": "feedsvc.cli.preview",
    "why": "feedsvc.cli.why",
    "discover": "feedsvc.cli.discover",
    "init": "feedsvc.cli.init",
    "moves": "feedsvc.cli.moves",
    "release": "feedsvc.cli.release",
    "doctor": "feedsvc.cli.doctor",
    "import": "feedsvc.cli.import_",
    "export": "feedsvc.cli.export",
    "migrate": "feedsvc.cli.migrate",
    "evaluate": "feedsvc.cli.evaluate",
}


class Commands(click.Group):
    """Tells every stated failure on standard error, in words, and exits 1; wrong usage exits 2."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in MODULES:
            return None
        module = MODULES[cmd_name]
        # Named like its module: `import` can be the name of neither.
        command: click.Command = getattr(_loaded(module), module.rpartition(".")[2])
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except FeedsvcError as error:
            click.echo(f"feedsvc: {error}", err=True)
            sys.exit(1)
        except BrokenPipeError:
            # Whoever read our output has left, as `feedsvc poll | head` does.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)


def _loaded(module: str) -> ModuleType:
    """Import a module; without looking for garbage meanwhile, of which there is none, that takes a sixth less time."""
    gc.disable()
    try:
        return import_module(module)
    finally:
        gc.enable()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="FEEDSVC_CONFIG",
    default="config",
    show_default=True,
    help="Folder with feedsvc.yaml, sources.yaml and categories.yaml. Environment: FEEDSVC_CONFIG.",
)
@click.option(
    "--log-level", type=click.Choice(LEVELS), help="What is logged. [default: info for scheduler, else warning]"
)
@click.version_option(version("feedsvc"), prog_name="feedsvc")
@click.pass_context
def main(ctx: click.Context, folder: Path, log_level: str | None) -> None:
    """Pull articles from many feeds, recognise copies, file them, and publish each category as a feed.

    \b
    Examples:
      feedsvc run                   everything on one machine, on http://127.0.0.1:8000
      feedsvc check                 is the configuration valid?
      feedsvc poll --force          read every source now, and exit
    """
    # What the others do they print themselves.
    set_up_logs(log_level or ("info" if ctx.invoked_subcommand == "scheduler" else "warning"))
    ctx.obj = folder
