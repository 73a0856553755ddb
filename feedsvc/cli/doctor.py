"""`feedsvc doctor`"""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from feedsvc import doctor as examination
from feedsvc.cli.printing import Printer, many, print_json
from feedsvc.doctor import Finding, Level, Topic
from feedsvc.errors import StartError

#: findings of one topic and level that are told; all are in `--json`
SHOWN = 6

_TITLES: dict[Topic, str] = {
    "configuration": "Configuration",
    "network": "Network",
    "store": "Store",
    "sources": "Sources",
    "hubs": "Pushes",
    "pages": "Article pages",
    "documents": "Documents that could not be read",
    "publishing": "Publishing",
    "machine": "Machine",
}
_LEVELS: dict[Level, str] = {"error": "red", "warning": "yellow", "fine": "green"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What is printed as JSON."""

    ok: bool
    findings: tuple[Finding, ...]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--document", metavar="NUMBER", type=int, help="Write a document that could not be read, as it came.")
@click.pass_obj
def doctor(folder: Path, as_json: bool, document: int | None) -> None:
    """Check everything that could be wrong, and say what to do about it; exit 1 where something is.

    Nothing is changed, and nobody is asked: what is known of sources is what their last polls found.

    \b
    Examples:
      feedsvc doctor
      feedsvc doctor --json
      feedsvc doctor --document 3 > bomb.xml
    """
    if document is not None:
        _write(folder, document)
        return
    findings = examination.examine(folder, os.environ, datetime.now(UTC))
    is_well = not any(finding.level == "error" for finding in findings)
    if as_json:
        print_json(Report(ok=is_well, findings=findings))
    else:
        _tell(findings, Printer(ZoneInfo("UTC")))
    if not is_well:
        sys.exit(1)


def _write(folder: Path, number: int) -> None:
    body = examination.document(folder, os.environ, number)
    if body is None:
        raise StartError(f"no document {number} is kept; `feedsvc doctor --json` lists those that are")
    if sys.stdout.isatty():
        # It may hold what a terminal obeys.
        raise StartError(f"write it into a file: `feedsvc doctor --document {number} > FILE`")
    sys.stdout.buffer.write(body)


def _tell(findings: Sequence[Finding], out: Printer) -> None:
    for topic, title in _TITLES.items():
        of_topic = [finding for finding in findings if finding.topic == topic]
        if of_topic:
            out.line(title, style="bold")
        for level, style in _LEVELS.items():
            of_level = [finding for finding in of_topic if finding.level == level]
            for finding in of_level[:SHOWN]:
                out.line(f"{level if level != 'fine' else 'ok'}: {finding.what}", indent=2, style=style)
                if finding.advice is not None:
                    out.line(finding.advice, indent=4)
            if len(of_level) > SHOWN:
                out.line(f"and {len(of_level) - SHOWN} more; `feedsvc doctor --json` lists all", indent=2, style=style)
    errors, warnings = (sum(finding.level == level for finding in findings) for level in ("error", "warning"))
    out.blank()
    out.line(f"{many(errors, 'error')}, {many(warnings, 'warning')}" if errors or warnings else "All is well.")
