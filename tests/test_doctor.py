"""The doctor names what is wrong and what to do, and changes nothing."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from feedsvc.cli.main import main
from feedsvc.doctor import Finding, Level, examine
from feedsvc.model import Band, Document, FetchState, Usual
from tests.servers.upstream import Upstream, answer
from tests.site import Site, source
from tests.test_pipeline import item, rss

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@pytest.fixture
def site(tmp_path: Path, store_url: str) -> Iterator[Site]:
    with Site(tmp_path, store_url) as made:
        yield made


def found(
    site: Site, level: Level, now: datetime | None = None, environ: Mapping[str, str] | None = None
) -> list[Finding]:
    # Polls go by the clock, which has moved on since this module was loaded.
    now = now or datetime.now(UTC)
    return [each for each in examine(site.folder, environ or {}, now) if each.level == level]


def said(findings: list[Finding]) -> str:
    assert all(each.advice for each in findings)
    return "\n".join(each.what for each in findings)


def save(site: Site, state: FetchState) -> None:
    assert site.service is not None
    with site.service.store.write() as tx:
        tx.schedule.save(state)


def test_a_sound_site_has_nothing_wrong(site: Site, upstream: Upstream) -> None:
    url = upstream.serve("/feed", rss(item(1, "One")))
    site.configure(
        [source("paper", url, full_text=False)],
        site={"title": "News", "base_url": "https://news.example.org", "contact": "ops@example.org"},
    ).poll()
    assert found(site, "error") == []
    # The database of the tests is a copy, and its mode any.
    warnings = [each for each in found(site, "warning") if each.topic != "store"]
    assert said(warnings) == "private networks may be contacted: 127.0.0.0/8"
    fine = "\n".join(each.what for each in found(site, "fine"))
    assert "revision 1 is in force: 1 source, 0 categories, 0 tags" in fine
    assert "1 of 1 sources are well" in fine
    assert "holds 1 announced story in " in fine


def test_each_ailing_source_is_named_with_what_to_do(site: Site, upstream: Upstream) -> None:
    well = upstream.serve("/feed", rss(item(1, "One")))
    ids = ("well", "gone", "held", "failing", "odd", "empty", "moved")
    site.configure([source(id, well, full_text=False) for id in ids])
    site.poll("well")
    read = FetchState(source_id="", last_fetch_at=NOW, last_success_at=NOW, next_fetch_at=NOW + DAY)
    lasting = replace(read, failures=9, error="timed out after 20 s", last_success_at=NOW - 3 * DAY)
    ailing = {
        "gone": replace(read, disabled="the publisher answered 410 Gone"),
        "held": replace(read, held="20 of 20 entries are unknown"),
        "failing": lasting,
        "odd": replace(read, degraded="0 % of the entries have a date, usually 100 %"),
        "empty": replace(read, usual=Usual(entries=Band(weight=3.0))),
        "moved": replace(read, effective_url="https://elsewhere.example/feed"),
    }
    for id, state in ailing.items():
        save(site, replace(state, source_id=id))
    errors = {each.about: each for each in found(site, "error")}
    assert errors.keys() == {"gone", "held", "failing"}
    assert "failed 9 times in a row (last read " in errors["failing"].what
    assert "`feedsvc release held`" in (errors["held"].advice or "")
    warnings = {each.about: each.what for each in found(site, "warning") if each.topic == "sources"}
    assert warnings.keys() == {"odd", "empty", "moved"}
    assert warnings["odd"] == "odd is not as usual: 0 % of the entries have a date, usually 100 %"
    assert any(each.what == "1 of 7 sources are well" for each in found(site, "fine"))


def test_nobody_is_advised_to_ask_before_the_server_wants_it(site: Site, upstream: Upstream) -> None:
    site.configure([source("busy", upstream.serve("/feed", rss(item(1, "One"))), full_text=False)])
    until = NOW + 3 * DAY
    save(site, FetchState(source_id="busy", failures=2, error="too many", last_fetch_at=NOW, not_before=until))
    advice = {each.about: each.advice for each in found(site, "error")}
    assert advice == {"busy": f"nothing: its server asked to wait until {until:%Y-%m-%d %H:%M} UTC"}
    assert "poll --force busy" in (found(site, "error", now=until)[0].advice or "")


def test_nobody_polls(site: Site, upstream: Upstream) -> None:
    site.configure([source("paper", upstream.on("/feed", answer(503)))])
    assert "of 1 source none was ever asked" in said(found(site, "warning"))
    site.poll()
    assert "nothing was asked since" in said(found(site, "error", NOW + 3 * DAY))
    assert "the clock says" in said(found(site, "error", NOW - DAY))


def test_what_the_settings_allow_is_said(site: Site, upstream: Upstream) -> None:
    url = upstream.serve("/feed", rss(item(1, "One")))
    site.configure(
        [source("paper", url, full_text=False)],
        [{"id": "none", "title": "None", "match": "title:nowhere"}],
    ).poll()
    site.configure(
        [source("paper", url, full_text=False)],
        [{"id": "none", "title": "None", "match": "title:nowhere"}],
        site={"title": "News", "base_url": "http://localhost:8000"},
        fetch={"proxy": "http://10.0.0.1:3128"},
    )
    told = said(found(site, "warning", environ={"FEEDSVC_BASE": "x", "https_proxy": "http://proxy.example/"}))
    for sentence in (
        "addresses are judged by the proxy, not by us",
        "the User-Agent names nobody to write to",
        "`site.base_url` is http://localhost:8000, which only this machine can open",
        "none is empty: its rule matches no story",
        "the environment sets FEEDSVC_BASE, which means nothing",
        "the environment sets https_proxy, which is not used",
    ):
        assert sentence in told


def test_large_json_feeds_are_named(site: Site, upstream: Upstream) -> None:
    text = " ".join(f"word{n}" for n in range(9000))
    url = upstream.serve("/feed", rss(*(item(n, f"Number {n}", text=f"{n} {text}") for n in range(5))))
    site.configure([source("paper", url, full_text=False)]).poll()
    told = said(found(site, "warning"))
    assert "/feeds/all.json has " in told
    assert "JSON Feed asks for under 250 KB" in told


def test_a_broken_folder_and_a_broken_database_are_told_of(tmp_path: Path) -> None:
    with Site(tmp_path) as site:
        site.configure([source("paper", "https://paper.example/feed")])
        (site.folder / "sources.yaml").write_text("sources: [{id: paper, title: Paper, url: ftp://x}]\nmore: 1\n")
        told = said(found(site, "error"))
        assert "sources.yaml:1:" in told
        assert "sources.yaml:2:" in told
        assert any("revision 1 is in force" in each.what for each in found(site, "fine"))
        assert [each.what for each in examine(site.folder, {}, NOW) if "may read" in each.what] == []
    (database,) = tmp_path.rglob("*.db")
    database.chmod(0o644)
    assert "everybody on this machine may read" in said(found(site, "warning"))
    database.chmod(0o666)
    assert "others on this machine may change" in said(found(site, "error"))
    for beside in database.parent.glob(f"{database.name}-*"):
        beside.unlink()
    database.write_bytes(b"this is no database" * 100)
    assert "is not an SQLite database" in said(found(site, "error"))


def test_nothing_is_created_or_changed(tmp_path: Path) -> None:
    with Site(tmp_path) as site:
        site.configure([source("paper", "https://paper.example/feed")])
        (database,) = tmp_path.rglob("*.db")
        (site.folder / "sources.yaml").write_text("sources: []\n")
        assert "differs from revision 1" in said(found(site, "warning"))
        assert site.service is not None
        with site.service.store.read() as tx:
            assert tx.revisions.latest_number() == 1
    for file in database.parent.glob(f"{database.name}*"):
        file.unlink()
    assert "the database is not there yet" in said(found(site, "warning"))
    assert not database.exists()


def test_the_command_prints_a_screen_or_one_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("FEEDSVC_")]:
        monkeypatch.delenv(name)
    with Site(tmp_path) as site:
        ids = [f"s{n}" for n in range(40)]
        site.configure([source(id, f"https://{id}.example/feed") for id in ids])
        for id in ids:
            save(site, FetchState(source_id=id, last_fetch_at=NOW, held="20 of 20 entries are unknown \x1b[31m"))
        run = CliRunner().invoke(main, ["--config", str(site.folder), "doctor"])
        assert run.exit_code == 1
        assert "and 34 more" in run.output
        assert "40 errors" in run.output
        assert "\x1b[31m" not in run.output
        run = CliRunner().invoke(main, ["--config", str(site.folder), "doctor", "--json"])
        document = json.loads(run.stdout)
        assert not document["ok"]
        assert [each["about"] for each in document["findings"] if each["level"] == "error"] == ids
        for id in ids:
            save(site, FetchState(source_id=id, last_fetch_at=NOW, next_fetch_at=NOW + DAY))
        assert CliRunner().invoke(main, ["--config", str(site.folder), "doctor"]).exit_code == 0


def test_a_document_that_could_not_be_read_is_listed_and_written_as_it_came(tmp_path: Path) -> None:
    body = b"<rss>\x00\x1b[31m\xff"
    with Site(tmp_path) as site:
        site.configure([source("paper", "https://paper.example/feed")])
        assert site.service is not None
        came = Document(
            url="https://paper.example/feed", status=200, body=body, content_type="text/xml", fetched_at=NOW
        )
        with site.service.store.write() as tx:
            tx.kept_documents.keep("paper", came, "the worker took more than 10 s", NOW)
        (listed,) = [each for each in found(site, "warning") if each.topic == "documents"]
        assert listed.what.endswith("12 bytes from https://paper.example/feed: the worker took more than 10 s")
        written = CliRunner().invoke(main, ["--config", str(site.folder), "doctor", "--document", "1"])
        assert (written.exit_code, written.stdout_bytes) == (0, body)
        missing = CliRunner().invoke(main, ["--config", str(site.folder), "doctor", "--document", "7"])
        assert missing.exit_code == 1
        assert "no document 7 is kept" in missing.stderr
