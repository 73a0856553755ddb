"""Filing what is stored by today's rules, on both databases."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from feedsvc import editorial, filing
from feedsvc.engine.local import utc_now
from feedsvc.errors import ConfigChangedError
from feedsvc.preview import Labels, Refiling, refiled
from feedsvc.revisions import InForce
from feedsvc.settle import House
from feedsvc.store import Store
from tests.servers.upstream import Upstream
from tests.site import Site, source
from tests.test_pipeline import item, kinds, rss, titles


@pytest.fixture
def site(tmp_path: Path, store_url: str) -> Iterator[Site]:
    with Site(tmp_path, store_url) as made:
        yield made


def category(id: str, match: str) -> dict[str, Any]:
    return {"id": id, "title": id.title(), "match": match}


def state(site: Site) -> tuple[Store, InForce]:
    assert site.service is not None
    return site.service.store, site.service.in_force()


def rules(current: InForce) -> filing.Rules:
    settings = current.settings
    return filing.compile_rules(settings.sources, settings.categories, settings.tags, settings.site.timezone)


def refile(site: Site, revision: int | None = None) -> int:
    store, current = state(site)
    ranks = {each.id: each.rank for each in current.settings.sources}
    house = House(rules=rules(current), ranks=ranks, languages=current.settings.site.languages, now=utc_now())
    done: list[int] = []
    changed = editorial.refile(store, house, current.number if revision is None else revision, done.append)
    with store.read() as tx:
        assert sum(done) == tx.tracing.count_stories()
    site.publish()
    return changed


def previewed(site: Site) -> Refiling:
    store, current = state(site)
    labels = Labels(categories=current.settings.categories, tags=current.settings.tags)
    return refiled(store, rules(current), labels, labels, lambda _: None)


def test_a_changed_rule_moves_stored_stories_and_announces_nothing_again(site: Site, upstream: Upstream) -> None:
    url = upstream.serve("/a", rss(item(1, "Patent for a boat"), item(2, "Innovation by the hour"), item(3, "Rain")))
    sources = [source("paper", url)]
    site.configure(sources, [category("craft", "title:patent"), category("other", "title:rain")])
    site.poll()
    assert titles(site, "/feeds/category/craft.rss") == ["Patent for a boat"]
    before = site.feed("/feeds/all.atom")
    site.configure(sources, [category("craft", "title:(patent OR innovation)"), category("other", "title:snow")])
    expected = previewed(site)
    assert [(shift.id, shift.enters, shift.leaves, shift.stays) for shift in expected.shifts] == [
        ("craft", 1, 0, 1),
        ("other", 0, 1, 0),
    ]
    assert refile(site) == expected.changed == 2
    assert set(titles(site, "/feeds/category/craft.rss")) == {"Patent for a boat", "Innovation by the hour"}
    assert titles(site, "/feeds/category/other.rss") == []
    assert kinds(site) == ["new"] * 3 + ["updated"] * 2
    after = site.feed("/feeds/all.atom")
    assert [(entry.id, entry.updated) for entry in after.entries] == [(e.id, e.updated) for e in before.entries]
    assert previewed(site).changed == 0
    bodies = site.bodies()
    assert refile(site) == 0
    assert site.bodies() == bodies


def test_another_rank_moves_the_lead(site: Site, upstream: Upstream) -> None:
    text = " ".join(f"salt{number} of the pan{number * 3}" for number in range(40))
    first = upstream.serve("/first", rss(item(1, "Salt of three generations", text=text)))
    second = upstream.serve("/second", rss(item(2, "A cooperative and its salt", text=text)))
    site.configure([source("first", first), source("second", second)])
    site.poll("first")
    site.poll("second")
    assert titles(site, "/feeds/all.rss") == ["Salt of three generations"]
    (known,) = site.feed("/feeds/all.atom").entries
    site.configure([source("first", first), source("second", second, rank=5)])
    assert refile(site) == 1
    (moved,) = site.feed("/feeds/all.atom").entries
    assert (moved.title, moved.id) == ("A cooperative and its salt", known.id)


def test_it_stops_when_the_rules_are_no_longer_in_force(site: Site, upstream: Upstream) -> None:
    url = upstream.serve("/a", rss(item(1, "Patent for a boat")))
    site.configure([source("paper", url)], [category("craft", "title:patent")])
    site.poll()
    site.configure([source("paper", url)], [category("craft", "title:boats")])
    with pytest.raises(ConfigChangedError, match="run it again"):
        refile(site, revision=state(site)[1].number - 1)
    assert kinds(site) == ["new"]
