"""Three texts in, Settings or every error with its place out."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.errors import InvalidConfigError
from feedsvc.model import Auth, FetchLimits, LocalText, Policy, PublishLimits, Retention, Selectors, Source
from feedsvc.settings import CONFIG_FILES, Files, Settings, parse
from tests.settings.samples import SERVICE, SOURCES, files, problems, read, settings_or_errors, source

BROKEN_SERVICE = """\
site:
  titel: News
  base_url: ftp://example.org
  timezone: Asia/Hanoi
  timezone: UTC
storage: {url: "mysql://root:secret@localhost"}
fetch: {allow_private: [10.0.0.1/8], max_body: 15 MB, timeout: 20, per_host: 0}
publish: {entries: 600, window: 2w}
retention:
"""
BROKEN_SOURCES = """\
sources:
- id: alpha
  title: {vn: Một, en: true}
  url: https://me:secret@example.org/
  excerpt_chars: 5
  policy: {republish: al, pictures: 1}
  categories: [product-qualty]
  auth: {user: x}
  skip: 'a AND tag:b'
- id: alpha
  evry: 5m
- 5
- {id: 2024, title: "", url: http://x/, was: [alpha], every: 0s}
"""
BROKEN_CATEGORIES = """\
categories:
- id: product-quality
  title: Quality
  match: >-
    title:("a b"
    OR c*d)
tags:
- {id: t, title: T, match: "category:x"}
- {id: Tag 2, title: T}
"""


def test_all_errors_of_all_files_come_at_once_in_order_and_with_their_places() -> None:
    found = problems(BROKEN_SERVICE, BROKEN_SOURCES, BROKEN_CATEGORIES)
    assert [message.partition(" ")[0] for message in found] == [
        "config/feedsvc.yaml:2:3:",
        "config/feedsvc.yaml:2:3:",
        "config/feedsvc.yaml:3:13:",
        "config/feedsvc.yaml:4:13:",
        "config/feedsvc.yaml:5:3:",
        "config/feedsvc.yaml:6:16:",
        "config/feedsvc.yaml:7:25:",
        "config/feedsvc.yaml:7:48:",
        "config/feedsvc.yaml:7:64:",
        "config/feedsvc.yaml:7:78:",
        "config/feedsvc.yaml:8:10:",
        "config/feedsvc.yaml:8:33:",
        "config/feedsvc.yaml:9:1:",
        "config/sources.yaml:3:11:",
        "config/sources.yaml:3:24:",
        "config/sources.yaml:4:8:",
        "config/sources.yaml:5:3:",
        "config/sources.yaml:6:23:",
        "config/sources.yaml:6:37:",
        "config/sources.yaml:7:16:",
        "config/sources.yaml:8:9:",
        "config/sources.yaml:9:9:",
        "config/sources.yaml:10:3:",
        "config/sources.yaml:10:3:",
        "config/sources.yaml:10:7:",
        "config/sources.yaml:11:3:",
        "config/sources.yaml:12:3:",
        "config/sources.yaml:13:8:",
        "config/sources.yaml:13:21:",
        "config/sources.yaml:13:47:",
        "config/sources.yaml:13:62:",
        "config/categories.yaml:4:10:",
        "config/categories.yaml:8:28:",
        "config/categories.yaml:9:8:",
    ]
    assert not [message for message in found if "secret" in message]
    assert not [message for message in found if "\n" in message]


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ("config/feedsvc.yaml:2:3: site.titel: ", "unknown key, did you mean title?; allowed: title, base_url, "),
        ("config/feedsvc.yaml:2:3: site.title: ", "the key is required and missing"),
        ("config/feedsvc.yaml:5:3: site.timezone: ", "the key stands twice, first in line 4"),
        ("config/feedsvc.yaml:7:25: fetch.allow_private[#1]: ", "did you mean 10.0.0.0/8?"),
        (
            "config/feedsvc.yaml:7:64: fetch.timeout: ",
            "must be a duration such as 90s, 15m, 6h or 2d, not the number 20",
        ),
        ("config/feedsvc.yaml:8:10: publish.max_entries: ", "must not be less than entries, which is 600"),
        ("config/sources.yaml:3:11: sources[alpha].title.vn: ", "Vietnamese is vi"),
        ("config/sources.yaml:3:24: sources[alpha].title.en: ", "must be a text, not true or false: put it in quotes"),
        ("config/sources.yaml:5:3: sources[alpha].excerpt_chars: ", "it belongs under policy"),
        ("config/sources.yaml:6:23: sources[alpha].policy.republish: ", "'full', 'excerpt' or 'headline', not “al”"),
        ("config/sources.yaml:7:16: sources[alpha].categories[#1]: ", "did you mean product-quality?"),
        ("config/sources.yaml:8:9: sources[alpha].auth: ", "either user and password_file, or header and value_file"),
        ("config/sources.yaml:9:9: sources[alpha].skip: ", "column 7: “tag:” cannot be used here"),
        ("config/sources.yaml:10:7: sources[alpha].id: ", "already the id, or an earlier id, of a source in line 2"),
        ("config/sources.yaml:13:8: sources[#4].id: ", "must be a text, not the number 2024: put it in quotes"),
        ("config/sources.yaml:13:47: sources[#4].was[#1]: ", "already the id"),
        ("config/categories.yaml:4:10: categories[product-quality].match: ", "column 18: "),
        ("config/categories.yaml:8:28: tags[t].match: ", "column 1: “category:” cannot be used here"),
    ],
)
def test_an_error_says_what_is_wrong_and_what_is_allowed(message: str, says: str) -> None:
    found = problems(BROKEN_SERVICE, BROKEN_SOURCES, BROKEN_CATEGORIES)
    assert any(each.startswith(message) and says in each for each in found), "\n".join(found)


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("", "1:1", "the file must be a mapping of keys, not null; allowed: sources"),
        ("[]", "1:1", "not a list"),
        ("sources:", "1:1", "must be a list ([] for an empty one), not null"),
        ("sources: null", "1:10", "not null"),
        ("sources:\n\t- a", "2:1", "a tab cannot indent YAML; use spaces"),
        ("sources: []\x00", "1:12", "the character U+0000"),
        ('sources:\n- {id: a, title: "\\a", url: http://x/}', "2:18", "the character U+0007"),
        ("sources: 'a\nb: c", "1:10", "the quote that begins here is not closed"),
        ("sources: []\n---\nsources: []", "2:1", "a second document begins here"),
        ("sources: !!python/name:os.system", "1:10", "tags such as"),
        ("? [a]\n: b", "1:3", "a key must be a plain text"),
        ("sources: &x [*x]", "1:14", "the alias *x names no anchor"),
        ("[" * 100_000, "1:21", "nested more than 20 deep"),
        ("&a [x]\n", "1:1", "not a list"),
        ('sources:\n- "\\UFFFFFFFF"', "2:1", "is not YAML after this place"),
        ("%YAML 1." + "9" * 5_000 + "\n---\nsources: []", "1:1", "is not YAML after this place"),
    ],
)
def test_what_is_not_our_yaml_is_refused_where_it_goes_wrong(text: str, place: str, says: str) -> None:
    found = problems(sources=text)
    assert found[0].startswith(f"config/sources.yaml:{place}: "), found
    assert says in found[0]


def test_an_alias_bomb_is_counted_not_expanded() -> None:
    levels = [f"&a{level + 1} [{', '.join([f'*a{level}'] * 10)}]" for level in range(15)]
    found = problems(sources="sources: [&a0 x, " + ", ".join(levels) + "]")
    assert len(found) == 1
    assert "more than 500,000 values" in found[0]


def test_an_alias_repeats_a_value() -> None:
    text = (
        "sources:\n"
        "- {id: a, title: A, url: http://x/, policy: &p {rights: R}}\n"
        "- {id: b, title: B, url: http://y/, policy: *p}\n"
    )
    assert [each.policy.rights for each in read(sources=text).sources] == ["R", "R"]


PIECES = st.sampled_from(
    [
        *"[]{}:,-?!&*|>%@`#'\"\\\n\r\t ",
        "sources:",
        "\n- ",
        "\n  ",
        "id: a",
        "url: ",
        "title: ",
        "{vi: x}",
        "match: ",
        "skip: '",
        "every: 5m",
        "site: ",
        "categories: ",
        "tags:",
        "\\ud800",
        "&a ",
        "*a",
        "<<: ",
        "!!int ",
        "%YAML 1.1\n---\n",
        "...",
        "1e9",
        "0x_",
        "~",
        "é",
        "\ud800",
        "\x85",
    ]
)
TEXTS = st.text(max_size=60) | st.lists(PIECES, max_size=25).map("".join)


@given(name=st.sampled_from(CONFIG_FILES), text=TEXTS, environ=st.text(max_size=20))
def test_any_text_gives_settings_or_all_errors(name: str, text: str, environ: str) -> None:
    texts = {**dict(files().texts), name: text}
    outcome = settings_or_errors(Files(Path("config"), tuple(texts.items())), {"FEEDSVC_BASE_URL": environ})
    if not isinstance(outcome, Settings):
        lines = len(re.split("\r\n|[\n\r\x85\u2028\u2029]", text))
        assert outcome
        assert all(1 <= each.line <= lines and each.column >= 1 for each in outcome if each.file.endswith(name))
        assert "\n".join(map(str, outcome)).encode()  # can be printed


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from([*Source.__dataclass_fields__, "list", "user", "republish", "vi", "other"])


@given(keys=st.dictionaries(KEYS, VALUES | st.dictionaries(KEYS, VALUES, max_size=3), max_size=6))
def test_any_values_of_a_source_give_settings_or_errors(keys: dict[str, object]) -> None:
    text = json.dumps({"sources": [{"id": "a", "title": "A", "url": "http://x/", **keys}]})  # JSON is YAML
    for message in problems(sources=text):
        assert message.startswith("config/sources.yaml:1:")


def test_the_defaults_are_those_of_the_value_types() -> None:
    settings = read(sources=source("kind: feed"))
    assert settings.sources == (
        Source(
            id="a",
            title=LocalText(by_language=(("", "A"),)),
            url="https://example.org/feed",
            timezone="Asia/Ho_Chi_Minh",
        ),
    )
    assert settings.site.base_url is settings.site.contact is settings.site.icon is None
    assert (settings.site.languages, settings.site.timezone) == (("vi", "en"), "Asia/Ho_Chi_Minh")
    assert settings.fetch == FetchLimits()
    assert settings.publish == PublishLimits()
    assert settings.retention == Retention()
    assert settings.api_open


def test_the_defaults_are_those_of_the_manual() -> None:
    settings = read(sources=source("kind: feed"))
    (only,) = settings.sources
    assert settings.fetch == FetchLimits(
        allow_private=(),
        max_body_bytes=15_000_000,
        timeout=timedelta(seconds=20),
        per_host=1,
        rate=1.0,
        hold=timedelta(minutes=10),
    )
    assert settings.publish == PublishLimits(
        entries=50, window=timedelta(hours=48), max_entries=500, max_age=timedelta(minutes=5)
    )
    assert settings.retention == Retention(entries=timedelta(days=400), changes=timedelta(days=90), revisions=20)
    assert (only.kind, only.every, only.full_text, only.backfill, only.rank) == (
        "feed",
        timedelta(hours=1),
        True,
        10,
        0,
    )
    assert only.policy == Policy(republish="excerpt", excerpt_chars=300, pictures=False)
    assert not only.index
    assert not only.paused


def test_every_key_of_a_source_arrives() -> None:
    text = """\
sources:
- id: a
  title: {vi: Báo, en: Paper}
  url: https://example.org/
  kind: page
  language: en-gb
  every: 90s
  full_text: false
  backfill: all
  categories: [c, c]
  rank: -3
  skip: title:spam
  select: {list: article, next: a.next}
  auth: {header: X-Key, value_file: secrets/key}
  timezone: UTC
  index: true
  paused: true
  was: [old]
  policy: {republish: full, excerpt_chars: 9, pictures: true, rights: ©, licence: https://l/, attribution: From us}
"""
    (only,) = read(sources=text, categories="categories: [{id: c, title: C}]").sources
    assert only == Source(
        id="a",
        title=LocalText(by_language=(("vi", "Báo"), ("en", "Paper"))),
        url="https://example.org/",
        kind="page",
        language="en-GB",
        every=timedelta(seconds=90),
        full_text=False,
        backfill=None,
        categories=("c",),
        rank=-3,
        skip="title:spam",
        select=Selectors(list="article", next="a.next"),
        auth=Auth(header="X-Key", value_file=Path.cwd() / "secrets/key"),
        timezone="UTC",
        index=True,
        paused=True,
        was=("old",),
        policy=Policy(
            republish="full",
            excerpt_chars=9,
            pictures=True,
            rights="©",
            licence="https://l/",
            attribution=LocalText(by_language=(("", "From us"),)),
        ),
    )


def test_line_ends_decomposed_letters_and_blocks_are_read_as_meant() -> None:
    text = "categories:\r\n- id: c\r\n  title: Ha\u0300 No\u0323\u0302i\r\n  description: >\r\n    one\r\n    two\r\n"
    (only,) = read(categories=text).categories
    assert only.title.in_language("vi") == "Hà Nội"
    assert only.description == LocalText(by_language=(("", "one two"),))


def test_ids_are_found() -> None:
    settings = read(sources=source("rank: 1"), categories="categories: [{id: c, title: C}]\ntags: [{id: t, title: T}]")
    assert settings.source("a") is settings.sources[0]
    assert settings.category("c") is settings.categories[0]
    assert settings.tag("t") is settings.tags[0]
    assert (settings.source("c"), settings.category("t"), settings.tag("a")) == (None, None, None)


def test_a_renamed_category_is_named_to_sources_that_still_use_the_old_id() -> None:
    found = problems(
        sources=source("categories: [green]"), categories="categories: [{id: climate, title: C, was: [green]}]"
    )
    assert found == [
        (
            "config/sources.yaml:2:17: sources[a].categories[#1]: "
            "no category has the id “green”, did you mean climate?; allowed: climate"
        )
    ]


def test_a_file_that_cannot_be_read_raises_no_doubt_about_the_others() -> None:
    found = problems(sources=source("categories: [c]"), categories="categories: [")
    assert [message.partition(": ")[0] for message in found] == ["config/categories.yaml:1:14"]


def test_a_missing_text_is_an_error_of_its_own() -> None:
    with pytest.raises(InvalidConfigError) as caught:
        parse(Files(Path("config"), (("feedsvc.yaml", SERVICE), ("sources.yaml", SOURCES))), {})
    assert [str(error) for error in caught.value.errors] == ["config/categories.yaml:1:1: there is no such file"]


def test_an_id_in_a_rule_that_nobody_has_is_shown_with_its_column() -> None:
    categories = """\
categories:
- id: c
  title: C
  match: |-
    "a b" OR tag:(wipp OR old)
    OR source:zzz
tags:
- {id: wipo, title: T, was: [old], match: source:a}
"""
    assert problems(sources=source('skip: "NOT source:b"'), categories=categories) == [
        "config/sources.yaml:2:10: sources[a].skip: column 12: no source has the id “b”; allowed: a",
        (
            "config/categories.yaml:4:10: categories[c].match: "
            "column 15: no tag has the id “wipp”, did you mean wipo?; allowed: wipo"
        ),
        (
            "config/categories.yaml:4:10: categories[c].match: "
            "column 23: no tag has the id “old”, did you mean wipo?; allowed: wipo"
        ),
        "config/categories.yaml:4:10: categories[c].match: column 38: no source has the id “zzz”; allowed: a",
    ]


def test_a_rule_is_not_checked_against_a_file_that_cannot_be_read() -> None:
    found = problems(sources="sources: [", categories="categories: [{id: c, title: C, match: 'source:b'}]")
    assert [message.partition(": ")[0] for message in found] == ["config/sources.yaml:1:11"]


def test_of_many_ids_a_message_names_a_few() -> None:
    tags = ", ".join(f"{{id: t{number}, title: T}}" for number in range(10, 60))
    (found,) = problems(categories=f"categories: [{{id: c, title: C, match: 'tag:t1'}}]\ntags: [{tags}]")
    assert found.endswith(
        "did you mean t51?; allowed: t10, t11, t12, t13, t14, t15, t16, t17, t18, t19, t20, t21 and 38 more"
    )
