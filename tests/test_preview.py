"""Dry runs say what the real thing then does, and leave no trace."""

import asyncio
import json
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len

from feedsvc.cli.preview import preview
from feedsvc.engine.local import utc_now
from feedsvc.errors import InvalidConfigError, SourceError, StartError
from feedsvc.model import FetchState, Filing, SourceUpdate, Story
from feedsvc.preview import Preview, Visit
from feedsvc.preview import preview as dry_run
from feedsvc.schedule import client_of, runner_with
from tests.servers.upstream import Upstream, answer
from tests.site import ENVIRON, Site, as_yaml, source
from tests.test_pipeline import item, rss

COMPLETE = b"<channel><fh:complete xmlns:fh='http://purl.org/syndication/history/1.0'/>"
CATEGORIES = [
    {"id": "quality", "title": "Quality", "match": 'title:"chất lượng" OR word3x1'},
    {"id": "trade", "title": "Trade", "match": "title:export* AND tag:asean"},
]
TAGS = [{"id": "asean", "title": "ASEAN", "match": "asean OR word2x2"}]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path) as made:
        yield made


@pytest.fixture
def any_site(tmp_path: Path, store_url: str) -> Iterator[Site]:
    """On both databases."""
    with Site(tmp_path, store_url) as made:
        yield made


def run(site: Site, *words: str) -> Result:
    """Run the command; errors of ours come out as they are."""
    result = CliRunner().invoke(preview, list(words), obj=site.folder)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def previewed(site: Site, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(site, *words, "--json").stdout)
    return found


def by_title(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {entry["title"]: entry for entry in found["entries"]}


def test_each_fate_of_an_entry_is_told_with_its_reason(site: Site, upstream: Upstream) -> None:
    text = " ".join(f"the new standard for fish sauce {index}" for index in range(60))
    first = upstream.serve("/first.rss", rss(item(1, "Fish sauce", text=text)))
    url = upstream.serve("/paper.rss", rss(*(item(number, f"Old {number}") for number in range(1, 4))))
    sources = [source("first", first), source("paper", url, skip="title:advert", backfill=1, policy={})]
    site.configure(sources, CATEGORIES, TAGS).poll("first")

    found = previewed(site, "paper")
    assert found["first"] is True
    assert [each["fate"] for each in found["entries"]] == ["stored", "stored", "announced"]
    site.poll("paper")

    upstream.serve(
        "/paper.rss",
        rss(
            item(1, "Old 1"),
            item(2, "Old 2, edited"),
            item(3, "Old 3, hàng chất lượng cao"),
            item(4, "Advert for sauce"),
            item(5, "Another headline", text=text),
            item(6, "New chất lượng"),
        ),
    )
    entries = by_title(previewed(site, "paper"))
    told = {title: (entry["verdict"], entry["fate"]) for title, entry in entries.items()}
    assert told == {
        "Old 1": ("unchanged", "nothing"),
        "Old 2, edited": ("changed", "stored"),
        "Old 3, hàng chất lượng cao": ("changed", "updated"),
        "Advert for sauce": ("new", "skipped"),
        "Another headline": ("copy", "updated"),
        "New chất lượng": ("new", "announced"),
    }
    assert "advert" in entries["Advert for sauce"]["skipped"].lower()
    copy = entries["Another headline"]
    assert (copy["copy_of"]["title"], copy["copy_of"]["source"]) == ("Fish sauce", "first")
    assert "100%" in copy["evidence"]["detail"]
    assert copy["evidence"]["score"] == 1
    assert copy["shows"]["republish"] == "full"
    new = entries["New chất lượng"]
    assert new["categories"] == [{"id": "quality", "reason": "rule matched title: “chất lượng”"}]
    assert new["shows"]["republish"] == "excerpt"
    assert 200 < new["shows"]["chars"] <= 300 < new["shows"]["of_chars"]


def test_people_read_it_in_eighty_columns_without_colour(site: Site, upstream: Upstream) -> None:
    long = "Hàng Việt Nam chất lượng cao chinh phục người tiêu dùng \x1b[31m trong nước và 中文 " * 3
    url = upstream.serve("/paper.rss", rss(item(1, long.replace("\x1b", "")), item(2, "Second"), item(3, "Third")))
    site.configure([source("paper", url)], CATEGORIES, TAGS)
    shown = run(site, "paper", "--limit", "2").stdout
    assert "\x1b" not in shown
    assert max(map(cell_len, shown.splitlines())) <= 80
    assert not any(line != line.rstrip() for line in shown.splitlines())
    assert "Second" in shown
    assert "Third" not in shown
    for said in (
        "RSS, no language said, 3 entries",
        "category quality: rule matched title: “chất lượng”",
        "first poll",
    ):
        assert said in shown
    assert shown.splitlines()[-1] == "3 entries: 3 new; 3 announced. Nothing was stored."


def test_what_is_malformed_is_said(site: Site, upstream: Upstream) -> None:
    url = upstream.serve("/paper.rss", rss(item(1, "First"), item(2, "Second"))[:-80])
    site.configure([source("paper", url)])
    assert "malformed, read as far as possible" in run(site, "paper").stdout
    assert previewed(site, "paper")["problem"]


def kept(site: Site) -> dict[str, str]:
    """Return what the store's files hold, the log of writes included; the index of that log is memory, not content."""
    files = [file for file in (site.folder.parent / "var").iterdir() if not file.name.endswith("-shm")]
    return {file.name: sha256(file.read_bytes()).hexdigest() for file in files}


def test_nothing_is_stored(site: Site, upstream: Upstream) -> None:
    url = upstream.serve("/paper.rss", rss(*(item(number, f"Story {number}") for number in range(1, 6))))
    copies = [item(number, f"Story {number}").replace("paper.example", "copy.example") for number in range(2, 6)]
    other = upstream.serve("/other.rss", rss(*copies))
    site.configure([source("paper", url), source("other", other)], CATEGORIES, TAGS).poll("paper")
    upstream.serve(
        "/paper.rss", rss(*(item(n, f"Story {n}, edited") for n in range(1, 5))).replace(b"<channel>", COMPLETE)
    )
    before = kept(site)
    assert set(before) == {"feedsvc.db", "feedsvc.db-wal"}
    counts = previewed(site, "paper")["counts"]
    assert (counts["changed"], counts["updated"], counts["retracted"]) == (4, 4, 1)
    assert previewed(site, "other")["counts"]["copies"] == 4
    run(site, other + "?again")
    run(site, "--rules", str(site.folder))
    assert kept(site) == before
    site.close()
    before = kept(site)
    assert set(before) == {"feedsvc.db"}
    assert previewed(site, "paper")["counts"] == counts
    assert kept(site) == before


def test_without_a_store_nothing_is_made(tmp_path: Path, upstream: Upstream) -> None:
    url = upstream.serve("/paper.rss", rss(item(1, "First")))
    with Site(tmp_path) as site:
        site.configure([source("paper", url)], CATEGORIES, TAGS).close()
        for file in (tmp_path / "var").iterdir():
            file.unlink()
        (tmp_path / "var").rmdir()
        assert by_title(previewed(site, "paper"))["First"]["fate"] == "announced"
        assert previewed(site, "--rules", str(site.folder))["stories"] == 0
        assert [each.name for each in tmp_path.iterdir()] == ["config"]


def document(chance: random.Random, shared: Sequence[str], outlet: str) -> bytes:
    """Return some of a dozen entries, some of them edited, some the same as in other outlets."""
    items = []
    for number in sorted(chance.sample(range(1, 13), chance.randint(5, 12))):
        title = chance.choice(["Export", "Hàng chất lượng", "Advert"]) if chance.random() < 0.3 else "Story"
        text = shared[number] if number <= 6 else ""
        made = item(number, f"{title} {number}", text=text, date=f"{number:02d} Feb 2026 08:00:00 +0700")
        items.append(made.replace("paper.example", f"{outlet}.example"))
    whole = rss(*items)
    return whole.replace(b"<channel>", COMPLETE) if chance.random() < 0.4 else whole


@pytest.mark.parametrize("seed", range(3))
def test_a_poll_then_does_what_the_preview_said(any_site: Site, upstream: Upstream, seed: int) -> None:
    chance = random.Random(seed)
    shared = [" ".join(f"asean{n} word{n}x{index} report" for index in range(80)) for n in range(7)]
    urls = {id: upstream.serve(f"/{id}.rss", rss()) for id in ("paper", "mirror", "third")}
    skip = {"skip": "title:advert", "backfill": 4}
    any_site.configure([source(id, url, **skip) for id, url in urls.items()], CATEGORIES, TAGS)
    service = any_site.service
    assert service is not None
    current = service.in_force()
    sources = {each.id: each for each in current.settings.sources}

    async def rounds() -> None:
        client = await client_of(service.store, current)
        async with client, runner_with(client, service.store, current) as runner:
            visit = Visit(deps=runner.deps, client=client, reader=runner.readers.read_page, sources=sources)
            for _ in range(10):
                id = chance.choice(list(urls))
                upstream.serve(f"/{id}.rss", document(chance, shared, id))
                before = any_site.changes()
                said = await dry_run(sources[id], FetchState(source_id=id), visit, utc_now())
                assert any_site.changes() == before
                update = await runner.submit(sources[id], force=True)
                assert update is not None
                compare(said, update, [each.kind for each in any_site.changes()[len(before) :]])

    asyncio.run(rounds())


def compare(said: Preview, done: SourceUpdate, log: Sequence[str]) -> None:
    if not done.changes:
        assert (done.attempt.outcome, log) == ("unchanged", [])
        assert {entry.fate for entry in said.entries} <= {"nothing", "skipped"}
        return
    for entry, change in zip(said.entries, done.changes, strict=True):
        assert (entry.title, entry.verdict) == (change.arrival.entry.title, change.verdict.kind)
        assert entry.evidence == change.verdict.evidence
        assert entry.skipped == change.arrival.skipped
        if change.filing is not None:
            assert Filing(categories=entry.categories, tags=entry.tags) == change.filing
    updated = {entry.story for entry in said.entries if entry.fate == "updated"}
    moved = [each.fate for each in said.moved]
    assert said.count(fate="announced") == log.count("new")
    assert len(updated) + moved.count("updated") == log.count("updated")
    assert moved.count("retracted") == log.count("retracted")


def test_what_replaces_a_withdrawn_entry_is_recognised_as_a_poll_does(any_site: Site, upstream: Upstream) -> None:
    text = " ".join(f"the whole report of the day {index}" for index in range(80))
    first = upstream.serve("/first.rss", rss(item(1, "Report", text=text)))
    others = [item(number, f"Other {number}") for number in range(5, 10)]
    copy = item(2, "Copied", text=text).replace("paper.example", "copy.example")
    again = item(3, "Copied once more", text=text).replace("paper.example", "copy.example")
    second = upstream.serve("/second.rss", rss(copy, *others))
    any_site.configure([source("first", first), source("second", second)])
    any_site.poll("first")
    assert any_site.poll("second")["second"].attempt.copies == 1
    upstream.serve("/second.rss", rss(again, *others).replace(b"<channel>", COMPLETE))
    said = by_title(previewed(any_site, "second"))["Copied once more"]["verdict"]
    update = any_site.poll("second")["second"]
    assert update.attempt.withdrawn == 1
    assert said == update.changes[0].verdict.kind == "copy"


def test_a_feed_that_is_not_configured_is_read_with_every_key_at_its_default(site: Site, upstream: Upstream) -> None:
    body = rss(*(item(number, f"Story {number}") for number in range(1, 15)))
    url = upstream.serve("/new.rss", body.replace(b"https://paper.example", upstream.url("").encode()))
    site.configure([source("paper", upstream.url("/paper.rss"))], CATEGORIES, TAGS)
    found = previewed(site, url)
    assert found["configured"] is False
    assert (found["counts"]["announced"], found["counts"]["stored"]) == (10, 4)
    assert {entry["shows"]["republish"] for entry in found["entries"]} == {"excerpt"}
    assert "not in the configuration" in run(site, url).stdout
    assert len(upstream.asked("/new.rss")) == 2


def test_what_cannot_be_previewed_is_said_in_words(site: Site, upstream: Upstream) -> None:
    page = upstream.on("/page", answer(200, b"<html><title>Home</title></html>", headers={"Content-Type": "text/html"}))
    site.configure([source("paper", upstream.url("/nothing.rss"))])
    with pytest.raises(SourceError, match="the server answered 404"):
        run(site, "paper")
    with pytest.raises(SourceError, match=r"an HTML page, not a feed .*feedsvc discover"):
        run(site, page)
    with pytest.raises(StartError, match=r"no source papr.*sources: paper"):
        run(site, "papr")
    for wrong in ([], ["paper", "--rules", str(site.folder)], ["ftp://paper.example/"]):
        assert run(site, *wrong).exit_code == 2


def test_exit_status_and_standard_error(tmp_path: Path) -> None:
    with Site(tmp_path) as site:
        site.configure([source("paper", "https://paper.example/rss")]).close()
    words = [sys.executable, "-m", "feedsvc", "--config", str(tmp_path / "config"), "preview", "nope", "--json"]
    done = subprocess.run(words, capture_output=True, text=True, env=ENVIRON, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "feedsvc: no source nope, and no address with http:// or https://; sources: paper\n"


def test_who_asked_us_to_wait_is_not_asked_unless_somebody_insists(site: Site, upstream: Upstream) -> None:
    url = upstream.on("/paper.rss", answer(503, headers={"Retry-After": "3600"}))
    paused = upstream.serve("/paused.rss", rss(item(1, "First")))
    site.configure([source("paper", url), source("paused", paused, paused=True)]).poll("paper")
    upstream.serve("/paper.rss", rss(item(1, "First")))
    for id, why in (("paper", "the server asked to wait until"), ("paused", "paused in the configuration")):
        with pytest.raises(SourceError, match=f"not asked: {why}"):
            run(site, id)
    assert (len(upstream.asked("/paper.rss")), len(upstream.asked("/paused.rss"))) == (1, 0)
    assert previewed(site, "paper", "--force")["counts"]["new"] == 1

    gone = upstream.on("/gone.rss", answer(410))
    site.configure([source("paper", gone)]).poll("paper")
    with pytest.raises(SourceError, match="410 Gone"):
        run(site, "paper")


def test_the_folder_counts_before_it_is_in_force(site: Site, upstream: Upstream) -> None:
    """As for a poll, which would put it in force first; an address that moved has no Retry-After yet."""
    url = upstream.on("/paper.rss", answer(503, headers={"Retry-After": "3600"}))
    site.configure([source("paper", url)]).poll()
    moved = upstream.serve("/moved.rss", rss(item(1, "First")))
    (site.folder / "sources.yaml").write_text(as_yaml({"sources": [source("paper", moved), source("more", moved)]}))
    done = run(site, "paper")
    assert "differs from revision 1; this is by the folder" in done.stderr
    assert previewed(site, "more")["counts"]["new"] == 1
    (site.folder / "sources.yaml").write_text(as_yaml({"sources": [source("newspaper", moved, was=["paper"])]}))
    with pytest.raises(StartError, match="newspaper was paper until now"):
        run(site, "newspaper")
    (site.folder / "sources.yaml").write_text("sources: 3")
    with pytest.raises(SourceError, match="asked to wait"):
        run(site, "paper")


def stored(site: Site) -> list[Story]:
    assert site.service is not None
    with site.service.store.read() as tx:
        return list(tx.stories.get(tx.tracing.stories_after(None, 1000)).values())


def test_changed_rules_move_what_filing_everything_anew_would_move(site: Site, upstream: Upstream) -> None:
    chance = random.Random(1)
    words = ["chất lượng", "export", "asean", "fish", "rice", "steel"]
    items = [item(n, f"{' '.join(chance.sample(words, 2))} {n}") for n in range(1, 25)]
    url = upstream.serve("/paper.rss", rss(*items))
    site.configure([source("paper", url, backfill=5, categories=["all-of-it"])], RULED, TAGS).poll()
    changed = {
        "categories": [
            {"id": "all-of-it", "title": "All"},
            {"id": "goods", "title": "Quality", "match": "title:fish OR title:rice", "was": ["quality"]},
            {"id": "metal", "title": "Metal", "match": "tag:industry"},
        ],
        "tags": [{"id": "industry", "title": "Industry", "match": "steel"}],
    }
    file = site.folder.parent / "changed.yaml"
    file.write_text(as_yaml(changed), encoding="utf-8")
    found = previewed(site, "--rules", str(file))
    shown = run(site, "--rules", str(file)).stdout

    stories = stored(site)
    now = {"goods": {"fish", "rice"}, "metal": {"steel"}, "industry": {"steel"}, "all-of-it": set(words)}
    renamed = {"quality": "goods"}
    counts: dict[str, list[int]] = {}
    moved = 0
    for story in stories:
        title = set((story.lead.entry.title or "").split())
        filed = [each.id for each in (*story.filing.categories, *story.filing.tags)]
        before = {renamed.get(id, id) for id in filed}
        after = {id for id, any_of in now.items() if title & any_of}
        for id in before | after:
            row = counts.setdefault(id, [0, 0, 0])
            row[0 if id in before & after else 1 if id in after else 2] += 1
        moved += bool((before - after) - {"asean"}) and bool((after - before) - {"industry"})
    said = {each["id"]: [each["stays"], each["enters"], each["leaves"]] for each in found["categories"] + found["tags"]}
    assert {id: row for id, row in said.items() if any(row)} == counts
    assert (found["stories"], found["moved"]) == (len(stories), moved) == (24, moved)
    for each in found["categories"]:
        assert len(each["entering"]) == min(each["enters"], 5)
        assert all("rule matched" in sample["reason"] for sample in each["entering"])
        dates = [sample["sort_at"] for sample in each["entering"]]
        assert dates == sorted(dates, reverse=True)
    assert f"category goods: {said['goods'][1]} enter" in shown


RULED = [
    {"id": "all-of-it", "title": "All"},
    {"id": "quality", "title": "Quality", "match": 'title:"chất lượng"'},
    {"id": "trade", "title": "Trade", "match": "title:export* AND tag:asean"},
]


def test_a_file_with_mistakes_is_refused_at_their_places(site: Site, tmp_path: Path) -> None:
    site.configure([source("paper", "https://paper.example/rss", categories=["quality"])], CATEGORIES, TAGS)
    file = tmp_path / "mine.yaml"
    file.write_text('categories:\n  - {id: other, title: Other, match: "(("}\n', encoding="utf-8")
    with pytest.raises(InvalidConfigError) as refused:
        run(site, "--rules", str(file))
    first, second = sorted(str(error) for error in refused.value.errors)
    assert second.startswith(f"{file}:2:")
    assert "no category has the id “quality”" in first
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidConfigError, match="is not UTF-8"):
        run(site, "--rules", str(file))
