"""Short notices from templates: what is published for ever, once everything that was written is out.

Each has the same words and other numbers, and is an article of its own. The number of a bulletin is all that decides
what it says.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b

from feedsvc.demo.newsroom import Article, Picture

_NUMBER = re.compile(r"[1-9][0-9]{0,8}\Z")

#: between two bulletins, of whichever publisher: seldom enough that they do not push everything else away
PAUSE_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """`{n}` is the bulletin's number in its series, `{a}` to `{d}` are figures from these ranges, in these steps."""

    publisher_id: str
    id: str
    title: str
    text: str
    terms: tuple[str, ...]
    #: the lowest figure, how many there are, and the number of digits behind the comma
    figures: tuple[tuple[int, int, int], ...]
    comma: str
    picture: Picture | None = None


TEMPLATES = (
    Template(
        publisher_id="so-cho-som",
        id="gia-som",
        title="Bảng giá sớm số {n}: bưởi {a} nghìn, cá lóc {b} nghìn đồng",
        text=(
            "Phiên {n} ở chợ Đò Trăng: bưởi da xanh {a} nghìn đồng một ký, cá lóc đồng {b} nghìn, gạo lúa mùa {c} "
            "nghìn, rau muống {d} nghìn đồng một ký.\n\nGiá do tổ cân của chợ ghi lúc mở hàng."
        ),
        terms=("Giá cả",),
        figures=((31, 38, 0), (84, 61, 0), (17, 16, 0), (6, 13, 0)),
        comma=",",
    ),
    Template(
        publisher_id="red-bridge-courier",
        id="river-level",
        title="River gauge, reading {n}: {a} metres at the Red Bridge",
        text=(
            "Reading {n}: the River Mo stands at {a} metres at the Red Bridge, {b} at Heron Lock and {c} at the sea "
            "gate. Wind {d} kilometres an hour.\n\nThe gauge keeper reads the staff by eye and writes with chalk."
        ),
        terms=("River",),
        figures=((112, 240, 2), (95, 210, 2), (21, 160, 2), (3, 38, 0)),
        comma=".",
    ),
    Template(
        publisher_id="tin-ben-song",
        id="con-nuoc",
        title="Mực nước, lần đo {n}: bến Cồn Én Bạc {a} mét, độ mặn {b} phần nghìn",
        text=(
            "Lần đo {n}: mực nước ở bến Cồn Én Bạc là {a} mét, độ mặn {b} phần nghìn, gió cấp {c}.\n\nGhe trên {d} tấn "
            "chờ con nước sau mới vào rạch. Trạm đo của bến ghi số liệu và chịu trách nhiệm về số liệu này."
        ),
        terms=("Đường thủy",),
        figures=((104, 230, 2), (2, 46, 1), (1, 6, 0), (8, 34, 0)),
        comma=",",
        picture=Picture(name="harbour", caption="Bến Cồn Én Bạc, nơi đặt thước đo mực nước.", credit="feedsvc"),
    ),
)


def count(publisher_id: str, after_s: float) -> int:
    """Return how many bulletins a publisher has put out that long after the first one of all; 0 before it."""
    if after_s < 0:
        return 0
    out = int(after_s // PAUSE_S) + 1
    places = [place for place, template in enumerate(TEMPLATES) if template.publisher_id == publisher_id]
    return sum((out + len(TEMPLATES) - 1 - place) // len(TEMPLATES) for place in places)


def last(publisher_id: str, after_s: float, most: int, since_s: float) -> Iterator[Article]:
    """Yield a publisher's last bulletins; `since_s` is when the first one of all came, counted from the start."""
    for place, template in enumerate(TEMPLATES):
        if template.publisher_id == publisher_id:
            until = count(publisher_id, after_s)
            for number in range(max(0, until - most), until):
                yield _bulletin(template, number, since_s + (number * len(TEMPLATES) + place) * PAUSE_S)


def numbered(publisher_id: str, id: str, since_s: float) -> Article | None:
    """Return the bulletin of this id, whether it is out or not; None: there is none."""
    for place, template in enumerate(TEMPLATES):
        name, _, number = id.rpartition("-")
        if (template.publisher_id, template.id) == (publisher_id, name) and _NUMBER.match(number):
            at = int(number) - 1
            return _bulletin(template, at, since_s + (at * len(TEMPLATES) + place) * PAUSE_S)
    return None


def _bulletin(template: Template, number: int, at_s: float) -> Article:
    figures = dict(zip("abcd", _figures(template, number), strict=True))
    return Article(
        id=f"{template.id}-{number + 1}",
        at_s=at_s,
        age=None,
        title=template.title.format(n=number + 1, **figures),
        text=template.text.format(n=number + 1, **figures),
        terms=template.terms,
        author=None,
        picture=template.picture,
        edits=(),
        withdrawn_at_s=None,
        comment=None,
    )


def _figures(template: Template, number: int) -> Iterator[str]:
    """Yield figures that look like chance, and are the same for the same number."""
    seed = blake2b(f"{template.id} {number}".encode(), digest_size=16).digest()
    for place, (lowest, how_many, digits) in enumerate(template.figures):
        figure = lowest + int.from_bytes(seed[place * 4 : place * 4 + 4]) % how_many
        yield f"{figure / 10**digits:.{digits}f}".replace(".", template.comma)
