"""Permanent redirects: from the first poll that met one to the address that is asked instead."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from feedsvc import moves
from feedsvc.cli.main import main
from feedsvc.model import FetchState, LocalText, Source
from tests.servers.upstream import Upstream, answer, redirect
from tests.site import Site, source
from tests.test_pipeline import item, rss

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SOURCE = Source(id="one", title=LocalText(by_language=()), url="https://old.example/feed")
NEW = "https://new.example/feed"
EMPTY = FetchState(source_id="one", etag='"1"')
DAY = timedelta(days=1)


def after(*polls: tuple[float, str | None], state: FetchState = EMPTY) -> FetchState:
    """Return the state after these successes: on which day, and where permanent redirects led."""
    for day, moved_to in polls:
        state = moves.after_success(SOURCE, state, moved_to, NOW + day * DAY)
    return state


HELD = ((0.0, NEW), (1.0, NEW), (2.0, NEW), (3.0, NEW), (7.0, NEW))


def test_a_move_holds_for_days_and_polls_before_it_is_believed() -> None:
    assert after(*HELD).effective_url == NEW
    assert after(*HELD).moved_to is None
    assert after(*HELD[:-1], (6.9, NEW)).effective_url is None
    # Rarely asked: long enough, but not often enough.
    assert after((0.0, NEW), (31.0, NEW), (62.0, NEW)).effective_url is None
    assert after(*((n / 24, NEW) for n in range(100))).effective_url is None


@pytest.mark.parametrize("other", [None, "https://portal.example/"])
def test_any_other_answer_starts_it_anew(other: str | None) -> None:
    assert after(*HELD[:3], (3.0, other), *((day + 4, url) for day, url in HELD[:4])).effective_url is None
    assert after(*HELD[:3], (3.0, other), *((day + 4, url) for day, url in HELD)).effective_url == NEW


def test_what_moved_back_has_its_configured_address() -> None:
    back = after(*((day + 10, SOURCE.url) for day, _ in HELD), state=after(*HELD))
    assert back.effective_url is None


@pytest.mark.parametrize(("status", "failures"), [(404, 1), (410, 1), (None, 3), (500, 3)])
def test_a_new_address_that_fails_is_given_up(status: int | None, failures: int) -> None:
    state = replace(after(*HELD), failures=failures)
    assert moves.after_failure(state, status) == FetchState(source_id="one", failures=failures)
    assert moves.after_failure(replace(state, failures=2), 503).effective_url == NEW
    # What the configured address says is another matter.
    assert moves.after_failure(replace(EMPTY, failures=9), 404).etag == '"1"'


def test_what_an_admin_undid_is_not_done_again() -> None:
    state = moves.undone(after(*HELD))
    assert (state.effective_url, state.move_refused, state.etag) == (None, NEW, None)
    assert after(*HELD, state=state).effective_url is None
    other = "https://newer.example/"
    assert after(*((day, other) for day, _ in HELD), state=state).effective_url == other
    waiting = moves.undone(after(*HELD[:2]))
    assert after(*HELD, state=waiting).effective_url is None


# Through the pipeline


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path) as made:
        yield made


def as_if_held(site: Site) -> FetchState:
    """Return the state after setting back when the redirect was first met."""
    assert site.service is not None
    with site.service.store.write() as tx:
        state = tx.schedule.state("paper")
        assert state.moved_since is not None
        state = replace(state, moved_since=state.moved_since - moves.HELD_FOR, moved_polls=moves.HELD_POLLS - 1)
        tx.schedule.save(state)
    return state


def events(site: Site) -> list[tuple[str, str]]:
    assert site.service is not None
    with site.service.store.read() as tx:
        return [(event.kind, event.what) for event in tx.events.latest(10, "paper")]


def test_a_source_that_moved_for_good_is_asked_where_it_is(site: Site, upstream: Upstream) -> None:
    new = upstream.serve("/new", rss(item(1, "News")), etag='"1"')
    upstream.on("/middle", redirect("/new", 308))
    site.configure([source("paper", upstream.on("/old", redirect("/middle", 301)))]).poll()
    assert as_if_held(site).effective_url is None
    assert site.poll()["paper"].state.effective_url == new
    assert site.poll()["paper"].attempt.outcome == "not-modified"
    assert [request.path for request in upstream.requests].count("/old") == 2
    assert [kind for kind, _ in events(site)] == ["moved"]
    assert new in events(site)[0][1]

    upstream.on("/new", answer(410))
    update = site.poll()["paper"]
    assert (update.attempt.outcome, update.state.disabled) == ("failed", None)
    upstream.serve("/old", rss(item(1, "News")))
    assert site.poll()["paper"].attempt.outcome == "unchanged"
    assert [kind for kind, _ in events(site)] == ["moved-back", "moved"]


@pytest.mark.parametrize("status", [302, 303, 307])
def test_what_moved_for_now_is_asked_where_it_was(site: Site, upstream: Upstream, status: int) -> None:
    upstream.serve("/new", rss(item(1, "News")))
    upstream.on("/middle", redirect("/new", status))
    site.configure([source("paper", upstream.on("/old", redirect("/middle", 301)))])
    for _ in range(2):
        assert site.poll()["paper"].state.moved_since is None


def test_an_admin_sees_what_moved_and_undoes_it(site: Site, upstream: Upstream) -> None:
    new = upstream.serve("/new", rss(item(1, "News")))
    old = upstream.on("/old", redirect("/new", 308))
    site.configure([source("paper", old)]).poll()

    def moved(*words: str) -> Any:
        result = CliRunner().invoke(main, ["--config", str(site.folder), "moves", *words])
        return json.loads(result.stdout) if "--json" in words else (result.exit_code, result.output)

    (first,) = moved("--json")["moves"]
    assert (first["url"], first["asked_at"], first["redirected_to"]) == (old, None, new)
    as_if_held(site)
    site.poll()
    assert new in moved()[1].replace("\n", "")
    found = moved("--undo", "paper", "--json")
    assert found["moves"] == []
    assert [event["kind"] for event in found["events"]] == ["moved-back", "moved"]
    assert found["events"][0]["who"] != found["events"][1]["who"] == "the publisher"
    upstream.requests.clear()
    for _ in range(2):
        assert site.poll()["paper"].state.moved_to is None
    assert [request.path for request in upstream.requests] == ["/old", "/new"] * 2
    assert moved("--undo", "paper")[0] == 1
    assert "No source has moved." in moved()[1]


def test_another_configured_address_ends_a_move(site: Site, upstream: Upstream) -> None:
    upstream.serve("/new", rss(item(1, "News")))
    upstream.serve("/other", rss(item(1, "News")))
    site.configure([source("paper", upstream.on("/old", redirect("/new", 301)))]).poll()
    as_if_held(site)
    site.poll()
    site.configure([source("paper", upstream.url("/other"))])
    assert site.poll()["paper"].state.effective_url is None
    assert len(upstream.asked("/other")) == 1
