"""What granian loads in its worker process."""

import os
import signal
from pathlib import Path
from wsgiref.types import WSGIApplication

from feedsvc import settings
from feedsvc.cli.logs import set_up_logs
from feedsvc.cli.opening import Service
from feedsvc.cli.parents import end_with
from feedsvc.store import open_store
from feedsvc.web import create_app


def application() -> WSGIApplication:
    """Build the application on the store that `feedsvc web` opened before; its environment says where."""
    set_up_logs("warning")
    end_with(int(os.environ["FEEDSVC_SERVER"]), lambda: os.kill(os.getpid(), signal.SIGKILL))
    folder = Path(os.environ["FEEDSVC_CONFIG"])
    store = open_store(settings.storage_url(folder, os.environ))
    service = Service(folder=folder, store=store)
    app, following = create_app(store, service.in_force)
    following.start()
    return app
