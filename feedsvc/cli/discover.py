"""`feedsvc discover`"""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import uvloop
from rich.console import Console
from rich.text import Text

from feedsvc import discover as discovery
from feedsvc import fetch, settings
from feedsvc.discover import Configured, Deps, Discovery, Offer, Seen, as_yaml, look
from feedsvc.engine.isolation import Workers
from feedsvc.engine.local import utc_now
from feedsvc.errors import InvalidConfigError
from feedsvc.model import Document, FetchLimits, Source
from feedsvc.settings.kinds import write_duration

#: a document that takes longer than this to look at is poisonous
LOOK_TIMEOUT_S = 10.0
#: for people: offers that are listed, and source entries that are written out, unless all are asked for
LISTED = 40
WRITTEN = 3


@click.command()
@click.argument("url")
@click.option("--all", "everything", is_flag=True, help="List all that was found, and write a source entry for each.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def discover(folder: Path, url: str, everything: bool, as_json: bool) -> None:
    """Find the feeds and sitemaps that a site offers, best first, as ready entries for sources.yaml.

    URL is a site, a section or a feed; https:// may be left out. Each feed is read before it is called one, with at
    most 40 requests in all. Where there is none, the page's list of articles is offered, with selectors that read it.
    Nothing is stored. Works without a configuration, too.

    \b
    Examples:
      feedsvc discover nhandan.vn
      feedsvc discover https://nhandan.vn/kinhte/ --json
      feedsvc discover --all vietnamplus.vn
    """
    limits, contact, configured = _settings(folder)
    found = uvloop.run(_discover(url, limits, contact, configured))
    if as_json:
        click.echo(json.dumps(_as_json(found), ensure_ascii=False))
    else:
        _print(found, ZoneInfo(configured.timezone), everything)
        _print_entries(_written(found, everything), folder / "sources.yaml")
    if not found.offers:
        sys.exit(1)


def _settings(folder: Path) -> tuple[FetchLimits, str | None, Configured]:
    """Return what the folder says, else the defaults: this command is for those who have nothing yet."""
    if not folder.exists():
        return FetchLimits(), None, Configured()
    try:
        _, parsed = settings.load(folder, os.environ)
    except InvalidConfigError as error:
        click.echo(
            f"feedsvc: {folder} has {len(error.errors)} errors (feedsvc check lists them); going on without it",
            err=True,
        )
        return FetchLimits(), None, Configured()
    site = parsed.site
    return (
        parsed.fetch,
        site.contact,
        Configured(sources=parsed.sources, languages=site.languages, timezone=site.timezone),
    )


async def _discover(url: str, limits: FetchLimits, contact: str | None, configured: Configured) -> Discovery:
    progress = Console(stderr=True)
    with ExitStack() as stack:
        status = stack.enter_context(progress.status("")) if progress.is_terminal else None

        def tell(address: str) -> None:
            if status is not None:
                status.update(Text(f"reading {address}"))

        async with (
            fetch.Client(limits, fetch.user_agent(version("feedsvc"), contact)) as client,
            Workers("feedsvc.discover") as workers,
        ):

            async def looker(document: Document, source: Source) -> Seen:
                return await workers.run(look, document, source, timeout_s=LOOK_TIMEOUT_S, cpu_s=LOOK_TIMEOUT_S)

            deps = Deps(http=client, looker=looker, now=utc_now, tell=tell)
            return await discovery.discover(url, deps, configured)


def _print(found: Discovery, zone: ZoneInfo, everything: bool) -> None:
    console = Console(highlight=False, soft_wrap=True)
    offers = found.offers if everything else found.offers[:LISTED]
    for number, offer in enumerate(offers, start=1):
        console.print(_block(number, offer, zone))
    if left := len(found.offers) - len(offers):
        console.print(Text(f"and {left} more; --all lists them\n", "dim"))
    for failure in found.failures:
        console.print(Text(f"no feed: {failure.url}: {failure.problem}", "yellow"))
    if found.cut_short:
        console.print(Text(f"not everything was read: {found.cut_short}", "yellow"))
    if not found.offers:
        click.echo(
            f"feedsvc: {found.url} offers no feed, no sitemap and no list of articles that could be found", err=True
        )


def _print_entries(sources: Sequence[Source], file: Path) -> None:
    if sources:
        console = Console(highlight=False, soft_wrap=True)
        console.print(Text(f"\nFor the list `sources` in {file}:\n", "bold"))
        click.echo("\n".join(map(as_yaml, sources)), nl=False)


def _written(found: Discovery, everything: bool) -> list[Source]:
    """Return what to write out: the best of what was read and is new, or all that is new."""
    new = [offer for offer in found.offers if offer.configured_as is None]
    if everything:
        return [offer.source for offer in new]
    good = [offer for offer in new if offer.is_good and offer.kind == "feed"]
    good = good or [offer for offer in new if offer.is_good][:1] or new[:1]
    return [offer.source for offer in good[:WRITTEN]]


def _block(number: int, offer: Offer, zone: ZoneInfo) -> Text:
    text = Text(f"{number:>3}  ").append(offer.title, "bold" if offer.is_good else "")
    text.append(f"\n     {offer.url}\n     ").append(", ".join(_facts(offer, zone)), "dim")
    for each in offer.sample:
        text.append(f"\n     {_day(each.at, zone)}{each.title}")
    for note in offer.notes:
        text.append(f"\n     {note}", "yellow")
    if offer.same_as:
        text.append(f"\n     the same entries as {offer.same_as}", "yellow")
    if offer.configured_as:
        text.append(f"\n     configured as {offer.configured_as}", "green")
    return text.append("\n")


def _day(at: datetime | None, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}  " if at else ""


def _facts(offer: Offer, zone: ZoneInfo) -> Iterator[str]:
    yield offer.format or offer.kind
    if not offer.verified:
        yield "not read"
    if offer.language:
        yield offer.language
    if offer.entries is not None:
        yield _counted(offer.entries, "sitemap" if offer.format == "sitemap index" else "entry")
    if offer.text:
        yield {"full": "full text", "summary": "summaries", "none": "headlines only"}[offer.text]
    if offer.latest:
        yield f"latest {offer.latest.astimezone(zone):%Y-%m-%d %H:%M}"
    if offer.per_day is not None:
        yield f"about {offer.per_day:.0f} a day" if offer.per_day >= 1.5 else f"about {7 * offer.per_day:.1g} a week"


def _counted(number: int, name: str) -> str:
    return f"1 {name}" if number == 1 else f"{number} {'entries' if name == 'entry' else f'{name}s'}"


def _as_json(found: Discovery) -> dict[str, object]:
    return {
        "url": found.url,
        "offers": [_offer(offer) for offer in found.offers],
        "failures": [asdict(failure) for failure in found.failures],
        "requests": found.requests,
        "cut_short": found.cut_short,
    }


def _offer(offer: Offer) -> dict[str, object]:
    said = {name: value for name, value in asdict(offer).items() if name not in {"source", "latest", "sample"}}
    source, policy = offer.source, offer.source.policy
    return {
        **said,
        "latest": offer.latest.isoformat() if offer.latest else None,
        "sample": [
            {"title": each.title, "link": each.link, "date": each.at.isoformat() if each.at else None}
            for each in offer.sample
        ],
        "source": {
            "id": source.id,
            "title": source.title.in_language(""),
            "url": source.url,
            "kind": source.kind,
            "language": source.language,
            "every": write_duration(source.every),
            **({"select": {key: css for key, css in asdict(source.select).items() if css}} if source.select else {}),
            "policy": {
                "republish": policy.republish,
                "rights": policy.rights,
                "attribution": dict(policy.attribution.by_language) if policy.attribution else None,
            },
        },
    }
