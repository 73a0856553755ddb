"""`feedsvc web`"""

import os
from pathlib import Path

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from feedsvc import revisions
from feedsvc.cli.opening import opened
from feedsvc.cli.parents import PARENT, follow_parent
from feedsvc.cli.ports import base_url, check_port, host_option, port_option
from feedsvc.cli.serving import application
from feedsvc.web import PUSHES_AT_ONCE

#: requests answered at once; more than there are processors would only share the interpreter, but those that wait for
#: what hubs push take none from others
THREADS = (os.cpu_count() or 1) + PUSHES_AT_ONCE


@click.command()
@host_option
@port_option
@click.pass_obj
def web(folder: Path, host: str, port: int) -> None:
    """Serve feeds and pages. Reads the store, never fetches.

    \b
    Example:
      feedsvc web --host 0.0.0.0 --port 8080
    """
    check_port(host, port)
    with opened(folder) as service, service.store.write() as tx:
        revisions.served_at(tx, base_url(host, port))
    follow_parent()
    if PARENT not in os.environ:
        click.echo(f"feedsvc: serving on {base_url(host, port)}/", err=True)
    os.environ["FEEDSVC_CONFIG"] = str(folder)
    os.environ["FEEDSVC_SERVER"] = str(os.getpid())
    server = Granian(
        # Imported above although granian asks for a name: a forked worker has it loaded already.
        f"{application.__module__}:{application.__name__}",
        factory=True,
        interface=Interfaces.WSGI,
        address=host,
        port=port,
        workers=1,
        # Shared feeds are look-ups; pages read the database. What comes beyond that waits in the kernel's queue.
        blocking_threads=THREADS,
        backpressure=16 * THREADS,
        # It warns of our number of threads where there are one or two processors.
        log_level=LogLevels.error,
        websockets=False,
    )
    server.serve()
