"""The folder to begin with: valid, quiet, stable in an editor's hands, and never written over anything."""

import io
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st
from ruamel.yaml import YAML

from feedsvc.errors import StartError
from feedsvc.settings import CONFIG_FILES, Files, Settings, json_schema, load, parse, starter, write_new
from feedsvc.settings.kinds import read_line
from feedsvc.settings.tree import UNUSABLE
from tests.settings.samples import synced_folders

EXPECTED = ["README.md", "categories.yaml", "feedsvc.yaml", "schema", "sources.yaml"]


def read(**answers: str | tuple[str, ...]) -> Settings:
    texts = starter(**answers)  # type: ignore[arg-type]
    return parse(Files(Path("config"), tuple((name, texts[name]) for name in CONFIG_FILES)), {})


def test_it_asks_nobody_and_shows_one_of_each() -> None:
    settings = read()
    (source,), (category,), (tag,) = settings.sources, settings.categories, settings.tags
    assert source.paused
    assert source.url == "https://news.example/feed.xml"
    assert source.policy.republish == "excerpt"
    assert category.match
    assert f"tag:{tag.id}" in category.match
    assert settings.site.contact is settings.site.base_url is None


def test_answers_stand_in_place_of_the_examples() -> None:
    site = read(
        title="Tin: mới #1", base_url="https://x.example/", contact="me@x.example", languages=("en", "VI", "en")
    ).site
    assert site.title.in_language("") == "Tin: mới #1"
    assert (site.base_url, site.contact, site.languages) == ("https://x.example", "me@x.example", ("en", "vi"))


@effort(deadline=None, max_examples=50)
@given(title=st.text(max_size=60).map(lambda text: f"{UNUSABLE.sub('', text)}x"))
def test_any_title_survives(title: str) -> None:
    assert read(title=title).site.title.in_language("") == read_line(title)


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ({"title": " "}, "title: must not be empty"),
        ({"title": "a\x00"}, r"title: the character U\+0000"),
        ({"base_url": "x.example"}, "base_url: not a web address"),
        ({"contact": "ă@x.example"}, "contact: must be an address"),
        ({"languages": ("en", "vn")}, "languages: .*Vietnamese is vi"),
    ],
)
def test_what_the_configuration_could_not_hold_is_refused(answers: dict[str, str], says: str) -> None:
    with pytest.raises(ValueError, match=f"^{says}"):
        starter(**answers)


@pytest.mark.parametrize("name", CONFIG_FILES)
@pytest.mark.parametrize("width", [80, 4096])
def test_it_is_in_the_form_that_ruamel_writes_and_its_schema_accepts_it(name: str, width: int) -> None:
    text = starter(title="Báo: 'x'", base_url="https://x.example/", contact="me@x.example", languages=("vi",))[name]
    yaml = YAML()
    yaml.width = width
    written = io.StringIO()
    yaml.dump(yaml.load(text), written)
    assert written.getvalue() == text
    jsonschema.validate(YAML(typ="safe", pure=True).load(text), json_schema()[name])


def test_a_new_folder_appears_with_all_its_files(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "config"
    write_new(folder, starter())
    assert sorted(path.name for path in folder.iterdir()) == EXPECTED
    assert load(folder, {})[1].sources
    assert [path.name for path in folder.parent.iterdir()] == ["config"]
    assert folder.stat().st_mode & 0o777 == 0o777 & ~_umask()


@pytest.mark.parametrize("exists", [False, True])
def test_what_is_written_outlasts_a_power_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exists: bool) -> None:
    folder = tmp_path / "config" if exists else tmp_path / "deep" / "config"
    if exists:
        folder.mkdir()
    synced = synced_folders(monkeypatch)
    write_new(folder, starter())
    assert {folder, folder / "schema", folder.parent} <= synced
    assert exists or tmp_path in synced


def test_what_stands_in_a_folder_stays(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    write_new(tmp_path, starter())
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*EXPECTED, "notes.txt"])


@pytest.mark.parametrize("name", ["feedsvc.yaml", "README.md", "schema/sources.json"])
def test_nothing_is_written_where_one_of_the_files_is(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).symlink_to("nowhere")
    with pytest.raises(StartError, match=f"{name} is there already; nothing was written"):
        write_new(tmp_path, starter())
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if not path.is_dir()] == [name]


@pytest.mark.parametrize("exists", [False, True])
def test_a_full_disk_leaves_nothing_half_done(tmp_path: Path, exists: bool) -> None:
    folder = tmp_path / "config" if exists else tmp_path / "a" / "deep" / "config"
    if exists:
        folder.mkdir()
    with files_up_to(5_000), pytest.raises(StartError, match="cannot be written: File too large; nothing was written"):
        write_new(folder, starter())
    assert list(tmp_path.rglob("*")) == ([folder] if exists else [])


def test_a_file_that_comes_up_meanwhile_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The look at what is there comes first; here it sees nothing."""
    (tmp_path / "feedsvc.yaml").write_text("mine")
    monkeypatch.setattr(os.path, "lexists", lambda path: Path(path) == tmp_path)
    with pytest.raises(StartError, match="File exists"):
        write_new(tmp_path, starter())
    assert [path.name for path in tmp_path.iterdir()] == ["feedsvc.yaml"]
    assert (tmp_path / "feedsvc.yaml").read_text() == "mine"


def test_a_file_in_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "config").touch()
    with pytest.raises(StartError, match="config cannot be written: Not a directory"):
        write_new(tmp_path / "config", starter())


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """Let no file grow beyond so many bytes, which fails like a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
