"""Which stories a query matches: cases, and random queries against a reference that reads stories its own way."""

import json
import lzma
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from unicodedata import normalize
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.query import Subject, Wording, explain, matches, parse

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
STORY = Subject(
    wording=Wording(
        title="Hàng Việt Nam chất lượng cao: khỏe, bền",
        summary="TP.HCM, ngày 24/4 - Hội nghị R&D lần thứ 5",
        content="ĐƯỜNG ra Hà Nội thông suốt.\nThủy sản và in\u00adnovation phát triển",
    ),
    authors=("Nguyễn Văn A", "An Bình"),
    terms=("Kinh tế", "Thời sự Việt Nam"),
    sources=("nhandan-en", "vnexpress"),
    categories=("trade",),
    tags=("product-quality",),
    hosts=("en.nhandan.vn", "vnexpress.net"),
    lang="en-GB",
    # already 1 February in Vietnam
    published=datetime(2025, 1, 31, 18, 30, tzinfo=UTC),
    zone=ZONE,
)


@pytest.mark.parametrize(
    "text",
    [
        # diacritics: without them any, with them only those, word by word
        "ha noi",
        '"ha noi"',
        '"Hà noi"',
        "HÀ NỘI",
        normalize("NFD", '"hà nội"'),
        "duong đường ĐƯỜNG",
        # tone placement
        "khoẻ",
        "khỏe",
        "thuỷ",
        normalize("NFD", "THỦY"),
        # phrases
        "TP.HCM",
        '"tp hcm"',
        "24/4",
        "24-4",
        "R&D",
        '"cao khoẻ bền"',
        '"lần thứ 5"',
        '"thông suốt thủy sản"',
        # beginnings
        "inno*",
        "innovation*",
        "tri*",
        "title:chất.lượ*",
        # where a bare word looks
        '"kinh te"',
        '"product quality"',
        "quality",
        # fields
        'title:"hang viet"',
        "summary:hội",
        "text:(hàng hội hà)",
        'author:"van a"',
        "author:nguyễn",
        'terms:"việt nam"',
        "source:vnexpress",
        "source:NhanDan-EN",
        "category:trade",
        "tag:product-quality",
        "lang:en",
        "lang:en-gb",
        "host:nhandan.vn",
        "host:EN.nhandan.vn",
        "host:vn",
        # the site's day, not UTC's
        "published:2025-02-01",
        "published:[2025-02 TO *]",
        "published:>=2025-02-01T01:30",
        'published:"2025-01-31T18:30Z"',
        "published:{2025-01-31 TO 2025-02-01]",
        "published:[* TO *]",
        # what is not there
        "-hạ",
        "NOT (hạ OR nope)",
        "hà OR hạ -nope",
    ],
)
def test_matches(text: str) -> None:
    assert matches(parse(text), STORY)
    assert explain(parse(text), STORY)


@pytest.mark.parametrize(
    "text",
    [
        "hạ nội",
        '"hà nội" nope',
        "nôi",
        "hàng OR hạ -hàng",
        "đuong",
        "TPHCM",
        '"nội hà"',
        '"hà thông"',
        "vation",
        "innovations*",
        "hă",
        # no phrase runs from one text into the next
        '"bền tp hcm"',
        '"a an"',
        '"tế thời sự"',
        "summary:hàng",
        "title:kinh",
        "text:kinh",
        "terms:hàng",
        "author:vnexpress",
        "source:nhandan",
        "tag:product",
        "tag:quality",
        "lang:e",
        "lang:en-us",
        "host:andan.vn",
        "host:www.vnexpress.net",
        "published:2025-01-31",
        "published:{2025-02-01 TO *]",
        "published:[2025-02-01 TO 2025-01-01]",
        "published:<2025-02-01T01:30",
        "NOT ha",
    ],
)
def test_does_not_match(text: str) -> None:
    query = parse(text)
    assert not matches(query, STORY)
    assert explain(query, STORY) is None


SIX = ["Hà", "Nội", "Hàng", "Việt", "Nam", "chất"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('title:("product quality" OR "hang viet nam")', "title: “Hàng Việt Nam”"),
        ('terms:"kinh tế" AND tp.hcm', "terms: “Kinh tế”, text: “TP.HCM”"),
        ("inno*", "text: “innovation”"),
        ("-nope quality", 'tags: “quality”, not "nope"'),
        ("host:nhandan.vn lang:en", "host: en.nhandan.vn, lang: en-gb"),
        ("published:2025", "published: 2025-02-01 01:30"),
        ('"thông suốt" "thông suốt"', "text: “thông suốt”"),
        ("hà nội cao", "text: “Hà”, text: “Nội”, text: “cao”"),
        ("a b c hang viet nam chat", None),
        ("ha noi hang viet nam chat luong cao", f"text: “{'”, text: “'.join(SIX)}”, …"),
    ],
)
def test_explanation(text: str, reason: str | None) -> None:
    assert explain(parse(text), STORY) == reason


def test_only_the_first_4000_words_are_read() -> None:
    story = Subject(wording=Wording(title="một hai", content="x " * 3_998 + "ba"), zone=ZONE)
    shorter = Subject(wording=Wording(title="một hai", content="x " * 3_997 + "ba"), zone=ZONE)
    assert not matches(parse("ba"), story)
    assert matches(parse("ba"), shorter)


def test_a_story_that_says_nothing() -> None:
    assert not matches(parse("a OR title:a OR lang:vi OR host:x OR published:[* TO *]"), Subject(zone=ZONE))
    assert matches(parse("-a"), Subject(zone=ZONE))


# The reference: a closed vocabulary whose equalities are written out, and stories as lists of it.

#: how it is written: which words it is (equal values are one word), how it looks without diacritics
WORDS = {
    "hà": ("hà", "ha"),
    "hạ": ("hạ", "ha"),
    "ha": ("ha", "ha"),
    "nội": ("nội", "noi"),
    "noi": ("noi", "noi"),
    "hòa": ("hoà", "hoa"),
    "hoà": ("hoà", "hoa"),
    "hoa": ("hoa", "hoa"),
    "đa": ("đa", "da"),
    "da": ("da", "da"),
    "thủy": ("thuỷ", "thuy"),
    "thuỷ": ("thuỷ", "thuy"),
    "24": ("24", "24"),
    "innovation": ("innovation", "innovation"),
}
BEGINNINGS = {"h": ("h", "h"), "hà": ("hà", "ha"), "inno": ("inno", "inno"), "đ": ("đ", "d"), "thu": ("thu", "thu")}
IDS = ["vn", "nhandan-en", "wipo"]
HOSTS = ["nhandan.vn", "en.nhandan.vn", "xnhandan.vn"]
DAYS = [datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=6 * step) for step in range(16)]

Part = list[str]


@dataclass(frozen=True)
class Story:
    title: Part
    summary: Part
    content: Part
    terms: list[Part]
    authors: list[Part]
    source: str
    host: str
    published: datetime | None

    def parts(self, field: str | None) -> list[Part]:
        text = [self.title, self.summary, self.content]
        by_field = {"title": [self.title], "summary": [self.summary], "author": self.authors, "terms": self.terms}
        return text if field == "text" else by_field[field] if field else text + self.terms

    def day(self) -> str | None:
        return None if self.published is None else (self.published + timedelta(hours=7)).strftime("%Y-%m-%d")


#: a query as text, and what it means
Meant = tuple[str, Callable[[Story], bool]]


def same(asked: str, written: str) -> bool:
    word, plain = WORDS[asked]
    return WORDS[written][0] == word if word != plain else WORDS[written][1] == plain


def begins(asked: str, written: str) -> bool:
    word, plain = BEGINNINGS[asked]
    return WORDS[written][0].startswith(word) if word != plain else WORDS[written][1].startswith(plain)


def occurs(asked: Part, part: Part, last: Callable[[str, str], bool]) -> bool:
    windows = (part[start : start + len(asked)] for start in range(len(part) - len(asked) + 1))
    return any(
        all(same(a, b) for a, b in zip(asked[:-1], window[:-1], strict=True)) and last(asked[-1], window[-1])
        for window in windows
    )


def spelt(words: Part, separators: str, chance: Random) -> str:
    written = [chance.choice([word, word.upper(), word.title(), normalize("NFD", word)]) for word in words]
    return "".join(word + chance.choice(separators) for word in written[:-1]) + "".join(written[-1:])


# One draw for all spellings: shrinking them is worth less than the time.
chances = st.integers(min_value=0, max_value=2**32).map(Random)
word_lists = st.lists(st.sampled_from(list(WORDS)), max_size=5)
stories = st.builds(
    Story,
    title=word_lists,
    summary=word_lists,
    content=st.lists(st.sampled_from(list(WORDS)), max_size=12),
    terms=st.lists(word_lists, max_size=2),
    authors=st.lists(word_lists, max_size=2),
    source=st.sampled_from(IDS),
    host=st.sampled_from(HOSTS),
    published=st.none() | st.sampled_from(DAYS),
)


@st.composite
def word_leaves(draw: st.DrawFn, field: str | None) -> Meant:
    asked = draw(st.lists(st.sampled_from(list(WORDS)), min_size=1, max_size=3))
    quoted = draw(st.sampled_from(['"{}"', "“{}”"]))
    if draw(st.booleans()):
        asked = [*asked[:-1], draw(st.sampled_from(list(BEGINNINGS)))]
        text = spelt(asked, "./-", draw(chances)) + "*"
        return text, lambda story: any(occurs(asked, part, begins) for part in story.parts(field))
    text = spelt(asked, " -/.", draw(chances))
    return quoted.format(text), lambda story: any(occurs(asked, part, same) for part in story.parts(field))


@st.composite
def other_leaves(draw: st.DrawFn) -> Meant:
    kind = draw(st.sampled_from(["source", "host", "published"]))
    if kind == "source":
        id = draw(st.sampled_from(IDS))
        return f"source:{id.upper()}", lambda story: story.source == id
    if kind == "host":
        host = draw(st.sampled_from(HOSTS))
        return f"host:{host}", lambda story: story.host == host or story.host.endswith("." + host)
    low, high = (draw(st.sampled_from(DAYS)).strftime("%Y-%m-%d") for _ in range(2))
    return f"published:[{low} TO {high}]", lambda story: (day := story.day()) is not None and low <= day <= high


def combined(leaves: st.SearchStrategy[Meant]) -> st.SearchStrategy[Meant]:
    def negated(one: Meant) -> Meant:
        return f"NOT ({one[0]})", lambda story: not one[1](story)

    def joined(several: list[Meant], joint: str) -> Meant:
        meet = any if joint == " OR " else all
        return joint.join(f"({text})" for text, _ in several), lambda story: meet(each(story) for _, each in several)

    def grown(inner: st.SearchStrategy[Meant]) -> st.SearchStrategy[Meant]:
        several = st.lists(inner, min_size=2, max_size=3)
        return inner.map(negated) | st.builds(joined, several, st.sampled_from([" OR ", " AND ", " "]))

    return st.recursive(leaves, grown, max_leaves=6)


@st.composite
def in_field(draw: st.DrawFn) -> Meant:
    field = draw(st.sampled_from(["title", "summary", "text", "author", "terms"]))
    text, means = draw(combined(word_leaves(field)) | word_leaves(field))
    return f"{field}:({text})", means


@settings(max_examples=150)
@given(combined(word_leaves(None) | other_leaves() | in_field()), stories, chances)
def test_random_queries_agree_with_the_reference(meant: Meant, story: Story, chance: Random) -> None:
    def write(part: Part) -> str:
        return spelt(part, " -/.\n", chance)

    subject = Subject(
        wording=Wording(title=write(story.title), summary=write(story.summary), content=write(story.content)),
        terms=tuple(write(term) for term in story.terms),
        authors=tuple(write(author) for author in story.authors),
        sources=(story.source,),
        hosts=(story.host,),
        published=story.published,
        zone=ZONE,
    )
    text, means = meant
    query = parse(text)
    assert matches(query, subject) == means(story)
    assert (explain(query, subject) is not None) == means(story)
    assert parse(str(query)) == query


FLAT = st.tuples(
    st.sampled_from(["", "", "-", "NOT "]), st.sampled_from("abcd"), st.sampled_from([" ", " OR ", " AND "])
)


@given(st.lists(FLAT, min_size=1, max_size=7), st.sets(st.sampled_from("abcd")))
def test_precedence_agrees_with_the_reference(flat: list[tuple[str, str, str]], present: set[str]) -> None:
    alternatives: list[list[bool]] = [[]]
    everywhere: list[bool] = []
    before = " "
    for number, (sign, word, after) in enumerate(flat):
        follows = after if number < len(flat) - 1 else " "
        holds = (word in present) != bool(sign)
        if before == " OR ":
            alternatives.append([])
        (everywhere if sign and before == follows == " " else alternatives[-1]).append(holds)
        before = after
    parts = [part for part in alternatives if part]
    expected = (not parts or any(all(part) for part in parts)) and all(everywhere)
    text = "".join(sign + word + after for sign, word, after in flat[:-1]) + "".join(flat[-1][:2])
    assert matches(parse(text), Subject(wording=Wording(title=" ".join(present)), zone=ZONE)) == expected, text


@pytest.mark.shared
def test_real_articles_are_found_by_their_own_words(shared: Path) -> None:
    with lzma.open(shared / "filing" / "vntc" / "train.jsonl.xz", "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in islice(lines, 0, 4_000, 20)]
    for text in texts:
        subject = Subject(wording=Wording(content=text), zone=ZONE)
        for piece in (text[:60], text[300:380]):
            words = re.sub(r'["“”„«»\\]', " ", piece).split()[1:-1]  # whole words, and nothing that ends a phrase
            if not words:
                continue
            query = parse(normalize("NFD", f'"{" ".join(words)}"').upper())
            assert matches(query, subject), piece
