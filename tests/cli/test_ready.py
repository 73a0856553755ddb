"""`/readyz`: whether what the web process serves is kept current."""

import time
from pathlib import Path

from werkzeug.test import Client

from feedsvc.web.app import create_app
from tests.site import Site


def test_a_web_process_that_no_longer_reads_the_store_is_not_ready(tmp_path: Path) -> None:
    with Site(tmp_path) as site:
        site.configure([]).publish()
        assert site.service is not None
        app, following = create_app(site.service.store, site.service.in_force)
        client = Client(app)
        assert client.get("/readyz").status_code == 200
        following.looked_at = time.monotonic() - 12
        stale = client.get("/readyz")
        assert (stale.status_code, stale.text) == (503, "the store has not been read for 12 s\n")
        assert client.get("/healthz").status_code == 200
        following.look()
        assert client.get("/readyz").status_code == 200
