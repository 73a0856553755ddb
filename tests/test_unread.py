"""Documents that cannot be read are kept by the poll that they cost."""

from pathlib import Path

import pytest

from feedsvc.errors import IsolationError
from feedsvc.model import Document, Source
from feedsvc.reading import Reading
from feedsvc.store import Store
from feedsvc.update import Deps
from tests.servers.upstream import Upstream
from tests.site import Site, source


def kept(site: Site) -> list[tuple[str, str, bytes | None]]:
    assert site.service is not None
    store: Store = site.service.store
    with store.read() as tx:
        return [(each.source_id, each.why, tx.kept_documents.body(each.number)) for each in tx.kept_documents.list()]


def test_what_is_no_feed_is_kept(tmp_path: Path, upstream: Upstream) -> None:
    upstream.serve("/a.rss", b"<html><body>Just a moment...</body></html>")
    with Site(tmp_path) as site:
        site.configure([source("a", upstream.url("/a.rss"))])
        for _ in range(2):
            error = site.poll()["a"].attempt.error
        assert kept(site) == [("a", error, b"<html><body>Just a moment...</body></html>")]


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (IsolationError("needed more than 20 s of processor time"), "needed more than 20 s of processor time"),
        (RecursionError("too deep"), "internal error: RecursionError: too deep"),
    ],
)
def test_what_breaks_a_reader_is_kept(
    tmp_path: Path, upstream: Upstream, monkeypatch: pytest.MonkeyPatch, error: Exception, why: str
) -> None:
    async def broken(self: Deps, document: Document, source: Source, marks: bytes = b"") -> Reading:
        raise error

    monkeypatch.setattr("feedsvc.engine.local.Readers.read", broken)
    upstream.serve("/a.rss", b"<rss/>")
    with Site(tmp_path) as site:
        site.configure([source("a", upstream.url("/a.rss"))])
        assert site.poll()["a"].attempt.error == why
        assert kept(site) == [("a", why, b"<rss/>")]
