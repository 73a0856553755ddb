"""What a publisher takes back leaves every document and page, and can come back; failures take nothing back."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from werkzeug.test import Client

from feedsvc.engine.local import utc_now
from feedsvc.model import Change, Story
from feedsvc.parse.reading import MAX_ENTRIES
from feedsvc.web import create_app
from tests.servers.upstream import Upstream
from tests.site import ENVIRON, Site, source
from tests.test_crash import MOMENTS_S, kill_a_poll, start_poll
from tests.test_pipeline import item, kinds, rss, titles

COMPLETE = "<fh:complete/>"
NAMESPACES = (
    b"<rss xmlns:at='http://purl.org/atompub/tombstones/1.0' xmlns:fh='http://purl.org/syndication/history/1.0' "
)
WORDS = " ".join(f"tiêu chuẩn chất lượng {index}" for index in range(120))


def feed(*parts: str) -> bytes:
    """Return an RSS document of items, tombstones and marks."""
    return rss(*parts).replace(b"<rss ", NAMESPACES)


def tombstone(number: int, when: str = "2026-06-01T00:00:00Z", comment: str = "") -> str:
    dated, said = f" when='{when}'" if when else "", f"<at:comment>{comment}</at:comment>" if comment else ""
    return f"<at:deleted-entry ref='id-{number}'{dated}>{said}</at:deleted-entry>"


def elsewhere(host: str, number: int, title: str) -> str:
    """Return an item whose text is that of every other one made so."""
    return item(number, title, text=WORDS).replace("paper.example", host)


@pytest.fixture
def site(tmp_path: Path, store_url: str) -> Iterator[Site]:
    with Site(tmp_path, store_url) as made:
        yield made


def log(site: Site) -> list[tuple[str, str | None]]:
    return [(change.kind, change.reason) for change in site.changes()]


def told(site: Site, kind: str) -> list[Change]:
    return [change for change in site.changes() if change.kind == kind]


def stored(site: Site, id: UUID) -> Story:
    assert site.service is not None
    with site.service.store.read() as tx:
        found = tx.stories.by_id(id)
    assert found is not None
    return found


def page(site: Site, id: UUID) -> int:
    assert site.service is not None
    app, _ = create_app(site.service.store, site.service.in_force)
    return Client(app).get(f"/story/{id}").status_code


def counts(site: Site) -> tuple[str, int, int, int]:
    attempt = site.poll()["paper"].attempt
    return attempt.outcome, attempt.new, attempt.changed, attempt.withdrawn


def test_a_tombstone_takes_a_story_out_of_every_document_and_its_page_is_gone(site: Site, upstream: Upstream) -> None:
    url = upstream.serve("/paper.rss", feed(item(1, "Kept"), item(2, "Regretted")))
    categories: list[dict[str, Any]] = [{"id": "news", "title": "News", "match": "title:(kept OR regretted)"}]
    tags = [{"id": "sad", "title": "Sad", "match": "regretted"}]
    site.configure([source("paper", url, language="en")], categories, tags).poll()
    places = [
        f"/feeds/{place}{language}" for place in ("all", "category/news", "source/paper") for language in ("", "/en")
    ]
    assert titles(site, "/feeds/tag/sad.rss") == ["Regretted"]
    (gone,) = [change.story_id for change in site.changes() if stored(site, change.story_id).lead.entry.guid == "id-2"]
    assert page(site, gone) == 200

    upstream.serve(
        "/paper.rss", feed(item(1, "Kept"), tombstone(2, comment="Wrong in &lt;b&gt;all&lt;/b&gt; points")), etag='"2"'
    )
    assert counts(site) == ("changed", 0, 0, 1)
    for place, format in product(places, ("rss", "atom")):
        assert titles(site, f"{place}.{format}") == ["Kept"]
    assert titles(site, "/feeds/tag/sad.atom") == []
    assert b"Regretted" not in b"".join(site.bodies().values())
    reason = "the publisher withdrew it: Wrong in all points"
    assert log(site) == [("new", None), ("new", None), ("retracted", reason)]
    assert told(site, "retracted")[0].story_id == gone
    assert stored(site, gone).retracted == reason
    assert page(site, gone) == 410

    before = site.bodies()
    assert counts(site)[0] == "not-modified"
    upstream.serve("/paper.rss", feed("<ttl>5</ttl>", item(1, "Kept"), tombstone(2)))
    assert counts(site) == ("unchanged", 0, 0, 0)
    upstream.serve("/paper.rss", feed(item(1, "Kept"), tombstone(77), tombstone(78)))
    assert counts(site) == ("unchanged", 0, 0, 0)
    site.close()
    site.open().publish()
    assert site.bodies() == before
    assert len(site.changes()) == 3


def test_what_was_withdrawn_comes_back_under_its_id_and_is_not_announced_again(site: Site, upstream: Upstream) -> None:
    url = upstream.serve("/paper.rss", feed(item(1, "First"), item(2, "Second")))
    site.configure([source("paper", url)]).poll()
    before = site.bodies()
    upstream.serve("/paper.rss", feed(item(2, "Second"), tombstone(1)))
    site.poll()
    upstream.serve("/paper.rss", feed(item(2, "Second"), item(1, "First")))
    assert counts(site) == ("changed", 0, 1, 0)
    assert kinds(site) == ["new", "new", "retracted", "updated"]
    assert site.bodies() == before
    assert page(site, told(site, "retracted")[0].story_id) == 200

    upstream.serve("/paper.rss", feed(item(2, "Second"), tombstone(1)))
    assert counts(site) == ("changed", 0, 0, 1)
    upstream.serve("/paper.rss", feed(item(2, "Second"), item(1, "First, corrected")))
    assert counts(site) == ("changed", 0, 1, 0)
    assert set(titles(site, "/feeds/all.rss")) == {"First, corrected", "Second"}
    assert {change.story_id for change in told(site, "updated")} == {told(site, "retracted")[0].story_id}
    assert kinds(site).count("new") == 2


def test_a_story_that_others_carry_too_is_led_by_another(site: Site, upstream: Upstream) -> None:
    first = upstream.serve("/a.rss", feed(elsewhere("a.example", 1, "Hàng Việt Nam")))
    second = upstream.serve("/b.rss", feed(elsewhere("b.example", 2, "Hàng Việt Nam đạt chuẩn")))
    categories = [{"id": "goods", "title": "Goods", "match": "title:đạt"}]
    site.configure([source("a", first), source("b", second)], categories).poll("a")
    site.poll("b")
    (story,) = {change.story_id for change in site.changes()}
    assert titles(site, "/feeds/all.rss") == ["Hàng Việt Nam"]

    upstream.serve("/a.rss", feed(elsewhere("a.example", 3, "More").replace(WORDS, "else " * 90), tombstone(1)))
    assert site.poll("a")["a"].attempt.withdrawn == 1
    assert [(change.kind, change.story_id == story) for change in site.changes()][2:] in (
        [("updated", True), ("new", False)],
        [("new", False), ("updated", True)],
    )
    for path in ("/feeds/source/b.atom", "/feeds/category/goods.atom"):
        assert [(entry.title, entry.id) for entry in site.feed(path).entries] == [
            ("Hàng Việt Nam đạt chuẩn", story.urn)
        ]
    assert titles(site, "/feeds/source/a.rss") == ["More"]
    assert stored(site, story).others == ()

    upstream.serve("/b.rss", feed(tombstone(2)))
    site.poll("b")
    assert log(site)[-1] == ("retracted", "the publisher withdrew it")
    assert page(site, story) == 410
    # The one that left first is back: it leads again, and is as old as it was.
    upstream.serve("/a.rss", feed(elsewhere("a.example", 1, "Hàng Việt Nam")))
    site.poll("a")
    back = stored(site, story)
    assert (back.retracted, back.lead.source_id, back.others) == (None, "a", ())
    assert back.lead.first_seen_at == back.first_seen_at
    upstream.serve("/b.rss", feed(elsewhere("b.example", 2, "Hàng Việt Nam đạt chuẩn")))
    site.poll("b")
    assert [each.source_id for each in stored(site, story).appearances] == ["a", "b"]
    assert len([change for change in told(site, "new") if change.story_id == story]) == 1


def test_two_sources_that_withdraw_at_once_retract_one_story_once(site: Site, upstream: Upstream) -> None:
    sources = [
        source(id, upstream.serve(f"/{id}.rss", feed(elsewhere(f"{id}.example", 1, "Hàng Việt Nam")))) for id in "abc"
    ]
    site.configure(sources).poll()
    for id in "abc":
        upstream.serve(f"/{id}.rss", feed(tombstone(1)))
    site.poll()
    assert [kind for kind in kinds(site) if kind != "updated"] == ["new", "retracted"]
    assert kinds(site)[-1] == "retracted"
    assert "Hàng" not in b"".join(site.bodies().values()).decode()


def test_a_copy_of_a_withdrawn_story_becomes_a_story_of_its_own(site: Site, upstream: Upstream) -> None:
    first = upstream.serve("/a.rss", feed(elsewhere("a.example", 1, "Hàng Việt Nam")))
    second = upstream.serve("/b.rss", feed(item(9, "Other")))
    site.configure([source("a", first), source("b", second)]).poll()
    upstream.serve("/a.rss", feed(tombstone(1)))
    site.poll("a")
    upstream.serve("/b.rss", feed(item(9, "Other"), elsewhere("b.example", 2, "Hàng Việt Nam đạt chuẩn")))
    assert site.poll("b")["b"].attempt.new == 1
    assert set(titles(site, "/feeds/all.rss")) == {"Other", "Hàng Việt Nam đạt chuẩn"}


def test_what_is_published_anew_under_another_guid_joins_the_story_that_others_still_carry(
    site: Site, upstream: Upstream
) -> None:
    first = upstream.serve("/a.rss", feed(elsewhere("a.example", 1, "Hàng Việt Nam")))
    second = upstream.serve("/b.rss", feed(elsewhere("b.example", 2, "Hàng Việt Nam")))
    site.configure([source("a", first), source("b", second)]).poll("a")
    site.poll("b")
    upstream.serve("/a.rss", feed(elsewhere("a.example", 5, "Hàng Việt Nam"), tombstone(1)))
    attempt = site.poll("a")["a"].attempt
    assert (attempt.new, attempt.copies, attempt.withdrawn) == (0, 1, 1)
    assert kinds(site).count("new") == 1
    assert len(titles(site, "/feeds/source/a.rss")) == 1


def test_absence_from_a_complete_feed_is_a_withdrawal(site: Site, upstream: Upstream) -> None:
    everything = [item(number, f"Number {number}") for number in range(5)]
    url = upstream.serve("/paper.rss", feed(*everything, COMPLETE))
    site.configure([source("paper", url)]).poll()
    upstream.serve("/paper.rss", feed(*everything[1:]))
    assert counts(site)[3] == 0
    upstream.serve("/paper.rss", feed(*everything[:3], item(9, "Fresh"), COMPLETE))
    assert counts(site) == ("changed", 1, 0, 2)
    assert set(titles(site, "/feeds/all.rss")) == {"Number 0", "Number 1", "Number 2", "Fresh"}
    assert {change.reason for change in told(site, "retracted")} == {"missing from the publisher's complete feed"}
    upstream.serve("/paper.rss", feed(*everything[:4], item(9, "Fresh"), COMPLETE))
    assert counts(site) == ("changed", 0, 1, 0)
    assert kinds(site).count("new") == 6


def test_what_looks_like_a_failure_withdraws_nothing(site: Site, upstream: Upstream) -> None:
    everything = [item(number, f"Number {number}") for number in range(5)]
    next_page = "<atom:link xmlns:atom='http://www.w3.org/2005/Atom' rel='next' href='https://paper.example/2'/>"
    failures = [
        (feed(COMPLETE), None),
        (feed(everything[0], COMPLETE), "4 of 5 entries are missing from a complete feed; not taken for withdrawals"),
        (feed(*everything[1:], COMPLETE)[:-12], "malformed"),
        (feed(*everything[1:], tombstone(0))[:-12], "malformed"),
        (feed(*everything[1:], next_page, COMPLETE), None),
        (feed(item(9, "Another feed"), COMPLETE), "5 of 5 entries are missing from a complete feed"),
        # What is not read, such as what comes after too many, may be what is missing.
        (feed(COMPLETE, *everything[1:], *["<item><title>Short</title></item>"] * MAX_ENTRIES), None),
    ]
    url = upstream.serve("/paper.rss", feed(*everything, COMPLETE))
    site.configure([source("paper", url)]).poll()
    for body, doubt in failures:
        upstream.serve("/paper.rss", body)
        attempt = site.poll()["paper"].attempt
        assert attempt.withdrawn == 0
        assert (attempt.error is None) if doubt is None else (doubt in (attempt.error or "")), doubt
    assert kinds(site) == ["new"] * 7


def test_of_an_entry_and_its_tombstone_the_later_word_counts(site: Site, upstream: Upstream) -> None:
    # Items of that number are dated 2 March, 08:00 in Vietnam.
    earlier, later = "2026-03-02T00:59:00Z", "2026-03-02T01:00:00Z"
    url = upstream.serve(
        "/paper.rss", feed(item(1, "News"), item(2, "Never seen"), tombstone(2, "2026-06-01T00:00:00Z"))
    )
    site.configure([source("paper", url)]).poll()
    assert titles(site, "/feeds/all.rss") == ["News"]
    for stays in (tombstone(1, earlier), tombstone(1, ""), tombstone(1, "soon")):
        upstream.serve("/paper.rss", feed(item(1, "News"), stays))
        assert counts(site)[3] == 0
    upstream.serve("/paper.rss", feed(item(1, "News"), tombstone(1, earlier), tombstone(1, later)))
    assert counts(site) == ("changed", 0, 0, 1)
    upstream.serve("/paper.rss", feed(item(1, "News"), tombstone(1, earlier)))
    assert counts(site) == ("changed", 0, 1, 0)
    # The entry has left the document, its old tombstone has not.
    upstream.serve("/paper.rss", feed(item(5, "Later"), tombstone(1, earlier)))
    assert counts(site) == ("changed", 1, 0, 0)
    assert titles(site, "/feeds/all.rss") == ["Later", "News"]


def test_the_tombstone_of_a_former_guid_does_not_concern_an_entry_that_has_another(
    site: Site, upstream: Upstream
) -> None:
    url = upstream.serve("/paper.rss", feed(item(1, "News")))
    site.configure([source("paper", url)]).poll()
    renamed = item(1, "News").replace("id-1<", "other-1<")
    for parts in ((renamed, tombstone(1)), (item(2, "Later"), tombstone(1))):
        upstream.serve("/paper.rss", feed(*parts))
        assert counts(site)[3] == 0
    upstream.serve("/paper.rss", feed(item(2, "Later"), tombstone(1).replace("id-1'", "other-1'")))
    assert counts(site)[3] == 1
    assert titles(site, "/feeds/all.rss") == ["Later"]


def test_what_was_never_announced_is_withdrawn_without_a_word(site: Site, upstream: Upstream) -> None:
    url = upstream.serve("/paper.rss", feed(item(1, "Old"), item(2, "New")))
    site.configure([source("paper", url, backfill=1)])
    (old,) = [c.story_id for c in site.poll()["paper"].changes if c.arrival.entry.title == "Old"]
    assert old is not None
    for body, gone in ((feed(item(2, "New"), tombstone(1)), True), (feed(item(2, "New"), item(1, "Old")), False)):
        upstream.serve("/paper.rss", body)
        site.poll()
        assert (stored(site, old).retracted is not None) is gone
    assert kinds(site) == ["new"]
    assert titles(site, "/feeds/all.rss") == ["New"]


def test_a_document_that_is_not_whole_brings_nothing_back(site: Site, upstream: Upstream) -> None:
    url = upstream.serve("/paper.rss", feed(item(1, "News"), item(2, "Other")))
    site.configure([source("paper", url)]).poll()
    upstream.serve("/paper.rss", feed(item(2, "Other"), item(1, "News, edited"), tombstone(1)))
    site.poll()
    # The same, cut before the tombstone.
    upstream.serve("/paper.rss", feed(item(2, "Other"), item(1, "News, edited"))[:-12])
    assert counts(site) == ("unchanged", 0, 0, 0)
    assert titles(site, "/feeds/all.rss") == ["Other"]


def test_what_a_rule_skips_by_now_does_not_come_back(site: Site, upstream: Upstream) -> None:
    url = upstream.serve("/paper.rss", feed(item(1, "Lottery"), item(2, "Other")))
    site.configure([source("paper", url)]).poll()
    upstream.serve("/paper.rss", feed(item(2, "Other"), tombstone(1)))
    site.poll()
    upstream.serve("/paper.rss", feed(item(2, "Other"), item(1, "Lottery, edited")))
    site.configure([source("paper", url, skip="title:lottery")])
    assert counts(site) == ("unchanged", 0, 0, 0)
    site.configure([source("paper", url)])
    upstream.serve("/paper.rss", feed("<ttl>5</ttl>", item(2, "Other"), item(1, "Lottery, edited")))
    assert counts(site) == ("changed", 0, 1, 0)
    assert set(titles(site, "/feeds/all.rss")) == {"Other", "Lottery, edited"}


def test_another_source_cannot_take_an_entry_back(site: Site, upstream: Upstream) -> None:
    first = upstream.serve("/paper.rss", feed(item(1, "News")))
    second = upstream.serve("/other.rss", feed(item(2, "Other").replace("paper.example", "other.example")))
    site.configure([source("paper", first), source("other", second)]).poll()
    upstream.serve("/other.rss", feed(tombstone(1)))
    assert site.poll()["other"].attempt.withdrawn == 0
    assert set(titles(site, "/feeds/all.rss")) == {"News", "Other"}


def test_a_withdrawn_story_that_retention_took_stays_gone(site: Site, upstream: Upstream) -> None:
    url = upstream.serve("/paper.rss", feed(item(1, "News"), item(2, "Other")))
    site.configure([source("paper", url)]).poll()
    upstream.serve("/paper.rss", feed(item(2, "Other"), tombstone(1)))
    site.poll()
    (gone,) = told(site, "retracted")
    tomorrow = utc_now() + timedelta(days=1)
    assert site.service is not None
    with site.service.store.write() as tx:
        pruned = tx.retention.prune(entries_before=tomorrow, changes_before=gone.at, attempts_before=gone.at)
        assert pruned.entries == 1
        (traced,) = tx.tracing.stories([gone.story_id])
        assert (traced.retracted, traced.retracted_at) == (gone.reason, gone.at)
    before, said = site.bodies(), site.changes()
    for parts in ((item(2, "Other"), item(1, "News")), (item(2, "Other"), item(1, "News, edited"))):
        upstream.serve("/paper.rss", feed(*parts))
        assert counts(site) == ("unchanged", 0, 0, 0)
    upstream.serve("/paper.rss", feed(item(2, "Other"), tombstone(1), COMPLETE))
    assert counts(site) == ("unchanged", 0, 0, 0)
    assert (site.bodies(), site.changes()) == (before, said)


def test_the_command_says_how_many_were_withdrawn_and_keeps_its_json_as_promised(
    tmp_path: Path, upstream: Upstream
) -> None:
    url = upstream.serve("/paper.rss", feed(item(1, "News"), item(2, "Other")))
    with Site(tmp_path) as site:
        site.configure([source("paper", url)]).poll()
        words = [sys.executable, "-m", "feedsvc", "--config", str(site.folder), "poll", "--force"]
        upstream.serve("/paper.rss", feed(item(2, "Other"), tombstone(1)))
        said = subprocess.run(words, capture_output=True, text=True, env=ENVIRON, check=True)
        assert said.stdout.split() == ["paper", "changed", "1", "withdrawn"]
        upstream.serve("/paper.rss", feed(item(2, "Other"), item(1, "News")))
        said = subprocess.run([*words, "--json"], capture_output=True, text=True, env=ENVIRON, check=True)
    promised = ["source", "outcome", "status", "entries", "new", "changed", "copies", "seconds", "error"]
    assert list(json.loads(said.stdout)) == promised


def test_killed_polls_withdraw_each_story_once(tmp_path: Path, store_url: str, upstream: Upstream) -> None:
    urls = []
    for at in range(4):
        items = [item(number, f"Story {at}-{number}", date="02 Mar 2026 08:00:00 +0700") for number in range(20)]
        body = feed(*items).replace(b"paper.example", f"paper{at}.example".encode())
        urls.append(upstream.serve(f"/{at}.rss", body))
    with Site(tmp_path, store_url) as site:
        site.configure([source(f"paper-{at}", url) for at, url in enumerate(urls)], publish={"entries": 500}).poll()
        for at in range(4):
            upstream.serve(f"/{at}.rss", feed(*(tombstone(number) for number in range(20))))
        for moment_s in MOMENTS_S[:4]:
            kill_a_poll(site, upstream, moment_s)
        assert start_poll(site).wait() == 0
        assert titles(site, "/feeds/all.atom") == []
        assert [change.sequence for change in site.changes()] == list(range(1, 161))
        assert kinds(site) == ["new"] * 80 + ["retracted"] * 80
        assert len({change.story_id for change in told(site, "retracted")}) == 80
