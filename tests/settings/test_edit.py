"""Sources added to files that people keep: what stands there stays, what comes arrives as it was meant."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from feedsvc.errors import FolderChangedError, InvalidConfigError, StartError
from feedsvc.model import ListedFeed
from feedsvc.settings import NewSource, Settings, choose, load_to_add, save, with_sources
from feedsvc.settings.kinds import read_line
from feedsvc.settings.tree import UNUSABLE
from tests.settings.samples import CATEGORIES, SERVICE, files, read, source, synced_folders

NEW = (
    NewSource(id="n1", title="Một: #1, [x]", url="https://new.example/?a=1,b&c={d}"),
    NewSource(id="2", title="yes", url="http://new.example/", language="vi", categories=("c",), kind="sitemap"),
)
LINES = """\
- id: n1
  title: 'Một: #1, [x]'
  url: https://new.example/?a=1,b&c={d}

- id: '2'
  title: yes
  url: http://new.example/
  kind: sitemap
  language: vi
  categories: [c]
"""
BRACES = """\
- {id: n1, title: 'Một: #1, [x]', url: 'https://new.example/?a=1,b&c={d}'}
- {id: '2', title: yes, url: http://new.example/, kind: sitemap, language: vi, categories: [c]}
"""
A, B = "{id: a, title: A, url: http://a/}", "{id: b, title: B, url: http://b/}"

#: sources.yaml before and after
APPENDED = {
    "one-item": ("sources:\n- id: a\n  title: A\n  url: http://a/\n", "{old}\n" + LINES),
    "no-line-end": ("sources:\n- id: a\n  title: A\n  url: http://a/", "{old}\n\n" + LINES),
    "comments-at-the-end": (
        "# top\nsources:  # all\n- id: a # A\n  title:   A\n  url: 'http://a/'\n\n# - id: off\n#   url: x\n\n",
        "{old}" + LINES,
    ),
    "no-empty-lines": (
        "sources:\n- id: a\n  title: A\n  url: http://a/\n- id: b\n  title: B\n  url: http://b/\n",
        "{old}" + LINES.replace("\n\n", "\n"),
    ),
    "indented": (
        "sources:\n    -   id: a\n        title: A\n        url: http://a/\n",
        "{old}\n" + LINES.replace("\n  ", "\n        ").replace("- ", "    -   "),
    ),
    "windows": ("sources:\r\n- id: a\r\n  title: A\r\n  url: http://a/\r\n", "{old}\r\n" + LINES.replace("\n", "\r\n")),
    "block-text-at-the-end": (
        "sources:\n- id: a\n  title: A\n  url: http://a/\n  skip: |+\n    x\n\n",
        "{old}" + LINES,
    ),
    "braces": (f"sources:\n- {A}\n- {B}\n", "{old}" + BRACES),
    "end-mark": (f"---\nsources:\n- {A}\n...\n# after\n", f"---\nsources:\n- {A}\n" + BRACES + "...\n# after\n"),
    "empty-list": ("sources: []  # none\n# end\n", "sources:  # none\n# end\n" + LINES),
    "empty-list-over-lines": ("sources: [\n  ]\n", "sources:\n" + LINES),
    "null": ("sources: null\n", "sources:\n" + LINES),
    "nothing": ("sources:   # none\n", "{old}" + LINES),
    "empty-file": ("", "sources:\n" + LINES),
    "comment-only": ("# mine", "# mine\nsources:\n" + LINES),
}
#: with items between brackets, before and after, %s for the new ones
BETWEEN = {
    "one-line": (f"sources: [{A}, {B}]  # c", f"sources: [{A}, {B}, %s, %s]  # c"),
    "json": (f'{{"sources": [{A}]}}', f'{{"sources": [{A}, %s, %s]}}'),
    "lines": (f"sources: [\n  {A}, # a\n  {B} # b, c\n]", f"sources: [\n  {A}, # a\n  {B}, # b, c\n  %s,\n  %s\n]"),
    "last-comma": (f"sources: [\n  {A},\n]\n", f"sources: [\n  {A},\n  %s,\n  %s\n]\n"),
    "empty-with-comment": ("sources: [ # none\n]", "sources: [ # none\n  %s,\n  %s\n]"),
    "empty-in-braces": ("{sources: []}", "{sources: [%s, %s]}"),
    "null-in-braces": ("{sources: }", "{sources: [%s, %s] }"),
}
CATEGORY = "categories: [{id: c, title: C}]\n"


def added(text: str, sources: tuple[NewSource, ...]) -> str:
    return dict(with_sources(files(sources=text, categories=CATEGORY), sources, {}).texts)["sources.yaml"]


@pytest.mark.parametrize(("old", "new"), APPENDED.values(), ids=APPENDED)
def test_new_sources_stand_behind_the_others_in_their_form(old: str, new: str) -> None:
    assert added(old, NEW) == new.replace("{old}", old)


@pytest.mark.parametrize(("old", "new"), BETWEEN.values(), ids=BETWEEN)
def test_lists_in_brackets_stay_such_lists(old: str, new: str) -> None:
    items = tuple(line.removeprefix("- ") for line in BRACES.splitlines())
    assert added(old, NEW) == new % items


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40).map(lambda text: f"{UNUSABLE.sub('', text)}.")
HARD = st.sampled_from(
    [
        "yes",
        "~",
        "1e3",
        "0x1F",
        "- a",
        "a: b",
        "#x",
        "'",
        '"',
        "*a",
        "&a",
        "!x",
        "|",
        "%",
        "@",
        "2024-01-01",
        "a\u2028b",
        "😀",
        "=",
    ]
)
SOURCES = st.builds(
    NewSource,
    id=st.just("new"),
    title=(TEXT | HARD).map(read_line),
    url=st.sampled_from(["?a=b,c&d={e}", "#x", ":1", "'", "]", "%20", "/ă"]).map("http://x.example/".__add__),
    language=st.none() | st.sampled_from(["vi", "no"]),
    categories=st.just(()) | st.just(("c",)),
)


@effort(deadline=None, max_examples=60)
@given(
    old=st.sampled_from([old for old, _ in [*APPENDED.values(), *BETWEEN.values()]]),
    new=st.lists(SOURCES, min_size=1, max_size=3),
)
def test_whatever_is_added_is_read_back_as_it_was_meant(old: str, new: list[NewSource]) -> None:
    wanted = tuple(
        NewSource(
            id=f"new-{number}", title=each.title, url=each.url, language=each.language, categories=each.categories
        )
        for number, each in enumerate(new)
    )
    text = added(old, wanted)
    sources = read(sources=text, categories=CATEGORY).sources
    assert [
        (each.title.in_language(""), each.url, each.language, each.categories) for each in sources[-len(new) :]
    ] == [(each.title, each.url, each.language, each.categories) for each in new]
    assert [each.id for each in sources[: -len(new)]] == ["a", "b"][: len(sources) - len(new)]
    rest = iter(text)
    kept = old.replace("[]", "").replace("[\n  ]", "").replace("null", "").rstrip("\n")
    assert all(any(char == found for found in rest) for char in kept if char != " ")


def test_nothing_is_written_when_the_whole_would_not_be_valid() -> None:
    with pytest.raises(InvalidConfigError, match="already the id"):
        added(source("rank: 1"), (NewSource(id="a", title="A", url="http://x/"),))
    with pytest.raises(InvalidConfigError, match="no category has the id"):
        added("sources: []", (NewSource(id="a", title="A", url="http://x/", categories=("x",)),))
    with pytest.raises(InvalidConfigError, match="larger than 4 MB"):
        added("sources: []", (NewSource(id="a", title="A" * 4_000_000, url="http://x/"),))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "feedsvc.yaml").write_text(SERVICE)
    (folder / "sources.yaml").write_bytes("\ufeff# nguồn\r\nsources:\r\n".encode())
    (folder / "categories.yaml").write_text(CATEGORIES)
    return folder


ONE = (NewSource(id="a", title="A", url="http://x/"),)


def test_a_file_is_replaced_as_a_whole_with_its_mark_rights_and_links(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = folder / "real.yaml"
    (folder / "sources.yaml").rename(real)
    (folder / "sources.yaml").symlink_to("real.yaml")
    real.chmod(0o640)
    files, settings = load_to_add(folder, {})
    assert settings.sources == ()
    synced = synced_folders(monkeypatch)
    save(files, with_sources(files, ONE, {}))
    assert folder in synced
    assert real.read_bytes() == ("\ufeff# nguồn\r\nsources:\r\n- id: a\r\n  title: A\r\n  url: http://x/\r\n".encode())
    assert (folder / "sources.yaml").is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert sorted(path.name for path in folder.iterdir()) == [
        "categories.yaml",
        "feedsvc.yaml",
        "real.yaml",
        "sources.yaml",
    ]


def test_an_edit_made_meanwhile_is_not_overwritten(folder: Path) -> None:
    files, _ = load_to_add(folder, {})
    new = with_sources(files, ONE, {})
    (folder / "sources.yaml").write_text("sources: [] # mine")
    with pytest.raises(FolderChangedError, match="nothing was written"):
        save(files, new)
    assert (folder / "sources.yaml").read_text() == "sources: [] # mine"


def test_a_file_that_cannot_be_written_is_told(folder: Path) -> None:
    files, _ = load_to_add(folder, {})
    new = with_sources(files, ONE, {})
    (folder / "sources.yaml").unlink()
    with pytest.raises(StartError, match=r"sources.yaml cannot be written: No such file"):
        save(files, new)


def test_a_file_with_other_faults_is_not_taken_for_an_empty_one(folder: Path) -> None:
    for text in ("sources: null\nother: 1", "sources: null\nsources: []", "5", "other:"):
        (folder / "sources.yaml").write_text(text)
        with pytest.raises(InvalidConfigError):
            load_to_add(folder, {})


def chosen(settings: Settings, *feeds: ListedFeed, category: str | None = None) -> tuple[NewSource, ...]:
    return choose(settings, feeds, category).new


def listed(title: str | None, url: str = "http://x.example/", **more: str | tuple[str, ...]) -> ListedFeed:
    return ListedFeed(title=title, url=url, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("title", "id"),
    [
        ("Báo Đà Nẵng – Kinh tế & Đầu tư", "bao-da-nang-kinh-te-dau-tu"),
        ("Charlie's  Diary!", "charlies-diary"),
        ("Straße Ørsted Łódź", "strasse-orsted-lodz"),
        ("新闻 2", "x-example-2"),
        ("2024", "x-example-2024"),
        ("", "x-example"),
        (None, "x-example"),
        ("word " * 20, "word-word-word-word-word-word-word-word-word-word-word-word-word"[:64]),
        ("w" * 100, "w" * 64),
        ("Taken", "taken-2"),
        ("Old", "old-2"),
    ],
)
def test_ids_are_made_from_titles_and_given_once(title: str | None, id: str) -> None:
    settings = read(sources=source("was: [old]").replace("id: a", "id: taken"))
    (only,) = chosen(settings, listed(title))
    assert only.id == id
    read(sources=added("sources: []", (only,)))


def test_many_feeds_of_one_name_get_numbers() -> None:
    feeds = [listed("w" * 64, f"http://x.example/{number}") for number in range(3)]
    assert [each.id for each in chosen(read(), *feeds)] == ["w" * 64, f"{'w' * 58}-2", f"{'w' * 58}-3"]


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/feed",
        "https://www.example.org/feed/",
        "HTTPS://EXAMPLE.org:443/feed#top",
        "https://example.org./feed",
    ],
)
def test_an_address_that_is_configured_in_another_spelling_is_known(url: str) -> None:
    choice = choose(read(sources=source("rank: 1")), (listed("x", url),))
    assert (choice.new, choice.known) == ((), ((listed("x", url), "a"),))


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/feed?x",
        "https://example.org:8443/feed",
        "https://example.org/Feed",
        "https://a.example.org/feed",
    ],
)
def test_another_address_is_new(url: str) -> None:
    assert len(chosen(read(sources=source("rank: 1")), listed("x", url), listed("y", url))) == 1


def test_folders_that_are_called_like_a_category_file_there() -> None:
    settings = read(
        categories="categories:\n- {id: trade, title: {vi: Thương mại, en: Trade & Co}}\n- {id: c, title: trade}\n"
    )
    labels = ("News", "THƯƠNG MẠI", " trade & co ", "c")
    assert [each.categories for each in chosen(settings, listed("x", labels=labels))] == [("trade", "c")]
    assert [each.categories for each in chosen(settings, listed("x", labels=labels), category="c")] == [("c",)]
    assert [each.categories for each in chosen(settings, listed("x", labels=("Thuong mai",)))] == [()]


def test_what_cannot_be_configured_is_refused_or_left_out() -> None:
    choice = choose(
        read(),
        (
            listed("x", "http://u:secret@x/"),
            listed("y", "http://y/", language="en_us"),
            listed("z", "http://z/", language="klingon?"),
        ),
    )
    ((_, reason),) = choice.refused
    assert "credentials" in reason
    assert "secret" not in reason
    assert [each.language for each in choice.new] == ["en-US", None]
