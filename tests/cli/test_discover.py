"""`feedsvc discover` as a user starts it, documents looked at in a process of their own."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from feedsvc import settings
from feedsvc.cli.main import main
from feedsvc.model import Selectors
from tests.discover.sites import HEADLINES, announced, items, nhandan, page, rss
from tests.servers.upstream import Upstream, answer
from tests.site import FEEDSVC, as_yaml, source


@pytest.fixture
def folder(tmp_path: Path, upstream: Upstream) -> Path:
    """A configuration that knows one of the site's feeds."""
    upstream.on("/", page("", head="".join(announced(f"/{name}.rss") for name in ("known", "new", "other"))))
    for name in ("known", "new", "other"):
        upstream.on(f"/{name}.rss", rss(items(name), title=f"Báo: “{name}”"))
    files = {
        "feedsvc.yaml": FEEDSVC,
        "sources.yaml": {"sources": [source("paper", upstream.url("/known.rss"))]},
        "categories.yaml": {"categories": []},
    }
    for name, value in files.items():
        (tmp_path / name).write_text(as_yaml(value))
    return tmp_path


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(folder), "discover", *words])


def test_what_is_printed_for_people_can_be_pasted(folder: Path, upstream: Upstream) -> None:
    result = run(folder, upstream.url("/"))
    assert result.exit_code == 0
    assert result.stderr == ""
    listed, _, entries = result.stdout.partition(f"For the list `sources` in {folder}/sources.yaml:\n\n")
    assert "configured as paper" in listed
    assert "RSS, vi, 10 entries, summaries, latest 2026-11-22 13:00, about 4 a day" in listed
    assert "/known.rss" not in entries
    sources = folder / "sources.yaml"
    sources.write_text(sources.read_text() + entries)
    _, parsed = settings.load(folder, {})
    assert [each.id for each in parsed.sources] == ["paper", "127-0-0-1-new", "127-0-0-1-other"]
    assert parsed.sources[1].title.in_language("vi") == "Báo: “new”"
    assert not list(folder.glob("**/*.db")), "nothing is stored"


def test_one_document_for_programs(folder: Path, upstream: Upstream) -> None:
    result = run(folder, upstream.url("/"), "--json")
    found = json.loads(result.stdout)
    assert (result.exit_code, found["url"], found["cut_short"]) == (0, upstream.url("/"), None)
    known, new, _ = found["offers"]
    assert (known["configured_as"], new["configured_as"]) == ("paper", None)
    assert new["source"] == {
        "id": "127-0-0-1-new",
        "title": "Báo: “new”",
        "url": upstream.url("/new.rss"),
        "kind": "feed",
        "language": "vi",
        "every": "1h",
        "policy": {
            "republish": "excerpt",
            "rights": None,
            "attribution": {"vi": "Nguồn: 127.0.0.1", "en": "Source: 127.0.0.1"},
        },
    }


def test_a_list_is_offered_with_selectors_that_can_be_pasted(folder: Path, upstream: Upstream) -> None:
    upstream.on("/", page("nothing here"))
    upstream.on("/kinhte/", nhandan())
    result = run(folder, upstream.url("/kinhte/"))
    assert result.exit_code == 0
    listed, _, entries = result.stdout.partition(f"For the list `sources` in {folder}/sources.yaml:\n\n")
    assert "page, vi, 12 entries, summaries" in listed
    assert HEADLINES[0] in listed, "a sample of what the selectors read"
    sources = folder / "sources.yaml"
    sources.write_text(sources.read_text() + entries)
    _, parsed = settings.load(folder, {})
    added = parsed.sources[-1]
    assert (added.kind, added.url, added.select) == (
        "page",
        upstream.url("/kinhte/"),
        Selectors(list="article.story", date="time", picture="img", summary=".story__summary"),
    )
    offer = json.loads(run(folder, upstream.url("/kinhte/"), "--json").stdout)["offers"][0]
    assert offer["source"]["select"]["list"] == "article.story"
    assert offer["sample"][0]["title"] == HEADLINES[0]


def test_failures_are_told_in_words(folder: Path, upstream: Upstream) -> None:
    upstream.on("/", page("It works!"))
    nothing = run(folder, upstream.url("/"))
    assert (nothing.exit_code, nothing.stdout) == (1, "")
    none = "offers no feed, no sitemap and no list of articles that could be found"
    assert nothing.stderr == f"feedsvc: {upstream.url('/')} {none}\n"
    refused = run(folder, upstream.url("/gone"))
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "answered 404" in refused.stderr
    private = run(folder / "none", upstream.url("/"))
    assert (private.exit_code, private.stdout) == (1, "")
    assert "fetch.allow_private" in private.stderr
    assert run(folder).exit_code == 2


def test_a_broken_folder_does_not_stand_in_the_way(folder: Path, upstream: Upstream) -> None:
    (folder / "sources.yaml").write_text("sources: [{id: x}]\n")
    result = run(folder, upstream.url("/"))
    assert "has 2 errors (feedsvc check lists them); going on without it" in result.stderr


def test_a_poisonous_page_costs_one_look(folder: Path, upstream: Upstream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feedsvc.cli.discover.LOOK_TIMEOUT_S", 1.5)
    # Each form looks for another one around it: more than 2 s on an idle machine.
    poison = b"<html>" + b"<div>" * 1_900 + b"<form></form>" * 1_000_000
    upstream.on("/", answer(200, poison, headers={"Content-Type": "text/html"}))
    upstream.on("/feed/", rss(items("a")))
    found = json.loads(run(folder, upstream.url("/"), "--json").stdout)
    assert [offer["url"] for offer in found["offers"]] == [upstream.url("/feed/")]
    assert found["failures"] == [{"url": upstream.url("/"), "problem": "took longer than 1.5 s"}]
