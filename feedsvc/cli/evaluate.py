"""`feedsvc evaluate`"""

import json
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from feedsvc.evaluate import extraction as reading
from feedsvc.evaluate import schedule as replaying
from feedsvc.settings.kinds import read_interval

#: budgets that the policies can spend
SHORTEST, LONGEST = timedelta(minutes=10), timedelta(days=1)


class Interval(click.ParamType[timedelta]):
    """A duration as the configuration writes it."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        try:
            length = read_interval(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        if not SHORTEST <= length <= LONGEST:
            self.fail("must be between 10m and 1d: the policies ask every 5m to 1d", param, ctx)
        return length


@click.group()
def evaluate() -> None:
    """Measure quality on a data set; needs no configuration and no store.

    \b
    Examples:
      feedsvc evaluate schedule times.tsv
      feedsvc evaluate extraction pages/
    """


@evaluate.command()
@click.argument("tsv", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--every",
    type=Interval(),
    default="4h",
    show_default=True,
    help="The budget: as many requests as one each so long costs every source.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a policy.")
def schedule(tsv: Path, every: timedelta, as_json: bool) -> None:
    """Replay publication times (columns source, unix_time) against three ways to spend the same requests.

    fixed asks every source at the same interval. entry-frequency is Miniflux's rule: a week divided by the entries of
    the last week and by a factor, between 5 minutes and 24 hours; the factor is set so that the totals are equal.
    feedsvc is our schedule. Each learns from the first 70 % of a source and, later, from what its requests found.

    \b
    Examples:
      feedsvc evaluate schedule times.tsv
      feedsvc evaluate schedule times.tsv --every 1h --json
    """
    scores = replaying.compare(replaying.read_times(tsv), every.total_seconds())
    if as_json:
        for score in scores:
            click.echo(json.dumps(asdict(score)))
        return
    table = Table("policy")
    for name in ("requests", "mean delay", "95th percentile"):
        table.add_column(name, justify="right")
    for score in scores:
        table.add_row(score.policy, f"{score.requests:,}", _minutes(score.mean_delay_s), _minutes(score.p95_delay_s))
    Console().print(table)


@evaluate.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def extraction(folder: Path, as_json: bool) -> None:
    """Find the main text of labelled pages, and let trafilatura with its defaults do the same beside.

    The folder has pages/ with truth.jsonl (whole texts: precision and recall of sequences of four words, averaged over
    the pages), or evaldata.json with a tar archive (segments that must be and must not be in the text).

    \b
    Examples:
      feedsvc evaluate extraction pages/
      feedsvc evaluate extraction pages/ --json
    """
    pages = reading.labelled_pages(folder)
    ours, defaults = reading.evaluate(pages, reading.ours), reading.evaluate(pages, reading.defaults)
    if as_json:
        click.echo(json.dumps({**asdict(ours), "defaults": asdict(defaults)}))
        return
    table = Table("extractor")
    for name in ("F1", "precision", "recall", "pages a second"):
        table.add_column(name, justify="right")
    for extractor, score in (("feedsvc", ours), ("trafilatura's defaults", defaults)):
        figures = (f"{value:.4f}" for value in (score.f1, score.precision, score.recall))
        table.add_row(extractor, *figures, f"{score.per_second:,.1f}")
    Console().print(table)


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:,.1f} min"
