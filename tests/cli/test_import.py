"""`feedsvc import` and `feedsvc export` as a user runs them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from feedsvc import render, settings
from feedsvc.cli.export import opml_of
from feedsvc.cli.main import main
from feedsvc.model import ListedFeed, Source
from feedsvc.parse.opml import read_opml
from feedsvc.settings.kinds import read_line
from feedsvc.settings.tree import UNUSABLE
from tests.servers.upstream import Upstream
from tests.settings.samples import read as configuration
from tests.site import Site, as_yaml, source
from tests.test_pipeline import item, rss

SOURCES = "sources:\n# the first\n- id: known\n  title: Known\n  url: https://known.example/feed\n"
CATEGORIES = "categories:\n- {id: trade, title: {vi: Thương mại, en: Trade}}\n"
LIST = """\
<opml version="1.1"><body>
<outline text="thương mại"><outline text="Báo Mới" type="rss" xmlUrl="https://new.example/rss"/></outline>
<outline text="Again" xmlUrl="http://www.known.example/feed/"/>
<outline text="Nothing"/>
</body></opml>
"""

Run = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "feedsvc.yaml").write_text("site: {title: News}\n")
    (folder / "sources.yaml").write_text(SOURCES)
    (folder / "categories.yaml").write_text(CATEGORIES)
    (tmp_path / "list.opml").write_text(LIST)
    return folder


@pytest.fixture
def run(folder: Path) -> Run:
    def run(*words: str, stdin: bytes | None = None) -> Result:
        return CliRunner().invoke(main, ["--config", str(folder), *words], input=stdin)

    return run


def test_a_list_is_added_once(folder: Path, run: Run) -> None:
    file = str(folder.parent / "list.opml")
    first = run("import", file)
    assert first.exit_code == 0
    assert "+ bao-moi → trade" in first.stdout
    assert "! Nothing: no address" in first.stdout
    assert "1 source added to" in first.stdout
    assert (folder / "sources.yaml").read_text() == (
        f"{SOURCES}\n- id: bao-moi\n  title: Báo Mới\n  url: https://new.example/rss\n  categories: [trade]\n"
    )
    again = run("import", "-", "--json", stdin=LIST.encode())
    assert json.loads(again.stdout) == {
        "file": str(folder / "sources.yaml"),
        "dry_run": False,
        "added": [],
        "known": [
            {"title": "Báo Mới", "url": "https://new.example/rss", "source": "bao-moi"},
            {"title": "Again", "url": "http://www.known.example/feed/", "source": "known"},
        ],
        "refused": [{"title": "Nothing", "reason": "no address"}],
        "problem": None,
    }


def test_a_dry_run_writes_nothing(folder: Path, run: Run) -> None:
    found = json.loads(run("import", str(folder.parent / "list.opml"), "--dry-run", "--json").stdout)
    assert [each["id"] for each in found["added"]] == ["bao-moi"]
    assert (folder / "sources.yaml").read_text() == SOURCES


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("import", "none.opml"), 1, "none.opml: cannot be read: No such file"),
        (("import", "-"), 1, "standard input: not an OPML list: it is empty"),
        (("import", "-", "--category", "trad"), 2, "did you mean trade?"),
        (("--config", "none", "import", "-"), 1, "there is no configuration in none; run `feedsvc init` first"),
        (("--config", "none", "export"), 1, "there is no configuration in none; run `feedsvc init` first"),
        (("export", "--output", "none/x.opml"), 1, "none/x.opml cannot be written: No such file"),
        (("export", "--json", "--output", "x"), 2, "use one of them"),
    ],
)
def test_what_cannot_be_done_is_said(run: Run, words: tuple[str, ...], code: int, says: str) -> None:
    result = run(*words)
    assert result.exit_code == code
    assert says in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("words", [("import", "-"), ("export",)])
def test_a_broken_folder_is_told_with_its_places(folder: Path, run: Run, words: tuple[str, ...]) -> None:
    (folder / "sources.yaml").write_text("sources:\n- id: A\n")
    result = run(*words, stdin=LIST.encode())
    assert result.exit_code == 1
    assert f"{folder}/sources.yaml:2:7: sources[A].id: must be an id" in result.stderr
    assert (folder / "sources.yaml").read_text() == "sources:\n- id: A\n"


def test_an_export_needs_no_store_and_makes_none(folder: Path, run: Run) -> None:
    result = run("export")
    assert result.exit_code == 0
    assert [feed.id for feed in read_opml(result.stdout_bytes, "x").feeds] == ["known"]
    assert run("export").stdout_bytes == result.stdout_bytes
    assert [path.name for path in folder.parent.iterdir() if path.name == "var"] == []
    output = folder.parent / "out.opml"
    assert run("export", "--output", str(output)).stdout == ""
    assert output.read_bytes() == result.stdout_bytes


def test_an_export_names_the_pages_that_feeds_name_and_no_passwords(tmp_path: Path, upstream: Upstream) -> None:
    url = upstream.serve("/paper.rss", rss(item(1, "First")))
    secret = {"user": "me", "password_file": "secret"}
    (tmp_path / "secret").write_text("hunter2")
    with Site(tmp_path) as site:
        site.configure([source("paper", url, auth=secret)]).poll("paper")
        result = CliRunner().invoke(main, ["--config", str(site.folder), "export", "--json"])
        assert "secret" not in CliRunner().invoke(main, ["--config", str(site.folder), "export"]).stdout
    (only,) = json.loads(result.stdout)["sources"]
    assert only == {
        "id": "paper", "title": "Paper", "url": url, "kind": "feed", "page": "https://paper.example/",
        "language": None, "categories": [],
    }  # fmt: skip


TITLES = st.text(max_size=30).map(lambda text: read_line(render.text.clean(f"{UNUSABLE.sub('', text)}.")))
LISTS = st.lists(
    st.fixed_dictionaries(
        {
            "title": TITLES | st.sampled_from(["a &amp; b", "<b>x</b>", "&", '"', "a &#38; b"]),
            "path": st.sampled_from(["?a=1&b=<2>", "#x", "%20'", "ă"]),
            "kind": st.sampled_from(["feed", "feed", "sitemap"]),
            "language": st.sampled_from([None, "vi", "zh-Hant"]),
            "categories": st.lists(st.sampled_from(["one", "two"]), unique=True),
        }
    ),
    max_size=5,
)
TWO = "categories:\n- {id: one, title: Other sources}\n- {id: two, title: one}\n"


@effort(deadline=None, max_examples=40)
@given(LISTS)
def test_an_export_imported_into_an_empty_folder_gives_the_same_sources(listed: list[dict[str, object]]) -> None:
    sources = [
        {
            "id": f"id-{number}",
            "url": f"https://x{number}.example/{each['path']}",
            **{key: each[key] for key in ("title", "kind", "language", "categories")},
        }
        for number, each in enumerate(listed)
    ]
    before = configuration(sources=as_yaml({"sources": sources}), categories=TWO)
    feeds = read_opml(opml_of(before, {}), "x").feeds
    empty = settings.Files(
        Path("config"), (("feedsvc.yaml", "site: {title: x}"), ("sources.yaml", ""), ("categories.yaml", TWO))
    )
    added = settings.choose(configuration(categories=TWO), feeds).new
    after = settings.parse(settings.with_sources(empty, added, {}), {}) if added else configuration(categories=TWO)
    assert sorted(after.sources, key=_id) == sorted(before.sources, key=_id)


def _id(source: Source) -> str:
    return source.id


def test_a_page_is_refused_since_a_list_does_not_carry_its_selectors() -> None:
    page = ListedFeed(title="Paper", url="https://paper.example/kinhte/", kind="page")
    choice = settings.choose(configuration(), [page])
    assert (choice.new, choice.known) == ((), ())
    assert [(feed.url, "select" in reason) for feed, reason in choice.refused] == [(page.url, True)]
